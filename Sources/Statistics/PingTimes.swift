import Capture

/// The pings of one sender that wait for their pongs (RFC 6455 §5.5.3), with the times at which they passed.
struct PingTimes {
  /// Pings that are remembered; a peer that answers at all answers sooner.
  private static let most = 16

  private var waiting: [(fingerprint: UInt64, time: Timestamp)] = []

  /// A ping with this payload passed.
  mutating func ping(_ payload: [UInt8], at time: Timestamp) {
    if waiting.count == Self.most { waiting.removeFirst() }
    waiting.append((fingerprint(of: payload), time))
  }

  /// Its peer sent a pong: nanoseconds since its ping; nil if it answers none. It answers the pings before that one, too.
  mutating func pong(_ payload: [UInt8], at time: Timestamp) -> UInt64? {
    if waiting.isEmpty { return nil }
    let fingerprint = fingerprint(of: payload)
    guard let index = waiting.lastIndex(where: { $0.fingerprint == fingerprint }) else { return nil }
    let sent = waiting[index].time
    waiting.removeSubrange(...index)
    return nanoseconds(from: sent, to: time)
  }
}

/// How long after `start` `end` is; nil if it is before it.
func nanoseconds(from start: Timestamp, to end: Timestamp) -> UInt64? {
  let (distance, hasOverflown) = end.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
  return hasOverflown ? nil : UInt64(exactly: distance)
}

/// What stands for `bytes` while they are remembered. The hash is seeded anew in each run, so that a sender cannot make two that are
/// the same; by chance, it takes some four thousand million to find such a pair.
private func fingerprint(of bytes: [UInt8]) -> UInt64 {
  var hasher = Hasher()
  bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
  return UInt64(bitPattern: Int64(hasher.finalize()))
}
