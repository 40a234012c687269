import Bytes
import HTTP
import Transport

/// Bytes of a TCP stream that wait until the other direction has said what they are.
struct HeldChunk {
  enum Content {
    case bytes([UInt8], StreamOffset)
    case gap(StreamGap)
    case end
  }

  var content: Content
  var packet: PacketReference
}

/// An upgrade that was asked for, and the answer.
struct Upgrade {
  var request: HeadRecord?
  var response: HeadRecord?
  /// The direction in which the client sends.
  var clientDirection: Direction
}

/// What became of a connection that may carry an opening handshake.
enum HandshakeOutcome {
  /// Not known yet.
  case pending
  /// It carries no WebSocket.
  case dismissed
  /// More came before the handshake was complete than is held.
  case overflowed
  /// It switched to WebSocket; what was held of each direction follows the handshake.
  case upgraded(Upgrade)
}

/// Follows the HTTP/1.1 messages of a connection until one switches it to WebSocket (RFC 6455 §4, RFC 9110 §7.8).
///
/// Requests and responses are paired in order; whichever direction must wait for the other is held.
struct HandshakeSession {
  /// Bytes held at most, a direction. 256 KiB: what a client may send ahead of the server's answer.
  static let heldLimit = 256 * 1024
  /// How many pieces of the server's stream may follow a 101 whose request was not seen, before that is taken as missing.
  private static let orphanPatience = 4

  private var streams: InlineArray<2, HTTPStream> = [HTTPStream(), HTTPStream()]
  private var held: InlineArray<2, [HeldChunk]> = [[], []]
  private var heldBytes: InlineArray<2, Int> = [0, 0]
  private var requests: [HeadRecord] = []
  private var clientDirection: Direction?
  /// A response that came before its request.
  private var earlyResponse: HeadRecord?
  private var earlyPieces = 0

  private(set) var outcome = HandshakeOutcome.pending
  /// Upgrades that were refused since this was last asked.
  private var refusals: [Upgrade] = []

  /// - Parameter startIsKnown: whether the capture holds the connection's beginning; if not, its streams are searched for
  ///   the first head.
  init(startIsKnown: Bool) {
    guard !startIsKnown else { return }
    _ = streams[0].skip(1)
    _ = streams[1].skip(1)
  }

  mutating func takeRefusals() -> [Upgrade] {
    defer { refusals = [] }
    return refusals
  }

  /// What was held of `direction`.
  mutating func takeHeld(_ direction: Direction) -> [HeldChunk] {
    defer { held[Int(direction.rawValue)] = [] }
    return held[Int(direction.rawValue)]
  }

  // MARK: What the streams bring

  /// The next bytes of `direction`.
  mutating func take(_ direction: Direction, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    if earlyResponse != nil, direction != clientDirection { earlyPieces += 1 }
    if held[i].isEmpty {
      var position = 0
      feed(direction, bytes, &position, packet)
      if position < bytes.byteCount, streams[i].isWaiting || isDecided {
        hold(direction, bytes, position, at: offset, packet)
      }
    } else {
      hold(direction, bytes, 0, at: offset, packet)
    }
    pump()
    if earlyPieces > Self.orphanPatience { acceptOrphan() }
  }

  /// Bytes of `direction` are missing.
  mutating func skip(_ direction: Direction, _ gap: StreamGap, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    if held[i].isEmpty, !streams[i].isWaiting {
      _ = streams[i].skip(gap.length)
      if earlyResponse != nil, direction == clientDirection { acceptOrphan() }
    } else {
      held[i].append(HeldChunk(content: .gap(gap), packet: packet))
    }
    pump()
  }

  /// The stream in `direction` is over.
  mutating func finish(_ direction: Direction, _ packet: PacketReference) {
    let i = Int(direction.rawValue)
    if held[i].isEmpty, !streams[i].isWaiting {
      _ = streams[i].finish()
    } else {
      held[i].append(HeldChunk(content: .end, packet: packet))
    }
    if earlyResponse != nil { acceptOrphan() }
    pump()
  }

  /// The capture or the connection is over: a request for an upgrade that got no answer counts as refused, and a 101
  /// without a request as accepted.
  mutating func conclude() {
    if earlyResponse != nil { acceptOrphan() }
    guard !isDecided, let clientDirection else { return }
    for request in requests where UpgradeRequest(request.head) != nil {
      refusals.append(Upgrade(request: request, response: nil, clientDirection: clientDirection))
    }
    outcome = .dismissed
  }

  // MARK: Inside

  private var isDecided: Bool {
    if case .pending = outcome { return false }
    return true
  }

  private mutating func hold(
    _ direction: Direction, _ bytes: RawSpan, _ position: Int, at offset: StreamOffset, _ packet: PacketReference
  ) {
    let i = Int(direction.rawValue)
    let count = bytes.byteCount - position
    heldBytes[i] += count
    if heldBytes[i] > Self.heldLimit, !isDecided {
      outcome = .overflowed
      return
    }
    var copy: [UInt8] = []
    copy.append(bytes.extracting(position..<bytes.byteCount))
    held[i].append(HeldChunk(content: .bytes(copy, offset + UInt64(position)), packet: packet))
  }

