import Bytes
import Capture

/// Where a segment stands in its way through `StreamReassembler.next`.
public enum ReassemblyStep: Equatable, Sendable {
  /// It was not looked at yet.
  case arrival
  /// Its captured bytes are given out; so many that were cut off follow.
  case cut(UInt64)
  /// It is placed; what it may have made ready comes now.
  case drain
  /// Nothing more comes of it.
  case done
}

/// Puts the segments of one direction of a TCP connection into order (RFC 9293 §3.4, §3.10).
///
/// A segment in order passes without a copy. Others are kept until the missing bytes arrive or are given up as a gap of
/// known size. Where segments overlap, the bytes that came first win. A stream whose SYN was not seen yet keeps its first
/// segments for a few packets (`ReassemblyLimits.patienceForStart`), because SYN or earlier bytes may follow.
public struct StreamReassembler: Sendable {
  // What every packet touches stands first, close together.
  /// Offset of the next byte to give out.
  public internal(set) var next: StreamOffset = 0
  /// Offset up to which the peer acknowledged.
  var acknowledged: StreamOffset = 0
  /// What only a stream needs that waits, or has waited; empty until then, so that the others are small.
  private var waiting: [WaitingState] = []
  var finOffset: StreamOffset?
  /// Whether it has begun: offset 0 has its place.
  public internal(set) var isStarted = false
  /// Whether offset 0 is the sender's first byte: SYN, or the peer's answer to it, is in the capture.
  public internal(set) var startIsKnown = false
  /// Whether FIN was reached.
  public internal(set) var isEnded = false
  /// Whether the peer acknowledged the FIN, in a segment that the capture holds.
  var isFINAcknowledged = false
  /// Whether the peer's acknowledgments were seen to make sense.
  var isSoundlyAcknowledged = false
  /// Whether the capture holds the peer's SYN; then the peer's first acknowledgment tells where this stream begins.
  public var peerStartIsCaptured = false

  /// The sequence number of the byte at `next`.
  var nextSequence = SequenceNumber(0)
  private var recent = RecentSegments()

  /// A stream of which nothing is known.
  public init() {}

  /// Bytes of memory that all that is kept takes, about.
  public var heldCost: Int {
    guard hasWaited else { return 0 }
    let (held, behind) = (waiting[0].held, waiting[0].behindFIN)
    return held.bytes + behind.bytes + (held.count + behind.count) * 128 + waiting[0].doubtful.bytes
  }

  /// Bytes kept out of order.
  public var heldBytes: Int { isHolding ? held.bytes : 0 }

  // MARK: What waits

  /// Whether segments are kept out of order.
  @inline(__always)
  var isHolding: Bool { !waiting.isEmpty && !waiting[0].held.isEmpty }

  /// Whether there may be anything in `wait` but defaults.
  var hasWaited: Bool { !waiting.isEmpty }

  /// What waits. Reading is cheap; whoever changes it checks `hasWaited` first if the change may be none.
  var wait: WaitingState {
    get { waiting.first ?? WaitingState() }
    _modify {
      if waiting.isEmpty { waiting.append(WaitingState()) }
      yield &waiting[0]
    }
  }

  var held: HeldSegments {
    get { wait.held }
    _modify { yield &wait.held }
  }

  // MARK: How long it waits

  /// A packet of the connection, in either direction, has passed. True when missing bytes are overdue: then call
  /// `nextOverdue` until nil.
  ///
  /// - Parameter peerIsSeen: whether the capture holds the acknowledging direction; without it nothing is ever
  ///   acknowledged, and bytes that lie behind missing ones are reason enough.
  public mutating func isOverdue(at time: Timestamp, peerIsSeen: Bool, _ limits: ReassemblyLimits) -> Bool {
    if isStarted, isHolding, let first = held.first, first.offset <= next { return true }
    guard let end = awaitedEnd(peerIsSeen: peerIsSeen) else {
      if hasWaited { wait.patience = nil }
      return false
    }
    guard wait.patience?.offset == next else {
      wait.patience = GapPatience(at: next, since: time, end: end, areAcknowledged: acknowledged > next, limits)
      return false
    }
    guard isStarted else { return wait.patience?.passBeforeStart(at: time, limits) ?? false }
    guard let limit = wait.patience?.pass(at: time, end: end, limits) else { return false }
    wait.patience = nil
    wait.giveUpTo = limit
    return true
  }

