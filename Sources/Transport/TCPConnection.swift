import Bytes
import Capture

/// What a TCP connection brings next.
public enum TCPEvent: Equatable, Sendable {
  /// Something of the stream in this direction.
  case stream(Direction, ReassemblyEvent)
  /// The sender in this direction sent a RST. Where it is exact, its receiver takes it (RFC 5961 §3.2); if not, it may be one
  /// behind bytes that the capture lacks. Either may be forged: what comes next shows. See `TCPConnection.reset`.
  case reset(Direction, isExact: Bool)
}

/// How far a segment has come in `TCPConnection.next`.
public enum TCPStep: Equatable, Sendable {
  /// The receiver dropped it.
  case dropped
  /// The receiver dropped it because of what it acknowledges.
  case stale
  /// Its own stream takes it.
  case segment(ReassemblyStep)
  /// Overdue bytes are given up.
  case overdue
  /// It is a reset; see `TCPEvent.reset`.
  case reset(isExact: Bool)
  /// Nothing more comes of it.
  case done
}

/// One TCP connection as an observer sees it: two streams, and how it begins and ends (RFC 9293).
public struct TCPConnection: Sendable {
  // What every packet touches stands first, close together.
  private(set) var checksums = InlineArray<2, ChecksumJudge>(repeating: ChecksumJudge())
  var isSeen = InlineArray<2, Bool>(repeating: false)
  var streams = InlineArray<2, StreamReassembler>(repeating: StreamReassembler())

  /// Its two ends.
  public let key: FlowKey
  /// The earliest of its packets; the first one in the capture, unless that wrote the beginning down in a wrong order.
  public private(set) var firstPacket: PacketReference
  /// The latest time of a packet that carried FIN or RST, at first that of the first packet.
  public private(set) var lastTime: Timestamp
  /// The direction of the first SYN without ACK; nil when the capture lacks it.
  public private(set) var initiator: Direction?
  /// How long opening took, as far as it is known.
  public private(set) var roundTrip = TCPRoundTrip()
  /// The direction whose sender reset the connection.
  public private(set) var resetBy: Direction?
  /// Whether the RST answers a segment that the capture lacks: its other end had sent more.
  public private(set) var isAnswerToUnseen = false

  var overdue = InlineArray<2, Bool>(repeating: false)
  /// See `finState`; empty until there is something in it, so that open connections are small.
  private var finStates: [FINState] = []

  /// What is known of the FIN in each direction.
  private struct FINState: Sendable {
    /// The first one, by the packets' times.
    var packets = InlineArray<2, PacketReference?>(repeating: nil)
    /// What they acknowledge.
    var acknowledgments = InlineArray<2, SequenceNumber>(repeating: SequenceNumber(0))
    /// Whether the other end acknowledged it when it had sent none itself.
    var isAnswered = InlineArray<2, Bool>(repeating: false)
  }

  private var finState: FINState {
    get { finStates.first ?? FINState() }
    _modify {
      if finStates.isEmpty { finStates.append(FINState()) }
      yield &finStates[0]
    }
  }

  /// A connection first seen in `packet`.
  public init(key: FlowKey, firstPacket: PacketReference) {
    self.key = key
    self.firstPacket = firstPacket
    lastTime = firstPacket.time
  }

  /// The connection that `opening` was, as if it had been this from the first packet on.
  public init(key: FlowKey, opening: ConnectionOpening) {
    self.key = key
    firstPacket = opening.firstPacket
    lastTime = opening.firstPacket.time
    initiator = opening.initiator
    roundTrip = opening.roundTrip
    checksums = opening.checksums
    isSeen = opening.isSeen
    for i in 0..<2 {
      if opening.hasStart[i] { streams[i].start(opening.starts[i]) }
      if opening.hasStart[1 - i] { streams[i].peerStartIsCaptured = true }
      if opening.isAcknowledged[i] { streams[i].acknowledge(opening.starts[i].advanced(by: 1)) }
    }
  }

  /// The direction whose sender sent FIN first, by the packets' times.
  public var finishedFirst: Direction? {
    guard let forward = fin(.forward) else { return fin(.backward) == nil ? nil : .backward }
    guard let backward = fin(.backward) else { return .forward }
    return forward.time <= backward.time ? .forward : .backward
  }

