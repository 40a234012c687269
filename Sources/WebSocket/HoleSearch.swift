/// Looks for the distance of what came before a loss from what came after it, by what is referred to across the loss.
///
/// Every distance makes of the references another text. A survey of all distances tells for which few of them the references
/// are such as an encoder makes (`DistanceSurvey`). Those are compared by what text comes of them: the right one makes one
/// whose pieces fit to each other as pieces of this sender's text do; a wrong one, pieces that stand next to each other by
/// chance. How the pieces of the right text fit is learned from references whose text is known, how they fit by chance from
/// other distances. Each reference, and each place where pieces meet, is evidence, in bits. A distance is found if its
/// evidence is beyond that of every other, and beyond that of none being right, by `neededMargin`.
struct HoleSearch {
  /// A distance, and how sure it is.
  struct Found: Equatable {
    var distance: Int
    var confidence: Confidence
  }

  typealias Reference = ContextRecovery.Reference

  /// References across a loss at which the first search pays.
  static let fewestReferences = 20
  /// References that are kept for it: enough, or its length cannot be told.
  static let mostReferences = 400
  /// The latest of them, which a search goes by.
  static let mostWeighed = 96
  /// References that are kept as examples.
  static let mostSamples = 256
  /// By so many bits the best distance must lead.
  private static let neededMargin: Float = 36
  /// What a place weighs at which two copied pieces meet: what stands before the one is often what ends the other, so that
  /// they fit at distances near the right one too.
  private static let weightOfTwoCopies: Float = 0.4
  /// Evidence, in bits, that some distance of so many has by chance.
  private static let chance: Float = 15
  /// Distances that are looked at closely, and others that show what chance does.
  private static let mostFinalists = 64
  private static let mostStrangers = 96
  /// What evidence at first sight weighs beside the other.
  private static let weightOfSurvey: Float = 1
  /// So many bits must speak for the best at first sight, or none is looked at closely.
  private static let promising: Float = 14

  /// Steps taken so far (`SearchCredit`).
  private(set) var steps = 0

  private let window: Stretch
  private let older: Stretch
  private let olderCount: Int
  private let least: Int
  private var model: TextModel
  /// The older text; 256 where it is not known. Behind it stand the 256 known bytes.
  private var text: [UInt16] = []
  /// How often each fit is to be expected of the right text.
  private var expected: InlineArray<6, Float> = [0.3, 0.3, 1, 2, 3, 12]
  /// How often references of the right text could have been longer, and could not.
  private var extensible: (yes: Float, no: Float) = (0.3, 10)
  /// Distances that may be right.
  private var finalists: [(candidate: Int, score: Float)] = []

  /// A search for the distance of `older` from the window's origin.
  init(_ window: Stretch, _ older: Stretch) {
    self.window = window
    self.older = older
    least = older.leastDistance
    olderCount = older.bytes.count
    model = .empty
  }

  /// Steps that it takes at most to compare the finalists, once they are chosen.
  func mostSteps(_ references: [Reference], _ samples: [Reference]) -> Int {
    beginning(samples) + 3 * Self.perPlace * references.count * (finalists.count + Self.mostStrangers)
  }

  private func beginning(_ samples: [Reference]) -> Int { 5000 + 2 * olderCount + 50 * samples.count }

  private static let perPlace = 4

  /// Chooses the finalists. False if no distance is promising.
  mutating func survey(_ recurrence: Recurrence, _ references: [Reference]) -> Bool {
    guard olderCount >= 4, least < ContextRecovery.windowSize else { return false }
    var survey = DistanceSurvey(recurrence, count: ContextRecovery.windowSize - least)
    for reference in references {
      let offset = reference.distance - (reference.index - window.origin)
      if offset > 0 { survey.weigh(recurrence.lengths.count - offset + least, reference.length) }
    }
    steps += survey.steps
    finalists = survey.best(Self.mostFinalists, least: Self.promising).map {
      ($0.candidate, Self.weightOfSurvey * $0.bits)
    }
    return !finalists.isEmpty
  }

