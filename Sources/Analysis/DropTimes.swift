import Capture

/// When packets were dropped while they were captured, as far as that is known: what a stream lacks then may be among them.
public struct DropTimes: Equatable, Sendable {
  /// Stretches that are remembered, the latest ones.
  private static let most = 256
  /// A drop is noticed so much later than it happened, at most, in nanoseconds (1 s); drops that are no further apart make one
  /// stretch.
  private static let slack: Int64 = 1_000_000_000

  private var stretches: [ClosedRange<Timestamp>] = []

  /// No drops.
  public init() {}

  /// Packets were dropped, which was noticed at `time`, the latest one so far.
  public mutating func note(_ time: Timestamp) { add(time...time) }

  /// Adds later ones.
  mutating func add(_ other: DropTimes) {
    for stretch in other.stretches { add(stretch) }
  }

  private mutating func add(_ stretch: ClosedRange<Timestamp>) {
    if let last = stretches.last, stretch.lowerBound.since(last.upperBound) <= Self.slack {
      let lower = min(last.lowerBound, stretch.lowerBound)
      stretches[stretches.count - 1] = lower...max(last.upperBound, stretch.upperBound)
      return
    }
    if stretches.count == Self.most { stretches.removeFirst() }
    stretches.append(stretch)
  }

  /// Whether packets were dropped at about `time`.
  func isNear(_ time: Timestamp) -> Bool {
    stretches.contains { $0.lowerBound.since(time) <= Self.slack && time.since($0.upperBound) <= Self.slack }
  }
}

extension Analyzer {
  /// Says when packets were dropped while they were captured. Gaps at about that time say so.
  public mutating func noteDrops(_ times: DropTimes) { drops.add(times) }
}
