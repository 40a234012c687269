import Bytes

/// What the text of an XML document stands for. Ranges must come from `XMLReader`.
enum XMLText {
  /// The UTF-8 that text, or the value of an attribute, stands for; `isVerbatim` for CDATA, which has no references.
  static func utf8(_ bytes: RawSpan, _ range: Range<Int>, isVerbatim: Bool = false) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(range.count)
    var i = range.lowerBound
    while i < range.upperBound {
      let byte = bytes.u8(i)
      if byte == 0x26, !isVerbatim, let reference = reference(bytes, i) {
        text.append(contentsOf: UTF8.encode(reference.value) ?? .init())
        i += reference.length
      } else if byte == 0x0D {  // line ends are line feeds (XML 1.0 §2.11)
        text.append(0x0A)
        i += i + 1 < range.upperBound && bytes.u8(i + 1) == 0x0A ? 2 : 1
      } else {
        text.append(byte)
        i += 1
      }
    }
    return text
  }

  /// The same as a string.
  static func string(_ bytes: RawSpan, _ range: Range<Int>) -> String {
    String(decoding: utf8(bytes, range), as: UTF8.self)
  }

  /// The character that the reference at `i` stands for, and its length; nil if it is none that is known.
  static func reference(_ bytes: RawSpan, _ i: Int) -> (value: Unicode.Scalar, length: Int)? {
    if bytes.begins(with: "&lt;", at: i) { return ("<", 4) }
    if bytes.begins(with: "&gt;", at: i) { return (">", 4) }
    if bytes.begins(with: "&amp;", at: i) { return ("&", 5) }
    if bytes.begins(with: "&quot;", at: i) { return ("\"", 6) }
    if bytes.begins(with: "&apos;", at: i) { return ("'", 6) }
    guard bytes.begins(with: "&#", at: i) else { return nil }
    let isHexadecimal = bytes.begins(with: "x", at: i + 2)
    var value: UInt32 = 0
    var end = i + (isHexadecimal ? 3 : 2)
    let start = end
    while end < bytes.byteCount, end - start < 8, let digit = digit(bytes.u8(end), isHexadecimal) {
      value = min(value * (isHexadecimal ? 16 : 10) + digit, 0x110000)
      end += 1
    }
    guard end > start, bytes.begins(with: ";", at: end), let scalar = Unicode.Scalar(value),
      value >= 0x20 || XMLReader.isSpace(UInt8(truncatingIfNeeded: value))
    else { return nil }
    return (scalar, end + 1 - i)
  }

  /// Whether the text ends within the reference at `i`.
  static func isCut(_ bytes: RawSpan, _ i: Int) -> Bool {
    guard bytes.byteCount - i < 11 else { return false }
    for k in i..<bytes.byteCount where bytes.u8(k) == 0x3B || bytes.u8(k) == 0x3C { return false }
    return true
  }

  private static func digit(_ byte: UInt8, _ isHexadecimal: Bool) -> UInt32? {
    if byte >= 0x30 && byte <= 0x39 { return UInt32(byte - 0x30) }
    let letter = byte | 0x20
    return isHexadecimal && letter >= 0x61 && letter <= 0x66 ? UInt32(letter - 0x57) : nil
  }
}

extension RawSpan {
  /// Whether the bytes of two ranges are the same.
  func isSame(_ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count, a.upperBound <= byteCount, b.upperBound <= byteCount else { return false }
    var i = 0
    while i + 8 <= a.count {
      if u64(a.lowerBound + i) != u64(b.lowerBound + i) { return false }
      i += 8
    }
    while i < a.count {
      if u8(a.lowerBound + i) != u8(b.lowerBound + i) { return false }
      i += 1
    }
    return true
  }
}