  /// How far the stream is known to reach beyond `next`; nil if nothing is waited for.
  func awaitedEnd(peerIsSeen: Bool) -> StreamOffset? {
    guard isStarted else { return isWaiting ? next : nil }
    // One byte that was acknowledged and never seen is a FIN that the capture lacks, as far as anyone can tell.
    let isFIN = acknowledged == next + 1 && !isHolding && finOffset == nil
    if acknowledged > next { return isFIN ? nil : acknowledged }
    return peerIsSeen ? nil : held.end
  }

  /// Whether `isOverdue` needs to be asked at all.
  public var isWaiting: Bool { isHolding || (isStarted ? acknowledged > next : finOffset != nil) }

  // MARK: What comes next

  /// Whether `segment`, which has neither SYN nor FIN, is the usual case: nothing waits, and its bytes come next.
  @inline(__always)
  func isNextInOrder(_ segment: TCPSegment) -> Bool {
    isStarted && segment.sequence == nextSequence && !isHolding && segment.payloadLength == segment.payload.count
      && acknowledged <= next && finOffset == nil
  }

  /// Whether nothing waits, and the peer's acknowledgment `number` names no byte that has not been given out. Then
  /// `acknowledge` would have no effect.
  @inline(__always)
  func isCaughtUp(with number: SequenceNumber) -> Bool {
    isStarted && !isHolding && acknowledged <= next
      && (0...Self.oldestAcknowledgment).contains(number.distance(to: nextSequence))
  }

  /// Takes the bytes of a segment that `isNextInOrder`, and gives the offset of the first one.
  @inline(__always)
  mutating func takeInOrder(_ segment: TCPSegment) -> StreamOffset {
    let offset = next
    if segment.payloadLength > 0 {
      recent.note(offset, UInt32(truncatingIfNeeded: segment.payloadLength), segment.payloadSum)
    }
    advance(segment.payloadLength)
    return offset
  }

  /// What `segment`, whose payload lies in `bytes`, makes ready; nil when it was all given out.
  ///
  /// Start with the step `.arrival` for each segment. Bytes that must wait are copied.
  public mutating func next(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, _ step: inout ReassemblyStep,
    _ limits: ReassemblyLimits
  ) -> ReassemblyEvent? {
    switch step {
    case .arrival:
      let length = segment.payloadLength
      if length > 0, isNextInOrder(segment), segment.flags.isDisjoint(with: [.syn, .fin]) {
        let offset = takeInOrder(segment)
        step = .done
        return .bytes(segment.payload, at: offset)
      }
      step = .drain
      return place(segment, bytes, packet, &step, limits) ?? drain(&step, limits)
    case .cut(let count):
      step = .drain
      return gap(count, .cut, in: packet)
    case .drain:
      return drain(&step, limits)
    case .done:
      return nil
    }
  }

  /// The packet of the first segment that is kept; nil if none is.
  var firstHeldPacket: PacketReference? { isHolding ? held.first?.packet : nil }

  /// What becomes ready now that missing bytes are given up, or that the stream begins with the first byte captured; nil
  /// when nothing more does.
  public mutating func nextOverdue(_ limits: ReassemblyLimits) -> ReassemblyEvent? {
    if !isStarted { begin() }
    return nextReady() ?? (wait.giveUpTo > next ? giveUp(limit: wait.giveUpTo) : nil)
  }

  /// The capture, or the connection, is over: gives out all that was kept, with the gaps between; nil at the end.
  ///
  /// - Parameter mayLackFIN: whether the last of numbers that are missing at the end is taken for a FIN.
  public mutating func finish(mayLackFIN: Bool = false) -> ReassemblyEvent? {
    if !isStarted, isWaiting { begin() }
    settleFIN()
    if let event = nextReady() { return event }
    if isHolding, let first = held.first { return giveUp(limit: first.offset) }
    let isShort = finOffset.map { $0 > next } ?? (knownEnd > next + 1)  // + 1: see `awaitedEnd`
    return isStarted && isShort ? giveUp(limit: finOffset ?? knownEnd - (mayLackFIN ? 1 : 0)) : nil
  }

