/// Looks for the distance of what came before a loss from what came after it, by what is referred to across the loss.
///
/// Every distance makes of the references another text. The right one makes one whose pieces fit to each other as pieces of
/// this sender's text do; a wrong one, pieces that stand next to each other by chance. How the pieces of the right text fit
/// is learned from references whose text is known, how they fit by chance from all distances; so no property of a certain
/// encoder is taken for granted. Each place where pieces meet is evidence, in bits. A distance is found if its evidence is
/// beyond that of every other, and beyond that of none being right, by `neededMargin`.
struct HoleSearch {
  /// A distance, and how sure it is.
  struct Found: Equatable {
    var distance: Int
    var confidence: Confidence
  }

  typealias Reference = ContextRecovery.Reference

  /// References across a loss at which the first search pays.
  static let fewestReferences = 8
  /// References that are kept for it: enough, or its length cannot be told.
  static let mostReferences = 400
  /// References that are kept as examples.
  static let mostSamples = 256
  /// Bytes of compressed data that must have come for each search, some 3 to 9 ms: what the sender sends bounds the effort.
  static let price: UInt64 = 1024
  /// By so many bits the best distance must lead.
  private static let neededMargin: Float = 30
  /// Bits that one place can weigh.
  private static let mostBits: Float = 6
  /// What a place weighs at which two copied pieces meet: what stands before the one is often what ends the other, so that
  /// they fit at distances near the right one too.
  private static let weightOfTwoCopies: Float = 0.4
  /// So many bits behind the best, a distance is given up.
  private static let hopeless: Float = 60
  /// Evidence, in bits, that some distance of so many has by chance.
  private static let chance: Float = 15

  private(set) var result: Found?

  private let model: TextModel
  private let window: Stretch
  /// The older text; 256 where it is not known.
  private let older: [UInt16]
  private let olderCount: Int
  private let least: Int
  /// How often each fit is to be expected of the right text.
  private var expected: [Float] = [0.3, 0.3, 1, 2, 3, 12]
  /// How often references of the right text could have been longer, and could not.
  private var extensible: (yes: Float, no: Float) = (0.3, 10)
  private var scores: [Float]
  /// Distances that may be right.
  private var candidates: [Int32]
  /// Distances that show what chance does.
  private let sampled: [Int32]
  private var places = 0

  /// Looks for the distance of `older` from the window's origin.
  init(_ window: Stretch, _ older: Stretch, _ references: [Reference], _ samples: [Reference], _ model: TextModel) {
    self.window = window
    self.model = model
    least = older.leastDistance
    olderCount = older.bytes.count
    self.older = older.bytes.map { $0.isThere ? UInt16($0.byte) : 256 } + (0...255)
    let count = max(ContextRecovery.windowSize - least, 0)
    scores = [Float](repeating: 0, count: count)
    candidates = Array(0..<Int32(truncatingIfNeeded: count))
    sampled = candidates.filter { ($0 &* 40_503) & 0xF000 == 0 }
    guard count > 1, older.bytes.count >= 4 else { return }
    learn(samples)
    weigh(references)
    conclude()
  }

  // MARK: What to expect

  private mutating func learn(_ samples: [Reference]) {
    let bytes = window.bytes
    for sample in samples {
      let end = sample.index + sample.length
      for place in [sample.index, end] where place >= 2 && place + 2 <= bytes.count {
        guard let four = Self.four(bytes[place - 2..<place + 2]) else { continue }
        expected[model.fit(four, own: 1)] += 1
      }
      let source = end - sample.distance
      guard Self.couldBeLonger(sample), end < bytes.count, source >= 0, bytes[end].isThere, bytes[source].isThere else {
        continue
      }
      if bytes[end].byte == bytes[source].byte { extensible.yes += 1 } else { extensible.no += 1 }
    }
    let total = expected.reduce(0, +)
    for fit in expected.indices { expected[fit] /= total }
  }

  private static func four(_ bytes: ArraySlice<WindowByte>) -> UInt32? {
    bytes.reduce(0) { four, byte in
      guard let four, byte.isThere else { return nil }
      return four << 8 | UInt32(byte.byte)
    }
  }

  /// Whether an encoder would have made it longer if it could (258 is the greatest length).
  private static func couldBeLonger(_ reference: Reference) -> Bool { reference.length < 258 && !reference.endsMessage }

  // MARK: Evidence

  private mutating func weigh(_ references: [Reference]) {
    var last = window.origin + 1
    for reference in references {
      let end = reference.index + reference.length
      for place in [reference.index, end] where place > last && place + 2 <= window.bytes.count {
        last = place
        weighSeam(place)
      }
      if end == last, Self.couldBeLonger(reference) { weighEnd(end, reference) }
      if places & 7 == 0 { dropWorst() }
    }
  }

