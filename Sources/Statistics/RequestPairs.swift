import Capture

/// The requests of one sender that wait for their replies.
struct RequestPairs {
  /// Requests that are remembered, those that came last.
  static let most = 256

  private struct Request {
    var fingerprint: UInt64
    var time: Timestamp
    var method: UInt32?
  }

  /// In order of their coming.
  private var waiting: [Request] = []
  /// Requests that were forgotten before a reply came, since too many waited: whether one came is not known.
  private(set) var forgotten: UInt64 = 0
  /// Requests whose id came again before a reply came, and those that waited until the end.
  private var passed: UInt64 = 0

  /// Requests that are remembered.
  var remembered: Int { waiting.count }
  /// Requests without a reply.
  var unanswered: UInt64 { UInt64(waiting.count) + passed }

  /// A request that was complete at `time`, for the method of that number in `MethodNames`; the oldest one is forgotten for it
  /// where there are as many as may be, or no more may be remembered.
  mutating func request(_ id: [UInt8], _ method: UInt32?, at time: Timestamp, mayGrow: Bool = true) {
    let fingerprint = fingerprint(of: id)
    if let same = waiting.lastIndex(where: { $0.fingerprint == fingerprint }) {
      waiting.remove(at: same)
      passed += 1
    } else if waiting.count >= Self.most || !mayGrow {
      forgotten += 1
      if waiting.isEmpty { return }
      waiting.removeFirst()
    }
    waiting.append(Request(fingerprint: fingerprint, time: time, method: method))
  }

  /// The peer's reply, whose first byte came at `time`: what it replies to, and nanoseconds since then; nil if to nothing known.
  mutating func reply(_ id: [UInt8], at time: Timestamp) -> (method: UInt32?, time: UInt64)? {
    let fingerprint = fingerprint(of: id)
    guard let index = waiting.lastIndex(where: { $0.fingerprint == fingerprint }) else { return nil }
    let request = waiting.remove(at: index)
    shrink()
    return nanoseconds(from: request.time, to: time).map { (request.method, $0) }
  }

  /// No more replies are to come: only the number of requests is kept.
  mutating func forgetAll() {
    passed += UInt64(waiting.count)
    waiting = []
  }

  /// Arrays never give room back by themselves, and there are many connections.
  private mutating func shrink() {
    guard waiting.capacity > 32, waiting.count <= waiting.capacity / 4 else { return }
    var smaller: [Request] = []
    smaller.reserveCapacity(2 * waiting.count)
    smaller += waiting
    waiting = smaller
  }
}

/// What stands for `bytes` while they are remembered: they may be 256, and many. The hash is seeded anew in each run, so that a
/// sender cannot make two that are the same; by chance, it takes some four thousand million to find such a pair.
func fingerprint(of bytes: [UInt8]) -> UInt64 {
  var hasher = Hasher()
  bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  return UInt64(bitPattern: Int64(hasher.finalize()))
}
