/// A TCP connection that was opened and has said nothing yet: what its SYN, SYN/ACK and ACK tell, in few bytes.
///
/// Any other segment is too much for it (`note` says so); then `TCPConnection.init(key:opening:)` makes the whole thing of
/// it, as if that had seen the same segments.
public struct ConnectionOpening: Sendable {
  /// The earliest of its packets.
  public private(set) var firstPacket: PacketReference
  var checksums: InlineArray<2, ChecksumJudge> = [ChecksumJudge(), ChecksumJudge()]
  /// The number of each SYN, seen or told by the peer's acknowledgment.
  private(set) var starts: InlineArray<2, SequenceNumber> = [SequenceNumber(0), SequenceNumber(0)]
  /// Whether the SYN in each direction was seen.
  private(set) var hasStart: InlineArray<2, Bool> = [false, false]
  /// Whether the peer acknowledged the SYN in each direction.
  private(set) var isAcknowledged: InlineArray<2, Bool> = [false, false]
  /// Whether any segment in each direction was seen.
  private(set) var isSeen: InlineArray<2, Bool> = [false, false]
  /// The direction of the first SYN without ACK.
  private(set) var initiator: Direction?
  private var clock = OpeningClock()

  /// How long opening took, as far as it is known.
  var roundTrip: TCPRoundTrip { clock.roundTrip }

  /// A connection of which nothing was noted yet, and which `packet` begins.
  public init(firstPacket: PacketReference) { self.firstPacket = firstPacket }

  /// Whether a connection may begin with `segment` and be followed here: a SYN without data.
  @inlinable
  public static func canBegin(with segment: TCPSegment) -> Bool {
    segment.flags.contains(.syn) && segment.payloadLength == 0 && segment.flags.isDisjoint(with: [.fin, .rst])
  }

  /// Takes note of `segment`. False, and nothing was noted, if it is none of the three that open a connection, or
  /// contradicts those that were seen.
  public mutating func note(
    _ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference,
    trustingChecksums isTrusting: Bool = false
  ) -> Bool {
    let mine = Int(direction.rawValue)
    let other = 1 - mine
    let isSYN = segment.flags.contains(.syn)
    guard segment.payloadLength == 0, segment.flags.isDisjoint(with: [.fin, .rst]),
      isSYN || segment.flags.contains(.ack),
      fits(segment, isSYN: isSYN, mine, other)
    else { return false }
    guard isTrusting || checksums[mine].accepts(segment) else { return true }
    isSeen[mine] = true
    if isSYN || !(hasStart[0] && hasStart[1]), packet.time < firstPacket.time { firstPacket = packet }
    noteTime(segment, direction, packet)
    guard isSYN else {
      isAcknowledged[other] = true
      return true
    }
    starts[mine] = segment.sequence
    hasStart[mine] = true
    if segment.flags.contains(.ack) {
      starts[other] = segment.acknowledgment.advanced(by: -1)
      isAcknowledged[other] = true
    } else if initiator == nil {
      initiator = direction
    }
    return true
  }

  /// Takes the time of a segment, which may be the first one that is too much for `note`: the ACK of the opening may carry data.
  public mutating func noteTime(_ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference) {
    guard segment.flags.isDisjoint(with: .rst) else { return }
    let isFirst = segment.flags.contains(.syn) && !segment.flags.contains(.ack)
    clock.note(segment, isFromInitiator: isFirst || initiator == direction, packet.time)
  }

  private func fits(_ segment: TCPSegment, isSYN: Bool, _ mine: Int, _ other: Int) -> Bool {
    let isMineKnown = hasStart[mine] || isAcknowledged[mine]
    let isOtherKnown = hasStart[other] || isAcknowledged[other]
    if isSYN, isMineKnown, segment.sequence != starts[mine] { return false }
    if !isSYN, !isMineKnown || segment.sequence != starts[mine].advanced(by: 1) { return false }
    guard segment.flags.contains(.ack) else { return true }
    return isOtherKnown ? segment.acknowledgment == starts[other].advanced(by: 1) : isSYN
  }
}