  /// The packet with the first FIN in this direction, by the packets' times; nil if there was none.
  public func fin(_ direction: Direction) -> PacketReference? {
    let i = Int(direction.rawValue)
    return streams[i].finOffset == nil || finStates.isEmpty ? nil : finStates[0].packets[i]
  }

  /// Whether the sender in this direction has finished with a FIN that is not in the capture; known once both streams are
  /// over.
  public func lacksFIN(_ direction: Direction) -> Bool { streams[Int(direction.rawValue)].lacksFIN }

  /// Whether both senders have finished, as far as anyone can tell once both streams are over: with a FIN, or with one that the
  /// capture lacks. Of an end of which it lacks all, or the last bytes, the other one's FIN is enough.
  public var hasFinished: Bool {
    guard finishedFirst != nil else { return false }
    return [Direction.forward, .backward].allSatisfy {
      let i = Int($0.rawValue)
      return fin($0) != nil || lacksFIN($0) || !isSeen[i] || streams[i].unheard > 0
    }
  }

  /// Whether the FIN in this direction acknowledges one in the other direction that is not in the capture.
  public func finFollowsLackingOne(_ direction: Direction) -> Bool {
    let other = Int(direction.opposite.rawValue)
    return streams[other].lacksFIN
      && finState.acknowledgments[Int(direction.rawValue)] == streams[other].finishedSequence
  }

  /// Whether the FIN in this direction came for sure before one in the other direction that is not in the capture.
  public func finPrecedesLackingOne(_ direction: Direction) -> Bool { finState.isAnswered[Int(direction.rawValue)] }

  /// Whether both senders have finished or one has reset.
  public var isClosed: Bool { resetBy != nil || (streams[0].isEnded && streams[1].isEnded) }

  /// Whether bytes of either direction wait for earlier ones, or acknowledged bytes are missing.
  public var isWaiting: Bool { streams[0].isWaiting || streams[1].isWaiting }

  /// Whether the stream in this direction has begun.
  public func isStarted(_ direction: Direction) -> Bool { streams[Int(direction.rawValue)].isStarted }

  /// Bytes of this direction that were given out, or given up.
  public func delivered(_ direction: Direction) -> StreamOffset { streams[Int(direction.rawValue)].next }

  /// Whether the first byte captured in this direction is the first one that was sent.
  public func startIsKnown(_ direction: Direction) -> Bool { streams[Int(direction.rawValue)].startIsKnown }

  /// The sequence number of the first byte in this direction, if that stream has begun.
  public func startSequence(_ direction: Direction) -> SequenceNumber { streams[Int(direction.rawValue)].startSequence }

  /// Whether a segment in this direction is taken although its checksum is wrong.
  func acceptsWrongChecksums(_ direction: Direction) -> Bool { checksums[Int(direction.rawValue)].acceptsWrong }

  /// Bytes of both directions that wait for earlier ones.
  public var heldBytes: Int { streams[0].heldBytes + streams[1].heldBytes }

  /// Bytes of this direction that wait for earlier ones.
  public func heldBytes(_ direction: Direction) -> Int { streams[Int(direction.rawValue)].heldBytes }

  /// Whether anything of either direction waits, or has waited; else `heldCost` is 0.
  public var hasWaited: Bool {
    @inline(__always) get { streams[0].hasWaited || streams[1].hasWaited }
  }

  /// Whether both streams are over, and nothing has ever waited: then `finish` gives nothing.
  public var isAllGiven: Bool {
    @inline(__always) get { streams[0].isEnded && streams[1].isEnded && !hasWaited }
  }

  /// Bytes of memory that all that is kept of both directions takes, about.
  public var heldCost: Int { streams[0].heldCost + streams[1].heldCost }

