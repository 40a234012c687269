extension RawSpan {
  /// Whether all bytes are ASCII once they are xored with a four-byte key that repeats (RFC 6455 §5.3), the first key byte
  /// in the most significant place. Nothing is stored, and all bytes are looked at, 16 at a time.
  @inlinable
  public func isASCII(unmaskedWith key: UInt32 = 0) -> Bool {
    withUnsafeBytes { bytes in
      guard bytes.count >= 16 else { return bytes.isShortASCII(unmaskedWith: key) }
      func pair(_ at: Int) -> SIMD2<UInt64> { bytes.loadUnaligned(fromByteOffset: at, as: SIMD2<UInt64>.self) }
      let mask = SIMD2(repeating: maskWord(key, 0).littleEndian)
      var (a, b) = (SIMD2<UInt64>.zero, SIMD2<UInt64>.zero)
      var i = 0
      while bytes.count &- i >= 64 {
        a |= (pair(i) ^ mask) | (pair(i &+ 16) ^ mask)
        b |= (pair(i &+ 32) ^ mask) | (pair(i &+ 48) ^ mask)
        i &+= 64
      }
      while bytes.count &- i >= 16 {
        a |= pair(i) ^ mask
        i &+= 16
      }
      // The last bytes, with some that were looked at already.
      let last = bytes.count &- 16
      b |= pair(last) ^ SIMD2(repeating: maskWord(key, UInt64(truncatingIfNeeded: last)).littleEndian)
      let all = a | b
      return (all.x | all.y) & 0x8080_8080_8080_8080 == 0
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The same for up to 15 bytes.
  @inlinable @inline(__always)
  func isShortASCII(unmaskedWith key: UInt32) -> Bool {
    var all: UInt64 = 0
    if count >= 8 { all = UInt64(littleEndian: loadUnaligned(as: UInt64.self)) ^ maskWord(key, 0) }
    let start = count >= 8 ? 8 : 0
    let left = count &- start
    if left > 0 {
      let used: UInt64 = ~0 >> UInt64(truncatingIfNeeded: 64 &- 8 &* left)
      all |= (rest(start) ^ maskWord(key, 0)) & used
    }
    return all & 0x8080_8080_8080_8080 == 0
  }
}
