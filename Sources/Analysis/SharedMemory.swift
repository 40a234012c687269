import Transport

/// What is held for all connections together, and what happens when it is too much (`ConnectionLimits.sharedBytes`).
///
/// A connection never loses what it holds because of another one. Where there is no room, the one that asks for more gets
/// none, is counted, and says so.
extension Analyzer {
  /// How much the connection at `index` may hold out of order, in `direction`, and whether that is less than it would be if
  /// it were alone.
  func reassemblyLimits(_ index: Int, _ direction: Direction) -> (reassembly: ReassemblyLimits, isCrowded: Bool) {
    var limits = options.reassembly
    var isUndecided = true
    if case .webSocket = innerStage(index) { isUndecided = false }
    if isUndecided { limits.heldBytes = min(limits.heldBytes, options.connections.undecidedBytes) }
    let room = max(options.connections.sharedBytes - heldBytes, 0)
    guard room < limits.heldBytes else { return (limits, false) }
    let allowed = max(options.connections.ownBytes / 2, flows[index].tcp.heldBytes(direction) + room)
    guard allowed < limits.heldBytes else { return (limits, false) }
    limits.heldBytes = allowed
    return (limits, true)
  }

  /// Counts anew what the connection at `index` holds. If that has grown, and is too much for all together, it holds less
  /// from here on.
  mutating func settle<S: RecordSink & ~Copyable>(_ index: Int, _ packet: PacketReference, into sink: inout S) {
    let before = flows.inPlace(index) { $0.charge }
    charge(index)
    guard heldBytes > options.connections.sharedBytes, flows[index].charge > before else { return }
    switch flows[index].stage {
    case .webSocket(let socket, _):
      crowd(index, packet, into: &sink)
      sockets[socket].holdNothing()
      charge(index)
    case .handshake(let session):
      crowd(index, packet, into: &sink)
      handshakes[session].overflow()
      advance(index, session, into: &sink)
    case .tls(let t):
      settleTLS(index, t, packet, into: &sink)
    case .quiet, .dismissed:
      break
    }
  }

  /// The same for a connection that is encrypted: what is inside holds nothing any more, nor does what waits.
  private mutating func settleTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ packet: PacketReference, into sink: inout S
  ) {
    crowd(index, packet, into: &sink)
    for direction in [Direction.forward, .backward] where !tls[t].held[Int(direction.rawValue)].isEmpty {
      guard stopWaitingTLS(index, t, direction, packet, into: &sink) else { return }
    }
    enterTLS(index, t)
    switch flows[index].stage {
    case .webSocket(let socket, _): sockets[socket].holdNothing()
    case .handshake(let session):
      handshakes[session].overflow()
      advance(index, session, into: &sink)
    case .quiet, .dismissed, .tls: break
    }
    guard leaveTLS(index, t, into: &sink) else { return }
    charge(index)
  }

  private mutating func charge(_ index: Int) {
    let (hasWaited, outer) = flows.inPlace(index) { ($0.tcp.hasWaited, $0.stage) }
    var held = hasWaited ? flows.inPlace(index) { $0.tcp.heldCost } : 0
    var stage = outer
    if let t = currentTLS { held += tls[t].heldBytes }
    if case .tls(let t) = stage {
      held += tls[t].heldBytes
      stage = tls[t].inner
    }
    switch stage {
    case .webSocket(let socket, _):
      // What the session alone holds was counted, and is no more than is free of charge.
      if !hasWaited, !sockets.inPlace(socket, { $0.shared.mayHold }) { break }
      held += sockets.inPlace(socket) { $0.heldBytes }
      let mayHold = held > options.connections.ownBytes
      sockets.inPlace(socket) { $0.shared.mayHold = mayHold }
    case .handshake(let session):
      held += handshakes.inPlace(session) { $0.heldBytes }
    case .quiet, .dismissed, .tls:
      break
    }
    let charge = max(held - options.connections.ownBytes, 0)
    heldBytes += flows.inPlace(index) { flow in
      defer { flow.charge = charge }
      return charge - flow.charge
    }
  }

  /// Counts, and says once, that the connection at `index` suffers from what is held for all.
  mutating func crowd<S: RecordSink & ~Copyable>(_ index: Int, _ packet: PacketReference, into sink: inout S) {
    guard !flows[index].isCrowded else { return }
    flows[index].isCrowded = true
    summary.crowdedConnections += 1
    if case .webSocket(let socket, _) = innerStage(index) {
      sockets[socket].shared.reporter.report(.memory, nil, packet, nil, into: &sink)
    }
  }
}
