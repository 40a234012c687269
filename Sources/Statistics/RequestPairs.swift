import Capture

/// The requests of one sender that wait for their replies.
struct RequestPairs {
  /// Requests that are remembered, those that came last.
  static let most = 256

  private var waiting: [[UInt8]: (method: String, time: Timestamp, order: UInt64)] = [:]
  private var next: UInt64 = 0
  /// Requests that were forgotten, or whose id came again, before a reply came.
  private(set) var forgotten: UInt64 = 0

  /// Requests without a reply.
  var unanswered: UInt64 { UInt64(waiting.count) + forgotten }

  /// A request that was complete at `time`.
  mutating func request(_ id: [UInt8], _ method: String, at time: Timestamp) {
    if waiting.count >= Self.most, let oldest = waiting.min(by: { $0.value.order < $1.value.order })?.key {
      waiting[oldest] = nil
      forgotten += 1
    }
    if waiting.updateValue((method, time, next), forKey: id) != nil { forgotten += 1 }
    next += 1
  }

  /// The peer's reply, whose first byte came at `time`: what it replies to, and nanoseconds since then; nil if to nothing known.
  mutating func reply(_ id: [UInt8], at time: Timestamp) -> (method: String, time: UInt64)? {
    guard let request = waiting.removeValue(forKey: id) else { return nil }
    return nanoseconds(from: request.time, to: time).map { (request.method, $0) }
  }
}
