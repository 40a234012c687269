import Bytes

/// A pcapng section: its byte order, its interfaces, and what its blocks hold (draft-ietf-opsawg-pcapng §4).
struct PcapngSection: Sendable {
  /// The only major version there is.
  static let majorVersion: UInt16 = 1

  private(set) var order = ByteOrder.little
  /// 0-based; the number of sections so far, less one.
  private var index: UInt32 = .max
  private var interfaces: [PcapngInterface] = []
  /// For packets that have no time of their own.
  private var lastTime = Timestamp(nanoseconds: 0)

  /// Starts the next section. false if its version is unknown.
  mutating func begin(_ bytes: RawSpan, _ block: PcapngBlock) -> Bool {
    order = block.order
    index &+= 1
    interfaces.removeAll(keepingCapacity: true)
    // The section's length is of no use: what follows tells where it ends.
    return block.body.count >= 8
      && bytes.load(block.body.lowerBound + 4, order, as: UInt16.self) == Self.majorVersion
  }

  /// §4.2
  mutating func interface(
    _ bytes: RawSpan, _ block: PcapngBlock, _ limits: CaptureLimits, _ faults: inout CaptureFaultLog
  ) -> CaptureInterface? {
    guard interfaces.count < limits.interfaces else {
      faults.report(.tooManyInterfaces, block)
      return nil
    }
    let start = block.body.lowerBound
    // A malformed description still counts, else later ones would be taken for each other.
    let isSound = block.body.count >= 8
    if !isSound { faults.report(.malformedBlock(type: block.type.rawValue), block) }
    var interface = CaptureInterface(
      index: UInt32(interfaces.count), section: index,
      linkType: LinkType(rawValue: isSound ? bytes.load(start, order, as: UInt16.self) : .max),
      snaplen: isSound ? bytes.load(start + 4, order, as: UInt32.self) : 0)
    var options = PcapngOptions(of: block, after: 8)
    while let (code, value) = options.next(bytes) {
      switch (code, value.count) {
      case (2, _): interface.name = value
      case (3, _): interface.description = value
      case (9, 1): interface.resolution = TimestampResolution(rawValue: bytes.u8(value.lowerBound))
      case (13, 1): interface.fcsLength = Self.fcsLength(bytes.u8(value.lowerBound))
      case (14, 8): interface.timeOffset = bytes.load(value.lowerBound, order, as: Int64.self)
      case (9, _), (13, _), (14, _): faults.report(.malformedOption(code: code), block)
      default: break
      }
    }
    if let fault = options.fault { faults.report(fault, block) }
    interfaces.append(PcapngInterface(interface))
    return interface
  }

  /// if_fcslen in bytes. The format says bits and Wireshark takes bytes. No FCS has 16 bytes, or less than 16 bits.
  private static func fcsLength(_ value: UInt8) -> UInt8 { value >= 16 ? value / 8 : value }

  /// §4.3
  mutating func enhancedPacket(
    _ bytes: RawSpan, _ block: PcapngBlock, number: UInt64, _ faults: inout CaptureFaultLog
  ) -> CapturedPacket? {
    let start = block.body.lowerBound
    guard block.body.count >= 20 else { return malformed(block, &faults) }
    let interface = bytes.load(start, order, as: UInt32.self)
    return timedPacket(bytes, block, number, interface, &faults)
  }

  /// Appendix A: the Packet Block, which differs from the Enhanced Packet Block in its first word only.
  mutating func obsoletePacket(
    _ bytes: RawSpan, _ block: PcapngBlock, number: UInt64, _ faults: inout CaptureFaultLog
  ) -> CapturedPacket? {
    guard block.body.count >= 20 else { return malformed(block, &faults) }
    let interface = UInt32(bytes.load(block.body.lowerBound, order, as: UInt16.self))
    return timedPacket(bytes, block, number, interface, &faults)
  }

  private mutating func timedPacket(
    _ bytes: RawSpan, _ block: PcapngBlock, _ number: UInt64, _ index: UInt32,
    _ faults: inout CaptureFaultLog
  ) -> CapturedPacket? {
    guard index < interfaces.count else {
      faults.report(.unknownInterface(index), block)
      return nil
    }
    let start = block.body.lowerBound
    let captured = Int(bytes.load(start + 12, order, as: UInt32.self))
    guard captured <= block.body.count - 20 else { return malformed(block, &faults) }
    let interface = interfaces[Int(index)]
    let (time, isExact) = interface.time(ticks(bytes, start + 4))
    if !isExact { faults.report(.timeOutOfRange, block) }
    lastTime = time
    var packet = CapturedPacket(
      number: number, time: time, linkType: interface.linkType, fcsLength: interface.fcsLength, interface: index,
      originalLength: bytes.load(start + 16, order, as: UInt32.self), data: start + 20..<start + 20 + captured)
    if start + 20 + captured + 3 < block.body.upperBound {
      readOptions(bytes, block, &packet, &faults)
    }
    return packet
  }

