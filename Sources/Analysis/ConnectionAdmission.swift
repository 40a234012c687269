import Bytes
import Transport

/// Which connection a segment belongs to, and which connections are followed (`ConnectionLimits`).
extension Analyzer {
  /// Index of the connection that `segment` belongs to; nil if it belongs to none, begins none, or was all taken note of.
  @inline(__always)
  mutating func find<S: RecordSink & ~Copyable>(
    _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference,
    into sink: inout S
  ) -> Int? {
    guard let place = table.find(key).map({ ConnectionPlace(rawValue: $0) }) else {
      return begin(key, direction, segment, packet, into: &sink)
    }
    guard let index = place.flow else { return revive(place, key, direction, segment, bytes, packet, into: &sink) }
    guard segment.flags.contains(.syn) else { return index }
    return succeed(index, key, direction, segment, bytes, packet, into: &sink)
  }

  /// A segment between ends that nothing is known of.
  private mutating func begin<S: RecordSink & ~Copyable>(
    _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ packet: PacketReference, into sink: inout S
  ) -> Int? {
    guard segment.flags.contains(.syn) || segment.payloadLength > 0 else { return nil }
    summary.tcpConnections += 1
    guard ConnectionOpening.canBegin(with: segment) else {
      return follow(TCPConnection(key: key, firstPacket: packet), packet, segment, isKnown: false, into: &sink)
    }
    table.insert(key, beginQuietly(key, direction, segment, packet))
    return nil
  }

  /// Begins a connection with its SYN, and gives its place.
  private mutating func beginQuietly(
    _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ packet: PacketReference
  ) -> Int {
    var opening = ConnectionOpening(firstPacket: packet)
    _ = opening.note(segment, direction, packet, trustingChecksums: options.ignoresChecksums)
    let (number, forgotten) = quiet.insert(.init(key: key, opening: opening))
    if let forgotten {
      table.remove(forgotten)
      summary.forgottenConnections += 1
      trail?.forgotten.append(forgotten)
    }
    return ConnectionPlace(.quiet, number).rawValue
  }

  /// A segment of a connection that has said nothing yet, or is of no interest.
  private mutating func revive<S: RecordSink & ~Copyable>(
    _ place: ConnectionPlace, _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan,
    _ packet: PacketReference, into sink: inout S
  ) -> Int? {
    if place.store == .doubtful {
      return findInDoubt(place.index, key, direction, segment, bytes, packet, into: &sink)
    }
    let isTrusting = options.ignoresChecksums
    if place.store == .quiet {
      if quiet[place.index].note(segment, direction, packet, trustingChecksums: isTrusting) { return nil }
      quiet[place.index].noteTime(segment, direction, packet)
      let tcp = TCPConnection(key: key, opening: quiet[place.index])
      quiet.remove(place.index)
      guard let index = follow(tcp, tcp.firstPacket, segment, isKnown: true, into: &sink) else { return nil }
      guard segment.flags.contains(.syn) else { return index }
      return succeed(index, key, direction, segment, bytes, packet, into: &sink)
    }
    guard
      dismissed[place.index].isSucceeded(by: segment, direction, at: packet.time, trustingChecksums: isTrusting)
    else {
      // A segment of a connection that carries no WebSocket costs little more than the look-up.
      summary.otherBytes += UInt64(segment.payload.count)
      let isEnding = !segment.flags.isDisjoint(with: [.fin, .rst])
      if segment.payloadLength > 0 || isEnding { dismissed.note(place.index, goesOn: !isEnding) }
      if isEnding { dismissed.end(place.index, at: packet.time) }
      if segment.payloadLength > 0, case (true, let connection) = dismissed.takeReset(place.index) {
        sink.diagnostic(Diagnostic(.afterReset, connection: connection, packet: packet))
      }
      return nil
    }
    dismissed.remove(place.index)
    return restart(key, direction, segment, packet, into: &sink)
  }

  /// Begins a connection between ends that were those of another; the table has a place for them.
  private mutating func restart<S: RecordSink & ~Copyable>(
    _ key: FlowKey, _ direction: Direction, _ segment: TCPSegment, _ packet: PacketReference, into sink: inout S
  ) -> Int? {
    summary.tcpConnections += 1
    guard ConnectionOpening.canBegin(with: segment) else {
      return follow(TCPConnection(key: key, firstPacket: packet), packet, segment, isKnown: true, into: &sink)
    }
    table.replace(key, beginQuietly(key, direction, segment, packet))
    return nil
  }

  /// Follows a connection that says something; nil if that is one too many.
  ///
  /// - Parameter isKnown: whether the table has a place for it.
  private mutating func follow<S: RecordSink & ~Copyable>(
    _ tcp: consuming TCPConnection, _ packet: PacketReference, _ segment: TCPSegment, isKnown: Bool, into sink: inout S
  ) -> Int? {
    let key = tcp.key
    guard flows.count < options.connections.open else {
      leaveOut(tcp, segment, isKnown: isKnown, into: &sink)
      return nil
    }
    let index = flows.insert(Flow(stage: .quiet, lastPacket: packet, tcp: tcp))
    let place = ConnectionPlace(.flows, index).rawValue
    if isKnown { table.replace(key, place) } else { table.insert(key, place) }
    return index
  }

  private mutating func leaveOut<S: RecordSink & ~Copyable>(
    _ tcp: TCPConnection, _ segment: TCPSegment, isKnown: Bool, into sink: inout S
  ) {
    if summary.leftOutConnections == 0 {
      sink.diagnostic(Diagnostic(.tooManyConnections, detail: "\(options.connections.open)", packet: tcp.firstPacket))
    }
    summary.leftOutConnections += 1
    summary.otherBytes += UInt64(segment.payload.count)
    if !isKnown { table.insert(tcp.key, 0) }
    bury(tcp.key, ConnectionRemains(tcp))
  }

  /// Forgets the connection at `index`, which is over or of no interest, but for what keeps its further segments from
  /// beginning another one.
  ///
  /// - Parameter socket: the WebSocket connection that it was, if any.
  mutating func retire(_ index: Int, _ socket: ConnectionReference? = nil) {
    forgetDoubts(index)
    let (key, remains, charge, isReset, isShown) = flows.inPlace(index) {
      ($0.tcp.key, ConnectionRemains($0.tcp), $0.charge, $0.tcp.resetBy != nil, $0.isShown)
    }
    heldBytes -= charge
    bury(key, remains, reset: isReset ? socket : nil, isShown: isShown)
    flows.remove(index)
  }

  /// Keeps what remains of a connection that the table has a place for.
  private mutating func bury(
    _ key: FlowKey, _ remains: ConnectionRemains, reset: ConnectionReference? = nil, isShown: Bool = false
  ) {
    let (index, forgotten) = dismissed.insert(remains, reset: reset, isShown: isShown)
    table.replace(key, ConnectionPlace(.dismissed, index).rawValue)
    if let forgotten { table.remove(forgotten) }
  }
}
