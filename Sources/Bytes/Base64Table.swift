/// The pairs of base64 characters for all 12-bit values (RFC 4648 §4): two look-ups encode three bytes.
@usableFromInline
final class Base64Table {
  private let pairs: UnsafeMutablePointer<UInt16>

  @usableFromInline
  init() {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    pairs = .allocate(capacity: 4096)
    for i in 0..<4096 {
      pairs[i] = UInt16(alphabet[i >> 6]) | UInt16(alphabet[i & 63]) << 8
    }
  }

  deinit { pairs.deallocate() }

  /// Encodes `bytes` at `out`, which has room for 8 bytes more than the result needs; returns the result's length.
  func encode(_ bytes: UnsafeRawBufferPointer, into out: UnsafeMutablePointer<UInt8>) -> Int {
    let place = UnsafeMutableRawPointer(out)
    var i = 0
    var o = 0
    while i + 8 <= bytes.count {
      let word = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      let a = UInt64(pairs[Int(truncatingIfNeeded: word >> 52)])
      let b = UInt64(pairs[Int(truncatingIfNeeded: word >> 40) & 0xFFF])
      let c = UInt64(pairs[Int(truncatingIfNeeded: word >> 28) & 0xFFF])
      let d = UInt64(pairs[Int(truncatingIfNeeded: word >> 16) & 0xFFF])
      place.storeBytes(of: (a | b << 16 | c << 32 | d << 48).littleEndian, toByteOffset: o, as: UInt64.self)
      i += 6
      o += 8
    }
    while i < bytes.count {
      let left = bytes.count - i
      let first = Int(bytes[i])
      let second = left > 1 ? Int(bytes[i + 1]) : 0
      let third = left > 2 ? Int(bytes[i + 2]) : 0
      place.storeBytes(of: pairs[first << 4 | second >> 4].littleEndian, toByteOffset: o, as: UInt16.self)
      place.storeBytes(of: pairs[(second & 0xF) << 8 | third].littleEndian, toByteOffset: o + 2, as: UInt16.self)
      if left < 3 { out[o + 3] = 0x3D }
      if left < 2 { out[o + 2] = 0x3D }
      i += 3
      o += 4
    }
    return o
  }
}
