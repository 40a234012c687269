import Capture

/// What tells a connection from another one between the same ends.
extension TCPConnection {
  /// Whether `segment` may begin another connection between the same ends (RFC 9293 §3.10.7.4): it has SYN, and with another
  /// sequence number than this connection began with, or after a FIN.
  public func isSucceeded(
    by segment: TCPSegment, _ direction: Direction, at time: Timestamp, trustingChecksums isTrusting: Bool = false
  ) -> Bool {
    let mine = Int(direction.rawValue)
    guard segment.flags.contains(.syn), wouldAccept(segment, direction, trustingChecksums: isTrusting) else {
      return false
    }
    let hasEnded = hasEnded(.forward, before: time) || hasEnded(.backward, before: time)
    return hasEnded || !streams[mine].accepts(syn: segment.sequence)
  }

  /// Whether the receiver takes `segment` as far as its checksum goes.
  public func wouldAccept(
    _ segment: TCPSegment, _ direction: Direction, trustingChecksums isTrusting: Bool = false
  ) -> Bool {
    isTrusting || checksums[Int(direction.rawValue)].wouldAccept(segment)
  }

  /// Whether the stream in `direction` has ended, with a FIN from before `time`.
  public func hasEnded(_ direction: Direction, before time: Timestamp) -> Bool {
    guard streams[Int(direction.rawValue)].isEnded, let fin = fin(direction) else { return false }
    return fin.time < time
  }

  /// Whether both ends know of the connection: both have sent SYN, or one has sent data.
  public var isEstablished: Bool {
    (streams[0].isStarted && streams[1].isStarted) || isWaiting || streams[0].next > 0 || streams[1].next > 0
  }

  /// Whether `sequence` is near what is known of the stream in `direction`, so that it may well be of this connection; false
  /// where nothing is known of it.
  public func isNear(_ sequence: SequenceNumber, _ direction: Direction) -> Bool {
    streams[Int(direction.rawValue)].isNear(sequence)
  }

  /// Whether `sequence` lies behind all that is known to have been sent in `direction`, with a hole between.
  public func isAhead(_ sequence: SequenceNumber, _ direction: Direction) -> Bool {
    streams[Int(direction.rawValue)].isAhead(sequence)
  }

  /// The sequence number of the next byte in `direction`; nil if the stream has not begun.
  public func nextSequence(_ direction: Direction) -> SequenceNumber? {
    let stream = streams[Int(direction.rawValue)]
    return stream.isStarted ? stream.nextSequence : nil
  }
}
