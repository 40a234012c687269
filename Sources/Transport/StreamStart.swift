/// Where a stream begins.
extension StreamReassembler {
  /// The offset that the first segment gets until it is known which byte is the first. Large enough for bytes before it.
  private static let unknown: StreamOffset = 1 << 40
  /// How far before the first segment captured the stream's beginning may be: what a sender may send ahead of the packets
  /// that a capture has put in a wrong order.
  private static let reach = 0...(1 << 20)

  /// The sender's SYN carried `sequence`. Without effect once the stream has begun.
  public mutating func start(_ sequence: SequenceNumber) {
    guard !isStarted else { return }
    begin(at: sequence.advanced(by: 1), isKnown: true)
  }

  /// The sequence number of the byte at offset 0, once the stream has begun.
  var startSequence: SequenceNumber { nextSequence.advanced(by: -Int(truncatingIfNeeded: next)) }

  /// Whether a SYN with `sequence` can belong to this stream.
  public func accepts(syn sequence: SequenceNumber) -> Bool {
    let first = sequence.advanced(by: 1)
    guard !isStarted else { return startSequence == first }
    if isWaiting { return Self.reach.contains(first.distance(to: firstSequence)) }
    return wait.earlyAcknowledgments.map { Self.reach.contains(first.distance(to: $0.lowest)) } ?? true
  }

  /// The lowest sequence number of what is kept before the stream has begun.
  private var firstSequence: SequenceNumber {
    let offset = wait.held.first?.offset ?? finOffset ?? next
    return nextSequence.advanced(by: Int(truncatingIfNeeded: offset) &- Int(truncatingIfNeeded: next))
  }

  /// Gives the first segment, at `sequence`, a place until the stream has begun.
  mutating func anchor(at sequence: SequenceNumber) {
    guard next == 0 else { return }
    next = Self.unknown
    nextSequence = sequence
  }

  /// Begins the stream with the first byte that is kept; or, where the peer's SYN is in the capture, with the first one
  /// that the peer acknowledged.
  mutating func begin() {
    let first = firstSequence
    if peerStartIsCaptured, let lowest = wait.earlyAcknowledgments?.lowest,
      Self.reach.contains(lowest.distance(to: first))
    {
      begin(at: lowest, isKnown: true)
    } else {
      begin(at: first, isKnown: false)
    }
  }

  private mutating func begin(at sequence: SequenceNumber, isKnown: Bool) {
    let distance = next == 0 ? 0 : nextSequence.distance(to: sequence)
    let origin = StreamOffset(clamping: Int(clamping: next) &+ distance)
    if hasWaited { wait.leftOut.add(wait.held.move(to: origin), .beforeStart) }
    finOffset = finOffset.map { $0 - min($0, origin) }
    if hasWaited { _ = wait.behindFIN.move(to: origin) }
    next = 0
    nextSequence = sequence
    isStarted = true
    startIsKnown = isKnown
    guard hasWaited else { return }
    wait.numbered -= min(wait.numbered, origin)
    if let known = wait.earlyAcknowledgments { acknowledge(known.highest) }
    wait.earlyAcknowledgments = nil
  }
}
