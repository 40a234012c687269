/// What an observation says for one of two causes.
enum LikelihoodRatio {
  /// Bits that one observation can weigh.
  private static let most: Float = 6

  /// How much it says for the cause that makes it as often as `expected`, against the one that makes it as often as `chance`.
  static func bits(_ expected: Float, _ chance: Float) -> Float { min(max(log2(expected / chance), -most), most) }

  /// The binary logarithm, to two digits: there is no other without the C library.
  private static func log2(_ x: Float) -> Float {
    let m = x.significand
    return Float(x.exponent) + (2 - m / 3) * m - 5 / 3
  }
}
