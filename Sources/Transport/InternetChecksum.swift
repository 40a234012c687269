import Bytes

/// The Internet checksum's sum (RFC 1071): 16-bit words in one's complement, the last padded with a zero byte.
enum InternetChecksum {
  /// The folded sum of `bytes[range]`; 0 only if all of them are 0.
  ///
  /// It runs at memory speed: modulo 2^16 - 1, the sum of 32-bit words is that of their halves, and its byte order is
  /// of no concern until the end (RFC 1071 §2). 64-bit lanes of such words need no carry up to 2^32 words each.
  static func sum(_ bytes: RawSpan, _ range: Range<Int>) -> UInt16 {
    bytes.extracting(range).withUnsafeBytes { words in
      var a: UInt64 = 0
      var b: UInt64 = 0
      var c: UInt64 = 0
      var d: UInt64 = 0
      var at = 0
      while words.count &- at >= 32 {
        a &+= halves(words.loadUnaligned(fromByteOffset: at, as: UInt64.self))
        b &+= halves(words.loadUnaligned(fromByteOffset: at &+ 8, as: UInt64.self))
        c &+= halves(words.loadUnaligned(fromByteOffset: at &+ 16, as: UInt64.self))
        d &+= halves(words.loadUnaligned(fromByteOffset: at &+ 24, as: UInt64.self))
        at &+= 32
      }
      while words.count &- at >= 4 {
        a &+= UInt64(words.loadUnaligned(fromByteOffset: at, as: UInt32.self))
        at &+= 4
      }
      if words.count &- at >= 2 {
        b &+= UInt64(words.loadUnaligned(fromByteOffset: at, as: UInt16.self))
        at &+= 2
      }
      if words.count > at { c &+= UInt64(UInt16(littleEndian: UInt16(words[at]))) }
      return UInt16(bigEndian: fold(a &+ b &+ c &+ d))
    }
  }

  /// `sum` brought to 16 bits by adding its carries.
  @inline(__always)
  static func fold(_ sum: UInt64) -> UInt16 {
    var folded = (sum & 0xffff_ffff) &+ (sum >> 32)
    folded = (folded & 0xffff) &+ (folded >> 16)
    folded = (folded & 0xffff) &+ (folded >> 16)
    return UInt16(truncatingIfNeeded: (folded & 0xffff) &+ (folded >> 16))
  }

  @inline(__always)
  private static func halves(_ word: UInt64) -> UInt64 { (word & 0xffff_ffff) &+ (word >> 32) }
}
