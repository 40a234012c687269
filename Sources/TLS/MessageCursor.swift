import Bytes

/// Reads the fields of a handshake message one after the other, and never leaves it.
struct MessageCursor {
  private(set) var position: Int
  private let end: Int

  init(_ range: Range<Int>) {
    position = range.lowerBound
    end = range.upperBound
  }

  /// Whether nothing is left.
  var isAtEnd: Bool { position == end }

  mutating func u8(_ bytes: RawSpan) -> UInt8? { take(1).map { bytes.u8($0.lowerBound) } }

  mutating func u16(_ bytes: RawSpan) -> UInt16? { take(2).map { bytes.u16($0.lowerBound) } }

  mutating func u24(_ bytes: RawSpan) -> Int? {
    take(3).map { Int(bytes.u8($0.lowerBound)) << 16 | Int(bytes.u16($0.lowerBound + 1)) }
  }

  /// The next `count` bytes.
  mutating func take(_ count: Int) -> Range<Int>? {
    guard count <= end - position else { return nil }
    defer { position += count }
    return position..<position + count
  }

  /// A vector whose length stands in one byte (RFC 8446 §3.4).
  mutating func vector8(_ bytes: RawSpan) -> Range<Int>? { u8(bytes).flatMap { take(Int($0)) } }

  /// A vector whose length stands in two bytes.
  mutating func vector16(_ bytes: RawSpan) -> Range<Int>? { u16(bytes).flatMap { take(Int($0)) } }

  /// A vector whose length stands in three bytes.
  mutating func vector24(_ bytes: RawSpan) -> Range<Int>? { u24(bytes).flatMap { take($0) } }
}
