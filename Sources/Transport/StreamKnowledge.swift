/// How far a stream is known to reach, by the numbers of both ends.
extension StreamReassembler {
  /// The peer acknowledged all before `number`.
  public mutating func acknowledge(_ number: SequenceNumber) {
    guard isStarted else {
      var known = wait.earlyAcknowledgments ?? (number, number)
      if known.lowest.distance(to: number) < 0 { known.lowest = number }
      if known.highest.distance(to: number) > 0 { known.highest = number }
      wait.earlyAcknowledgments = known
      return
    }
    let distance = nextSequence.distance(to: number)
    guard distance > 0 else {
      if distance >= -Self.oldestAcknowledgment { isSoundlyAcknowledged = true }
      return noteLower(next)
    }
    guard distance <= 1 << 30, isCredible(next + UInt64(distance)) else { return }
    isSoundlyAcknowledged = true
    if finOffset != nil { noteAcknowledged(behindFIN: next + UInt64(distance)) }
    if let finOffset, next + UInt64(distance) > finOffset { isFINAcknowledged = true }
    let end = min(next + UInt64(distance), finOffset ?? .max)
    guard end >= acknowledged else { return noteLower(end) }
    if hasWaited { wait.denials = 0 }
    if end > acknowledged, acknowledged > next { wait.acknowledgedBefore = acknowledged }
    acknowledged = end
  }

  /// How far beyond all that its sender is known to have sent an acknowledgment may be, in bytes, to be believed at once: 16
  /// MiB, more than a capture loses unnoticed as a rule.
  private static let farthestAcknowledgment: StreamOffset = 16 << 20

  /// Whether an acknowledgment up to `end` is to be believed: it is not far beyond all that was sent; or another one says
  /// nearly the same.
  private mutating func isCredible(_ end: StreamOffset) -> Bool {
    guard end > sentEnd + Self.farthestAcknowledgment else {
      if hasWaited { wait.farAcknowledgment = nil }
      return true
    }
    let other = hasWaited ? wait.farAcknowledgment : nil
    wait.farAcknowledgment = end
    guard let other, other != end else { return false }
    return max(other, end) - min(other, end) <= Self.farthestAcknowledgment
  }

  /// The peer acknowledged no more than all before `end`. An end never takes back what it acknowledged: if it does twice, the
  /// higher acknowledgment was none of its own, or is written down too early and comes again.
  private mutating func noteLower(_ end: StreamOffset) {
    guard acknowledged > end else { return }
    wait.acknowledgedBefore = max(wait.acknowledgedBefore, end)
    wait.denials += 1
    guard wait.denials >= 2 else { return }
    acknowledged = min(acknowledged, wait.acknowledgedBefore)
    wait.acknowledgedBefore = 0
    wait.denials = 0
  }

  /// The sender goes on just where it was, though the peer acknowledged more: if it does twice, nobody has sent that.
  mutating func noteProgress() {
    guard acknowledged > next, !isHolding, finOffset == nil else { return }
    deny()
  }

  private mutating func deny() {
    wait.denials += 1
    guard wait.denials >= 2 else { return }
    acknowledged = next
    wait.denials = 0
  }

  /// How far behind the stream an acknowledgment may be, in bytes: 256 MiB, more than any window in use.
  static let oldestAcknowledgment = 1 << 28

  /// Whether the sender of this stream would take a segment that acknowledges all before `number`: it is not older than a
  /// window (RFC 5961 §5). How new it may be, an observer does not know.
  func mayAcknowledge(_ number: SequenceNumber) -> Bool {
    guard isStarted, isSoundlyAcknowledged else { return true }
    return number.distance(to: nextSequence) - Int(clamping: unheard) <= Self.oldestAcknowledgment
  }

  /// Bytes that were given up as missing after all that was captured: nothing but numbers tells of them.
  var unheard: StreamOffset { hasWaited ? wait.givenUp.length(upTo: next) : 0 }

