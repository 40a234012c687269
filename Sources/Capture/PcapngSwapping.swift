import Bytes

/// Writes pcapng blocks in the other byte order.
enum PcapngSwapping {
  /// How the bytes of an option are put together.
  private static let widths: [PcapngBlockType: [UInt16: Int]] = [
    .interfaceDescription: [8: 8, 10: 4, 14: 8, 16: 8, 17: 8],
    .enhancedPacket: [2: 4, 4: 8, 5: 8, 6: 4],
    .obsoletePacket: [2: 4],
    .interfaceStatistics: [2: 4, 3: 4, 4: 8, 5: 8, 6: 8, 7: 8, 8: 8],
  ]

  /// The widths of the numbers that the body begins with; nil where that is not known.
  private static func numbers(_ type: PcapngBlockType) -> [Int]? {
    switch type {
    case .interfaceDescription: [2, 2, 4]
    case .enhancedPacket: [4, 4, 4, 4, 4]
    case .obsoletePacket: [2, 2, 4, 4, 4, 4]
    case .interfaceStatistics: [4, 4, 4]
    case .decryptionSecrets: [4, 4]
    case .custom: [4]
    default: nil
    }
  }

  /// Appends `block` in the other byte order than it has; false, with nothing appended, if it is not known what it consists of.
  static func append(_ block: CaptureBlock, _ bytes: RawSpan, to buffer: inout BlockBuffer) -> Bool {
    let type = PcapngBlockType(rawValue: block.type)
    let body = block.bytes.lowerBound + 8..<block.bytes.upperBound - 4
    let order = block.order
    let other: ByteOrder = order == .big ? .little : .big
    guard let numbers = numbers(type), body.count >= numbers.reduce(0, +) else { return false }
    let shift = buffer.count - block.bytes.lowerBound
    buffer.append(bytes.extracting(block.bytes))
    let length = UInt32(truncatingIfNeeded: block.bytes.count)
    buffer.store(block.type, at: block.bytes.lowerBound + shift, other)
    buffer.store(length, at: block.bytes.lowerBound + shift + 4, other)
    buffer.store(length, at: block.bytes.upperBound + shift - 4, other)
    var position = body.lowerBound
    for width in numbers {
      swap(position, width, bytes, order, shift, &buffer)
      position += width
    }
    switch type {
    case .enhancedPacket, .obsoletePacket:
      let data = Int(bytes.load(body.lowerBound + 12, order, as: UInt32.self))
      position = min(position + (data + 3) & ~3, body.upperBound)
    case .interfaceDescription, .interfaceStatistics: break
    default: return true  // Nothing follows but bytes.
    }
    let end = swapOptions(position..<body.upperBound, widths[type] ?? [:], bytes, order, shift, &buffer)
    // What cannot be read is no option in any byte order.
    for place in stride(from: end, to: body.upperBound, by: 4) { buffer.store(0 as UInt32, at: place + shift, other) }
    return true
  }

  /// Gives where they end.
  private static func swapOptions(
    _ range: Range<Int>, _ widths: [UInt16: Int], _ bytes: RawSpan, _ order: ByteOrder, _ shift: Int,
    _ buffer: inout BlockBuffer
  ) -> Int {
    var position = range.lowerBound
    while range.upperBound - position >= 4 {
      let code = bytes.load(position, order, as: UInt16.self)
      let length = Int(bytes.load(position + 2, order, as: UInt16.self))
      guard code != 0, length <= range.upperBound - position - 4 else { return position }
      swap(position, 2, bytes, order, shift, &buffer)
      swap(position + 2, 2, bytes, order, shift, &buffer)
      // A custom option begins with its writer's number.
      let isCustom = [2988, 2989, 19372, 19373].contains(code)
      let width = isCustom ? 4 : widths[code] ?? 0
      let numbers = width == 0 ? 0 : isCustom ? min(length, 4) : length
      for place in stride(from: 0, to: numbers - width + 1, by: max(width, 1)) {
        swap(position + 4 + place, width, bytes, order, shift, &buffer)
      }
      position = min(position + 4 + (length + 3) & ~3, range.upperBound)
    }
    return position
  }

  private static func swap(
    _ position: Int, _ width: Int, _ bytes: RawSpan, _ order: ByteOrder, _ shift: Int, _ buffer: inout BlockBuffer
  ) {
    let other: ByteOrder = order == .big ? .little : .big
    switch width {
    case 2: buffer.store(bytes.load(position, order, as: UInt16.self), at: position + shift, other)
    case 4: buffer.store(bytes.load(position, order, as: UInt32.self), at: position + shift, other)
    case 8: buffer.store(bytes.load(position, order, as: UInt64.self), at: position + shift, other)
    default: break
    }
  }
}
