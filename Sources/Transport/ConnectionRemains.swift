import Capture

/// What stays known of a connection that is over or of no interest, so that its further segments begin nothing and a new
/// connection between the same ends is told from it.
public struct ConnectionRemains: Sendable {
  /// Its two ends.
  public let key: FlowKey
  /// The sequence number of the first byte in each direction, where it has begun.
  private var starts: InlineArray<2, SequenceNumber> = [SequenceNumber(0), SequenceNumber(0)]
  private var isStarted: InlineArray<2, Bool> = [false, false]
  /// Whether the sender's checksums are right as a rule.
  private var isJudged: InlineArray<2, Bool> = [false, false]
  /// The time of its last FIN or RST; the latest time there is if it was not seen to end.
  private var endTime = Timestamp(nanoseconds: .max)

  /// What remains of `connection`.
  public init(_ connection: borrowing TCPConnection) {
    key = connection.key
    let hasEnded = connection.resetBy != nil || connection.finishedFirst != nil
    if hasEnded, connection.isEstablished { endTime = connection.lastTime }
    for direction in [Direction.forward, .backward] {
      let i = Int(direction.rawValue)
      isStarted[i] = connection.isStarted(direction)
      starts[i] = connection.startSequence(direction)
      isJudged[i] = !connection.acceptsWrongChecksums(direction)
    }
  }

  /// Nothing of connections between these ends is known but that they are to be left out.
  public init(_ key: FlowKey) { self.key = key }

  /// A FIN or RST came at `time`.
  public mutating func end(at time: Timestamp) {
    endTime = endTime.nanoseconds == .max ? time : max(endTime, time)
  }

  /// Whether `segment` begins another connection between the same ends, as `TCPConnection.isSucceeded` judges; where the
  /// stream in this direction had not begun, any SYN without ACK does, and any SYN after the end.
  public func isSucceeded(
    by segment: TCPSegment, _ direction: Direction, at time: Timestamp, trustingChecksums isTrusting: Bool = false
  ) -> Bool {
    let i = Int(direction.rawValue)
    guard segment.flags.contains(.syn) else { return false }
    guard isStarted[i] else { return !segment.flags.contains(.ack) }
    guard isTrusting || segment.checksum != .wrong || !isJudged[i] else { return false }
    return endTime < time || starts[i] != segment.sequence.advanced(by: 1)
  }
}
