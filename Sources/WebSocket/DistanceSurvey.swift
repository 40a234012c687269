/// A first look at every distance that a text may stand at: which of them deserve a second.
///
/// It goes by what references cannot mean (`Recurrence`), which takes one comparison for each reference and distance.
struct DistanceSurvey {
  /// Parts of a bit in which scores are kept; 400 references fill no more than two bytes.
  private static let parts: Float = 8
  /// How often an encoder misses a copy that stands nearer, or for other reasons does not take it.
  private static let missed: Float = 0.1

  private let text: Recurrence
  private var scores: [Int16]
  /// Steps taken so far (`SearchCredit`).
  private(set) var steps = Self.beginning

  /// A survey of `count` distances.
  init(_ text: Recurrence, count: Int) {
    self.text = text
    scores = [Int16](repeating: 0, count: max(count, 0))
  }

  /// Steps that so many references take at most.
  static func mostSteps(_ text: Stretch, _ referenceCount: Int) -> Int {
    beginning + referenceCount * (perReference + min(text.bytes.count, Recurrence.mostBytes) / placesPerStep)
  }

  private static let beginning = ContextRecovery.windowSize / 2
  private static let perReference = 100
  private static let placesPerStep = 4

  /// Weighs a reference of this length to the place `source`, if the distance is the least: a place in the text, or before it.
  mutating func weigh(_ source: Int, _ length: Int) {
    steps += Self.perReference
    guard let number = Recurrence.level(of: length) else { return }
    let counts = text.counts[number]
    guard counts.known > 0 else { return }
    let chance = (Float(counts.again) + 0.5) / (Float(counts.known) + 1)
    let again = Self.parts * LikelihoodRatio.bits(Self.missed, chance)
    let not = Self.parts * LikelihoodRatio.bits(1 - Self.missed, 1 - chance)
    add(source, Recurrence.length(ofLevel: number), Int16(again), Int16(not))
  }

  private mutating func add(_ source: Int, _ level: UInt8, _ again: Int16, _ not: Int16) {
    let first = max(source, 0)
    let count = min(text.lengths.count - first, scores.count - (first - source))
    guard count > 0, first >= source else { return }
    steps += count / Self.placesPerStep
    scores.withUnsafeMutableBufferPointer { scores in
      let scores = UnsafeMutableBufferPointer(rebasing: scores[(first - source)..<(first - source + count)])
      text.lengths.withUnsafeBufferPointer { lengths in
        text.known.withUnsafeBufferPointer { known in
          for i in 0..<count {
            let place = first &+ i
            let score = lengths[place] >= level ? again : not
            scores[i] &+= known[place] >= level ? score : 0
          }
        }
      }
    }
  }

  /// The best, with what speaks for them in bits: `most` at most that are not much worse than the very best, for which
  /// `least` bits must speak; none if there is no such.
  func best(_ most: Int, least: Float) -> [(candidate: Int, bits: Float)] {
    scores.withUnsafeBufferPointer { scores in
      var top = Int16.min
      for score in scores { top = max(top, score) }
      guard Float(top) >= least * Self.parts else { return [] }
      // How many are so far behind the best.
      var numbers = [Int](repeating: 0, count: Self.hopeless)
      for score in scores {
        let margin = Int(top) &- Int(score)
        if margin < Self.hopeless { numbers[margin] &+= 1 }
      }
      var (margin, number) = (0, numbers[0])
      while margin + 1 < Self.hopeless, number + numbers[margin + 1] <= most {
        margin += 1
        number += numbers[margin]
      }
      var best: [(candidate: Int, bits: Float)] = []
      for i in scores.indices where Int(top) &- Int(scores[i]) <= margin && best.count < most {
        best.append((i, Float(scores[i]) / Self.parts))
      }
      return best
    }
  }

  /// So far behind the best, in parts, a distance is given up: 32 bits.
  private static let hopeless = 256
}