  /// Gives held bytes to streams that wait no more.
  private mutating func pump() {
    var isMoving = true
    while isMoving, !isDecided {
      isMoving = false
      for direction in [Direction.forward, .backward] {
        let i = Int(direction.rawValue)
        guard !isDecided, !streams[i].isWaiting, !held[i].isEmpty else { continue }
        isMoving = true
        release(direction, held[i].removeFirst())
      }
    }
  }

  private mutating func release(_ direction: Direction, _ chunk: HeldChunk) {
    let i = Int(direction.rawValue)
    switch chunk.content {
    case .bytes(let bytes, let offset):
      heldBytes[i] -= bytes.count
      var position = 0
      feed(direction, bytes.span.bytes, &position, chunk.packet)
      guard position < bytes.count, streams[i].isWaiting || isDecided else { return }
      let rest = HeldChunk(content: .bytes(Array(bytes[position...]), offset + UInt64(position)), packet: chunk.packet)
      heldBytes[i] += bytes.count - position
      held[i].insert(rest, at: 0)
    case .gap(let gap):
      _ = streams[i].skip(gap.length)
    case .end:
      _ = streams[i].finish()
    }
  }

  private mutating func feed(_ direction: Direction, _ bytes: RawSpan, _ position: inout Int, _ packet: PacketReference)
  {
    let i = Int(direction.rawValue)
    while !isDecided, let event = streams[i].next(bytes, &position) {
      switch event {
      case .head(let head):
        let record = HeadRecord(head: head, packet: packet)
        switch head.startLine {
        case .request: request(record, direction)
        case .response: response(record, direction)
        }
      case .messageEnd:
        break
      case .notHTTP, .headTooLarge:
        outcome = .dismissed
      }
    }
  }

  // MARK: Requests and responses

  private mutating func request(_ record: HeadRecord, _ direction: Direction) {
    guard clientDirection == nil || clientDirection == direction else {
      outcome = .dismissed
      return
    }
    clientDirection = direction
    requests.append(record)
    if !Self.mustWait(record.head) {
      streams[Int(direction.rawValue)].expect(record.head.requestBody)
      if requests.count > 1000 { requests.removeFirst(500) }  // one direction only: no answers will come
    }
    if let early = earlyResponse {
      earlyResponse = nil
      answer(early)
    }
  }

  /// Whether what follows a request depends on its response.
  private static func mustWait(_ head: HTTPHead) -> Bool {
    if UpgradeRequest(head) != nil { return true }
    if case .request("CONNECT", _, _) = head.startLine { return true }
    return false
  }

  private mutating func response(_ record: HeadRecord, _ direction: Direction) {
    guard clientDirection == nil || clientDirection == direction.opposite else {
      outcome = .dismissed
      return
    }
    clientDirection = direction.opposite
    if requests.isEmpty, Self.status(record.head) == 101 {
      earlyResponse = record  // the request may have been written down later
      earlyPieces = 0
    } else {
      answer(record)
    }
  }

  private static func status(_ head: HTTPHead) -> Int {
    if case .response(_, let status, _) = head.startLine { return status }
    return 0
  }

  private mutating func answer(_ response: HeadRecord) {
    guard let clientDirection else { return }
    let status = Self.status(response.head)
    let server = Int(clientDirection.opposite.rawValue)
    let client = Int(clientDirection.rawValue)
    if status == 101 {
      let isWebSocket = UpgradeResponse(response.head)?.isUpgraded == true
      let upgrade = Upgrade(request: requests.first, response: response, clientDirection: clientDirection)
      outcome = isWebSocket ? .upgraded(upgrade) : .dismissed
      return
    }
    guard status >= 200, !requests.isEmpty else {  // RFC 9110 §15.2: an interim response; the final one follows
      streams[server].expect(response.head.responseBody(toMethod: nil))
      return
    }
    let request = requests.removeFirst()
    guard case .request(let method, _, _) = request.head.startLine else { return }
    if method == "CONNECT", (200...299).contains(status) {
      streams[client] = HTTPStream()
      streams[server] = HTTPStream()
      self.clientDirection = nil
      return
    }
    if UpgradeRequest(request.head) != nil {
      refusals.append(Upgrade(request: request, response: response, clientDirection: clientDirection))
    }
    if Self.mustWait(request.head) { streams[client].expect(request.head.requestBody) }
    streams[server].expect(response.head.responseBody(toMethod: method))
  }

  /// A 101 whose request the capture lacks.
  private mutating func acceptOrphan() {
    guard let early = earlyResponse else { return }
    earlyResponse = nil
    answer(early)
  }
}
