/// Faults waiting to be told, and which of the harmless ones have been told already.
struct CaptureFaultLog: Sendable {
  private var pending: [CaptureFault] = []
  private var reported: UInt8 = 0

  /// The next fault to tell.
  mutating func next() -> CaptureFault? {
    pending.isEmpty ? nil : pending.removeFirst()
  }

  /// Notes a fault of `block`. Faults by which nothing is lost are told once in a file: writers that make one make it in
  /// every block.
  mutating func report(_ kind: CaptureFault.Kind, _ block: PcapngBlock) {
    let bit: UInt8 =
      switch kind {
      case .unalignedLength: 1
      case .trailingLength: 2
      case .malformedOption: 4
      case .optionsWithoutEnd: 8
      case .tooManyInterfaces: 16
      case .timeOutOfRange: 32
      default: 0
      }
    guard reported & bit == 0 else { return }
    reported |= bit
    pending.append(CaptureFault(kind, offset: block.offset))
  }
}