  /// Where in `older` a byte comes from if the distance is the least; behind its end stand the 256 known bytes. Nil if it is
  /// lost, or comes from nowhere in it.
  private func source(_ byte: WindowByte) -> Int? {
    if byte.isThere { return olderCount + Int(byte.byte) }
    guard let offset = byte.offset, offset > least else { return nil }
    return olderCount - (offset - least)
  }

  /// Two pieces of text meet between `place` - 1 and `place`.
  private mutating func weighSeam(_ place: Int) {
    let bytes = window.bytes
    guard let a = source(bytes[place - 2]), let b = source(bytes[place - 1]), let c = source(bytes[place]),
      let d = source(bytes[place + 1])
    else { return }
    // Copied bytes move with the distance; those that do all have a place in the older text in this range.
    let moving = [a, b, c, d].filter { $0 < olderCount }
    guard let first = moving.min(), let last = moving.max(), max(0, -first) < olderCount - last else { return }
    places += 1
    let range = UInt32(truncatingIfNeeded: max(0, -first))..<UInt32(truncatingIfNeeded: olderCount - last)
    let masks = (a < olderCount ? -1 : 0, b < olderCount ? -1 : 0, c < olderCount ? -1 : 0, d < olderCount ? -1 : 0)
    let model = model
    @inline(__always)
    func fit(_ candidate: Int32, _ older: UnsafeBufferPointer<UInt16>) -> Int? {
      guard range.contains(UInt32(bitPattern: candidate)) else { return nil }
      let move = Int(candidate)
      let first = UInt32(older[a &+ (move & masks.0)])
      let second = UInt32(older[b &+ (move & masks.1)])
      let third = UInt32(older[c &+ (move & masks.2)])
      let fourth = UInt32(older[d &+ (move & masks.3)])
      if (first | second | third | fourth) & 256 != 0 { return nil }
      return model.fit(first << 24 | second << 16 | third << 8 | fourth, own: 0)
    }
    older.withUnsafeBufferPointer { older in
      var counts = InlineArray<6, Float>(repeating: 0.5)
      for candidate in sampled { if let fit = fit(candidate, older) { counts[fit] += 1 } }
      var total: Float = 0
      for fit in 0..<6 { total += counts[fit] }
      var bits = InlineArray<6, Float>(repeating: 0)
      let weight = b < olderCount && c < olderCount ? Self.weightOfTwoCopies : 1
      for fit in 0..<6 { bits[fit] = weight * Self.bits(expected[fit], counts[fit] / total) }
      for candidate in candidates {
        if let fit = fit(candidate, older) { scores[Int(candidate)] += bits[fit] }
      }
    }
  }

  /// A reference ends at `end`. If the byte there is the one that follows what was copied, it could have been longer.
  private mutating func weighEnd(_ end: Int, _ reference: Reference) {
    let offset = reference.distance - (end - window.origin)
    guard offset > 0, window.bytes[end].isThere else { return }
    let next = UInt16(window.bytes[end].byte)
    let first = olderCount - offset + least
    var counts: (yes: Float, no: Float) = (0.5, 0.5)
    for candidate in sampled {
      let index = first + Int(candidate)
      guard index >= 0, index < olderCount, older[index] < 256 else { continue }
      if older[index] == next { counts.yes += 1 } else { counts.no += 1 }
    }
    let expected = extensible.yes / (extensible.yes + extensible.no)
    let chance = counts.yes / (counts.yes + counts.no)
    let yes = Self.bits(expected, chance)
    let no = Self.bits(1 - expected, 1 - chance)
    for candidate in candidates {
      let index = first + Int(candidate)
      guard index >= 0, index < olderCount, older[index] < 256 else { continue }
      scores[Int(candidate)] += older[index] == next ? yes : no
    }
  }

  private static func bits(_ expected: Float, _ chance: Float) -> Float {
    min(max(log2(expected / chance), -mostBits), mostBits)
  }

  /// The binary logarithm, to two digits: there is no other without the C library.
  private static func log2(_ x: Float) -> Float {
    let m = x.significand
    return Float(x.exponent) + (2 - m / 3) * m - 5 / 3
  }

  private mutating func dropWorst() {
    var best: Float = 0
    for candidate in candidates { best = max(best, scores[Int(candidate)]) }
    let border = best - Self.hopeless
    candidates.removeAll { scores[Int($0)] < border }
  }

  // MARK: The answer

  private mutating func conclude() {
    guard let best = candidates.max(by: { scores[Int($0)] < scores[Int($1)] }) else { return }
    var second = Self.chance
    for candidate in candidates where candidate != best { second = max(second, scores[Int(candidate)]) }
    let margin = scores[Int(best)] - second
    guard margin >= Self.neededMargin else { return }
    // Pieces of text are not independent of each other: a fourth of the evidence is counted on.
    result = Found(distance: Int(best) + least, confidence: Confidence(bits: Double(margin) / 4))
  }
}
