import Bytes

/// Base64 (RFC 4648 §4).
enum Base64 {
  /// The bytes that the text in `range` of `content` stands for; nil if it is not base64. Padding may be missing.
  static func decoded(_ content: RawSpan, _ range: Range<Int>) -> [UInt8]? {
    var end = range.upperBound
    while end > range.lowerBound, range.upperBound - end < 2, content.u8(end - 1) == 0x3D { end -= 1 }
    guard (end - range.lowerBound) % 4 != 1 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity((end - range.lowerBound) / 4 * 3 + 2)
    var bits: UInt32 = 0
    var count = 0
    for i in range.lowerBound..<end {
      guard let digit = digit(content.u8(i)) else { return nil }
      bits = bits << 6 | UInt32(digit)
      count += 6
      guard count >= 8 else { continue }
      count -= 8
      bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x41...0x5A: byte - 0x41
    case 0x61...0x7A: byte - 0x61 + 26
    case 0x30...0x39: byte - 0x30 + 52
    case 0x2B: 62
    case 0x2F: 63
    default: nil
    }
  }
}
