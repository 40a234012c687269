import Bytes
import HTTP
import Transport
import WebSocket

/// Follows the HTTP/1.1 messages of a connection until one switches it to WebSocket (RFC 6455 §4, RFC 9110 §7.8).
///
/// Requests and responses are paired in order; whichever direction must wait for the other is held.
struct HandshakeSession {
  /// Bytes held at most, a direction. 256 KiB: what a client may send ahead of the server's answer.
  static let heldLimit = 256 * 1024
  /// How many pieces of the server's stream may follow a response whose request was not seen, before that is taken as
  /// missing. A capture that wrote the request down later is off by a few.
  private static let orphanPatience = 64
  /// Requests without an answer that are remembered. Nobody pipelines as many, but a capture may lack the answers.
  private static let requestLimit = 128

  struct Request {
    var record: HeadRecord
    var method: String
    var asksForUpgrade: Bool
    /// Whether its body is still to come.
    var awaitsBody = false
  }

  private(set) var streams: InlineArray<2, HTTPStream> = [HTTPStream(), HTTPStream()]
  private(set) var held: InlineArray<2, HeldChunks> = [HeldChunks(), HeldChunks()]
  private var hasBegun: InlineArray<2, Bool> = [false, false]
  private(set) var startIsKnown: InlineArray<2, Bool> = [true, true]
  private(set) var hasGaps: InlineArray<2, Bool> = [false, false]
  /// Where the head that is being read begins.
  private var headStarts: InlineArray<2, StreamOffset> = [0, 0]
  /// Whether bytes of a head are missing whose beginning was there.
  private(set) var isHeadCut = false
  private(set) var requests: [Request] = []
  private(set) var clientDirection: Direction?
  /// Whether what comes goes through a proxy to wherever the client wants (RFC 9110 §9.3.6).
  private var isTunnel = false
  /// A response that came before its request.
  private(set) var earlyResponse: HeadRecord?
  private var earlyPieces = 0

  /// What is to be told about the streams, should this become a WebSocket; the first few only.
  private(set) var remarks: [StreamRemark] = []
  private static let remarkLimit = 16
  var outcome = HandshakeOutcome.pending
  /// Where frames are looked for while heads are; empty otherwise.
  var midstream: [MidstreamSearch] = []
  /// Bytes that the capture lacks where no head is being read any more, before frames were looked for.
  private var missed: InlineArray<2, UInt64> = [0, 0]
  /// Bytes of memory that its parts take, about.
  private(set) var costs = (request: 0, response: 0, remarks: 0)
  /// Upgrades that were refused since this was last asked.
  private var refusals: [Upgrade] = []

  mutating func remark(_ event: ReassemblyEvent, _ direction: Direction, _ packet: PacketReference) {
    guard remarks.count < Self.remarkLimit else { return }
    if case .stored(let segment) = event { costs.remarks += segment.bytes.count }
    remarks.append(StreamRemark(event: event, direction: direction, packet: packet))
  }

  /// Captured bytes of `direction` that were searched for frames, and hold none that is sure.
  func passedBytes(_ direction: Direction) -> UInt64 { midstream.first?.passed(direction) ?? 0 }

  /// Bytes of `direction` that the capture lacks, behind the last head and before the first frame.
  func missedBytes(_ direction: Direction) -> UInt64 {
    missed[Int(direction.rawValue)] + (midstream.first?.missed(direction) ?? 0)
  }

  mutating func takeRefusals() -> [Upgrade] {
    defer { refusals = [] }
    return refusals
  }

  /// Hands over what was held, in the order of the capture.
  mutating func takeHeld() -> [(Direction, HeldChunk)] {
    var chunks: [(Direction, HeldChunk)] = []
    if !midstream.isEmpty, case .upgraded(let upgrade) = outcome {
      for (direction, found) in midstream[0].takeChunks(client: upgrade.clientDirection) {
        held[Int(direction.rawValue)].prepend(found)
      }
    }
    while true {
      let forward = held[0].first?.packet
      let backward = held[1].first?.packet
      let isForward = backward.map { later in forward.map { $0.precedes(later) } ?? false } ?? true
      guard let chunk = isForward ? held[0].popFirst() : held[1].popFirst() else { return chunks }
      chunks.append((isForward ? .forward : .backward, chunk))
    }
  }

