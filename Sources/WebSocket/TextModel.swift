/// Which short strings stand in text that is known: how well two pieces of it fit together.
struct TextModel {
  /// Number of strings of three and four bytes, by hash; 255 for more.
  private var longs = [UInt8](repeating: 0, count: 1 << 18)
  /// Number of strings of two bytes.
  private var pairs = [UInt8](repeating: 0, count: 1 << 16)

  /// The strings of these texts.
  init(_ texts: [Stretch]) {
    for text in texts { add(text.bytes) }
  }

  private mutating func add(_ text: [WindowByte]) {
    var run = 0
    var key: UInt32 = 0
    for byte in text {
      guard byte.isThere else {
        run = 0
        continue
      }
      run += 1
      key = key << 8 | UInt32(byte.byte)
      if run >= 2 { Self.count(&pairs[Int(key & 0xFFFF)]) }
      if run >= 3 { Self.count(&longs[Self.slot(three: key & 0xFF_FFFF)]) }
      if run >= 4 { Self.count(&longs[Self.slot(four: key)]) }
    }
  }

  @inline(__always)
  private static func count(_ number: inout UInt8) {
    if number < 255 { number += 1 }
  }

  @inline(__always)
  private static func slot(three key: UInt32) -> Int { slot(four: (key &* 0x9E37_79B1) ^ 0x3C6E_F372) }

  @inline(__always)
  private static func slot(four key: UInt32) -> Int { Int(((key ^ key >> 15) &* 0x85EB_CA6B) >> 14) }

  /// How well the first two of four bytes, first byte highest, fit to the others: 0 to 5.
  ///
  /// - Parameter own: 1 if these four bytes were counted where they stand.
  @inline(__always)
  func fit(_ four: UInt32, own: UInt8) -> Int {
    if longs[Self.slot(four: four)] > own { return 5 }
    let left = longs[Self.slot(three: four >> 8)] > own
    let right = longs[Self.slot(three: four & 0xFF_FFFF)] > own
    if left && right { return 4 }
    if left || right { return 3 }
    return pairs[Int(four >> 8 & 0xFFFF)] > own ? 2 : pairs[Int(four & 0xFFFF)] > own ? 1 : 0
  }
}
