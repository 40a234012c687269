extension Array where Element == UInt8 {
  /// Xors the bytes from index `start` to the end with a four-byte key that repeats (RFC 6455 §5.3).
  ///
  /// - Parameters:
  ///   - start: index of the first byte to change, 0 to `count`.
  ///   - key: the four key bytes in wire order, the first in the most significant byte.
  ///   - phase: how many bytes of the key's run went before; only its remainder modulo 4 counts.
  @inlinable
  public mutating func applyMask(from start: Int, key: UInt32, phase: UInt64 = 0) {
    let shift = UInt32(truncatingIfNeeded: phase & 3) * 8
    let turned = shift == 0 ? key : (key << shift) | (key >> (32 - shift))
    let first = UInt64(turned.byteSwapped)  // its lowest byte is the first to be used
    let word = first | first << 32
    withUnsafeMutableBytes { buffer in
      func flip(_ i: Int) {
        let value = buffer.loadUnaligned(fromByteOffset: i, as: UInt64.self) ^ word.littleEndian
        buffer.storeBytes(of: value, toByteOffset: i, as: UInt64.self)
      }
      var i = start
      while buffer.count &- i >= 32 {
        flip(i)
        flip(i &+ 8)
        flip(i &+ 16)
        flip(i &+ 24)
        i &+= 32
      }
      while buffer.count &- i >= 8 {
        flip(i)
        i &+= 8
      }
      var rest = word
      while i < buffer.count {
        buffer[i] ^= UInt8(truncatingIfNeeded: rest)
        rest >>= 8
        i &+= 1
      }
    }
  }

  /// Appends raw bytes.
  @inlinable
  public mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }
}