  /// Keeps `segment`, whose checksum is wrong, in case the receiver acknowledges its bytes and no other copy comes.
  mutating func keepDoubtful(_ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference) {
    let distance = nextSequence.distance(to: segment.sequence)
    guard isStarted, !segment.payload.isEmpty, segment.flags.isDisjoint(with: [.syn, .rst]), distance >= 0,
      distance <= 1 << 20
    else { return }
    let offset = next &+ UInt64(distance)
    wait.doubtful.keep(
      StoredSegment(offset: offset, bytes: [], cut: 0, packet: packet), bytes.extracting(segment.payload))
  }

  /// Forgets what is kept, except where the stream began.
  mutating func forget() {
    waiting = []
  }

  // MARK: Giving out

  private mutating func advance(_ count: Int) {
    next &+= UInt64(count)
    nextSequence = nextSequence.advanced(by: count)
  }

  private mutating func gap(
    _ length: UInt64, _ cause: GapCause, in packet: PacketReference? = nil, before following: PacketReference? = nil
  ) -> ReassemblyEvent? {
    guard length > 0 else { return nil }
    let gap = StreamGap(offset: next, length: length, cause: cause, packet: packet, next: following)
    advance(Int(clamping: length))
    wait.givenUp.note(gap.offset..<next)
    return .gap(gap)
  }

  private mutating func giveUp(limit: StreamOffset) -> ReassemblyEvent? {
    var end = min(limit, held.first?.offset ?? .max)
    if let first = held.first, first.isProbe, first.offset == end, first.end <= acknowledged {
      // Behind bytes that never came, and acknowledged before it was sent: a keep-alive's garbage, not data.
      end = first.end
      _ = held.popFirst()
    }
    guard end > next else { return nil }
    if hasWaited, !wait.doubtful.isEmpty, acknowledged >= end, let segment = wait.doubtful.take(at: next, upTo: end) {
      return give(segment)
    }
    let following = held.first.flatMap { $0.offset == end ? $0.packet : nil }
    return gap(end - next, acknowledged >= end ? .acknowledged : isHolding ? .skipped : .numbered, before: following)
  }

  private mutating func give(_ segment: StoredSegment) -> ReassemblyEvent {
    recent.note(segment.offset, UInt32(truncatingIfNeeded: segment.bytes.count), segment.sum)
    advance(segment.bytes.count)
    if segment.cut > 0 {
      wait.cutTail = UInt64(segment.cut)
      wait.cutPacket = segment.packet
    }
    return .stored(segment)
  }

  /// The next stored bytes, if their turn has come; then the end, if it is reached.
  private mutating func nextReady() -> ReassemblyEvent? {
    guard hasWaited else { return nextEnd() }
    if !wait.leftOut.isEmpty { return wait.leftOut.next() }
    guard isStarted else { return nil }
    if wait.cutTail > 0 {
      defer { wait.cutTail = 0 }
      return gap(wait.cutTail, .cut, in: wait.cutPacket)
    }
    if let first = held.first, first.offset <= next, let segment = held.popFirst() {
      guard !segment.bytes.isEmpty else { return gap(UInt64(segment.cut), .cut, in: segment.packet) }
      return give(segment)
    }
    return nextEnd()
  }

  private mutating func nextEnd() -> ReassemblyEvent? {
    guard isStarted, !isEnded, let finOffset, next >= finOffset else { return nil }
    isEnded = true
    return .end
  }

  /// A FIN comes next, and nothing waits.
  @inline(__always)
  mutating func endInOrder() {
    finOffset = next
    isEnded = true
  }

  private mutating func drain(_ step: inout ReassemblyStep, _ limits: ReassemblyLimits) -> ReassemblyEvent? {
    if let event = nextReady() { return event }
    if isHolding, held.bytes > limits.heldBytes || held.count > limits.heldSegments, let first = held.first {
      if !isStarted { begin() }
      return nextReady() ?? giveUp(limit: first.offset)
    }
    step = .done
    return nil
  }

  // MARK: The slow path of a segment's arrival

