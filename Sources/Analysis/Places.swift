/// Which indices of a store are in use. The lowest free one is taken next, so that what is in use stays close together.
struct Places {
  /// A bit for each index.
  private var used: [UInt64] = []
  /// A bit for each word of `used` that has no free index.
  private var full: [UInt64] = []
  /// How many are in use.
  private(set) var count = 0

  /// All that were ever in use lie below this.
  var end: Int { used.count * 64 }

  /// The indices in use, ascending.
  var indices: [Int] { (0..<end).filter { isInUse($0) } }

  func isInUse(_ index: Int) -> Bool {
    index >= 0 && index < end && used[index >> 6] & 1 << UInt64(index & 63) != 0
  }

  /// Whether one of the 64 indices from 64 * `chunk` on is in use.
  func isInUse(chunk: Int) -> Bool { used[chunk] != 0 }

  /// Takes the lowest free index.
  mutating func take() -> Int {
    let word = firstOpen()
    let bit = (~used[word]).trailingZeroBitCount
    used[word] |= 1 << UInt64(bit)
    if used[word] == .max { full[word >> 6] |= 1 << UInt64(word & 63) }
    count += 1
    return word << 6 | bit
  }

  private mutating func firstOpen() -> Int {
    if let group = full.firstIndex(where: { $0 != .max }) {
      let word = group << 6 | (~full[group]).trailingZeroBitCount
      if word < used.count { return word }
    }
    if used.count & 63 == 0 { full.append(0) }
    used.append(0)
    return used.count - 1
  }

  /// Makes `index`, which must be in use, free.
  mutating func free(_ index: Int) {
    let word = index >> 6
    used[word] &= ~(1 << UInt64(index & 63))
    full[word >> 6] &= ~(1 << UInt64(word & 63))
    count -= 1
  }

  /// The next index in use behind `index`, going round; nil if there is none.
  func next(after index: Int) -> Int? {
    guard count > 0 else { return nil }
    let start = index + 1 < end ? index + 1 : 0
    for step in 0...used.count {
      let word = (start >> 6 + step) % used.count
      let rest = step == 0 ? used[word] & ~0 << UInt64(start & 63) : used[word]
      if rest != 0 { return word << 6 | rest.trailingZeroBitCount }
    }
    return nil
  }
}