  // MARK: What the streams bring

  /// Says that something of `direction` comes, before the first piece of it: where its start is not known, it is searched
  /// for the first head.
  mutating func begin(_ direction: Direction, startIsKnown isKnown: Bool) {
    let i = Int(direction.rawValue)
    guard !hasBegun[i] else { return }
    hasBegun[i] = true
    startIsKnown[i] = isKnown
    if !isKnown { _ = streams[i].skip(1) }
  }

  /// The next bytes of `direction`.
  mutating func take(_ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    var position = 0
    if held[i].isEmpty {
      let mayBeRequest = earlyResponse != nil && direction == clientDirection
      feed(direction, bytes, &position, at: offset, packet)
      if mayBeRequest, earlyResponse != nil, !isDecided, !streams[i].isInsideMessage, Self.beginsFrame(bytes) {
        // No request begins here, but a frame, it seems: the capture lacks the request, and maybe more.
        acceptOrphan()
      }
    }
    if position < bytes.byteCount, !held[i].isEmpty || streams[i].isWaiting || isDecided {
      hold(direction, bytes, position, at: offset, packet)
    }
    pump()
    guard earlyResponse != nil, direction != clientDirection else { return }
    earlyPieces += 1
    if earlyPieces > Self.orphanPatience { acceptOrphan() }
  }

  /// Bytes of `direction` are missing.
  mutating func skip(_ direction: Direction, _ gap: StreamGap, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    hasGaps[i] = true
    if held[i].isEmpty, !streams[i].isWaiting {
      pass(direction, gap, packet)
    } else {
      held[i].append(.gap(gap), packet)
    }
    pump()
  }

  /// The stream in `direction` is over.
  mutating func finish(_ direction: Direction, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    if held[i].isEmpty, !streams[i].isWaiting {
      _ = streams[i].finish()
    } else {
      held[i].append(.end, packet)
    }
    if direction == clientDirection { acceptOrphan() }
    pump()
  }

  /// The capture or the connection is over: a request for an upgrade stays without an answer, and a 101 without a request is
  /// accepted.
  mutating func conclude() {
    acceptWhatThereIs()
    if !isDecided { giveUp(.dismissed) }
  }

  // MARK: Inside

  /// Nothing more is waited for.
  private mutating func acceptWhatThereIs() {
    acceptOrphan()
    if !isDecided { acceptFrames() }
  }

  var isDecided: Bool {
    if case .pending = outcome { return false }
    return true
  }

  /// The connection carries no WebSocket that can be followed. Upgrades that were asked for stay without an answer.
  mutating func giveUp(_ result: HandshakeOutcome) {
    outcome = result
    guard let clientDirection else { return }
    for request in requests where request.asksForUpgrade {
      refusals.append(Upgrade(request: request.record, response: nil, clientDirection: clientDirection))
    }
    requests = []
  }

  private mutating func hold(
    _ direction: Direction, _ bytes: RawSpan, _ position: Int, at offset: StreamOffset, _ packet: PacketReference
  ) {
    let i = Int(direction.rawValue)
    if !isDecided, held[i].cost + bytes.byteCount - position > Self.heldLimit {
      acceptWhatThereIs()
      guard isDecided else { return giveUp(.overflowed) }
    }
    var copy: [UInt8] = []
    copy.append(bytes.extracting(position..<bytes.byteCount))
    held[i].append(.bytes(copy, offset + UInt64(position)), packet)
  }

  /// Gives held bytes to streams that wait no more.
  private mutating func pump() {
    var isMoving = true
    while isMoving, !isDecided {
      isMoving = false
      for direction in [Direction.forward, .backward] {
        let i = Int(direction.rawValue)
        guard !isDecided, !streams[i].isWaiting, let chunk = held[i].popFirst() else { continue }
        isMoving = true
        release(direction, chunk)
      }
    }
  }

