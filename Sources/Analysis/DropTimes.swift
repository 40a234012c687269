import Capture

/// When packets were dropped while they were captured, as far as that is known: what a stream lacks then may be among them.
struct DropTimes {
  /// Times that are remembered; the latest ones.
  private static let most = 256
  /// A drop is noticed so much later than it happened, at most, in nanoseconds (1 s).
  private static let slack: Int64 = 1_000_000_000

  private var times: [Timestamp] = []
  private var next = 0

  /// Packets were dropped, which was noticed at `time`.
  mutating func note(_ time: Timestamp) {
    if times.count < Self.most {
      times.append(time)
    } else {
      times[next] = time
      next = (next + 1) % Self.most
    }
  }

  /// Whether packets were dropped at about `time`.
  func isNear(_ time: Timestamp) -> Bool {
    times.contains { (-Self.slack...Self.slack).contains(time.since($0)) }
  }
}

extension Analyzer {
  /// Says that packets were dropped while they were captured, which was noticed at `time`. Gaps at about that time say so.
  public mutating func noteDrops(at time: Timestamp) { drops.note(time) }
}
