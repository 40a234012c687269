/// A Huffman code of a DEFLATE block (RFC 1951 §3.2.2), ready for decoding. Some 1.6 KB.
struct HuffmanCode {
  /// What the next bits mean.
  enum Decoded {
    /// A symbol, in so many bits.
    case symbol(Int, bits: Int)
    /// More bits are needed.
    case short
    /// The code has no symbol for them.
    case invalid
  }

  /// What a code is for: which incomplete ones are allowed, as zlib has it.
  enum Use {
    /// For the lengths of the other codes: complete.
    case codeLengths
    /// For literals and lengths, or for distances: complete, or a single code of one bit, or none at all.
    case data
  }

  /// Codes up to this length, in bits, are found in one step.
  private static let rootBits = 9

  /// How many codes there are of each length.
  private var counts = InlineArray<16, UInt16>(repeating: 0)
  /// The symbols in the order of their codes.
  private var symbols = InlineArray<288, UInt16>(repeating: 0)
  /// By the next `rootBits` bits: symbol and length (low four bits); 0 where the code is longer, or there is none.
  private var root = InlineArray<512, UInt16>(repeating: 0)
  private var longest = 0

  /// Makes the code in which symbol i has a code of `lengths[i]` bits, 0 to 15; 0: none. False if there is no such code.
  ///
  /// - Parameter lengths: 288 at most.
  mutating func build(_ lengths: Span<UInt8>, for use: Use) -> Bool {
    for length in 0..<16 { counts[length] = 0 }
    for i in 0..<lengths.count { counts[Int(lengths[i] & 15)] += 1 }
    longest = (1..<16).last { counts[$0] > 0 } ?? 0
    counts[0] = 0
    var left = 1
    for length in 1..<16 {
      left = left * 2 - Int(counts[length])
      if left < 0 { return false }
    }
    if left > 0, use == .codeLengths || longest > 1 { return false }
    sort(lengths)
    fillRoot()
    return true
  }

  private mutating func sort(_ lengths: Span<UInt8>) {
    var offsets = InlineArray<16, Int>(repeating: 0)
    for length in 1..<15 { offsets[length + 1] = offsets[length] + Int(counts[length]) }
    for symbol in 0..<min(lengths.count, 288) where lengths[symbol] > 0 {
      let length = Int(lengths[symbol] & 15)
      symbols[offsets[length]] = UInt16(truncatingIfNeeded: symbol)
      offsets[length] += 1
    }
  }

  private mutating func fillRoot() {
    for i in 0..<512 { root[i] = 0 }
    var code = 0
    var index = 0
    for length in 1...Self.rootBits {
      for _ in 0..<Int(counts[length]) {
        // Codes come with their first bit lowest.
        var reversed = 0
        for bit in 0..<length where code >> bit & 1 == 1 { reversed |= 1 << (length - 1 - bit) }
        let entry = symbols[index] << 4 | UInt16(truncatingIfNeeded: length)
        for place in stride(from: reversed, to: 512, by: 1 << length) { root[place] = entry }
        index += 1
        code += 1
      }
      code <<= 1
    }
  }

  /// What `bits`, of which `count` are there, begin with. Changes nothing; but of what may be changed, the compiler makes no
  /// copy for each call.
  @inline(__always)
  mutating func decode(_ bits: UInt64, count: Int) -> Decoded {
    let entry = Int(root[Int(bits & 511)])
    if entry & 15 != 0, entry & 15 <= count { return .symbol(entry >> 4, bits: entry & 15) }
    return decodeSlowly(bits, count: count)
  }

  private mutating func decodeSlowly(_ bits: UInt64, count: Int) -> Decoded {
    var code = 0
    var first = 0
    var index = 0
    var length = 1
    while length <= max(longest, 1) {
      if length > count { return .short }
      code |= Int(truncatingIfNeeded: bits >> UInt64(length - 1) & 1)
      let number = Int(counts[length])
      if code - number < first { return .symbol(Int(symbols[index + code - first]), bits: length) }
      index += number
      first = (first + number) << 1
      code <<= 1
      length += 1
    }
    return .invalid
  }
}
