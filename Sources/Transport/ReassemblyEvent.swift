/// What a TCP stream in one direction brings next, in stream order.
public enum ReassemblyEvent: Equatable, Sendable {
  /// These bytes of the segment shown come next; the first one stands at the given offset.
  case bytes(Range<Int>, at: StreamOffset)
  /// Bytes of an earlier segment come next.
  case stored(StoredSegment)
  /// Bytes were never captured. What comes after stands behind them.
  case gap(StreamGap)
  /// Bytes were left out, and why.
  case discarded(count: Int, reason: DiscardReason)
  /// Two segments claim different bytes for the same place; those that came first were kept.
  case conflict(at: StreamOffset, count: Int)
  /// The sender has finished (FIN), and all that it sent came before.
  case end
}

/// Bytes of a stream that the capture lacks.
public struct StreamGap: Equatable, Sendable {
  /// Offset of the first missing byte.
  public var offset: StreamOffset
  /// How many bytes are missing.
  public var length: UInt64
  /// How it is known.
  public var cause: GapCause
  /// The packet that was captured only in part; nil where that is not the cause.
  public var packet: PacketReference?
  /// The packet with the first bytes behind it; nil where none had come when the gap was given out.
  public var next: PacketReference?
  /// Whether the capture is known to have dropped packets at about that time.
  public var isNearDrops = false

  /// A gap of `length` bytes from `offset` on.
  public init(
    offset: StreamOffset, length: UInt64, cause: GapCause, packet: PacketReference? = nil,
    next: PacketReference? = nil
  ) {
    self.offset = offset
    self.length = length
    self.cause = cause
    self.packet = packet
    self.next = next
  }
}

/// How it is known that bytes are missing.
public enum GapCause: UInt8, Sendable {
  /// The receiver acknowledged them, so they went over the wire: the capture lost them.
  case acknowledged
  /// Later bytes of the stream are there, and nothing says that the receiver got the missing ones.
  case skipped
  /// The sender's own sequence numbers count them: those of a FIN, a RST or a segment without data that came after them.
  case numbered
  /// The packet was captured only in part (snaplen).
  case cut
  /// Of a stream that was encrypted: they could not be decrypted.
  case notDecrypted
  /// The same, and they are fewer, perhaps.
  case notDecryptedAtMost
}

/// Why bytes were left out.
public enum DiscardReason: UInt8, Sendable {
  /// So far ahead of the stream that no window allows it (RFC 7323 §2.3: at most 2^30 bytes).
  case beyondWindow
  /// After the sender's FIN.
  case afterEnd
  /// Before the first byte captured of a stream whose beginning is not in the capture.
  case beforeStart
  /// The checksum is wrong, while the sender's checksums are right otherwise: the receiver dropped it too.
  case wrongChecksum
  /// After the capture was taken to lack them, and what follows was given out.
  case late
  /// In a segment with an acknowledgment that is older than any window, so that the receiver dropped it (RFC 5961 §5).
  case oldAcknowledgment
  /// With the numbers of a SYN that began no connection.
  case ignoredOpening
}

/// A segment that arrived before its turn and was kept.
public struct StoredSegment: Equatable, Sendable {
  /// Offset of its first byte.
  public var offset: StreamOffset
  /// Its captured bytes.
  public var bytes: [UInt8]
  /// How many bytes after those were on the wire and not captured (snaplen).
  public var cut: Int
  /// The packet that it came in.
  public var packet: PacketReference

  /// Whether its checksum is wrong. It is given out because the receiver acknowledged its bytes, and the capture has no other
  /// copy of them.
  public var isDoubtful = false

  /// The sum of all of its payload, as `TCPSegment.payloadSum`; 0 if only a part is kept.
  var sum: UInt16 = 0
  /// Whether it may be a keep-alive probe, whose byte is garbage: a single byte that was acknowledged before.
  var isProbe = false
}
