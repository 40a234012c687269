import Bytes
import Transport
import WebSocket

/// Connections whose opening handshake is not, or not all, in the capture: frames tell that there was one.
extension HandshakeSession {
  /// Bytes in which no head begins may be frames.
  mutating func seekFrames(
    _ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference
  ) {
    if midstream.isEmpty {
      let isAskedFor = requests.last?.asksForUpgrade == true
      midstream.append(MidstreamSearch(client: clientDirection, isAskedFor: isAskedFor))
    }
    midstream[0].append(direction, bytes, at: offset, packet)
    if midstream[0].isTLS { return giveUp(.dismissed) }
    if let finding = midstream[0].look() { accept(finding) }
  }

  /// Nothing more will come: is what there is enough?
  mutating func acceptFrames() {
    if !midstream.isEmpty, let finding = midstream[0].look(isLast: true) {
      return accept(finding)
    }
    guard let client = clientDirection, let confidence = confidenceInHeldFrames(client) else { return }
    accept(
      MidstreamFinding(
        clientDirection: client, confidence: confidence, isNoChance: true, starts: (.unknown, .unknown)))
  }

  /// The direction in which the client would send if this were a WebSocket, as it looks to be without being sure.
  var suspect: Direction? { midstream.isEmpty || midstream[0].looksLikeTLS ? nil : midstream[0].suspect }

  /// Where a request for an upgrade has no answer in the capture, what the client sent behind it tells whether it got one.
  private func confidenceInHeldFrames(_ client: Direction) -> Confidence? {
    let i = Int(client.rawValue)
    guard requests.last?.asksForUpgrade == true, streams[i].isWaiting, !held[i].isEmpty else { return nil }
    let window = held[i].window(StreamSearch.defaultLimit)
    guard Self.beginsFrame(window.bytes.span.bytes) else { return nil }
    var search = FrameSearch(isMasked: true, compression: .unknown)
    guard let chain = search.best(in: window), chain.start == 0 else { return nil }
    return chain.confidenceAtKnownStart >= .least ? chain.confidenceAtKnownStart : nil
  }

  private mutating func accept(_ finding: MidstreamFinding) {
    let request = requests.last.flatMap { $0.asksForUpgrade ? $0 : nil }
    let isBehindRequest = request != nil && streams[Int(finding.clientDirection.rawValue)].isWaiting
    outcome = .upgraded(
      Upgrade(
        request: request?.record, response: nil, clientDirection: finding.clientDirection,
        clientStart: isBehindRequest ? .known : finding.starts.client, serverStart: finding.starts.server,
        inference: .found(finding.confidence)))
  }

  /// Whether no head was seen in either direction, and none has begun in this one.
  func isSilent(_ direction: Direction) -> Bool {
    !isDecided && clientDirection == nil && !streams[Int(direction.rawValue)].isInsideMessage
  }

  /// Takes the connection for a WebSocket because the user says so.
  mutating func assume(_ client: Direction, clientStart: FirstFrame, serverStart: FirstFrame) {
    outcome = .upgraded(
      Upgrade(
        request: nil, response: nil, clientDirection: client, clientStart: clientStart, serverStart: serverStart,
        inference: .assumed))
  }
}
