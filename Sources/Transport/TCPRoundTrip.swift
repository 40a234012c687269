import Capture

/// How long the three segments that open a connection took (RFC 9293 §3.5), as seen where they were captured: the two parts
/// together are a round trip, without any time that a program took.
public struct TCPRoundTrip: Equatable, Sendable {
  // In nanoseconds; what takes longer than these can hold was no round trip, but waiting. So it takes little room.
  private var toServer = UInt32.max
  private var toClient = UInt32.max

  /// Neither part is known.
  public init() {}

  /// Nanoseconds from SYN to SYN/ACK: to the server and back; nil if that is not known. As in RFC 6298 §3, nothing is taken of
  /// a segment that was sent again.
  public var server: Int64? { toServer == .max ? nil : Int64(toServer) }
  /// Nanoseconds from SYN/ACK to ACK: to the client and back; nil as for `server`.
  public var client: Int64? { toClient == .max ? nil : Int64(toClient) }
  /// Whether nothing is known.
  public var isUnknown: Bool { toServer == .max && toClient == .max }

  fileprivate mutating func answer(after nanoseconds: Int64?) { toServer = Self.short(nanoseconds) }
  fileprivate mutating func complete(after nanoseconds: Int64?) { toClient = Self.short(nanoseconds) }

  private static func short(_ nanoseconds: Int64?) -> UInt32 { nanoseconds.flatMap { UInt32(exactly: $0) } ?? .max }
}

/// Takes the times of the three segments.
struct OpeningClock: Sendable {
  private(set) var roundTrip = TCPRoundTrip()
  private var syn: Timestamp?
  private var synAck: Timestamp?
  private var hasSYN = false
  private var isOver = false

  /// A SYN that comes again sooner than this, in nanoseconds, was captured twice; it is sent again after a second (RFC 6298 §2),
  /// on some systems after a fifth of one.
  private static let leastPatience: Int64 = 100_000_000

  /// Notes a segment of the opening: a SYN, with ACK or without, or what the end that began sends next.
  mutating func note(_ segment: TCPSegment, isFromInitiator: Bool, _ time: Timestamp) {
    guard !isOver else { return }
    switch (segment.flags.contains(.syn), isFromInitiator) {
    case (true, true):
      if isCopy(of: syn, time) { return }
      syn = hasSYN ? nil : time
      hasSYN = true
    case (true, false):
      if isCopy(of: synAck, time) { return }
      isOver = synAck != nil
      if !isOver { roundTrip.answer(after: Self.distance(syn, time)) }
      synAck = time
    case (false, true):
      roundTrip.complete(after: Self.distance(synAck, time))
      isOver = true
    case (false, false): break
    }
  }

  private func isCopy(of first: Timestamp?, _ time: Timestamp) -> Bool {
    Self.distance(first, time).map { $0 < Self.leastPatience } ?? false
  }

  private static func distance(_ start: Timestamp?, _ end: Timestamp) -> Int64? {
    start.flatMap { end.nanoseconds.subtractingReportingOverflow($0.nanoseconds).partialValue }
  }
}
