/// The hash FNV-1a, 64 bit: the same in every run and on every machine, and no protection from who wants a collision.
struct FNV1a {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func add(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  /// Adds the lowest `bytes` bytes of `word`, in network byte order.
  mutating func add(_ word: UInt64, bytes: Int) {
    if word == 0, bytes == 8 {  // eight steps at once: the prime to the power of eight
      value &*= 0x1EFA_C709_0AEF_4A21
      return
    }
    var rest = word << UInt64(truncatingIfNeeded: 64 &- 8 &* bytes)
    for _ in 0..<bytes {
      add(UInt8(truncatingIfNeeded: rest >> 56))
      rest <<= 8
    }
  }
}
