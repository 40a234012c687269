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
/// known size. Where segments overlap, the bytes that came first win.
public struct StreamReassembler: Sendable {
  /// Offset of the next byte to give out.
  public private(set) var next: StreamOffset = 0
  /// Whether the beginning of the stream is known.
  public private(set) var isStarted = false
  /// Whether it began with a SYN in the capture, so that offset 0 is the sender's first byte.
  public private(set) var hasSYN = false
  /// Whether FIN was reached.
  public private(set) var isEnded = false

  private var nextSequence = SequenceNumber(0)
  private var firstAcknowledgment: SequenceNumber?
  /// Offset up to which the peer acknowledged.
  private var acknowledged: StreamOffset = 0
  private var finOffset: StreamOffset?
  private var held = HeldSegments()
  private var recent = RecentSegments()
  private var patience = Patience.none
  private var giveUpTo: StreamOffset = 0
  /// Bytes cut off the stored segment that was given out last.
  private var cutTail: UInt64 = 0
  /// Whether the capture holds the beginning of the connection; then the peer's first acknowledgment tells where this
  /// stream begins.
  public var peerStartIsCaptured = false

  /// Whether bytes are missing that the peer acknowledged or before which nothing can be given out.
  private enum Patience: Sendable {
    case none
    case waiting(since: Timestamp, packets: UInt32)
  }

  /// A stream of which nothing is known.
  public init() {}

  /// Bytes kept out of order.
  public var heldBytes: Int { held.bytes }

  // MARK: What the packets say

  /// The sender's SYN carried `sequence`. Without effect once bytes were given out.
  public mutating func start(_ sequence: SequenceNumber) {
    guard !isStarted || (next == 0 && held.isEmpty && !hasSYN) else { return }
    isStarted = true
    hasSYN = true
    nextSequence = sequence.advanced(by: 1)
  }

  /// Whether a SYN with `sequence` can belong to this stream.
  public func accepts(syn sequence: SequenceNumber) -> Bool {
    guard isStarted else { return true }
    let origin = nextSequence.advanced(by: -Int(truncatingIfNeeded: next))
    return sequence.advanced(by: 1) == origin
  }

  /// Whether a RST with `sequence` lies where the receiver would take it (RFC 5961 §3.2, loosely: an observer does not know
  /// the window).
  public func accepts(reset sequence: SequenceNumber) -> Bool {
    guard isStarted else { return true }
    let distance = nextSequence.distance(to: sequence)
    return distance >= -1 && distance <= 1 << 20
  }

  /// The peer acknowledged all before `number`.
  public mutating func acknowledge(_ number: SequenceNumber) {
    guard isStarted else {
      if firstAcknowledgment == nil { firstAcknowledgment = number }
      return
    }
    let distance = nextSequence.distance(to: number)
    guard distance > 0, distance <= 1 << 30 else { return }
    var offset = next + UInt64(distance)
    if let finOffset, offset > finOffset { offset = finOffset }
    acknowledged = max(acknowledged, offset)
  }

  /// A packet of the connection, in either direction, has passed. True when missing bytes are overdue: then call
  /// `nextOverdue` until nil.
  ///
  /// - Parameter peerIsSeen: whether the capture holds the acknowledging direction; without it nothing is ever
  ///   acknowledged, and bytes that lie behind missing ones are reason enough.
  public mutating func isOverdue(at time: Timestamp, peerIsSeen: Bool, _ limits: ReassemblyLimits) -> Bool {
    guard acknowledged > next || (!held.isEmpty && !peerIsSeen) else {
      patience = .none
      return false
    }
    guard case .waiting(let since, let packets) = patience else {
      patience = .waiting(since: time, packets: 0)
      return false
    }
    patience = .waiting(since: since, packets: packets + 1)
    let isLong = time.since(since) >= limits.patienceTime && packets >= limits.patienceLeast
    guard packets >= limits.patiencePackets || isLong else { return false }
    giveUpTo = peerIsSeen ? acknowledged : (held.first?.offset ?? next)
    patience = .none
    return true
  }

