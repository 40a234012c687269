import Capture

/// How long missing bytes have been waited for.
struct GapPatience: Sendable {
  /// Where the stream stands. As soon as it moves on, waiting begins anew.
  let offset: StreamOffset
  private let since: Timestamp
  private var packets: UInt32 = 0
  /// How far the stream was known to reach: lately, and at least `stride` packets (or the whole wait) ago. What became
  /// known later may just be in a wrong order.
  private var lately: StreamOffset
  private var earlier: StreamOffset
  private let stride: UInt32

  /// The stream stands at `offset`, and bytes before `end` are known to have been sent; `areAcknowledged` says whether the
  /// peer has them. If nobody knows, their retransmission may follow after a round trip.
  init(
    at offset: StreamOffset, since time: Timestamp, end: StreamOffset, areAcknowledged: Bool, _ limits: ReassemblyLimits
  ) {
    self.offset = offset
    since = time
    stride = max(areAcknowledged ? limits.patienceLeast : limits.patiencePackets / 2, 1)
    lately = end
    earlier = end
  }

  /// Another packet of the connection has passed, and the stream is known to reach to `end`. The offset up to which
  /// missing bytes are to be given up; nil to wait on.
  mutating func pass(at time: Timestamp, end: StreamOffset, _ limits: ReassemblyLimits) -> StreamOffset? {
    packets &+= 1
    if packets % stride == 0 {
      earlier = lately
      lately = end
    }
    let waited = time.since(since)
    let isOver =
      packets >= limits.patiencePackets || (waited >= limits.patienceTime && packets >= limits.patienceLeast)
      || (waited >= limits.patienceMost && packets >= 2)
    return isOver ? earlier : nil
  }

  /// Whether it has been long enough at `time`, however few packets have passed.
  func isOver(at time: Timestamp, _ limits: ReassemblyLimits) -> Bool { time.since(since) >= limits.patienceMost }

  /// The same for a stream whose start is not known: whether it is to begin.
  mutating func passBeforeStart(at time: Timestamp, _ limits: ReassemblyLimits) -> Bool {
    packets &+= 1
    return packets >= limits.patienceForStart || time.since(since) >= limits.patienceTime
  }
}
