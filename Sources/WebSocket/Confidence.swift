/// How sure it is that something inferred is true.
///
/// It is kept as bits: so many that the odds of an error are one in 2^bits, as far as the evidence can be weighed. The
/// probability that is shown is rounded down.
public struct Confidence: Equatable, Comparable, Sendable {
  /// Bits, 0 to 20.
  public var bits: Double

  /// A confidence of `bits`, taken as 0 to 20.
  public init(bits: Double) { self.bits = min(max(bits, 0), 20) }

  /// The probability, 0 to 0.999999.
  public var probability: Double { 1 - Double(sign: .plus, exponent: -Int(bits), significand: 1) }

  /// Below this nothing is given out: seven bits, a probability of 0.99.
  public static let least = Confidence(bits: 7)

  /// Whether one is less than the other.
  public static func < (a: Confidence, b: Confidence) -> Bool { a.bits < b.bits }
}

extension FrameChain {
  /// How sure it is that the frames are there, where the connection is known to be a WebSocket: any place of the window could
  /// have been the first; a short one is held to be a part of a longer.
  public var confidenceInWebSocket: Confidence {
    let prior = Double(max(Int.bitWidth - 1 - max(places, 1).leadingZeroBitCount, 8))
    return Confidence(bits: bits + placeBits - prior)
  }

  /// How sure it is that the first frame is one, and does not land on the second by chance.
  public var confidenceInFirst: Confidence { Confidence(bits: firstBits) }

  /// The same where the first frame can only be where it is, behind a request for an upgrade: no other request begins with
  /// such a byte.
  public var confidenceAtKnownStart: Confidence { Confidence(bits: bits + 6) }
}