  /// Takes note of what the header of `segment` says. Then call `next` until nil, with the step that this gives.
  public mutating func arrive(
    _ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference,
    trustingChecksums isTrusting: Bool = false
  ) -> TCPStep {
    let mine = Int(direction.rawValue)
    let other = Int(direction.opposite.rawValue)
    guard isTrusting || checksums[mine].accepts(segment) else { return .dropped }
    guard mayTake(acknowledgmentOf: segment, streams[other]) else { return .stale }
    let isPlausible = streams[mine].isPlausible(segment.sequence)
    note(segment, direction, packet)
    if segment.flags.contains(.syn) {
      if !segment.flags.contains(.ack), initiator == nil { initiator = direction }
      streams[mine].start(segment.sequence)
      streams[other].peerStartIsCaptured = true
    }
    // What the receiver drops because of its sequence number acknowledges nothing (RFC 9293 §3.10.7.4).
    let isReset = segment.flags.contains(.rst)
    let isTaken = isReset ? streams[mine].accepts(reset: segment.sequence) : isPlausible
    if segment.flags.contains(.ack), isTaken {
      streams[other].acknowledge(segment.acknowledgment)
      if streams[other].isEnded, segment.acknowledgment == streams[other].finishedSequence,
        segment.sequence == streams[mine].nextSequence, !segment.flags.contains(.fin)
      {
        finState.isAnswered[other] = true
      }
    }
    if isReset {
      if isTaken { return .reset(isExact: true) }
      return isPlausible && streams[mine].isBehindAll(segment.sequence) ? .reset(isExact: false) : .done
    }
    return .segment(.arrival)
  }

  private func mayTake(acknowledgmentOf segment: TCPSegment, _ stream: StreamReassembler) -> Bool {
    guard segment.flags.contains(.ack), segment.flags.isDisjoint(with: [.syn, .rst]) else { return true }
    return stream.mayAcknowledge(segment.acknowledgment)
  }

  private mutating func note(
    _ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference
  ) {
    let mine = Int(direction.rawValue)
    isSeen[mine] = true
    let isBeginning = segment.flags.contains(.syn) || !streams[0].isStarted || !streams[1].isStarted
    if isBeginning, packet.time < firstPacket.time { firstPacket = packet }
    guard segment.flags.contains(.fin), streams[mine].mayEnd(with: segment) else { return }
    if let earlier = fin(direction), earlier.time <= packet.time, !streams[mine].correctsFIN(segment) {
      // A retransmission.
    } else {
      finState.packets[mine] = packet
      finState.acknowledgments[mine] = segment.acknowledgment
    }
    lastTime = max(lastTime, packet.time)
  }

  /// The fast path, instead of `arrive` and `next`: takes note of `segment` and gives the offset of its payload's first
  /// byte, if it is the usual case: it has no flags but ACK and PSH, its bytes come next, and nothing waits in either
  /// direction. Nil for every other segment, and then nothing was noted.
  public mutating func takeInOrder(_ segment: TCPSegment, _ direction: Direction) -> StreamOffset? {
    let mine = Int(direction.rawValue)
    let other = Int(direction.opposite.rawValue)
    guard segment.flags.rawValue & ~0x08 == 0x10, segment.checksum != .wrong, streams[mine].isNextInOrder(segment),
      streams[other].isCaughtUp(with: segment.acknowledgment)
    else { return nil }
    if segment.checksum == .valid { checksums[mine].noteValid() }
    isSeen[mine] = true
    return streams[mine].takeInOrder(segment)
  }

  /// The same for the usual FIN, of a stream that then ends: it has no data, its turn has come, nothing ever waited, and what it
  /// acknowledges was captured. Gives whether the connection `isClosed` now; nil for every other segment, and then nothing was
  /// noted.
  public mutating func takeFINInOrder(
    _ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference
  ) -> Bool? {
    let mine = Int(direction.rawValue)
    let other = Int(direction.opposite.rawValue)
    guard segment.flags.rawValue & ~0x08 == 0x11, segment.payloadLength == 0, segment.checksum != .wrong, !hasWaited,
      streams[mine].isNextInOrder(segment),
      streams[other].isCaughtUp(with: segment.acknowledgment)
        || streams[other].isEnded && segment.acknowledgment == streams[other].finishedSequence
    else { return nil }
    if segment.checksum == .valid { checksums[mine].noteValid() }
    isSeen[mine] = true
    finState.packets[mine] = packet
    finState.acknowledgments[mine] = segment.acknowledgment
    lastTime = max(lastTime, packet.time)
    streams[other].acknowledge(segment.acknowledgment)
    streams[mine].endInOrder()
    return isClosed
  }

