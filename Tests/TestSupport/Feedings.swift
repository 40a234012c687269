/// A way in which bytes may reach a decoder: in which pieces.
public struct Feeding: CustomStringConvertible, Sendable {
  /// How they are cut, for the message of a failing test.
  public let description: String
  private let bytes: [UInt8]
  private let cuts: [Int]

  init(_ description: String, _ bytes: [UInt8], cuts: some Sequence<Int>) {
    self.description = description
    self.bytes = bytes
    self.cuts = Array(cuts)
  }

  /// The bytes in pieces, each an array of its own.
  public var pieces: [[UInt8]] {
    zip([0] + cuts, cuts + [bytes.count]).map { Array(bytes[$0..<$1]) }
  }
}

/// The ways to feed `bytes`: whole, byte by byte, cut in two at every offset, and cut at random places.
///
/// Of more than 2,048 bytes, the offsets near both ends are tried, and some between. Random cuts follow `seed`, which
/// the description names.
public func feedings(_ bytes: [UInt8], seed: UInt64 = .random(in: 0 ... .max)) -> [Feeding] {
  var random = SeededGenerator(seed: seed)
  let count = bytes.count
  var offsets = Array(0...count)
  if count > 2048 {
    let between = (0..<60).map { _ in Int.random(in: 150..<count - 150, using: &random) }
    offsets = Array(0..<150) + between + Array(count - 150...count)
  }
  var feedings = [Feeding("whole", bytes, cuts: [])]
  feedings.append(Feeding("byte by byte", bytes, cuts: count > 1 ? Array(1..<count) : []))
  feedings += offsets.map { Feeding("cut at \($0)", bytes, cuts: [$0]) }
  for round in 0..<24 {
    let number = Int.random(in: 2...max(3, min(count / 2, 1 << (round / 2))), using: &random)
    let cuts = (0..<number).map { _ in Int.random(in: 0...count, using: &random) }.sorted()
    feedings.append(Feeding("seed \(seed), cut at \(cuts.prefix(40))", bytes, cuts: cuts))
  }
  return feedings
}

/// What came of reading the same bytes in every way.
public struct EveryWay<Result: Equatable> {
  /// What came of reading them whole.
  public var whole: Result
  /// Nil if every other way gave the same; else the first that did not, with both results.
  public var difference: String?
}

/// Reads `bytes` however they may be fed; `read` is given the pieces.
public func readEveryWay<Result: Equatable>(
  _ bytes: [UInt8], seed: UInt64 = .random(in: 0 ... .max), _ read: ([[UInt8]]) -> Result
) -> EveryWay<Result> {
  let whole = read([bytes])
  for feeding in feedings(bytes, seed: seed) {
    let result = read(feeding.pieces)
    if result != whole {
      let texts = ["\(result)", "\(whole)"].map { String($0.prefix(1500)) }
      return EveryWay(whole: whole, difference: "\(feeding): \(texts[0]) and not \(texts[1])")
    }
  }
  return EveryWay(whole: whole, difference: nil)
}
