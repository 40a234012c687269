import Bytes

/// What the strings and numbers of a JSON text mean (RFC 8259 §6, §7). Their ranges must come from `JSONScanner`.
public enum JSONText {
  /// The UTF-8 that the string `token` of `bytes` stands for. Half of a surrogate pair, which no text can have, becomes U+FFFD.
  public static func utf8(_ bytes: RawSpan, _ token: JSONToken) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(token.range.count)
    forEachByte(bytes, token) { byte in
      text.append(byte)
      return true
    }
    return text
  }

  /// Whether the string `token` of `bytes` stands for `text`, in UTF-8.
  public static func isEqual(_ bytes: RawSpan, _ token: JSONToken, _ text: [UInt8]) -> Bool {
    if !token.hasEscapes {
      guard token.range.count == text.count else { return false }
      let start = token.range.lowerBound
      for i in 0..<text.count where bytes.u8(start + i) != text[i] { return false }
      return true
    }
    var i = 0
    let isSame = forEachByte(bytes, token) { byte in
      guard i < text.count, text[i] == byte else { return false }
      i += 1
      return true
    }
    return isSame && i == text.count
  }

  /// Shows the UTF-8 that the string `token` stands for to `body`, until it says false; false then.
  @discardableResult
  static func forEachByte(_ bytes: RawSpan, _ token: JSONToken, _ body: (UInt8) -> Bool) -> Bool {
    var i = token.range.lowerBound
    while i < token.range.upperBound {
      let byte = bytes.u8(i)
      if byte != 0x5C {
        guard body(byte) else { return false }
        i += 1
        continue
      }
      guard i + 1 < token.range.upperBound else { return true }
      let (value, length) = escape(bytes, i, before: token.range.upperBound)
      for byte in UTF8.encode(value) ?? .init() where !body(byte) { return false }
      i += length
    }
    return true
  }

  /// What the escape at `i` means, and its length in bytes; a pair of surrogates is one.
  private static func escape(_ bytes: RawSpan, _ i: Int, before end: Int) -> (Unicode.Scalar, Int) {
    let letter = bytes.u8(i + 1)
    switch letter {
    case 0x62: return ("\u{8}", 2)
    case 0x66: return ("\u{C}", 2)
    case 0x6E: return ("\n", 2)
    case 0x72: return ("\r", 2)
    case 0x74: return ("\t", 2)
    case 0x75 where i + 6 <= end:
      let high = hexadecimal(bytes, i + 2) ?? 0xFFFD
      if high & 0xFC00 == 0xD800, i + 12 <= end, bytes.u16(i + 6) == 0x5C75, let low = hexadecimal(bytes, i + 8),
        low & 0xFC00 == 0xDC00, let scalar = Unicode.Scalar(0x10000 + (high & 0x3FF) << 10 + (low & 0x3FF))
      {
        return (scalar, 12)
      }
      return (Unicode.Scalar(high) ?? "\u{FFFD}", 6)
    default: return (Unicode.Scalar(letter), 2)
    }
  }

  /// Bytes of the escape at `i`: 2 or 6; 0 if there is no such escape, nil if the text ends in it.
  @inline(__always)
  static func escapeLength(_ bytes: RawSpan, _ i: Int) -> Int? {
    guard i + 1 < bytes.byteCount else { return nil }
    switch bytes.u8(i + 1) {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return 2
    case 0x75:
      guard i + 6 <= bytes.byteCount else { return nil }
      return hexadecimal(bytes, i + 2) == nil ? 0 : 6
    default: return 0
    }
  }

  /// The four hexadecimal digits at `i`; nil if they are none.
  private static func hexadecimal(_ bytes: RawSpan, _ i: Int) -> UInt32? {
    var value: UInt32 = 0
    for k in i..<i + 4 {
      let byte = bytes.u8(k)
      switch byte {
      case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 | UInt32(byte - 0x57)
      default: return nil
      }
    }
    return value
  }

  /// Index of the first byte from `start` on that is no plain ASCII inside of a string (a quote, a backslash, a control or
  /// a byte of 0x80 or more), or the count.
  @inline(__always)
  static func plainEnd(_ bytes: RawSpan, from start: Int) -> Int {
    var i = start
    let ones: UInt64 = 0x0101_0101_0101_0101
    while bytes.byteCount - i >= 8 {
      let word = UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self))
      let quotes = word ^ (ones &* 0x22)
      let slashes = word ^ (ones &* 0x5C)
      // The lowest bit that is set is right: a borrow runs upwards only.
      let found =
        (word | ((word &- ones &* 0x20) & ~word) | ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes))
        & (ones &* 0x80)
      if found != 0 { return i + found.trailingZeroBitCount >> 3 }
      i += 8
    }
    while i < bytes.byteCount {
      let byte = bytes.u8(i)
      if byte < 0x20 || byte >= 0x80 || byte == 0x22 || byte == 0x5C { return i }
      i += 1
    }
    return i
  }

  // MARK: Numbers

  /// The number at `range` as a whole number; nil if it is written with a fraction or an exponent, or has more than 18 digits.
  public static func integer(_ bytes: RawSpan, _ range: Range<Int>) -> Int64? {
    var i = range.lowerBound
    let isNegative = i < range.upperBound && bytes.u8(i) == 0x2D
    if isNegative { i += 1 }
    guard range.upperBound - i <= 18, i < range.upperBound else { return nil }
    var value: Int64 = 0
    while i < range.upperBound {
      let digit = bytes.u8(i) &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ Int64(digit)
      i += 1
    }
    return isNegative ? -value : value
  }

  /// The number at `range`, rounded to the nearest `Double`; infinite where it is greater than all.
  public static func double(_ bytes: RawSpan, _ range: Range<Int>) -> Double {
    if let value = shortDecimal(bytes, range) { return value }
    let text = bytes.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    return Double(text) ?? .nan
  }

  /// A number without exponent, of at most 15 digits: then it is a quotient of two that are exact.
  private static func shortDecimal(_ bytes: RawSpan, _ range: Range<Int>) -> Double? {
    guard range.count <= 17 else { return nil }
    var value: Int64 = 0
    var digits = 0
    var point: Int?
    var isNegative = false
    for i in range {
      switch bytes.u8(i) {
      case 0x2D: isNegative = true
      case 0x2E: point = digits
      case let byte where byte &- 0x30 < 10:
        value = value &* 10 &+ Int64(byte - 0x30)
        digits += 1
      default: return nil
      }
    }
    guard digits <= 15 else { return nil }
    var divisor = 1.0
    for _ in (point ?? digits)..<digits { divisor *= 10 }
    let magnitude = Double(value) / divisor
    return isNegative ? -magnitude : magnitude
  }
}