  private mutating func release(_ direction: Direction, _ chunk: HeldChunk) {
    let i = Int(direction.rawValue)
    switch chunk.content {
    case .bytes(let bytes, let offset):
      var position = 0
      feed(direction, bytes.span.bytes, &position, at: offset, chunk.packet)
      guard position < bytes.count, streams[i].isWaiting || isDecided else { return }
      let rest = HeldChunk.Content.bytes(Array(bytes[position...]), offset + UInt64(position))
      held[i].putBack(HeldChunk(content: rest, packet: chunk.packet))
    case .gap(let gap):
      pass(direction, gap, chunk.packet)
    case .end:
      _ = streams[i].finish()
    }
  }

  private mutating func pass(_ direction: Direction, _ gap: StreamGap, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    if streams[i].isInsideHead { isHeadCut = true }
    _ = streams[i].skip(gap.length)
    guard streams[i].isLost else { return }
    if midstream.isEmpty {
      missed[i] += gap.length
    } else {
      midstream[0].append(direction, gap, packet)
    }
  }

  private mutating func feed(
    _ direction: Direction, _ bytes: RawSpan, _ position: inout Int, at offset: StreamOffset, _ packet: PacketReference
  ) {
    let i = Int(direction.rawValue)
    let start = position
    while !isDecided {
      let rest = bytes.extracting(position...)
      if isTunnel, !streams[i].isInsideMessage, TLSFlow.begins(rest, startIsKnown: true) { return outcome = .secured }
      if !streams[i].isInsideMessage { headStarts[i] = offset + UInt64(position) }
      guard let event = streams[i].next(bytes, &position) else { break }
      switch event {
      case .head(let head):
        midstream = []
        missed = [0, 0]
        let record = HeadRecord(head: head, packet: packet, offset: headStarts[i])
        if let status = head.status { response(record, status, direction) } else { request(record, direction) }
      case .messageEnd:
        if direction == clientDirection { endRequestBody() }
      case .notHTTP:
        giveUp(.dismissed)
      case .headTooLarge:
        giveUp(.overflowed)
      }
    }
    if streams[i].isLost, !isDecided {
      seekFrames(direction, bytes.extracting(start..<position), at: offset + UInt64(start), packet)
    }
  }

  // MARK: Requests and responses

  private mutating func request(_ record: HeadRecord, _ direction: Direction) {
    guard clientDirection == nil || clientDirection == direction else { return giveUp(.dismissed) }
    clientDirection = direction
    let asksForUpgrade = record.head.asksForWebSocket
    let method = record.head.method ?? ""
    // Fields count in the last request only: behind one for an upgrade, none is read before the answer.
    if let last = requests.indices.last {
      requests[last].record.head.forgetFields(andStartLine: !requests[last].asksForUpgrade)
    }
    costs.request = record.head.cost
    let mustWait = asksForUpgrade || method == "CONNECT"
    let awaitsBody = mustWait && record.head.requestBody != .none
    let request = Request(record: record, method: method, asksForUpgrade: asksForUpgrade, awaitsBody: awaitsBody)
    if requests.isEmpty { requests = [request] } else { requests.append(request) }  // one, usually: no room for more
    // What follows a request to switch protocols, and its body, depends on its response (RFC 9110 §7.8).
    if awaitsBody { streams[Int(direction.rawValue)].expect(record.head.requestBody) }
    if !mustWait {
      streams[Int(direction.rawValue)].expect(record.head.requestBody)
      if requests.count > Self.requestLimit { requests.removeFirst() }
    }
    if !awaitsBody { pairEarlyResponse() }
  }

  /// A request's body is complete. Where what follows depends on the response, it is waited for.
  private mutating func endRequestBody() {
    guard let clientDirection, requests.last?.awaitsBody == true else { return }
    requests[requests.count - 1].awaitsBody = false
    streams[Int(clientDirection.rawValue)].wait()
    pairEarlyResponse()
  }

  private mutating func response(_ record: HeadRecord, _ status: Int, _ direction: Direction) {
    costs.response = record.head.cost
    guard clientDirection == nil || clientDirection == direction.opposite else { return giveUp(.dismissed) }
    clientDirection = direction.opposite
    // Its request may have been written down later, unless it is one from before the capture.
    let mayFollow = status == 101 || (status >= 200 && startIsKnown[Int(direction.opposite.rawValue)])
    if requests.isEmpty, mayFollow {
      earlyResponse = record
      earlyPieces = 0
    } else {
      answer(record, status)
    }
  }