  /// Whether `sequence` lies where the receiver would take a segment, or an acknowledgment or reset in one (RFC 9293
  /// §3.10.7.4, RFC 5961 §3 and §5; loosely: an observer does not know the window): at most `behind` bytes before the
  /// next one, or 1 MiB after the last.
  public func isPlausible(_ sequence: SequenceNumber, behind: Int = 1 << 20) -> Bool {
    guard isStarted else { return true }
    let distance = nextSequence.distance(to: sequence)
    let last = max(isHolding ? held.end ?? next : next, acknowledged, next)
    return distance >= -behind && distance <= Int(clamping: last - next) + 1 << 20
  }

  /// The same for a stream that may not have begun: whether `sequence` is near anything that is known of it.
  func isNear(_ sequence: SequenceNumber) -> Bool {
    if isStarted { return isPlausible(sequence) }
    let known = next > 0 ? nextSequence : hasWaited ? wait.earlyAcknowledgments?.highest : nil
    return known.map { abs($0.distance(to: sequence)) <= 1 << 20 } ?? false
  }

  /// Whether `sequence` lies behind all bytes that are known to have been sent.
  func isBehindAll(_ sequence: SequenceNumber) -> Bool {
    isStarted && finOffset == nil && nextSequence.distance(to: sequence) >= Int(clamping: sentEnd - next)
  }

  /// The same, with a hole between; FIN may take one number.
  func isAhead(_ sequence: SequenceNumber) -> Bool {
    isStarted && nextSequence.distance(to: sequence) > Int(clamping: sentEnd - next) + 1
  }

  /// Offset up to which bytes are known to have been sent.
  private var sentEnd: StreamOffset {
    max(isHolding ? held.end ?? next : next, knownEnd, finOffset ?? 0, next)
  }

  /// Whether the FIN of `segment` may be the end of this stream: bytes behind it were not captured, whose receiver drops what
  /// ends before the next one.
  func mayEnd(with segment: TCPSegment) -> Bool {
    guard isStarted else { return true }
    let end = nextSequence.distance(to: segment.sequence) + segment.payloadLength
    return isPlausible(segment.sequence) && end + Int(clamping: unheard) >= 0
  }

  /// Whether `segment`, which has FIN, shows that the earlier one was none of this sender: all before it is there, and it
  /// comes before the other.
  func correctsFIN(_ segment: TCPSegment) -> Bool {
    guard isStarted, !isEnded, !isHolding, let finOffset else { return false }
    let distance = nextSequence.distance(to: segment.sequence)
    return distance <= 0 && distance + segment.payloadLength >= 0
      && next + UInt64(distance + segment.payloadLength) < finOffset
  }

  /// Whether the receiver would take a reset with `sequence`: it names the next byte, or one up to which bytes are known to
  /// have been sent (RFC 9293 §3.10.7.4, RFC 5961 §3.2); FIN may have taken one more.
  func accepts(reset sequence: SequenceNumber) -> Bool {
    guard isStarted else { return true }
    let distance = nextSequence.distance(to: sequence)
    return distance >= -1 && distance <= Int(clamping: sentEnd - next) + 1
  }

  /// A segment without data has `sequence`: its sender has sent all before.
  mutating func count(upTo sequence: SequenceNumber) {
    let distance = nextSequence.distance(to: sequence)
    guard isStarted || next > 0, distance > 0, isNear(sequence) else { return }
    wait.numbered = max(wait.numbered, next &+ UInt64(distance))
  }

  /// A segment without data, which stands `distance` behind what was given out. Where its sender says again and again that
  /// it has sent no more, while its peer acknowledged more, that acknowledgment was none of the peer.
  mutating func noteEmpty(_ sequence: SequenceNumber, _ distance: Int) {
    if distance > 0 { return count(upTo: sequence) }
    guard distance == 0, acknowledged > next + 1, !isHolding, finOffset == nil else { return }
    deny()
  }

  /// Offset up to which bytes, or a FIN, are known to have been sent, though nothing but numbers may tell of them.
  var knownEnd: StreamOffset { max(acknowledged, hasWaited ? wait.numbered : 0) }

  /// Whether the sender has finished, as far as anyone can tell, with a FIN that the capture lacks: one number more is known
  /// to have been used than bytes were captured or missing.
  var lacksFIN: Bool { isStarted && finOffset == nil && !isHolding && knownEnd == next + 1 }

  /// The sequence number behind a FIN at the end of what was given out.
  var finishedSequence: SequenceNumber { nextSequence.advanced(by: 1) }
}
