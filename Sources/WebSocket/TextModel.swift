/// Which short strings stand in text that is known: how well two pieces of it fit together.
struct TextModel {
  /// Number of strings of three and four bytes, by hash; 255 for more.
  private var longs: [UInt8]
  /// So much of a hash is left out.
  private let shift: UInt32
  /// Number of strings of two bytes.
  private var pairs = [UInt8](repeating: 0, count: 1 << 16)

  /// Of no text.
  static let empty = TextModel([])

  /// So many bytes of the texts are looked at.
  private static let most = 32_768

  /// The strings of these texts, of the first ones first, and of each from its end.
  init(_ texts: [Stretch]) {
    // Sixteen slots a byte, as far as they stay near the processor.
    let count = max(Self.count(texts), 1)
    let bits = min(max(Int.bitWidth - count.leadingZeroBitCount + 4, 10), 18)
    longs = [UInt8](repeating: 0, count: 1 << bits)
    shift = UInt32(truncatingIfNeeded: 32 - bits)
    var rest = count
    for text in texts where rest > 0 {
      add(text.bytes.suffix(rest))
      rest -= text.bytes.count
    }
  }

  private static func count(_ texts: [Stretch]) -> Int { min(texts.reduce(0) { $0 + $1.bytes.count }, most) }

  /// Steps that it takes to make one of these texts (`SearchCredit`).
  static func steps(_ texts: [Stretch]) -> Int { 20_000 + 4 * count(texts) }

  private mutating func add(_ text: ArraySlice<WindowByte>) {
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
      if run >= 3 { Self.count(&longs[slot(three: key & 0xFF_FFFF)]) }
      if run >= 4 { Self.count(&longs[slot(four: key)]) }
    }
  }

  @inline(__always)
  private static func count(_ number: inout UInt8) {
    if number < 255 { number += 1 }
  }

  @inline(__always)
  private func slot(three key: UInt32) -> Int { slot(four: (key &* 0x9E37_79B1) ^ 0x3C6E_F372) }

  @inline(__always)
  private func slot(four key: UInt32) -> Int { Int(((key ^ key >> 15) &* 0x85EB_CA6B) &>> shift) }

  /// How well the first two of four bytes, first byte highest, fit to the others: 0 to 5.
  ///
  /// - Parameter own: 1 if these four bytes were counted where they stand.
  @inline(__always)
  func fit(_ four: UInt32, own: UInt8) -> Int {
    let long = longFit(four, own: own)
    if long > 0 { return long }
    return pairs[Int(four >> 8 & 0xFFFF)] > own ? 2 : pairs[Int(four & 0xFFFF)] > own ? 1 : 0
  }

  /// The same where it is 3 or more, and 0 where it is less: whether three of the bytes, or all, stand in the text.
  @inline(__always)
  func longFit(_ four: UInt32, own: UInt8) -> Int {
    if longs[slot(four: four)] > own { return 5 }
    let left = longs[slot(three: four >> 8)] > own
    let right = longs[slot(three: four & 0xFF_FFFF)] > own
    return left && right ? 4 : left || right ? 3 : 0
  }

  /// Whether a string of two bytes, first byte highest, stands in the text.
  @inline(__always)
  func has(pair: UInt16) -> Bool { pairs[Int(pair)] > 0 }
}
