import Bytes
import Capture
import Transport

/// Segments that would end a connection, or begin another in its place, if they were not forged (RFC 5961). What comes next
/// shows which they are; until then the connection goes on, and its place in the table leads here.
extension Analyzer {
  // MARK: Packets in doubt

  /// Index of the connection that `segment` belongs to, of which it is doubtful whether it still is; nil if it belongs to
  /// none, or was all taken note of.
  mutating func findInDoubt<S: RecordSink & ~Copyable>(
    _ doubt: Int, _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan,
    _ packet: PacketReference, into sink: inout S
  ) -> Int? {
    let index = doubts[doubt].flow
    guard flows[index].tcp.wouldAccept(segment, direction, trustingChecksums: options.ignoresChecksums) else {
      return index
    }
    if let reset = doubts[doubt].reset, reset.isDenied(by: segment, direction, packet.time) {
      dropReset(doubt, reset, key, into: &sink)
      guard doubts.isInUse(doubt), doubts[doubt].flow == index else { return index }
    }
    guard !doubts[doubt].opening.isEmpty else {
      return segment.flags.contains(.syn)
        ? succeed(index, key, direction, segment, bytes, packet, into: &sink) : index
    }
    let isFull = heldBytes > options.connections.sharedBytes
    heldBytes -= doubts[doubt].heldBytes
    let verdict = doubts[doubt].opening[0].take(
      segment, direction, bytes, packet, flows[index].tcp, isFull: isFull)
    heldBytes += doubts[doubt].heldBytes
    switch verdict {
    case .waits:
      return nil
    case .opened:
      open(doubt, key, into: &sink)
      return find(key, direction, segment, bytes, packet, into: &sink)
    case .ignored:
      dropOpening(doubt, key, into: &sink)
      return find(key, direction, segment, bytes, packet, into: &sink)
    case .old:
      return segment.flags.contains(.syn)
        ? succeed(index, key, direction, segment, bytes, packet, into: &sink) : index
    }
  }

  /// Index of the doubts about the connection at `index`, whose ends `key` are; nil if there are none.
  private mutating func doubt(_ index: Int, _ key: FlowKey) -> Int? {
    guard doubts.count > 0, let place = table.find(key).map({ ConnectionPlace(rawValue: $0) }) else { return nil }
    return place.store == .doubtful && doubts[place.index].flow == index ? place.index : nil
  }

  /// The same; makes them if there are none.
  private mutating func makeDoubt(_ index: Int, _ key: FlowKey) -> Int {
    if let doubt = doubt(index, key) { return doubt }
    let doubt = doubts.insert(DoubtfulConnection(flow: index))
    table.replace(key, ConnectionPlace(.doubtful, doubt).rawValue)
    return doubt
  }

  /// Forgets doubts without reason.
  private mutating func settleDoubt(_ doubt: Int, _ key: FlowKey) {
    guard doubts[doubt].reset == nil, doubts[doubt].opening.isEmpty else { return }
    table.replace(key, ConnectionPlace(.flows, doubts[doubt].flow).rawValue)
    doubts.remove(doubt)
  }

  /// Forgets the doubts about a connection that is forgotten itself.
  mutating func forgetDoubts(_ index: Int) {
    guard let doubt = doubt(index, flows[index].tcp.key) else { return }
    heldBytes -= doubts[doubt].heldBytes
    doubts.remove(doubt)
  }

  // MARK: RST

