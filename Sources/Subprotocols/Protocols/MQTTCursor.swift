import Bytes

/// Reads the fields of a packet of MQTT, one after the other. Once the bytes do not suffice, it gives nothing more.
struct MQTTCursor {
  /// The bytes that are left.
  private(set) var range: Range<Int>
  /// Whether a field went beyond the end.
  private(set) var isShort = false

  init(_ range: Range<Int>) { self.range = range }

  /// Whether all was read.
  var isAtEnd: Bool { range.isEmpty }

  /// The next `count` bytes.
  mutating func take(_ count: Int) -> Range<Int>? {
    guard !isShort, count <= range.count else {
      isShort = true
      range = range.upperBound..<range.upperBound
      return nil
    }
    let taken = range.lowerBound..<range.lowerBound + count
    range = taken.upperBound..<range.upperBound
    return taken
  }

  mutating func byte(_ bytes: RawSpan) -> UInt8? { take(1).map { bytes.u8($0.lowerBound) } }
  mutating func two(_ bytes: RawSpan) -> UInt16? { take(2).map { bytes.u16($0.lowerBound) } }
  mutating func four(_ bytes: RawSpan) -> UInt32? { take(4).map { bytes.u32($0.lowerBound) } }

  /// A string or binary data, after two bytes for its length (MQTT 5 §1.5.4, §1.5.6).
  mutating func string(_ bytes: RawSpan) -> Range<Int>? { two(bytes).flatMap { take(Int($0)) } }

  /// A number of one to four bytes (§1.5.5).
  mutating func number(_ bytes: RawSpan) -> Int? {
    var number = 0
    for i in 0..<4 {
      guard let byte = byte(bytes) else { return nil }
      number |= Int(byte & 0x7F) << (7 * i)
      if byte < 0x80 { return number }
    }
    isShort = true
    return nil
  }

  /// What is left, which is read then.
  mutating func rest() -> Range<Int> {
    let rest = range
    range = rest.upperBound..<rest.upperBound
    return rest
  }
}