  /// What `segment`, whose payload lies in `bytes`, brings next; nil when that was all.
  public mutating func next(
    _ segment: TCPSegment, _ direction: Direction, _ bytes: RawSpan, _ packet: PacketReference, _ step: inout TCPStep,
    _ limits: ReassemblyLimits
  ) -> TCPEvent? {
    if case .segment(var inner) = step {
      if let event = streams[Int(direction.rawValue)].next(segment, bytes, packet, &inner, limits) {
        step = .segment(inner)
        return .stream(direction, event)
      }
      step = isWaiting ? .overdue : .done
      if isWaiting { countPatience(packet.time, limits) }
    }
    if step == .done { return nil }
    if step == .dropped {
      step = .done
      guard segment.payloadLength > 0 else { return nil }
      streams[Int(direction.rawValue)].keepDoubtful(segment, bytes, packet)
      return .stream(direction, .discarded(count: segment.payloadLength, reason: .wrongChecksum))
    }
    if step == .stale {
      step = .done
      let count = segment.payloadLength
      return count > 0 ? .stream(direction, .discarded(count: count, reason: .oldAcknowledgment)) : nil
    }
    if case .reset(let isExact) = step {
      step = .done
      return .reset(direction, isExact: isExact)
    }
    return nextOverdue(&step, limits)
  }

  private mutating func countPatience(_ time: Timestamp, _ limits: ReassemblyLimits) {
    overdue = [false, false]
    for i in 0..<2 where streams[i].isWaiting {
      overdue[i] = streams[i].isOverdue(at: time, peerIsSeen: isSeen[1 - i], limits)
    }
    // Two streams without their beginnings begin together, so that what they say can be told in order.
    let mayBegin = (0..<2).allSatisfy { streams[$0].isStarted || !streams[$0].isWaiting || overdue[$0] }
    for i in 0..<2 where !streams[i].isStarted && !mayBegin { overdue[i] = false }
  }

  /// That of the directions in `open` whose stream keeps the segment that came first; nil if none is open.
  public func earlier(of open: InlineArray<2, Bool>) -> Direction? {
    guard open[0], open[1] else { return open[0] ? .forward : open[1] ? .backward : nil }
    guard let backward = streams[1].firstHeldPacket else { return .forward }
    guard let forward = streams[0].firstHeldPacket else { return .backward }
    return backward.precedes(forward) ? .backward : .forward
  }

  mutating func nextOverdue(_ step: inout TCPStep, _ limits: ReassemblyLimits) -> TCPEvent? {
    while step == .overdue, let direction = earlier(of: overdue) {
      let i = Int(direction.rawValue)
      if let event = streams[i].nextOverdue(limits) { return .stream(direction, event) }
      overdue[i] = false
    }
    step = .done
    return nil
  }

  /// `segment` in `packet`, a RST that the sender in `direction` sent, has ended the connection. Call `finish` in both
  /// directions, then nothing more.
  public mutating func reset(_ direction: Direction, _ segment: TCPSegment, _ packet: PacketReference) {
    lastTime = max(lastTime, packet.time)
    let stream = streams[Int(direction.rawValue)]
    streams[Int(direction.rawValue)].count(upTo: segment.sequence)
    if segment.flags.contains(.ack) { streams[Int(direction.opposite.rawValue)].acknowledge(segment.acknowledgment) }
    guard resetBy == nil else { return }
    resetBy = direction
    // One without ACK answers a segment, and has the number that this acknowledges (RFC 9293 §3.10.7.1).
    isAnswerToUnseen =
      stream.isEnded && !stream.isFINAcknowledged && !segment.flags.contains(.ack)
      && segment.sequence == stream.finishedSequence
  }

  /// Forgets what waits; what is known of its beginning and end stays.
  public mutating func forget() {
    streams[0].forget()
    streams[1].forget()
  }

  /// Holds no memory any more; nothing is to be asked of it but that it is of nobody.
  public mutating func vacate() {
    forget()
    finStates = []
  }

  /// The capture is over: what the stream in `direction` still holds, with the gaps between; nil when that was all.
  public mutating func finish(_ direction: Direction) -> ReassemblyEvent? {
    // Whose peer has finished has most likely answered with a FIN.
    let mayLackFIN = resetBy == nil && fin(direction.opposite) != nil
    return streams[Int(direction.rawValue)].finish(mayLackFIN: mayLackFIN)
  }
}
