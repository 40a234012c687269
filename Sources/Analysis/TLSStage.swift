import Bytes
import TLS
import Transport

/// Connections that begin with TLS, on whatever port: what is decrypted goes the way of any other connection.
///
/// While plaintext is looked at, the flow's stage is what the plaintext is taken for; otherwise it is `.tls`.
extension Analyzer {
  // MARK: Beginning

  /// Takes the connection at `index`, which has said nothing yet, for TLS; `bytes` are its first ones.
  mutating func beginTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    into sink: inout S
  ) {
    guard followsTLS else {
      summary.tls.add(.noKeys)
      summary.otherBytes += UInt64(bytes.byteCount + flows[index].tcp.heldBytes)
      return retire(index)
    }
    summary.tls.connections += 1
    let session = handshakes.insert(HandshakeSession())
    handshakes[session].begin(.forward, startIsKnown: true)
    handshakes[session].begin(.backward, startIsKnown: true)
    let t = tls.insert(TLSFlow(inner: .handshake(session)))
    flows[index].stage = .tls(t)
    deliverToTLS(index, t, direction, bytes, at: offset, packet, into: &sink)
  }

  /// Takes the connection at `index` for TLS from where its tunnel begins; `session` has followed it so far.
  mutating func secure<S: RecordSink & ~Copyable>(_ index: Int, _ session: Int, into sink: inout S) {
    // TLS inside TLS, through a proxy that is spoken to in TLS, is not followed.
    guard currentTLS == nil else { return dismiss(index, session) }
    let held = handshakes[session].takeHeld()
    handshakes.remove(session)
    guard followsTLS else {
      summary.tls.add(.noKeys)
      return retire(index)
    }
    summary.tls.connections += 1
    let inner = handshakes.insert(HandshakeSession())
    handshakes[inner].begin(.forward, startIsKnown: true)
    handshakes[inner].begin(.backward, startIsKnown: true)
    flows[index].stage = .tls(tls.insert(TLSFlow(inner: .handshake(inner))))
    for (direction, chunk) in held {
      guard case .tls = flows[index].stage else { return }
      switch chunk.content {
      case .bytes(let bytes, let offset):
        summary.otherBytes -= min(summary.otherBytes, UInt64(bytes.count))
        deliver(index, direction, bytes.span.bytes, at: offset, chunk.packet, into: &sink)
      case .gap(let gap):
        handle(index, direction, .gap(gap), [UInt8]().span.bytes, chunk.packet, into: &sink)
      case .end:
        handle(index, direction, .end, [UInt8]().span.bytes, chunk.packet, into: &sink)
      }
    }
  }

  /// Whether TLS connections are of any use.
  var followsTLS: Bool { !keyLog.isEmpty || expectsSecrets || options.tls.listsConnections }

  /// What the bytes of the connection at `index` are taken for, decrypted if they are encrypted.
  func innerStage(_ index: Int) -> FlowStage {
    if case .tls(let t) = flows[index].stage { return tls[t].inner }
    return flows[index].stage
  }

  // MARK: What the streams bring

  /// The next bytes of `direction` over TCP.
  mutating func deliverToTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset,
    _ packet: PacketReference, into sink: inout S
  ) {
    let flow = tls[t]
    summary.otherBytes += UInt64(bytes.byteCount)
    takeTLS(index, t, flow, direction, bytes, at: offset, packet, into: &sink)
    guard case .tls = flows[index].stage else { return }
    if !flow.held[0].isEmpty || !flow.held[1].isEmpty {
      pumpTLS(index, t, into: &sink)
      guard case .tls = flows[index].stage else { return }
    }
    let held = flow.heldBytes
    if case .webSocket = flow.inner, held == flow.counted { return }
    flow.counted = held
    settle(index, packet, into: &sink)
  }

  private mutating func takeTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ flow: TLSFlow, _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset,
    _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(direction.rawValue)
    flow.bytes[i] += UInt64(bytes.byteCount)
    var position = 0
    if flow.held[i].isEmpty, !flow.isOnlyCounted {
      guard feedTLS(index, t, flow, direction, bytes, &position, at: offset, packet, into: &sink) else { return }
    }
    guard position < bytes.byteCount, !flow.isOnlyCounted, !flow.connection.isOver(i) else { return }
    var copy: [UInt8] = []
    copy.append(bytes.extracting(position..<bytes.byteCount))
    flow.held[i].append(.bytes(copy, offset + UInt64(position)), packet)
    limitTLS(index, t, direction, packet, into: &sink)
  }

  /// Bytes of `direction` are missing.
  mutating func skipTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ gap: StreamGap, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(direction.rawValue)
    remark(index, t, .gap(gap), direction, packet, into: &sink)
    guard !tls[t].isOnlyCounted else { return }
    if tls[t].held[i].isEmpty, tls[t].connection.waiting(i) == nil {
      _ = passTLS(index, t, direction, gap, packet, into: &sink)
    } else {
      tls[t].held[i].append(.gap(gap), packet)
    }
    guard case .tls = flows[index].stage else { return }
    pumpTLS(index, t, into: &sink)
  }

  /// The stream in `direction` is over.
  mutating func finishTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(direction.rawValue)
    guard !tls[t].isOnlyCounted else { return }
    if tls[t].held[i].isEmpty {
      _ = endTLS(index, t, direction, packet, into: &sink)
    } else {
      tls[t].held[i].append(.end, packet)
    }
    guard case .tls = flows[index].stage else { return }
    pumpTLS(index, t, into: &sink)
  }

  // MARK: Through the decryption; false where the connection is of no interest any more

  private mutating func feedTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ flow: TLSFlow, _ direction: Direction, _ bytes: RawSpan, _ position: inout Int,
    at offset: StreamOffset,
    _ packet: PacketReference, into sink: inout S
  ) -> Bool {
    let i = Int(direction.rawValue)
    let connection = flow.connection
    flow.generations[i] = keyLog.generation
    connection.begin(i, at: offset)
    while let event = connection.next(i, bytes, &position, keyLog, &workspace.tls) {
      let place = Arrival(direction: direction, offset: offset, packet: packet)
      guard act(index, t, event, place, into: &sink) else { return false }
    }
    if keyLog.hasPrivateKeys, flow.learned != connection.secretsGeneration {
      flow.learned = connection.secretsGeneration
      keyLog.learn(from: connection)
    }
    if options.tls.gathersSecrets != .none { gatherSecrets(index, t) }
    let unfinished = connection.unfinished(i)
    if let unfinished, unfinished < offset + UInt64(position) { flow.marks[i].append(offset, packet) }
    flow.marks[i].forget(before: unfinished)
    return true
  }

  private mutating func passTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ gap: StreamGap, _ packet: PacketReference, into sink: inout S
  ) -> Bool {
    let i = Int(direction.rawValue)
    tls[t].connection.begin(i, at: gap.offset)
    guard let event = tls[t].connection.skip(i, gap.length) else { return true }
    return act(index, t, event, Arrival(direction: direction, offset: gap.offset, packet: packet), into: &sink)
  }

  private mutating func endTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ packet: PacketReference, into sink: inout S
  ) -> Bool {
    let i = Int(direction.rawValue)
    while let event = tls[t].connection.finish(i) {
      let place = Arrival(direction: direction, offset: tls[t].plain[i], packet: packet)
      guard act(index, t, event, place, into: &sink) else { return false }
    }
    enterTLS(index, t)
    handle(index, direction, .end, [UInt8]().span.bytes, packet, into: &sink)
    return leaveTLS(index, t, into: &sink)
  }

  /// Shows what was held again, as far as it need not wait any more, in the order of the capture.
  mutating func pumpTLS<S: RecordSink & ~Copyable>(_ index: Int, _ t: Int, into sink: inout S) {
    let flow = tls[t]
    var isMoving = true
    while isMoving {
      isMoving = false
      for direction in order(t) where !isMoving && mayMove(t, direction) {
        guard let chunk = flow.held[Int(direction.rawValue)].popFirst() else { continue }
        guard let hasMoved = release(index, t, direction, chunk, into: &sink) else { return }
        isMoving = hasMoved
      }
    }
    countWaiting(t)
  }

  /// Both directions, the one first whose earliest piece that is held came first.
  private func order(_ t: Int) -> [Direction] {
    guard let forward = tls[t].held[0].first?.packet, let backward = tls[t].held[1].first?.packet else {
      return [.forward, .backward]
    }
    return backward.precedes(forward) ? [.backward, .forward] : [.forward, .backward]
  }

  /// Whether it is worth a try to show what is held of `direction`.
  private func mayMove(_ t: Int, _ direction: Direction) -> Bool {
    let flow = tls[t]
    let i = Int(direction.rawValue)
    return !flow.held[i].isEmpty
      && (flow.connection.waiting(i) != .secret || flow.generations[i] != keyLog.generation)
  }

  /// Shows one piece again; whether anything of it was taken, nil where the connection is of no interest any more.
  private mutating func release<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ chunk: HeldChunk, into sink: inout S
  ) -> Bool? {
    switch chunk.content {
    case .bytes(let bytes, let offset):
      var position = 0
      guard feedTLS(index, t, tls[t], direction, bytes.span.bytes, &position, at: offset, chunk.packet, into: &sink)
      else {
        return nil
      }
      if position < bytes.count {
        let rest = HeldChunk.Content.bytes(Array(bytes[position...]), offset + UInt64(position))
        tls[t].held[Int(direction.rawValue)].putBack(HeldChunk(content: rest, packet: chunk.packet))
      }
      return position > 0 ? true : false
    case .gap(let gap):
      return passTLS(index, t, direction, gap, chunk.packet, into: &sink) ? true : nil
    case .end:
      return endTLS(index, t, direction, chunk.packet, into: &sink) ? true : nil
    }
  }

  /// Secrets were added: shows what waits for them.
  public mutating func retryTLS<S: RecordSink & ~Copyable>(into sink: inout S) {
    guard tls.count > 0 else { return }
    for index in flows.indices {
      guard case .tls(let t) = flows[index].stage else { continue }
      pumpTLS(index, t, into: &sink)
      guard case .tls = flows[index].stage else { continue }
      settle(index, flows[index].lastPacket, into: &sink)
      if case .tls(let t) = flows[index].stage, tls[t].isEnded { close(index, .fin, into: &sink) }
    }
  }

  // MARK: Connections that are over before their secrets come

  /// Whether the connection at `index`, which was reset, may turn out to be of interest.
  func mayMatterAfterReset(_ index: Int) -> Bool {
    if case .webSocket = innerStage(index) { return true }
    return waitsForSecret(index) != nil
  }

  /// Whether the connection at `index`, which is over, is kept until its secrets come.
  mutating func waitsBeyondEnd(_ index: Int) -> Bool {
    guard let t = waitsForSecret(index) else { return false }
    if tls[t].isEnded { return true }
    guard endedTLS < options.tls.endedConnections else { return false }
    endedTLS += 1
    tls[t].isEnded = true
    return true
  }

  private func waitsForSecret(_ index: Int) -> Int? {
    guard expectsSecrets, case .tls(let t) = flows[index].stage else { return nil }
    let waits = tls[t].connection.waiting(0) == .secret || tls[t].connection.waiting(1) == .secret
    return waits ? t : nil
  }

  // MARK: Limits

  /// Something waits: for as long as it may.
  private mutating func limitTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(direction.rawValue)
    countWaiting(t)
    let waitsInVain = tls[t].connection.waiting(i) == .secret && !expectsSecrets
    guard waitsInVain || tls[t].held[i].cost > options.tls.heldBytes || waitingTLSBytes > options.tls.waitingBytes
    else {
      return
    }
    stopWaitingTLS(index, t, direction, packet, into: &sink)
  }

  private mutating func countWaiting(_ t: Int) {
    let flow = tls[t]
    let held = flow.held[0].cost + flow.held[1].cost
    waitingTLSBytes += held - flow.charge
    flow.charge = held
  }

  /// What `direction` waits for will not come.
  @discardableResult
  mutating func stopWaitingTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ direction: Direction, _ packet: PacketReference, into sink: inout S
  ) -> Bool {
    let i = Int(direction.rawValue)
    let first = tls[t].held[i].first?.packet ?? packet
    guard let event = tls[t].connection.stopWaiting(i, keyLog) else { return true }
    return act(
      index, t, event, Arrival(direction: direction, offset: tls[t].plain[i], packet: first), into: &sink)
  }
}