  /// Whether `isOverdue` needs to be asked at all.
  public var isWaiting: Bool { acknowledged > next || !held.isEmpty }

  // MARK: What comes next

  /// Whether `segment`, which has neither SYN nor FIN, is the usual case: nothing waits, and its bytes come next.
  @inline(__always)
  func isNextInOrder(_ segment: TCPSegment) -> Bool {
    isStarted && segment.sequence == nextSequence && held.isEmpty && segment.payloadLength == segment.payload.count
      && acknowledged <= next && finOffset == nil
  }

  /// Whether nothing waits, and the peer's acknowledgment `number` names no byte that has not been given out. Then
  /// `acknowledge` would have no effect.
  @inline(__always)
  func isCaughtUp(with number: SequenceNumber) -> Bool {
    isStarted && held.isEmpty && acknowledged <= next && nextSequence.distance(to: number) <= 0
  }

  /// Takes the bytes of a segment that `isNextInOrder`, and gives the offset of the first one.
  @inline(__always)
  mutating func takeInOrder(_ segment: TCPSegment) -> StreamOffset {
    let offset = next
    recent.note(offset, UInt32(truncatingIfNeeded: segment.payloadLength), segment.payloadSum)
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
      if length > 0, isNextInOrder(segment), !segment.flags.contains(.syn) {
        let offset = takeInOrder(segment)
        step = .done
        if segment.flags.contains(.fin) {
          finOffset = next
          step = .drain
        }
        return .bytes(segment.payload, at: offset)
      }
      return place(segment, bytes, packet, &step, limits)
    case .cut(let count):
      let offset = next
      let length = min(count, (held.first?.offset ?? .max) - next)
      advance(Int(truncatingIfNeeded: length))
      step = .drain
      return length > 0 ? .gap(StreamGap(offset: offset, length: length, cause: .cut)) : drain(&step, limits)
    case .drain:
      return drain(&step, limits)
    case .done:
      return nil
    }
  }

  /// What becomes ready now that missing bytes are given up; nil when nothing more does.
  public mutating func nextOverdue(_ limits: ReassemblyLimits) -> ReassemblyEvent? {
    if let event = nextReady() { return event }
    if giveUpTo > next { return giveUp(limit: giveUpTo, cause: .acknowledged) }
    return nil
  }

  /// The capture, or the connection, is over: gives out all that was kept, with the gaps between; nil at the end.
  public mutating func finish() -> ReassemblyEvent? {
    if let event = nextReady() { return event }
    if let first = held.first { return giveUp(limit: first.offset, cause: .skipped) }
    // One byte that was acknowledged and never seen is a FIN that the capture lacks, as far as anyone can tell.
    if acknowledged > next + 1 || (finOffset.map { $0 > next } ?? false) {
      return giveUp(limit: max(acknowledged, finOffset ?? 0), cause: .skipped)
    }
    return nil
  }

  // MARK: Inside

  private mutating func advance(_ count: Int) {
    next += UInt64(count)
    nextSequence = nextSequence.advanced(by: count)
  }

  private mutating func giveUp(limit: StreamOffset, cause: GapCause) -> ReassemblyEvent? {
    let end = min(limit, held.first?.offset ?? .max)
    guard end > next else { return nil }
    let known: GapCause = acknowledged >= end ? .acknowledged : cause
    let gap = StreamGap(offset: next, length: end - next, cause: known)
    advance(Int(truncatingIfNeeded: end - next))
    return .gap(gap)
  }

  /// The next stored bytes, if their turn has come; then the end, if it is reached.
  private mutating func nextReady() -> ReassemblyEvent? {
    if cutTail > 0 {
      let gap = StreamGap(offset: next, length: cutTail, cause: .cut)
      advance(Int(truncatingIfNeeded: cutTail))
      cutTail = 0
      return .gap(gap)
    }
    if let first = held.first, first.offset <= next {
      guard let segment = held.popFirst() else { return nil }
      advance(segment.bytes.count)
      cutTail = UInt64(segment.cut)
      return .stored(segment)
    }
    if let finOffset, next >= finOffset, !isEnded {
      isEnded = true
      return .end
    }
    return nil
  }

  private mutating func drain(_ step: inout ReassemblyStep, _ limits: ReassemblyLimits) -> ReassemblyEvent? {
    if let event = nextReady() { return event }
    if held.bytes > limits.heldBytes || held.count > limits.heldSegments, let first = held.first {
      return giveUp(limit: first.offset, cause: .skipped)
    }
    step = .done
    return nil
  }

  /// The slow path of a segment's arrival.
  private mutating func place(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, _ step: inout ReassemblyStep,
    _ limits: ReassemblyLimits
  ) -> ReassemblyEvent? {
    step = .drain
    let sequence = segment.flags.contains(.syn) ? segment.sequence.advanced(by: 1) : segment.sequence
    begin(sequence)
    let distance = nextSequence.distance(to: sequence)
    let length = segment.payloadLength
    guard distance <= limits.window else {
      return length > 0 ? .discarded(count: length, reason: .beyondWindow) : drain(&step, limits)
    }
    let start = Int(clamping: next) + distance
    if segment.flags.contains(.fin), finOffset == nil, start + length >= Int(clamping: next) {
      finOffset = StreamOffset(start + length)
    }
    guard length > 0 else { return drain(&step, limits) }
    guard start >= 0 else {
      let isKeepAlive = length <= 1 && hasSYN
      return isKeepAlive ? drain(&step, limits) : .discarded(count: min(length, -start), reason: .beforeStart)
    }
    if let finOffset, UInt64(start) >= finOffset { return .discarded(count: length, reason: .afterEnd) }
    if UInt64(start + length) <= next { return repeated(segment, at: UInt64(start), &step, limits) }
    return insert(segment, bytes, packet, start: UInt64(start), &step, limits)
  }

  private mutating func begin(_ sequence: SequenceNumber) {
    guard !isStarted else { return }
    isStarted = true
    nextSequence = sequence
    // The peer's first acknowledgment names the first byte, also where it was written down after a later one.
    if let first = firstAcknowledgment, peerStartIsCaptured, (0...(1 << 20)).contains(first.distance(to: sequence)) {
      nextSequence = first
    }
  }

  /// A segment all of whose bytes were given out before.
  private mutating func repeated(
    _ segment: TCPSegment, at offset: StreamOffset, _ step: inout ReassemblyStep, _ limits: ReassemblyLimits
  ) -> ReassemblyEvent? {
    let length = UInt32(truncatingIfNeeded: segment.payloadLength)
    guard segment.payload.count == segment.payloadLength,
      recent.differs(offset, length, segment.payloadSum)
    else { return drain(&step, limits) }
    return .conflict(at: offset, count: segment.payloadLength)
  }

  /// Gives out what is in order of a segment and keeps the rest.
  private mutating func insert(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, start: StreamOffset,
    _ step: inout ReassemblyStep, _ limits: ReassemblyLimits
  ) -> ReassemblyEvent? {
    let captured = segment.payload
    let skipped = next > start ? Int(truncatingIfNeeded: next - start) : 0
    let offset = start + UInt64(skipped)
    let usable = captured.lowerBound + min(skipped, captured.count)..<captured.upperBound
    let cut = segment.payloadLength - max(skipped, captured.count)
    if offset == next {
      let room = (held.first?.offset ?? .max) - next
      if UInt64(usable.count) + UInt64(max(cut, 0)) <= room {
        recent.note(offset, UInt32(truncatingIfNeeded: usable.count), skipped == 0 ? segment.payloadSum : 0)
        advance(usable.count)
        if cut > 0 { step = .cut(UInt64(cut)) }
        return usable.isEmpty ? next(segment, bytes, packet, &step, limits) : .bytes(usable, at: offset)
      }
    }
    let piece = StoredSegment(offset: offset, bytes: [], cut: max(cut, 0), packet: packet)
    let conflict = held.insert(piece, bytes.extracting(usable))
    if let conflict { return .conflict(at: conflict.lowerBound, count: conflict.count) }
    return drain(&step, limits)
  }
}
