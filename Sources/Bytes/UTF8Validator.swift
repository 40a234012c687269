/// Checks a stream of bytes for well-formed UTF-8 (RFC 3629 §4), in pieces of any size.
public struct UTF8Validator: Equatable, Sendable {
  /// Continuation bytes that the current character still needs, 0 to 3.
  @usableFromInline var needed: UInt8 = 0
  /// The least value that the next continuation byte may have.
  @usableFromInline var lower: UInt8 = 0x80
  /// The greatest value that the next continuation byte may have.
  @usableFromInline var upper: UInt8 = 0xBF
  /// Bytes found well-formed in the pieces before the current one; all of them, once a byte was invalid.
  @usableFromInline var checked: UInt64 = 0

  /// Offset of the first byte that no well-formed text can have in its place; nil while there is none.
  public private(set) var firstInvalid: UInt64?

  /// A validator at the start of a text.
  public init() {}

  /// Whether all bytes so far are well-formed and end with a whole character.
  public var isValid: Bool { firstInvalid == nil && needed == 0 }

  /// How many of the last bytes begin a character that is not complete, 0 to 3; 0 once a byte was invalid.
  public private(set) var pending = 0

  /// Checks the next bytes of the text. Once a byte was invalid, the rest is not looked at.
  public mutating func append(_ bytes: RawSpan) {
    guard firstInvalid == nil else { return }
    var i = 0
    let count = bytes.byteCount
    while i < count {
      if needed == 0 {
        i = Self.skipASCII(bytes, from: i)
        if i == count { break }
        let length = Self.wholeCharacter(bytes, i)
        if length > 0 {
          i += length
          continue
        }
      }
      guard step(bytes.u8(i)) else {
        checked += UInt64(i)
        firstInvalid = checked
        pending = 0
        return
      }
      i += 1
    }
    checked += UInt64(count)
  }

  /// Index of the first byte from `start` on that is not ASCII, or the count.
  @inline(__always)
  static func skipASCII(_ bytes: RawSpan, from start: Int) -> Int {
    bytes.withUnsafeBytes { bytes in
      let tops: UInt64 = 0x8080_8080_8080_8080
      func word(_ i: Int) -> UInt64 { bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self) }
      var i = start
      while bytes.count &- i >= 32 {
        if (word(i) | word(i &+ 8) | word(i &+ 16) | word(i &+ 24)) & tops != 0 { break }
        i &+= 32
      }
      while bytes.count &- i >= 8 {
        let found = UInt64(littleEndian: word(i)) & tops
        if found != 0 { return i &+ found.trailingZeroBitCount >> 3 }
        i &+= 8
      }
      if i == bytes.count { return i }
      return min(i &+ (bytes.rest(i) & tops).trailingZeroBitCount >> 3, bytes.count)
    }
  }

  /// Bytes of the character of several bytes at `i`, if it is well-formed and all there; 0 otherwise.
  @inline(__always)
  private static func wholeCharacter(_ bytes: RawSpan, _ i: Int) -> Int {
    guard bytes.byteCount &- i >= 4 else { return 0 }
    let word = bytes.u32(i)
    if word & 0xE0C0_0000 == 0xC080_0000 { return word >= 0xC280_0000 ? 2 : 0 }
    if word & 0xF0C0_C000 == 0xE080_8000 {
      // Neither an overlong form nor a surrogate.
      return word >= 0xE0A0_0000 && word & 0xFFE0_0000 != 0xEDA0_0000 ? 3 : 0
    }
    if word & 0xF8C0_C0C0 == 0xF080_8080 { return word >= 0xF090_0000 && word < 0xF490_0000 ? 4 : 0 }
    return 0
  }

  /// Takes one byte; false when it cannot stand here.
  private mutating func step(_ byte: UInt8) -> Bool {
    if needed > 0 {
      guard byte >= lower, byte <= upper else { return false }
      needed -= 1
      pending = needed == 0 ? 0 : pending + 1
      lower = 0x80
      upper = 0xBF
      return true
    }
    switch byte {
    case 0..<0x80: return true
    case 0xC2...0xDF: needed = 1
    case 0xE0...0xEF:
      needed = 2
      if byte == 0xE0 { lower = 0xA0 }  // no overlong forms
      if byte == 0xED { upper = 0x9F }  // no surrogates
    case 0xF0...0xF4:
      needed = 3
      if byte == 0xF0 { lower = 0x90 }
      if byte == 0xF4 { upper = 0x8F }  // nothing past U+10FFFF
    default: return false
    }
    pending = 1
    return true
  }

  /// Whether `bytes` are well-formed UTF-8 as a whole.
  public static func isValid(_ bytes: RawSpan) -> Bool {
    var validator = UTF8Validator()
    validator.append(bytes)
    return validator.isValid
  }
}
