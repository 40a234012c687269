import Bytes
import Capture
import HTTP
import TLS
import Transport

/// Packets in, records out: the place where transport, HTTP and WebSocket meet.
///
/// Show it every packet of a capture in order with `packet`, then call `finish`. It owns no file, clock or thread.
public struct Analyzer: ~Copyable {
  let options: AnalyzerOptions
  var decoder: PacketDecoder
  /// Connections that were numbered so far: those that asked for an upgrade, or in which frames were found.
  public private(set) var connectionCount: UInt64 = 0
  /// What is held for all connections beyond their own (`ConnectionLimits`).
  var heldBytes = 0
  // Where each connection stands: in one of the three stores that follow.
  var table = FlowTable()
  var quiet: QuietConnections
  var dismissed: DismissedConnections
  /// The latest time of a packet.
  private(set) var lastTime = Timestamp(nanoseconds: .min)
  var flows: Slots<Flow>
  /// Those of them that may be over.
  var doubts = Slots<DoubtfulConnection>()
  @usableFromInline var resets = RecentResets()
  var handshakes = ChunkedSlots<HandshakeSession>()
  var sockets: Sessions
  var workspace = Workspace()
  var drops = DropTimes()

  /// The secrets that TLS connections are decrypted with. Whoever adds some calls `retryTLS`.
  public var keyLog = KeyLog()
  /// Whether more secrets may come: then TLS connections wait for theirs.
  public var expectsSecrets = false
  var tls = TLSFlows()
  /// The TLS connection whose plaintext is being looked at.
  var currentTLS: Int?
  /// What is held of TLS connections that wait (`TLSOptions.waitingBytes`).
  var waitingTLSBytes = 0
  /// Requests of long polling that WebSockets may go on from.
  var pollings = LongPollings()
  /// How many of them are over (`TLSOptions.endedConnections`).
  var endedTLS = 0
  var gatheredSecrets: [GatheredSecrets] = []

  /// What was read and found so far. Frames and messages of a connection count
  /// from its end on; diagnostics are counted by `RecordFilter`.
  public internal(set) var summary = SummaryRecord()
  /// Whose packets came; nil unless `AnalyzerOptions.leavesTrail`.
  public internal(set) var trail: PacketTrail?

  /// An analyzer that has seen nothing.
  public init(_ options: AnalyzerOptions = AnalyzerOptions()) {
    self.options = options
    decoder = PacketDecoder(limits: options.fragments)
    quiet = QuietConnections(limit: options.connections.quiet)
    dismissed = DismissedConnections(limit: options.connections.dismissed)
    sockets = Sessions(options.messages)
    flows = Slots(most: options.connections.open)
    if options.leavesTrail {
      trail = PacketTrail()
      decoder.tellsLetGoDatagrams = true
    }
  }

  // MARK: Packets

