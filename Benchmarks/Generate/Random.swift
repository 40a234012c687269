/// A random sequence that its seed determines: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
/// Generators, 2014).
struct Random {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// 64 random bits.
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  /// 32 random bits.
  mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: next()) }

  /// A number from 0 to `bound` - 1.
  mutating func below(_ bound: Int) -> Int { Int(next().multipliedFullWidth(by: UInt64(max(bound, 1))).high) }

  /// A number of `range`.
  mutating func of(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

  /// A number from 0 up to, but not, 1.
  mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// True with this probability.
  mutating func happens(_ probability: Double) -> Bool { fraction() < probability }

  /// A number of `range`, small ones more often: the square of an even distribution, so that the mean lies at a third.
  mutating func oftenSmall(_ range: ClosedRange<Int>) -> Int {
    let x = fraction()
    return range.lowerBound + Int(x * x * Double(range.count))
  }

  /// A size with a long tail: at least `least`, then doubled up to `doublings` times, each with probability `onward`.
  mutating func longTailed(from least: Int, doublings: Int, onward: Double) -> Int {
    var base = least
    while base < least << doublings, happens(onward) { base *= 2 }
    return base + below(base)
  }

  /// `count` random bytes.
  mutating func bytes(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count + 8)
    while bytes.count < count {
      withUnsafeBytes(of: next().littleEndian) { bytes.append(contentsOf: $0) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }
}
