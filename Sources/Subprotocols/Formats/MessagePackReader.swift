import Bytes

/// Reads the items of MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md).
public struct MessagePackReader: DataReader {
  /// Where the next item begins.
  public private(set) var position: Int
  /// Why there is no next item; nil as long as there is one.
  public private(set) var fault: DataFault?

  /// A reader that begins at `position`.
  public init(from position: Int) { self.position = position }

  /// The next item of `bytes`; nil if there is none.
  public mutating func next(_ bytes: RawSpan) -> DataItem? {
    guard fault == nil, let first = number(bytes, 1) else { return nil }
    switch UInt8(truncatingIfNeeded: first) {
    case 0x00...0x7F: return .unsigned(first)
    case 0x80...0x8F: return .map(first & 0x0F)
    case 0x90...0x9F: return .array(first & 0x0F)
    case 0xA0...0xBF: return run(bytes, first & 0x1F).map { .text($0) }
    case 0xC0: return .null
    case 0xC1: return fail(.reserved(0xC1))
    case 0xC2: return .boolean(false)
    case 0xC3: return .boolean(true)
    case 0xC4...0xC6: return run(bytes, lengthOf: 1 << (first - 0xC4)).map { .data($0) }
    case 0xC7...0xC9: return number(bytes, 1 << (first - 0xC7)).flatMap { extended(bytes, $0) }
    case 0xCA: return number(bytes, 4).map { .float(Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0)))) }
    case 0xCB: return number(bytes, 8).map { .float(Double(bitPattern: $0)) }
    case 0xCC...0xCF: return number(bytes, 1 << (first - 0xCC)).map { .unsigned($0) }
    case 0xD0...0xD3: return signed(bytes, 1 << (first - 0xD0))
    case 0xD4...0xD8: return extended(bytes, 1 << (first - 0xD4))
    case 0xD9...0xDB: return run(bytes, lengthOf: 1 << (first - 0xD9)).map { .text($0) }
    case 0xDC...0xDD: return number(bytes, 2 << (first - 0xDC)).map { .array($0) }
    case 0xDE...0xDF: return number(bytes, 2 << (first - 0xDE)).map { .map($0) }
    default: return .negative(0xFF - first)
    }
  }

  private mutating func fail(_ why: DataFault) -> DataItem? {
    fault = why
    return nil
  }

  /// A whole number of `count` bytes: 1, 2, 4 or 8.
  private mutating func number(_ bytes: RawSpan, _ count: Int) -> UInt64? {
    guard position >= 0, count <= bytes.byteCount - position else {
      fault = .cut
      return nil
    }
    defer { position += count }
    return bytes.unsigned(position, bytes: count)
  }

  private mutating func signed(_ bytes: RawSpan, _ count: Int) -> DataItem? {
    guard let value = number(bytes, count) else { return nil }
    let shift = UInt64(64 - 8 * count)
    let extended = Int64(bitPattern: value << shift) >> Int64(shift)
    return extended < 0 ? .negative(UInt64(bitPattern: ~extended)) : .unsigned(UInt64(extended))
  }

  /// The range of the next `length` bytes.
  private mutating func run(_ bytes: RawSpan, _ length: UInt64) -> Range<Int>? {
    guard length <= UInt64(bytes.byteCount - position) else {
      fault = .cut
      return nil
    }
    let start = position
    position += Int(length)
    return start..<position
  }

  /// The same, where `count` bytes say how many there are.
  private mutating func run(_ bytes: RawSpan, lengthOf count: Int) -> Range<Int>? {
    guard let length = number(bytes, count) else { return nil }
    return run(bytes, length)
  }

  private mutating func extended(_ bytes: RawSpan, _ length: UInt64) -> DataItem? {
    guard let type = number(bytes, 1), let range = run(bytes, length) else { return nil }
    return .extended(Int8(truncatingIfNeeded: type), range)
  }

  /// Nanoseconds since 1970 that the timestamp (extension type −1) in `range` of `bytes` stands for; nil if it is none.
  static func timestamp(_ bytes: RawSpan, _ range: Range<Int>) -> Int128? {
    let start = range.lowerBound
    let seconds: Int64
    let nanoseconds: UInt64
    switch range.count {
    case 4: (seconds, nanoseconds) = (Int64(bytes.u32(start)), 0)
    case 8:
      let value = bytes.u64(start)
      (seconds, nanoseconds) = (Int64(value & 0x3_FFFF_FFFF), value >> 34)
    case 12: (seconds, nanoseconds) = (Int64(bitPattern: bytes.u64(start + 4)), UInt64(bytes.u32(start)))
    default: return nil
    }
    return nanoseconds < 1_000_000_000 ? Int128(seconds) * 1_000_000_000 + Int128(nanoseconds) : nil
  }
}
