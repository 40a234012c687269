/// What a `StreamReassembler` keeps only while, or after, bytes have to wait.
struct WaitingState: Sendable {
  /// Segments that arrived before their turn.
  var held = HeldSegments()
  /// Segments with a wrong checksum, in case they are needed after all.
  var doubtful = DoubtfulSegments()
  /// Bytes that were left out and not told yet.
  var leftOut = LeftOut()
  /// Stretches that were given up as missing.
  var givenUp = GivenUpStretches()
  /// How long the missing bytes have been waited for.
  var patience: GapPatience?
  /// Offset up to which missing bytes are being given up.
  var giveUpTo: StreamOffset = 0
  /// Bytes cut off the stored segment that was given out last.
  var cutTail: UInt64 = 0
  /// The packet that it came in.
  var cutPacket: PacketReference?
  /// Offset up to which the sender's own sequence numbers say that it has sent, where they are all that says so.
  var numbered: StreamOffset = 0
  /// What came at or behind the sender's FIN, in case that was none of its own, and how many bytes of segments.
  var behindFIN = HeldSegments()
  var behindFINBytes = 0
  /// The packet of a FIN that is ahead of the stream.
  var finPacket: PacketReference?
  /// How many segments have gone on since without reaching it.
  var segmentsBeforeFIN = 0
  /// How many segments have contradicted the highest acknowledgment since it was last said: the peer's with a lower one, and
  /// the sender's that say that there is no more.
  var denials = 0
  /// The highest acknowledgment besides that one.
  var acknowledgedBefore: StreamOffset = 0
  /// An acknowledgment so far ahead that it is not believed alone.
  var farAcknowledgment: StreamOffset?
  /// Until the stream has begun: the lowest and the highest number that the peer acknowledged.
  var earlyAcknowledgments: (lowest: SequenceNumber, highest: SequenceNumber)?
}
