import Bytes
import Capture
import Transport

/// A RST that may be forged, or one behind bytes that the capture lacks.
struct PossibleReset {
  let direction: Direction
  let segment: TCPSegment
  let packet: PacketReference
  /// Whether its receiver takes it (RFC 5961 §3.2).
  let isExact: Bool
  /// The next sequence number of the other end at that time, where it is known.
  let peerSequence: SequenceNumber?

  /// Whether `segment` shows that its sender, who sent the RST too, knows nothing of it.
  /// It comes later in the capture, and `time` tells if it was sent later too; equal times do not contradict that.
  func isDenied(by segment: TCPSegment, _ direction: Direction, _ time: Timestamp) -> Bool {
    guard direction == self.direction, time >= packet.time, segment.flags.isDisjoint(with: [.syn, .rst]) else {
      return false
    }
    guard isExact else { return true }
    let length = segment.payloadLength + (segment.flags.contains(.fin) ? 1 : 0)
    if length > 0, self.segment.sequence.distance(to: segment.sequence.advanced(by: length)) > 0 { return true }
    // It has taken bytes that its peer sent after the RST.
    guard let peerSequence, segment.flags.contains(.ack) else { return false }
    return (1...1 << 20).contains(peerSequence.distance(to: segment.acknowledgment))
  }
}

/// A SYN in the middle of a connection. It begins another one if its peer answers it, or goes on from it; an established end
/// does not (RFC 9293 §3.10.7.4, RFC 5961 §4).
struct PossibleOpening {
  /// A segment that may be of the new connection, and its bytes.
  struct Piece {
    let segment: TCPSegment
    let direction: Direction
    let bytes: [UInt8]
    let packet: PacketReference
  }

  /// What becomes of a segment.
  enum Verdict {
    /// It is of the old connection.
    case old
    /// It may be of the new one, and waits.
    case waits
    /// It shows that there is a new connection.
    case opened
    /// The SYN began nothing; the segment is of the old connection.
    case ignored
  }

  /// Bytes and segments that wait at most: what an upgrade takes.
  static let mostBytes = 4096
  static let mostPieces = 16
  /// Segments of the old connection that may come until the SYN is taken for nothing.
  static let patience = 64

  let direction: Direction
  /// The sequence number of the byte that follows the SYN.
  let first: SequenceNumber
  /// What it acknowledges, if it is a SYN with ACK.
  let acknowledgment: SequenceNumber?
  let packet: PacketReference
  /// Whether it came after its sender's FIN in the old connection: then numbers near the old ones tell nothing.
  let isAfterEnd: Bool
  /// The SYN and what may follow upon it.
  private(set) var pieces: [Piece] = []
  /// The number that its sender goes on with.
  private var next: SequenceNumber
  /// Captured bytes among them.
  private var bytes = 0
  private var passed = 0
  /// Whether its sender has gone on with the old connection.
  private var isDenied = false

  init(_ segment: TCPSegment, _ direction: Direction, _ data: RawSpan, _ packet: PacketReference, isAfterEnd: Bool) {
    self.direction = direction
    first = segment.sequence.advanced(by: 1)
    next = first.advanced(by: segment.payloadLength)
    acknowledgment = segment.flags.contains(.ack) ? segment.acknowledgment : nil
    self.packet = packet
    self.isAfterEnd = isAfterEnd
    keep(segment, direction, data, packet)
  }

  /// Whether data that may be of the new connection waits, and its sender has not gone on with the old one.
  var isLikely: Bool { !isDenied && pieces.contains { !$0.segment.flags.contains(.syn) } }

  private mutating func keep(
    _ segment: TCPSegment, _ direction: Direction, _ data: RawSpan, _ packet: PacketReference
  ) {
    var copy: [UInt8] = []  // A longer one counts as captured without its payload.
    if bytes + segment.payload.count <= Self.mostBytes { copy.append(data.extracting(segment.payload)) }
    var segment = segment
    segment.payload = 0..<copy.count
    bytes += copy.count
    pieces.append(Piece(segment: segment, direction: direction, bytes: copy, packet: packet))
  }

  /// Bytes of memory that it takes, about.
  var heldBytes: Int { 256 + pieces.count * 128 + bytes }

  /// Judges a segment that came after the SYN.
  ///
  /// - Parameter isFull: whether nothing more is to be kept.
  mutating func take(
    _ segment: TCPSegment, _ direction: Direction, _ data: RawSpan, _ packet: PacketReference, _ old: TCPConnection,
    isFull: Bool
  ) -> Verdict {
    let isSYN = segment.flags.contains(.syn)
    if direction != self.direction {
      if isSYN ? isOtherSYN(segment) : isAnswer(segment, old) { return .opened }
    } else if isSYN {
      if segment.sequence.advanced(by: 1) == first { return .waits }
    } else if (0...1 << 20).contains(first.distance(to: segment.sequence)), isAfterEnd || isNew(segment.sequence, old) {
      let isTooMuch =
        isFull || pieces.count == Self.mostPieces || bytes + segment.payload.count > Self.mostBytes
      if !isTooMuch { keep(segment, direction, data, packet) }
      if segment.sequence == next { next = next.advanced(by: segment.payloadLength) }
      return !isTooMuch ? .waits : isDenied ? .ignored : .opened
    } else if segment.payloadLength > 0, packet.time > self.packet.time {
      isDenied = true
    }
    passed += 1
    return passed < Self.patience ? .old : .ignored
  }

  /// Whether `segment` of the other end is the SYN that belongs to this one.
  private func isOtherSYN(_ segment: TCPSegment) -> Bool {
    if let acknowledgment { return segment.sequence.advanced(by: 1) == acknowledgment }
    let length = pieces.first?.segment.payloadLength ?? 0
    return segment.flags.contains(.ack) && (0...length).contains(first.distance(to: segment.acknowledgment))
  }

  /// Whether `segment` of the other end acknowledges bytes of the new connection.
  private func isAnswer(_ segment: TCPSegment, _ old: TCPConnection) -> Bool {
    segment.flags.contains(.ack) && (0...1 << 20).contains(first.distance(to: segment.acknowledgment))
      && isNew(segment.acknowledgment, old)
  }

  /// Whether `sequence`, which the new connection may have, is not likely to be one of the old: not near what was sent
  /// there; or ahead of that, and just where the new one goes on.
  private func isNew(_ sequence: SequenceNumber, _ old: TCPConnection) -> Bool {
    !old.isNear(sequence, direction)
      || (sequence == next || sequence == first) && old.isAhead(sequence, direction)
  }
}

/// A connection of which it is doubtful whether it still is: a RST or a SYN came that may be forged.
struct DoubtfulConnection: Vacatable {
  /// Index in `Analyzer.flows`.
  let flow: Int
  var reset: PossibleReset?
  /// Empty or one.
  var opening: [PossibleOpening] = []

  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int { opening.isEmpty ? 0 : opening[0].heldBytes }

  /// Becomes a connection of nobody.
  mutating func vacate() { self = DoubtfulConnection(flow: -1) }
}