  /// Of a packet's options, the flags word matters: its bits 5 to 8 are the FCS length in bytes (§4.3.1).
  private func readOptions(
    _ bytes: RawSpan, _ block: PcapngBlock, _ packet: inout CapturedPacket,
    _ faults: inout CaptureFaultLog
  ) {
    var options = PcapngOptions(of: block, after: 20 + packet.data.count)
    while let (code, value) = options.next(bytes) {
      guard code == 2, value.count == 4 else { continue }
      let length = UInt8(bytes.load(value.lowerBound, order, as: UInt32.self) >> 5 & 0xf)
      if length > 0 { packet.fcsLength = length }
    }
    if let fault = options.fault { faults.report(fault, block) }
  }

  /// §4.4: no interface, no time, no captured length.
  func simplePacket(
    _ bytes: RawSpan, _ block: PcapngBlock, number: UInt64, _ faults: inout CaptureFaultLog
  ) -> CapturedPacket? {
    guard block.body.count >= 4 else { return malformed(block, &faults) }
    guard let interface = interfaces.first else {
      faults.report(.unknownInterface(0), block)
      return nil
    }
    let original = bytes.load(block.body.lowerBound, order, as: UInt32.self)
    let kept = interface.snaplen == 0 ? original : min(original, interface.snaplen)
    let start = block.body.lowerBound + 4
    guard Int(kept) <= block.body.count - 4 else { return malformed(block, &faults) }
    return CapturedPacket(
      number: number, time: lastTime, linkType: interface.linkType, fcsLength: interface.fcsLength,
      originalLength: original, data: start..<start + Int(kept), hasTime: false)
  }

  /// §4.6
  func statistics(
    _ bytes: RawSpan, _ block: PcapngBlock, _ faults: inout CaptureFaultLog
  ) -> InterfaceStatistics? {
    let start = block.body.lowerBound
    guard block.body.count >= 12 else { return malformed(block, &faults) }
    let index = bytes.load(start, order, as: UInt32.self)
    guard index < interfaces.count else {
      faults.report(.unknownInterface(index), block)
      return nil
    }
    let (time, isExact) = interfaces[Int(index)].time(ticks(bytes, start + 4))
    if !isExact { faults.report(.timeOutOfRange, block) }
    var statistics = InterfaceStatistics(interface: index, section: self.index, time: time)
    var options = PcapngOptions(of: block, after: 12)
    while let (code, value) = options.next(bytes) {
      guard value.count == 8 else { continue }
      let count = bytes.load(value.lowerBound, order, as: UInt64.self)
      switch code {
      case 4: statistics.received = count
      case 5: statistics.droppedByInterface = count
      case 6: statistics.acceptedByFilter = count
      case 7: statistics.droppedBySystem = count
      case 8: statistics.delivered = count
      default: break
      }
    }
    if let fault = options.fault { faults.report(fault, block) }
    return statistics
  }

  /// §4.7
  func secrets(_ bytes: RawSpan, _ block: PcapngBlock, _ faults: inout CaptureFaultLog) -> CaptureSecrets? {
    let start = block.body.lowerBound
    guard block.body.count >= 8 else { return malformed(block, &faults) }
    let length = Int(bytes.load(start + 4, order, as: UInt32.self))
    guard length <= block.body.count - 8 else { return malformed(block, &faults) }
    let type = SecretsType(rawValue: bytes.load(start, order, as: UInt32.self))
    return CaptureSecrets(type: type, data: start + 8..<start + 8 + length)
  }

  /// The two halves of a time, high half first in both byte orders.
  private func ticks(_ bytes: RawSpan, _ position: Int) -> UInt64 {
    let high = bytes.load(position, order, as: UInt32.self)
    return UInt64(high) << 32 | UInt64(bytes.load(position + 4, order, as: UInt32.self))
  }

  private func malformed<T>(_ block: PcapngBlock, _ faults: inout CaptureFaultLog) -> T? {
    faults.report(.malformedBlock(type: block.type.rawValue), block)
    return nil
  }
}

/// What is remembered of an interface, for its packets.
struct PcapngInterface: Sendable {
  let linkType: LinkType
  let fcsLength: UInt8
  let snaplen: UInt32
  private let resolution: TimestampResolution
  private let offset: Int64
  /// Nanoseconds in a unit of time; 0 when that is no whole number or there is an offset to add.
  private let factor: UInt64

  init(_ interface: CaptureInterface) {
    linkType = interface.linkType
    fcsLength = interface.fcsLength
    snaplen = interface.snaplen
    resolution = interface.resolution
    offset = interface.timeOffset
    factor = offset == 0 ? resolution.nanosecondsPerTick : 0
  }

  /// The time that is `ticks` units after the epoch (and the interface's offset), and whether it is in range.
  func time(_ ticks: UInt64) -> (Timestamp, isExact: Bool) {
    let (product, overflow) = ticks.multipliedReportingOverflow(by: factor)
    if factor != 0, !overflow, let nanoseconds = Int64(exactly: product) {
      return (Timestamp(nanoseconds: nanoseconds), true)
    }
    // 94 bits and 94 bits: nothing overflows in 128.
    let nanoseconds = resolution.nanoseconds(in: ticks) + Int128(offset) * 1_000_000_000
    let clamped = Int64(clamping: nanoseconds)
    return (Timestamp(nanoseconds: clamped), Int128(clamped) == nanoseconds)
  }
}