  /// The sender in `direction` sent a RST.
  mutating func takeReset<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ segment: TCPSegment, isExact: Bool, _ packet: PacketReference,
    into sink: inout S
  ) {
    let key = flows[index].tcp.key
    let reset = PossibleReset(
      direction: direction, segment: segment, packet: packet, isExact: isExact,
      peerSequence: flows[index].tcp.nextSequence(direction.opposite))
    if isExact {
      // Of other connections it does not matter.
      guard mayMatterAfterReset(index) else { return end(index, reset, into: &sink) }
    }
    let doubt = makeDoubt(index, key)
    if let earlier = doubts[doubt].reset, earlier.isExact || !isExact { return }
    doubts[doubt].reset = reset
    if isExact { resets.add(doubt, packet, ordinal: summary.packets, now: lastTime) }
  }

  /// Its sender goes on, so that the RST is none of this connection.
  private mutating func dropReset<S: RecordSink & ~Copyable>(
    _ doubt: Int, _ reset: PossibleReset, _ key: FlowKey, into sink: inout S
  ) {
    doubts[doubt].reset = nil
    if reset.isExact { say(.resetIgnored, doubts[doubt].flow, reset.direction, reset.packet, into: &sink) }
    settleDoubt(doubt, key)
  }

  /// Whether a connection was reset, and has not gone on for so long that it is over when a packet of `time` comes: the number
  /// of packets up to the RST of the first one.
  @inlinable @inline(__always)
  public mutating func dueReset(_ time: Timestamp) -> UInt64? {
    resets.isDue(time, summary.packets) ? firstReset : nil
  }

  @usableFromInline
  var firstReset: UInt64? { mutating get { resets.first?.ordinal } }

  /// Ends that connection. `packet` does it for all, where it was not done before.
  public mutating func settleReset<S: RecordSink & ~Copyable>(into sink: inout S) {
    if let old = resets.next() { settleReset(old.doubt, old.packet, into: &sink) }
  }

  mutating func settleResets<S: RecordSink & ~Copyable>(_ time: Timestamp, into sink: inout S) {
    // A time may be the last there is: then it is due though there is none.
    while resets.isDue(time, summary.packets), resets.first != nil { settleReset(into: &sink) }
  }

  private mutating func settleReset<S: RecordSink & ~Copyable>(
    _ doubt: Int, _ packet: PacketReference, into sink: inout S
  ) {
    guard doubts.isInUse(doubt), let reset = doubts[doubt].reset, reset.packet == packet else { return }
    end(doubts[doubt].flow, reset, into: &sink)
  }

  private mutating func end<S: RecordSink & ~Copyable>(_ index: Int, _ reset: PossibleReset, into sink: inout S) {
    flows[index].tcp.reset(reset.direction, reset.segment, reset.packet)
    flush(index, into: &sink)
    end(index, .reset, resetBy: reset.direction, reset.packet, into: &sink)
  }

  /// Ends the connection at `index` by the RST that there was, else as `cause` says; by FIN if both ends have finished, though
  /// not all that they sent came.
  mutating func close<S: RecordSink & ~Copyable>(_ index: Int, _ cause: EndCause, into sink: inout S) {
    if cause == .fin, waitsBeyondEnd(index) { return }
    if let doubt = doubt(index, flows[index].tcp.key), let reset = doubts[doubt].reset,
      reset.isExact || cause != .fin || !flows[index].tcp.isClosed
    {
      return end(index, reset, into: &sink)
    }
    flush(index, into: &sink)
    end(index, cause == .captureEnd && flows[index].tcp.hasFinished ? .fin : cause, resetBy: nil, into: &sink)
  }

  // MARK: SYN

  /// Index of the connection that a SYN between the ends of the one at `index` belongs to; nil if it was taken note of.
  mutating func succeed<S: RecordSink & ~Copyable>(
    _ index: Int, _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan,
    _ packet: PacketReference, into sink: inout S
  ) -> Int? {
    let tcp = flows[index].tcp
    let isTrusting = options.ignoresChecksums
    var isReset = false
    if let doubt = doubt(index, key), let reset = doubts[doubt].reset, reset.isExact {
      isReset =
        reset.packet.time < packet.time && tcp.wouldAccept(segment, direction, trustingChecksums: isTrusting)
    }
    guard isReset || tcp.isSucceeded(by: segment, direction, at: packet.time, trustingChecksums: isTrusting) else {
      return index
    }
    guard isReset || !tcp.isEstablished else {
      let doubt = makeDoubt(index, key)
      if !doubts[doubt].opening.isEmpty { dropOpening(doubt, key, isReplaced: true, into: &sink) }
      doubts[doubt].opening = [
        PossibleOpening(segment, direction, bytes, packet, isAfterEnd: tcp.hasEnded(direction, before: packet.time))
      ]
      heldBytes += doubts[doubt].heldBytes
      return nil
    }
    replace(index, key, into: &sink)
    return find(key, direction, segment, bytes, packet, into: &sink)
  }

  /// Ends the connection at `index`, whose ends belong to another one now.
  private mutating func replace<S: RecordSink & ~Copyable>(_ index: Int, _ key: FlowKey, into sink: inout S) {
    close(index, .replaced, into: &sink)
    guard let place = table.find(key).map({ ConnectionPlace(rawValue: $0) }), place.store == .dismissed else { return }
    dismissed.remove(place.index)
    table.remove(key)
  }

  /// There is a new connection: ends the old one, and begins this with what waits.
  private mutating func open<S: RecordSink & ~Copyable>(_ doubt: Int, _ key: FlowKey, into sink: inout S) {
    let pieces = doubts[doubt].opening[0].pieces
    replace(doubts[doubt].flow, key, into: &sink)
    for piece in pieces { take(piece.segment, piece.bytes.span.bytes, piece.packet, into: &sink) }
  }

  /// The SYN began nothing, and what waits is left out.
  private mutating func dropOpening<S: RecordSink & ~Copyable>(
    _ doubt: Int, _ key: FlowKey, isReplaced: Bool = false, into sink: inout S
  ) {
    let opening = doubts[doubt].opening[0]
    heldBytes -= doubts[doubt].heldBytes
    doubts[doubt].opening = []
    let index = doubts[doubt].flow
    say(.synIgnored, index, opening.direction, opening.packet, into: &sink)
    if !isReplaced { settleDoubt(doubt, key) }
    for piece in opening.pieces where piece.segment.payloadLength > 0 {
      let event = ReassemblyEvent.discarded(count: piece.segment.payloadLength, reason: .ignoredOpening)
      report(index, piece.direction, event, piece.packet, into: &sink)
    }
  }

  /// The capture is over: the SYNs of which it is not known whether they begin a connection.
  func waitingOpenings() -> [Remainder] {
    doubts.indices.compactMap { doubt in
      doubts[doubt].opening.first.map { Remainder(kind: .opening, index: doubt, packet: $0.packet) }
    }
  }

  /// What waits begins a connection if it looks like one.
  mutating func settleOpening<S: RecordSink & ~Copyable>(_ doubt: Int, into sink: inout S) {
    guard doubts.isInUse(doubt), !doubts[doubt].opening.isEmpty else { return }
    let key = flows[doubts[doubt].flow].tcp.key
    if doubts[doubt].opening[0].isLikely {
      open(doubt, key, into: &sink)
    } else {
      dropOpening(doubt, key, into: &sink)
    }
  }

  /// Tells of a packet that is taken for none of its sender.
  private mutating func say<S: RecordSink & ~Copyable>(
    _ code: DiagnosticCode, _ index: Int, _ direction: Direction, _ packet: PacketReference, into sink: inout S
  ) {
    guard case .webSocket(let socket, let clientDirection) = innerStage(index) else { return }
    let sender = Sender(direction, client: clientDirection)
    sockets[socket].shared.reporter.report(code, sender, packet, nil, into: &sink)
  }
}