  private mutating func place(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, _ step: inout ReassemblyStep,
    _ limits: ReassemblyLimits
  ) -> ReassemblyEvent? {
    let sequence = segment.flags.contains(.syn) ? segment.sequence.advanced(by: 1) : segment.sequence
    let length = segment.payloadLength
    if !isStarted {
      guard length > 0 || segment.flags.contains(.fin) else { return nil }
      anchor(at: sequence)
    }
    let distance = nextSequence.distance(to: sequence)
    guard distance <= limits.window else {
      return length > 0 ? .discarded(count: length, reason: .beyondWindow) : nil
    }
    let start = Int(clamping: next) &+ distance
    if segment.flags.contains(.fin), mayEnd(with: segment) {
      if correctsFIN(segment) { finOffset = nil }
      noteFIN(at: isStarted ? max(start &+ length, Int(clamping: next)) : start &+ length, packet)
    }
    if length == 0, isStarted { noteEmpty(sequence, distance) }
    guard length > 0, !isKeepAlive(at: start, length) else { return nil }
    let end = min(start &+ length, Int(clamping: finOffset ?? .max))
    if start < 0 { wait.leftOut.add(min(length, -start), .beforeStart) }
    if end < start &+ length { keepBehindFIN(segment, at: start, bytes, packet) }
    guard end > max(start, 0) else { return nil }
    let range = StreamOffset(max(start, 0))..<StreamOffset(end)
    if isStarted, hasWaited {
      let captured = StreamOffset(clamping: start &+ segment.payload.count)
      wait.leftOut.add(wait.givenUp.take(range.clamped(to: 0..<min(next, captured))), .late)
    }
    guard !isStarted || range.upperBound > next else { return repeated(segment, range) }
    return insert(segment, at: start, range, bytes, packet, &step)
  }

  /// Whether a segment of `length` bytes at `start` is a keep-alive probe, sent again: it repeats the last byte that was
  /// sent, with garbage in its place (RFC 1122 §4.2.3.6).
  private func isKeepAlive(at start: Int, _ length: Int) -> Bool {
    guard length == 1, isStarted else { return false }
    return start &+ 1 == Int(clamping: next) || (isHolding && start &+ 1 == Int(clamping: held.end ?? next))
  }

  /// A segment all of whose bytes were given out before.
  private mutating func repeated(_ segment: TCPSegment, _ range: Range<StreamOffset>) -> ReassemblyEvent? {
    let length = UInt32(truncatingIfNeeded: segment.payloadLength)
    guard segment.payload.count == segment.payloadLength, range.count == segment.payloadLength,
      recent.differs(range.lowerBound, length, segment.payloadSum)
    else { return nil }
    return .conflict(at: range.lowerBound, count: segment.payloadLength)
  }

  /// Gives out what is in order of `range`, which is what counts of a segment at `start`, and keeps the rest.
  private mutating func insert(
    _ segment: TCPSegment, at start: Int, _ range: Range<StreamOffset>, _ bytes: RawSpan, _ packet: PacketReference,
    _ step: inout ReassemblyStep
  ) -> ReassemblyEvent? {
    let offset = isStarted ? max(range.lowerBound, next) : range.lowerBound
    let skipped = min(Int(clamping: offset) &- start, segment.payload.count)
    let total = Int(clamping: range.upperBound - offset)
    let usable =
      segment.payload.lowerBound + skipped..<segment.payload.lowerBound + min(segment.payload.count, skipped + total)
    let cut = total - usable.count
    let isAll = usable.count == segment.payloadLength
    if isStarted, offset == next, range.upperBound <= (isHolding ? held.first?.offset : nil) ?? .max {
      guard !usable.isEmpty else { return gap(UInt64(cut), .cut, in: packet) }
      recent.note(offset, UInt32(truncatingIfNeeded: usable.count), isAll ? segment.payloadSum : 0)
      advance(usable.count)
      noteProgress()
      noteBeforeFIN(packet)
      if cut > 0 { step = .cut(UInt64(cut)) }
      return .bytes(usable, at: offset)
    }
    var piece = StoredSegment(offset: offset, bytes: [], cut: cut, packet: packet)
    piece.sum = isAll ? segment.payloadSum : 0
    piece.isProbe = isAll && usable.count == 1 && range.upperBound == acknowledged && !segment.flags.contains(.psh)
    let conflict = held.insert(piece, bytes.extracting(usable))
    return conflict.map { .conflict(at: $0.lowerBound, count: $0.count) }
  }
}
