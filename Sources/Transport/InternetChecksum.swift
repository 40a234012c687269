import Bytes

/// The Internet checksum's sum (RFC 1071): 16-bit words in one's complement, the last padded with a zero byte.
enum InternetChecksum {
  /// The folded sum of `bytes[range]`; 0 only if all of them are 0.
  ///
  /// It runs at memory speed: the one's-complement sum of 64-bit words, folded, is that of their 16-bit parts, and its
  /// byte order is of no concern until the end (RFC 1071 §2). Two chains of carries run side by side.
  @inline(__always)
  static func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt16 {
    bytes.extracting(range).withUnsafeBytes { sum($0) }
  }

  /// The folded sum of `words`.
  @inline(__always)
  static func sum(_ words: UnsafeRawBufferPointer) -> UInt16 {
    func word(_ at: Int) -> UInt64 { words.loadUnaligned(fromByteOffset: at, as: UInt64.self) }
    var a: UInt64 = 0
    var b: UInt64 = 0
    var at = 0
    while words.count &- at >= 32 {
      a = add(add(a, word(at)), word(at &+ 8))
      b = add(add(b, word(at &+ 16)), word(at &+ 24))
      at &+= 32
    }
    while words.count &- at >= 8 {
      a = add(a, word(at))
      at &+= 8
    }
    if words.count > at { b = add(b, words.rest(at).littleEndian) }
    return UInt16(bigEndian: fold(add(a, b)))
  }

  /// The one's-complement sum: a carry comes back at the bottom.
  @inline(__always)
  private static func add(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (sum, carry) = a.addingReportingOverflow(b)
    return sum &+ (carry ? 1 : 0)
  }

  /// `sum` brought to 16 bits by adding its carries.
  @inline(__always)
  static func fold(_ sum: UInt64) -> UInt16 {
    var folded = (sum & 0xffff_ffff) &+ (sum >> 32)
    folded = (folded & 0xffff) &+ (folded >> 16)
    folded = (folded & 0xffff) &+ (folded >> 16)
    return UInt16(truncatingIfNeeded: (folded & 0xffff) &+ (folded >> 16))
  }
}
