import Bytes

/// Takes options out of copied pcapng blocks that other programs would refuse the whole file for.
enum PcapngOptionMending {
  /// Takes what is broken out of the lists of the block of `type` that begins at `start` and ends the buffer, in `order`: what
  /// reaches past the block, and options that are too short for what they say or no number of the right width.
  @inline(__always)
  static func mend(_ type: PcapngBlockType, at start: Int, _ order: ByteOrder, _ buffer: inout BlockBuffer) {
    guard let first = lists(type, start, order, buffer), first < buffer.count - 4 else { return }
    mendLists(type, start, first, order, &buffer)
  }

  /// Where the lists of a block begin; nil if it has none.
  @inline(__always)
  private static func lists(
    _ type: PcapngBlockType, _ start: Int, _ order: ByteOrder, _ buffer: borrowing BlockBuffer
  ) -> Int? {
    switch type {
    case .enhancedPacket, .obsoletePacket:
      start + 28 + (Int(buffer.load(start + 20, order, as: UInt32.self)) + 3) & ~3
    case .sectionHeader: start + 24
    case .interfaceDescription: start + 16
    case .interfaceStatistics: start + 20
    case .nameResolution: start + 8
    default: nil
    }
  }

  @inline(never)
  private static func mendLists(
    _ type: PcapngBlockType, _ start: Int, _ first: Int, _ order: ByteOrder, _ buffer: inout BlockBuffer
  ) {
    var position = first
    // Records of names are a list of the same shape, before the options.
    for isOptions in type == .nameResolution ? [false, true] : [true] {
      switch walk(type, isOptions, position, order, buffer) {
      case .ends(let next): position = next
      case .isBroken: return rebuild(type, start, first, order, &buffer)
      }
    }
  }

  private enum Walk {
    /// The list is whole, and what is behind it begins here.
    case ends(Int)
    case isBroken
  }

  private static func walk(
    _ type: PcapngBlockType, _ isOptions: Bool, _ start: Int, _ order: ByteOrder, _ buffer: borrowing BlockBuffer
  ) -> Walk {
    let end = buffer.count - 4
    var position = start
    while end - position >= 4 {
      let code = buffer.load(position, order, as: UInt16.self)
      let length = Int(buffer.load(position + 2, order, as: UInt16.self))
      position += 4
      if code == 0 { return .ends(position) }
      guard length <= end - position, !isOptions || isRight(type, code, length) else { return .isBroken }
      position = min(position + (length + 3) & ~3, end)
    }
    return .ends(end)
  }

  /// Whether the value of an option may have this length, as far as others are particular about it.
  private static func isRight(_ type: PcapngBlockType, _ code: UInt16, _ length: Int) -> Bool {
    if [2988, 2989, 19372, 19373].contains(code) { return length >= 4 }
    guard type == .enhancedPacket || type == .obsoletePacket else { return true }
    switch code {
    case 2: return length == 4
    case 3: return length >= 1
    case 4, 5: return type == .obsoletePacket || length == 8
    case 6: return type == .obsoletePacket || length == 4
    default: return true
    }
  }

  private static func rebuild(
    _ type: PcapngBlockType, _ start: Int, _ first: Int, _ order: ByteOrder, _ buffer: inout BlockBuffer
  ) {
    let end = buffer.count - 4
    let old = buffer.withBytes(0..<end) { Array($0[first...]) }
    var position = first
    var kept: [UInt8] = []
    var isOptions = type != .nameResolution
    while end - position >= 4 {
      let code = buffer.load(position, order, as: UInt16.self)
      let length = Int(buffer.load(position + 2, order, as: UInt16.self))
      if code == 0 {
        if isOptions { break }
        isOptions = true
        kept += [0, 0, 0, 0]
        position += 4
        continue
      }
      guard length <= end - position - 4 else { break }
      let next = min(position + 4 + (length + 3) & ~3, end)
      if !isOptions || isRight(type, code, length) { kept += old[position - first..<next - first] }
      position = next
    }
    kept += [0, 0, 0, 0]  // The end of the list.
    buffer.truncate(to: first)
    buffer.append(kept.span.bytes)
    let length = UInt32(truncatingIfNeeded: buffer.count + 4 - start)
    let last = buffer.extend(by: 4)
    buffer.store(length, at: last, order)
    buffer.store(length, at: start + 4, order)
  }
}