  private mutating func answer(_ response: HeadRecord, _ status: Int) {
    guard let clientDirection else { return }
    if status == 101 { return takeSwitch(response, clientDirection) }
    let server = Int(clientDirection.opposite.rawValue)
    let client = Int(clientDirection.rawValue)
    guard status >= 200, let request = requests.first, !isOlder(response, than: request, client) else {
      // RFC 9110 §15.2: an interim response, which the final one follows; or the answer to a request not seen.
      streams[server].expect(response.head.responseBody(toMethod: nil))
      return
    }
    requests.removeFirst()
    if request.method == "CONNECT", (200...299).contains(status) {
      streams[client] = HTTPStream()
      streams[server] = HTTPStream()
      self.clientDirection = nil
      isTunnel = true
      return
    }
    if request.asksForUpgrade {
      refusals.append(Upgrade(request: request.record, response: response, clientDirection: clientDirection))
    }
    if streams[client].isWaiting, requests.isEmpty { streams[client].expect(BodyFraming.none) }
    streams[server].expect(response.head.responseBody(toMethod: request.method))
  }

  /// Whether `response` is from before `request`, and answers one that the capture lacks.
  private func isOlder(_ response: HeadRecord, than request: Request, _ client: Int) -> Bool {
    (!startIsKnown[client] || hasGaps[client]) && response.packet.precedes(request.record.packet)
  }

  /// A 101 is there. If the request that it seems to answer has a body to come, or another request stands behind it, whose
  /// answer this is, it waits for that.
  private mutating func takeSwitch(_ response: HeadRecord, _ clientDirection: Direction) {
    let client = Int(clientDirection.rawValue)
    let isAnotherRequest = streams[client].isWaiting && held[client].beginsWithHead
    guard let request = requests.last, request.awaitsBody || isAnotherRequest else {
      return switchProtocols(response, clientDirection)
    }
    earlyResponse = response
    earlyPieces = 0
    guard isAnotherRequest else { return }
    requests = []
    if request.asksForUpgrade {
      refusals.append(Upgrade(request: request.record, response: nil, clientDirection: clientDirection))
    }
    streams[client].expect(BodyFraming.none)
  }

  private mutating func switchProtocols(_ response: HeadRecord, _ clientDirection: Direction) {
    // The last, for the same reason: the capture may lack the answers to those before it.
    var request = requests.last
    // Nor may the one for this answer be there: then what another request does not ask for is nobody's fault.
    if request?.asksForUpgrade == false, hasGaps[Int(clientDirection.rawValue)] { request = nil }
    let upgrade = Upgrade(request: request?.record, response: response, clientDirection: clientDirection)
    // Without an Upgrade field, the rest must say what is meant.
    let isNamed = request?.asksForUpgrade == true || response.head.has(.accept) || response.head.names(.upgrade)
    if response.head.switchesToWebSocket, isNamed {
      outcome = .upgraded(upgrade)
    } else {
      if request?.asksForUpgrade == true {
        requests.removeLast()
        refusals.append(upgrade)
      }
      giveUp(.dismissed)
    }
  }

  /// Takes a response that waits for its request, now that this is there.
  private mutating func pairEarlyResponse() {
    guard let early = earlyResponse, let status = early.head.status else { return }
    earlyResponse = nil
    answer(early, status)
  }

  /// Takes a response whose request will not come. Where the client's frames begin is then not known.
  private mutating func acceptOrphan() {
    guard earlyResponse != nil else { return }
    if requests.last?.awaitsBody == true { requests[requests.count - 1].awaitsBody = false }
    pairEarlyResponse()
    guard case .upgraded(var upgrade) = outcome, upgrade.request == nil else { return }
    upgrade.clientStart = .unknown
    outcome = .upgraded(upgrade)
  }

  /// Whether `bytes` begin with what can be the header of a client's frame: masked, with an opcode that has a meaning
  /// (RFC 6455 §5.2). A request or a piece of one never does.
  static func beginsFrame(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 2 && bytes.u8(1) & 0x80 != 0 && bytes.u8(0) & 0x30 == 0
      && Opcode(rawValue: bytes.u8(0)).isDefined
  }
}
