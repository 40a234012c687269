extension Array where Element == UInt8 {
  /// Xors the bytes from index `start` to the end with a four-byte key that repeats (RFC 6455 §5.3).
  ///
  /// - Parameters:
  ///   - start: index of the first byte to change, 0 to `count`.
  ///   - key: the four key bytes in wire order, the first in the most significant byte.
  ///   - phase: how many bytes of the key's run went before; only its remainder modulo 4 counts.
  @inlinable
  public mutating func applyMask(from start: Int, key: UInt32, phase: UInt64 = 0) {
    let word = maskWord(key, phase)
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

  /// Makes the array's first bytes those of `source`, xored with a four-byte key that repeats, in one pass.
  ///
  /// The array grows as needed and never shrinks: behind the `source.byteCount` bytes stands anything. Key and phase as in
  /// `applyMask`.
  @inlinable
  public mutating func unmask(_ source: RawSpan, key: UInt32, phase: UInt64 = 0) {
    let length = source.byteCount
    if count &- length < 8 {  // whole words are stored
      append(contentsOf: repeatElement(0, count: length &+ 64 &- count))
    }
    let word = maskWord(key, phase)
    withUnsafeMutableBytes { target in
      source.withUnsafeBytes { source in
        func flip(_ i: Int) {
          let value = source.loadUnaligned(fromByteOffset: i, as: UInt64.self) ^ word.littleEndian
          target.storeBytes(of: value, toByteOffset: i, as: UInt64.self)
        }
        var i = 0
        while length &- i >= 32 {
          flip(i)
          flip(i &+ 8)
          flip(i &+ 16)
          flip(i &+ 24)
          i &+= 32
        }
        while length &- i >= 8 {
          flip(i)
          i &+= 8
        }
        if i < length {
          target.storeBytes(of: (source.rest(i) ^ word).littleEndian, toByteOffset: i, as: UInt64.self)
        }
      }
    }
  }

  /// Appends raw bytes.
  @inlinable
  public mutating func append(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { append(contentsOf: $0) }
  }
}

/// Eight bytes of the key's run from `phase` on, the first in the least significant place.
@inlinable @inline(__always)
func maskWord(_ key: UInt32, _ phase: UInt64) -> UInt64 {
  let shift = UInt32(truncatingIfNeeded: phase & 3) &* 8
  let turned = shift == 0 ? key : (key << shift) | (key >> (32 &- shift))
  let first = UInt64(turned.byteSwapped)
  return first | first << 32
}

extension UnsafeRawBufferPointer {
  /// The last one to seven bytes, from `offset` on, as the low bytes of a word, the first in the least significant place.
  @inlinable @inline(__always)
  public func rest(_ offset: Int) -> UInt64 {
    let left = count &- offset
    if count >= 8 {
      let last = UInt64(littleEndian: loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
      return last >> UInt64(truncatingIfNeeded: 64 &- 8 &* left)
    }
    var word: UInt64 = 0
    for i in 0..<left { word |= UInt64(self[offset &+ i]) << UInt64(truncatingIfNeeded: 8 &* i) }
    return word
  }
}