  /// Asks everything of the finalists.
  ///
  /// - Parameters:
  ///   - samples: references whose text is known.
  ///   - model: made of all that is known.
  mutating func compare(_ references: [Reference], _ samples: [Reference], _ model: TextModel) -> Found? {
    self.model = model
    text = older.bytes.map { $0.isThere ? UInt16($0.byte) : 256 } + (0...255)
    steps += beginning(samples)
    learn(samples)
    compare(references)
    return conclude()
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
    var total: Float = 0
    for fit in 0..<6 { total += expected[fit] }
    for fit in 0..<6 { expected[fit] /= total }
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

  private mutating func compare(_ references: [Reference]) {
    let bytes = window.bytes
    var last = window.origin + 1
    for reference in references {
      let end = reference.index + reference.length
      for place in [reference.index, end] where place > last && place + 2 <= bytes.count {
        last = place
        guard let a = source(bytes[place - 2]), let b = source(bytes[place - 1]), let c = source(bytes[place]),
          let d = source(bytes[place + 1]), let seam = Seam([a, b, c, d], olderCount: olderCount)
        else { continue }
        compare(seam)
      }
      guard end == last, Self.couldBeLonger(reference), bytes[end].isThere else { continue }
      let offset = reference.distance - (end - window.origin)
      if offset > 0 { compare(olderCount - offset + least, UInt16(bytes[end].byte)) }
    }
  }

  /// Where in `older` a byte comes from if the distance is the least. Nil if it is lost, or comes from nowhere in it.
  private func source(_ byte: WindowByte) -> Int? {
    if byte.isThere { return olderCount + Int(byte.byte) }
    guard let offset = byte.offset, offset > least else { return nil }
    return olderCount - (offset - least)
  }

  /// Candidates of a range at random, the same each time.
  @inline(__always)
  private static func stranger(_ number: Int, in range: Range<Int>) -> Int {
    range.lowerBound &+ ((number &* 40_503 & 0xFFFF) &* range.count) >> 16
  }

  private mutating func compare(_ seam: Seam) {
    var counts = InlineArray<6, Float>(repeating: 0.5)
    for number in 0..<min(Self.mostStrangers, seam.candidates.count) {
      if let fit = fit(seam, Self.stranger(number, in: seam.candidates)) { counts[fit] += 1 }
    }
    steps += Self.perPlace * (min(Self.mostStrangers, seam.candidates.count) + finalists.count)
    var total: Float = 0
    for fit in 0..<6 { total += counts[fit] }
    let weight = seam.kind == .both ? Self.weightOfTwoCopies : 1
    for i in finalists.indices where seam.candidates.contains(finalists[i].candidate) {
      guard let fit = fit(seam, finalists[i].candidate) else { continue }
      finalists[i].score += weight * LikelihoodRatio.bits(expected[fit], counts[fit] / total)
    }
  }

  /// How well the pieces fit at a seam; nil where a byte is not known.
  @inline(__always)
  private func fit(_ seam: Seam, _ candidate: Int) -> Int? {
    var four: UInt32 = 0
    for i in 0..<4 {
      let source = seam.sources[i]
      let byte = text[source < olderCount ? source &+ candidate : source]
      if byte > 255 { return nil }
      four = four << 8 | UInt32(byte)
    }
    return model.fit(four, own: 0)
  }

  /// A reference ends, and `next` follows. If that is what follows what was copied, it could have been longer.
  private mutating func compare(_ source: Int, _ next: UInt16) {
    let range = max(0, -source)..<max(olderCount - source, 0)
    var counts: (yes: Float, no: Float) = (0.5, 0.5)
    for number in 0..<min(Self.mostStrangers, range.count) {
      let byte = text[source + Self.stranger(number, in: range)]
      if byte == next { counts.yes += 1 } else if byte < 256 { counts.no += 1 }
    }
    steps += Self.perPlace * (min(Self.mostStrangers, range.count) + finalists.count)
    let expected = extensible.yes / (extensible.yes + extensible.no)
    let chance = counts.yes / (counts.yes + counts.no)
    let yes = LikelihoodRatio.bits(expected, chance)
    let no = LikelihoodRatio.bits(1 - expected, 1 - chance)
    for i in finalists.indices where range.contains(finalists[i].candidate) {
      let byte = text[source + finalists[i].candidate]
      if byte < 256 { finalists[i].score += byte == next ? yes : no }
    }
  }

  // MARK: The answer

  private func conclude() -> Found? {
    guard let best = finalists.max(by: { $0.score < $1.score }) else { return nil }
    var second = Self.chance
    for finalist in finalists where finalist.candidate != best.candidate { second = max(second, finalist.score) }
    let margin = best.score - second
    // Pieces of text are not independent of each other: a fourth of the evidence is counted on.
    return margin < Self.neededMargin
      ? nil : Found(distance: best.candidate + least, confidence: Confidence(bits: Double(margin) / 4))
  }
}