  /// The next packet, whose captured bytes are `bytes[packet.data]`.
  ///
  /// - Parameter file: 0-based index of its file among the inputs.
  public mutating func packet<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ bytes: RawSpan, file: UInt32 = 0, into sink: inout S
  ) {
    let reference = PacketReference(number: packet.number, file: file, time: packet.time)
    if resets.isDue(packet.time, summary.packets) { settleResets(packet.time, into: &sink) }
    count(packet)
    if let segment = decoder.nextPlain(packet, bytes) {
      return take(segment, bytes, reference, into: &sink)
    }
    switch decoder.next(packet, bytes) {
    case .segment(let segment): take(segment, bytes, reference, into: &sink)
    case .datagram(let datagram): take(datagram, reference, into: &sink)
    case .nothing(let reason): summary.dismissedPackets[reason, default: 0] += 1
    }
  }

  /// Counts the packet if no more is to be done with it, as it belongs to a connection of another share. False: it must be
  /// given to `packet`, which also does without having been asked this.
  @inline(__always)
  public mutating func passes(_ packet: CapturedPacket, _ bytes: RawSpan) -> Bool {
    guard let share = options.share, !pollings.isWaiting, !resets.isDue(packet.time, summary.packets),
      decoder.isPlain(packet, bytes, ofOtherShareThan: share.index, of: share.count)
    else { return false }
    count(packet)
    return true
  }

  @inline(__always)
  mutating func count(_ packet: CapturedPacket) {
    if packet.time > lastTime { lastTime = packet.time }
    summary.packets += 1
    summary.bytes += UInt64(packet.data.count)
  }

  private mutating func take<S: RecordSink & ~Copyable>(
    _ datagram: ReassembledDatagram, _ packet: PacketReference, into sink: inout S
  ) {
    var datagram = datagram
    while true {  // A fragment may hold a tunnel that holds a fragment; the decoder follows only so many.
      switch decoder.next(datagram: datagram, time: packet.time) {
      case .segment(let segment): return take(segment, datagram.bytes.span.bytes, packet, into: &sink)
      case .datagram(let inner): datagram = inner
      case .nothing(let reason):
        summary.dismissedPackets[reason, default: 0] += 1
        return
      }
    }
  }

  mutating func take<S: RecordSink & ~Copyable>(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, into sink: inout S
  ) {
    if segment.payloadLength > 0 { notePolling(segment, bytes, packet) }
    if let (value, direction) = table.findPlain(segment.source, segment.destination),
      let index = ConnectionPlace(rawValue: value).flow, !segment.flags.contains(.syn)
    {
      return process(index, direction, segment, bytes, packet, into: &sink)
    }
    takeSlowly(segment, bytes, packet, into: &sink)
  }

  @inline(never)
  private mutating func takeSlowly<S: RecordSink & ~Copyable>(
    _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference, into sink: inout S
  ) {
    let (key, direction) = FlowKey.of(segment.source, segment.destination)
    if let share = options.share, !share.holds(key) { return }
    guard let index = find(key, direction, segment, bytes, packet, into: &sink) else { return }
    process(index, direction, segment, bytes, packet, into: &sink)
  }

  /// A segment of the connection at `index`.
  @inline(__always)
  private mutating func process<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference,
    into sink: inout S
  ) {
    let isCounting = sink.kinds.isDisjoint(with: [.frame, .message])
    switch flows[index].takeInOrder(segment, direction, bytes, packet, isCounting: isCounting, &workspace) {
    case .counted:
      summary.webSocketBytes &+= UInt64(truncatingIfNeeded: segment.payloadLength)
    case .bytes(let offset):
      guard segment.payloadLength > 0 else { return }
      deliver(index, direction, bytes.extracting(segment.payload), at: offset, packet, into: &sink)
    case nil:
      processSlowly(index, direction, segment, bytes, packet, into: &sink)
    }
  }

  @inline(never)
  private mutating func processSlowly<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference,
    into sink: inout S
  ) {
    if case .webSocket = flows[index].stage,
      let isClosed = flows[index].tcp.takeFINInOrder(segment, direction, packet)
    {
      if isClosed { close(index, .fin, into: &sink) }
      return
    }
    var step = flows[index].tcp.arrive(segment, direction, packet, trustingChecksums: options.ignoresChecksums)
    let limits = reassemblyLimits(index, direction)
    while let event = flows[index].tcp.next(segment, direction, bytes, packet, &step, limits.reassembly) {
      switch event {
      case .stream(let direction, let event):
        if limits.isCrowded, case .gap(let gap) = event, gap.cause == .skipped { crowd(index, packet, into: &sink) }
        handle(index, direction, event, bytes, packet, into: &sink)
      case .reset(let direction, let isExact):
        takeReset(index, direction, segment, isExact: isExact, packet, into: &sink)
      }
      if case .dismissed = flows[index].stage { return }
    }
    settle(index, packet, into: &sink)
    if flows[index].tcp.isClosed { close(index, .fin, into: &sink) }
  }

  // MARK: Streams

  mutating func handle<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ event: ReassemblyEvent, _ bytes: RawSpan, _ packet: PacketReference,
    into sink: inout S
  ) {
    switch event {
    case .bytes(let range, let offset):
      deliver(index, direction, bytes.extracting(range), at: offset, packet, into: &sink)
    case .stored(let segment):
      if segment.isDoubtful { report(index, direction, event, segment.packet, into: &sink) }
      deliver(index, direction, segment.bytes.span.bytes, at: segment.offset, segment.packet, into: &sink)
    case .gap(let gap):
      // The packet that is at hand only ended the waiting.
      deliver(index, direction, gap, gap.packet ?? gap.next ?? packet, into: &sink)
    case .end:
      if case .tls(let t) = flows[index].stage { return finishTLS(index, t, direction, packet, into: &sink) }
      if case .handshake(let session) = flows[index].stage {
        handshakes[session].begin(direction, startIsKnown: flows[index].tcp.startIsKnown(direction))
        handshakes[session].finish(direction, packet)
        advance(index, session, into: &sink)
      }
    case .conflict, .discarded:
      report(index, direction, event, packet, into: &sink)
    }
  }

  mutating func deliver<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    into sink: inout S
  ) {
    guard case .webSocket(let socket, let clientDirection) = flows[index].stage else {
      return deliverToHandshake(index, direction, bytes, at: offset, packet, into: &sink)
    }
    summary.webSocketBytes &+= UInt64(bytes.byteCount)
    absorb(index, socket, clientDirection)
    let sender = Sender(direction, client: clientDirection)
    let mayHold = sockets[socket].take(sender, bytes, at: offset, packet, &workspace, into: &sink)
    if mayHold, currentTLS == nil { settle(index, packet, into: &sink) }  // else once for a whole record
    guard sink.kinds.isDisjoint(with: [.frame, .message]) else { return }
    let mayCount = sockets.inPlace(socket) { ($0.mayCount(.client), $0.mayCount(.server)) }
    flows.inPlace(index) { $0.openPlain(clientDirection, mayCount) }
  }

  /// Tells the session of what was counted apart. Called before anything else happens to it.
  @inline(__always)
  mutating func absorb(_ index: Int, _ socket: Int, _ client: Direction) {
    guard let counts = flows.inPlace(index, { $0.takePlain() }) else { return }
    sockets.inPlace(socket) {
      $0.absorb(counts[Int(client.rawValue)], .client)
      $0.absorb(counts[Int(client.opposite.rawValue)], .server)
    }
  }

  @inline(never)
  private mutating func deliverToHandshake<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    into sink: inout S
  ) {
    if case .tls(let t) = flows[index].stage {
      return deliverToTLS(index, t, direction, bytes, at: offset, packet, into: &sink)
    }
    if case .quiet = flows[index].stage {
      if TLSFlow.begins(bytes, startIsKnown: flows[index].tcp.startIsKnown(direction)) {
        return beginTLS(index, direction, bytes, at: offset, packet, into: &sink)
      }
      listen(index)
    }
    guard case .handshake(let session) = flows[index].stage else { return }
    summary.otherBytes += UInt64(bytes.byteCount)
    handshakes[session].begin(direction, startIsKnown: flows[index].tcp.startIsKnown(direction))
    if !options.assumedPorts.isEmpty { assume(index, session, direction, bytes) }
    handshakes[session].take(direction, bytes, at: offset, packet)
    advance(index, session, into: &sink)
    if case .handshake = flows[index].stage { settle(index, packet, into: &sink) }
  }

  private mutating func deliver<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ gap: StreamGap, _ packet: PacketReference, into sink: inout S
  ) {
    if case .quiet = flows[index].stage { listen(index) }
    var gap = gap
    if gap.cause != .cut { gap.isNearDrops = drops.isNear(gap.next?.time ?? packet.time) }
    switch flows[index].stage {
    case .webSocket(let socket, let clientDirection):
      summary.missingBytes += gap.length
      absorb(index, socket, clientDirection)
      let sender = Sender(direction, client: clientDirection)
      sockets[socket].skip(sender, gap, packet, &workspace, into: &sink)
    case .handshake(let session):
      handshakes[session].begin(direction, startIsKnown: flows[index].tcp.startIsKnown(direction))
      handshakes[session].remark(.gap(gap), direction, packet)
      handshakes[session].skip(direction, gap, packet)
      advance(index, session, into: &sink)
    case .tls(let t):
      skipTLS(index, t, direction, gap, packet, into: &sink)
    case .quiet, .dismissed:
      break
    }
  }

  // MARK: From handshake to WebSocket

  /// The connection says something for the first time.
  mutating func listen(_ index: Int) {
    flows[index].stage = .handshake(handshakes.insert(HandshakeSession()))
  }

  /// Acts on what the handshake has come to.
  mutating func advance<S: RecordSink & ~Copyable>(_ index: Int, _ session: Int, into sink: inout S) {
    for refusal in handshakes[session].takeRefusals() { turnDown(index, session, refusal, into: &sink) }
    switch handshakes[session].outcome {
    case .pending:
      break
    case .dismissed:
      dismiss(index, session)
    case .overflowed:
      sink.diagnostic(Diagnostic(.bytesHeld, packet: flows[index].lastPacket))
      dismiss(index, session)
    case .secured:
      secure(index, session, into: &sink)
    case .upgraded(let upgrade):
      open(index, session, upgrade, into: &sink)
    }
  }

  mutating func dismiss(_ index: Int, _ session: Int) {
    if handshakes[session].isHeadCut { summary.cutHandshakes += 1 }
    if listUndecryptable(index, session) { return }
    if let client = handshakes[session].suspect {
      summary.suspectedConnections += 1
      let port = flows[index].tcp.key.source(client.opposite).port
      summary.suspectedPort = min(summary.suspectedPort ?? port, port)
    }
    handshakes.remove(session)
    if keepForList(index) { return }
    // What its streams hold is of no use any more.
    summary.otherBytes += UInt64(flows[index].tcp.heldBytes)
    retire(index)
  }

  private mutating func open<S: RecordSink & ~Copyable>(
    _ index: Int, _ session: Int, _ upgrade: consuming Upgrade, into sink: inout S
  ) {
    if let head = upgrade.request?.head, !head.asksForWebSocket, flows[index].tcp.isWaiting {
      upgrade.request = nil  // Bytes are missing, among which there may be the request that the server answered.
    }
    summary.connections += 1
    var record = connectionRecord(index, upgrade, .upgraded, sink.kinds)
    if let target = upgrade.request?.head.target {
      record.polling = pollings.session(of: target, record.connection.server)
    }
    sink.connection(record)
    markShown(index, record.connection.number)
    let socket = sockets.begin(record)
    sockets[socket].reportHandshake(record, into: &sink)
    flows[index].stage = .webSocket(socket, clientDirection: upgrade.clientDirection)
    let held = handshakes[session].takeHeld()
    for remark in handshakes[session].remarks where !held.contains(where: { remark.isAbout($1, in: $0) }) {
      report(index, remark.direction, remark.event, remark.packet, into: &sink)
    }
    let (client, server) = (upgrade.clientDirection, upgrade.clientDirection.opposite)
    let passed = (handshakes[session].passedBytes(client), handshakes[session].passedBytes(server))
    let missed = (handshakes[session].missedBytes(client), handshakes[session].missedBytes(server))
    handshakes.remove(session)
    summary.missingBytes += missed.0 + missed.1
    summary.otherBytes -= min(summary.otherBytes, passed.0 + passed.1)
    summary.webSocketBytes += passed.0 + passed.1
    let first = flows[index].tcp.firstPacket
    sockets[socket].begin(.client, upgrade.clientStart, passed: passed.0, missed: missed.0, first, into: &sink)
    sockets[socket].begin(.server, upgrade.serverStart, passed: passed.1, missed: missed.1, first, into: &sink)
    for (direction, chunk) in held {
      switch chunk.content {
      case .bytes(let bytes, let offset):
        summary.otherBytes -= min(summary.otherBytes, UInt64(bytes.count))
        deliver(index, direction, bytes.span.bytes, at: offset, chunk.packet, into: &sink)
      case .gap(let gap): deliver(index, direction, gap, chunk.packet, into: &sink)
      case .end: break
      }
    }
  }

  mutating func connectionRecord(
    _ index: Int, _ upgrade: Upgrade, _ outcome: UpgradeOutcome, _ kinds: RecordKinds
  ) -> ConnectionRecord {
    connectionCount += 1
    let (key, first) = (flows[index].tcp.key, flows[index].tcp.firstPacket.time)
    let client = key.source(upgrade.clientDirection)
    let server = key.source(upgrade.clientDirection.opposite)
    let reference = ConnectionReference(
      number: connectionCount, identifier: stableIdentifier(client, server, firstPacket: first), client: client,
      server: server)
    return ConnectionRecord(
      reference, upgrade, outcome, openedAt: first, flows[index].tcp.roundTrip, isTold: kinds.contains(.connection),
      tls: currentTLS.map { tls[$0].connection.information })
  }
}
