import Bytes
import TLS
import Transport

/// Where an event of a TLS connection comes from.
struct Arrival {
  var direction: Direction
  /// Where the bytes at hand begin in the TCP stream.
  var offset: StreamOffset
  var packet: PacketReference
}

/// What becomes of what is decrypted.
extension Analyzer {
  /// Acts on an event; false where the connection is of no interest any more.
  mutating func act<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ event: TLSEvent, _ place: Arrival, into sink: inout S
  ) -> Bool {
    switch event {
    case .data(let range, let start):
      return give(index, t, range, at: start, place, into: &sink)
    case .gap(let gap):
      return give(index, t, gap, place, into: &sink)
    case .badRecord:
      noteFailure(t, place)
      tell(t, .tlsBadRecord, nil, place, into: &sink)
      return true
    case .opaque(let obstacle):
      noteFailure(t, place)
      return close(index, t, obstacle, place, into: &sink)
    case .notTLS:
      summary.tls.connections -= 1
      return dropTLS(index, t)
    }
  }

  private func noteFailure(_ t: Int, _ place: Arrival) {
    if tls[t].failure == nil { tls[t].failure = place.packet }
  }

  /// The connection is of no interest any more.
  private mutating func dropTLS(_ index: Int, _ t: Int) -> Bool {
    enterTLS(index, t)
    if case .handshake(let session) = flows[index].stage { handshakes.remove(session) }
    flows[index].stage = .quiet
    currentTLS = nil
    forgetTLS(t)
    summary.otherBytes += UInt64(flows[index].tcp.heldBytes)
    retire(index)
    return false
  }

  /// Plaintext goes on, in pieces as the packets brought it: each byte of it has its place in the ciphertext.
  private mutating func give<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ range: Range<Int>, at start: UInt64, _ place: Arrival, into sink: inout S
  ) -> Bool {
    let flow = tls[t]
    let i = Int(place.direction.rawValue)
    summary.otherBytes -= min(summary.otherBytes, UInt64(range.count))
    let output = workspace.tls.takeOutput()
    defer { workspace.tls.giveOutput(output) }
    var position = range.lowerBound
    var wire = start
    var mark: Int?
    enterTLS(index, t)
    while position < range.upperBound {
      var packet = place.packet
      var count = range.upperBound - position
      if wire < place.offset {
        let (earlier, end) = flow.marks[i].packet(at: wire, &mark) ?? (place.packet, .max)
        packet = earlier
        count = min(count, Int(clamping: min(end, place.offset) - wire))
      }
      let piece = output.span.bytes.extracting(position..<position + count)
      let offset = flow.plain[i]
      flow.plain[i] += UInt64(count)
      deliver(index, place.direction, piece, at: offset, packet, into: &sink)
      if case .dismissed = flows[index].stage { break }
      if flow.isOnlyCounted { break }
      position += count
      wire += UInt64(count)
    }
    if case .webSocket(let socket, _) = flows[index].stage, sockets.inPlace(socket, { $0.shared.mayHold }) {
      settle(index, place.packet, into: &sink)
    }
    return leaveTLS(index, t, into: &sink)
  }

  /// Plaintext is lost.
  private mutating func give<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ gap: TLSGap, _ place: Arrival, into sink: inout S
  ) -> Bool {
    let i = Int(place.direction.rawValue)
    let stream = StreamGap(
      offset: tls[t].plain[i], length: gap.most, cause: gap.isExact ? .notDecrypted : .notDecryptedAtMost,
      packet: nil, next: place.packet)
    tls[t].plain[i] &+= gap.most
    enterTLS(index, t)
    handle(index, place.direction, .gap(stream), [UInt8]().span.bytes, place.packet, into: &sink)
    return leaveTLS(index, t, into: &sink)
  }

  /// Nothing more of a direction will be decrypted.
  private mutating func close<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ obstacle: TLSObstacle, _ place: Arrival, into sink: inout S
  ) -> Bool {
    let i = Int(place.direction.rawValue)
    tls[t].held[i] = HeldChunks()
    tls[t].marks[i].forget(before: nil)
    tell(t, .tlsOpaque, obstacle.description, place, into: &sink)
    if case .webSocket = tls[t].inner {
      let rest = StreamGap(
        offset: tls[t].plain[i], length: 0, cause: .notDecryptedAtMost, packet: nil, next: place.packet)
      enterTLS(index, t)
      handle(index, place.direction, .gap(rest), [UInt8]().span.bytes, place.packet, into: &sink)
      return leaveTLS(index, t, into: &sink)
    }
    guard tls[t].connection.isOver(0), tls[t].connection.isOver(1) || tls[t].connection.client == nil else {
      return true
    }
    // What one of them said counts at the end of the connection, whenever the other one was given up.
    guard !tls[t].connection.information.hasData else { return true }
    return abandonTLS(index, t)
  }

  /// Neither direction will be decrypted.
  private mutating func abandonTLS(_ index: Int, _ t: Int) -> Bool {
    if options.tls.listsConnections {
      countOnly(t)
      return true
    }
    return dropTLS(index, t)
  }

  // MARK: Inside and outside

  /// From here on, the flow's stage is that of its plaintext.
  mutating func enterTLS(_ index: Int, _ t: Int) {
    flows[index].stage = tls[t].inner
    currentTLS = t
  }

  /// The opposite; false where the connection is of no interest any more.
  mutating func leaveTLS<S: RecordSink & ~Copyable>(_ index: Int, _ t: Int, into sink: inout S) -> Bool {
    currentTLS = nil
    if case .dismissed = flows[index].stage {
      forgetTLS(t)
      return false
    }
    let flow = tls[t]
    flow.inner = flows[index].stage
    flows[index].stage = .tls(t)
    if case .webSocket = flow.inner, !flow.remarks.isEmpty {
      let remarks = flow.remarks
      flow.remarks = []
      for remark in remarks { report(t, remark, into: &sink) }
    }
    return true
  }

  /// The connection carries no WebSocket, and is only counted; true if that is how it is listed.
  mutating func keepForList(_ index: Int) -> Bool {
    guard let t = currentTLS, options.tls.listsConnections else { return false }
    flows[index].stage = .quiet
    tls[t].inner = .quiet
    countOnly(t)
    return true
  }

  private mutating func countOnly(_ t: Int) {
    if case .handshake(let session) = tls[t].inner { handshakes.remove(session) }
    tls[t].inner = .quiet
    tls[t].isOnlyCounted = true
    for i in 0..<2 {
      tls[t].held[i] = HeldChunks()
      tls[t].marks[i].forget(before: nil)
    }
    waitingTLSBytes -= tls[t].charge
    tls[t].charge = 0
  }

  private mutating func forgetTLS(_ t: Int) {
    noteTLS(t)
    if tls[t].isEnded { endedTLS -= 1 }
    waitingTLSBytes -= tls[t].charge
    tls.remove(t)
  }

  /// Counts what became of a connection.
  private mutating func noteTLS(_ t: Int) {
    let information = tls[t].connection.information
    if information.hasData { summary.tls.decrypted += 1 }
    if let obstacle = information.obstacle, !information.hasData { summary.tls.obstacles[obstacle, default: 0] += 1 }
  }

  // MARK: Telling

  private mutating func tell<S: RecordSink & ~Copyable>(
    _ t: Int, _ code: DiagnosticCode, _ detail: String?, _ place: Arrival, into sink: inout S
  ) {
    let remark = TLSRemark(
      code: code, detail: detail, direction: place.direction, packet: place.packet,
      offset: tls[t].plain[Int(place.direction.rawValue)])
    if case .webSocket = tls[t].inner {
      report(t, remark, into: &sink)
    } else if tls[t].remarks.count < TLSFlow.mostRemarks {
      tls[t].remarks.append(remark)
    }
  }

  private mutating func report<S: RecordSink & ~Copyable>(_ t: Int, _ remark: TLSRemark, into sink: inout S) {
    guard case .webSocket(let socket, let client) = tls[t].inner else { return }
    sockets[socket].shared.reporter.report(
      remark.code, detail: remark.detail, Sender(remark.direction, client: client), remark.packet, remark.offset,
      into: &sink)
  }

  /// What is to be told of the TCP stream is told of the connection inside.
  mutating func remark<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ event: ReassemblyEvent, _ direction: Direction, _ packet: PacketReference,
    into sink: inout S
  ) {
    guard !tls[t].isOnlyCounted else { return }
    enterTLS(index, t)
    report(index, direction, event, packet, into: &sink)
    _ = leaveTLS(index, t, into: &sink)
  }

  // MARK: The end

  /// The connection is over: nothing that is waited for will come. False where it is of no interest any more.
  mutating func concludeTLS<S: RecordSink & ~Copyable>(
    _ index: Int, _ t: Int, _ packet: PacketReference, into sink: inout S
  ) -> Bool {
    var isWaiting = true
    while isWaiting {
      isWaiting = false
      for direction in [Direction.forward, .backward] where tls[t].connection.waiting(Int(direction.rawValue)) != nil {
        isWaiting = true
        guard stopWaitingTLS(index, t, direction, packet, into: &sink) else { return false }
        pumpTLS(index, t, into: &sink)
        guard case .tls = flows[index].stage else { return false }
      }
    }
    for direction in [Direction.forward, .backward] {
      let i = Int(direction.rawValue)
      while let event = tls[t].connection.finish(i) {
        let place = Arrival(direction: direction, offset: tls[t].plain[i], packet: packet)
        guard act(index, t, event, place, into: &sink) else { return false }
      }
    }
    return true
  }

  /// The connection is over: it is what its plaintext is from here on. False where it is of no interest any more.
  mutating func uncover<S: RecordSink & ~Copyable>(_ index: Int, _ t: Int, into sink: inout S) -> Bool {
    guard concludeTLS(index, t, flows[index].lastPacket, into: &sink) else { return false }
    enterTLS(index, t)
    if case .handshake(let session) = flows[index].stage {
      handshakes[session].conclude()
      advance(index, session, into: &sink)
    }
    guard leaveTLS(index, t, into: &sink) else { return false }
    list(index, t, into: &sink)
    flows[index].stage = tls[t].inner
    forgetTLS(t)
    return true
  }
}
