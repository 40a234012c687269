import Bytes
import Transport

/// Requests of Engine.IO's long polling that belong to the session of a WebSocket: they come before it, on TCP connections of their own.
/// Only those are known that begin with a packet and are not encrypted.
public struct LongPolling: Equatable, Sendable {
  /// Connections that are told; requests on others are counted, too.
  static let mostClients = 16

  /// The session's identifier, the parameter `sid` of their URLs.
  public var session: String
  /// How many there are.
  public var requests: UInt64 = 0
  /// The packet of the first one.
  public var first: PacketReference
  /// The packet of the last one.
  public var last: PacketReference
  /// The client's ends of the connections that they came on.
  public var clients: [Endpoint] = []
}

/// The long polling sessions that were seen last.
///
/// All packets are looked at, whatever connection they belong to, so that jobs which share the connections find the same.
struct LongPollings {
  /// Sessions that are remembered.
  static let most = 4096
  /// Bytes of a request that are looked at, and bytes of an identifier.
  private static let mostLine = 2048
  private static let mostSession = 128

  private struct Key: Hashable {
    var session: String
    var server: Endpoint
  }

  private var sessions: [Key: LongPolling] = [:]
  /// In the order of their coming; those before `oldest` are forgotten.
  private var order: [Key] = []
  private var oldest = 0
  /// The requests that were noted last, each by its client and sequence number: packets that come twice count once.
  private var latest: [(client: Endpoint, sequence: UInt32)] = []
  private static let mostLatest = 16
  /// First requests that wait for their answers.
  private var opening: [(client: Endpoint, server: Endpoint, packet: PacketReference)] = []
  /// How many of them are kept, and for how long, in nanoseconds: 5 seconds.
  private static let mostOpening = 64
  private static let patience: Int64 = 5_000_000_000

  /// Notes the request that `payload` begins with, if it is one.
  @inline(never)
  mutating func note(
    _ payload: RawSpan, from client: Endpoint, to server: Endpoint, sequence: UInt32, _ packet: PacketReference
  ) {
    guard let target = Self.target(payload), Self.holds(target, "transport=polling"),
      !latest.contains(where: { $0.client == client && $0.sequence == sequence })
    else { return }
    if latest.count >= Self.mostLatest { latest.removeFirst() }
    latest.append((client, sequence))
    if let session = Self.session(target) { return count(session, from: client, to: server, packet) }
    // The first request has no session yet: the answer names it.
    opening.removeAll { $0.client == client || packet.time.since($0.packet.time) > Self.patience }
    if opening.count < Self.mostOpening { opening.append((client, server, packet)) }
  }

  /// Whether an answer to a first request is waited for.
  @inline(__always)
  var isWaiting: Bool { !opening.isEmpty }

  /// Notes the session that `payload` opens, if it holds the answer to a first request.
  @inline(never)
  mutating func noteAnswer(_ payload: RawSpan, from server: Endpoint, to client: Endpoint, _ packet: PacketReference) {
    if let oldest = opening.first, packet.time.since(oldest.packet.time) > Self.patience { opening.removeFirst() }
    guard let index = opening.firstIndex(where: { $0.client == client && $0.server == server }),
      let session = Self.openedSession(payload)
    else { return }
    let request = opening.remove(at: index)
    count(session, from: client, to: server, request.packet)
  }

  private mutating func count(_ session: String, from client: Endpoint, to server: Endpoint, _ packet: PacketReference)
  {
    let key = Key(session: session, server: server)
    if sessions[key] == nil { remember(key, LongPolling(session: session, first: packet, last: packet)) }
    sessions[key]?.requests += 1
    sessions[key]?.last = packet
    if let known = sessions[key]?.clients, known.count < LongPolling.mostClients, !known.contains(client) {
      sessions[key]?.clients.append(client)
    }
  }

  private mutating func remember(_ key: Key, _ session: LongPolling) {
    if sessions.count >= Self.most {
      sessions[order[oldest]] = nil
      oldest += 1
      if oldest >= Self.most {
        order.removeFirst(oldest)
        oldest = 0
      }
    }
    sessions[key] = session
    order.append(key)
  }

  /// What came before a WebSocket of `server` that was asked for by `target`.
  func session(of target: String, _ server: Endpoint) -> LongPolling? {
    guard !sessions.isEmpty, let session = Self.session(Array(target.utf8)[...]) else { return nil }
    return sessions[Key(session: session, server: server)]
  }

  // MARK: Requests

  /// What the request line at the beginning asks for.
  private static func target(_ payload: RawSpan) -> ArraySlice<UInt8>? {
    let start = payload.u8(3) == 0x20 ? 4 : 5
    var end = start
    while end < min(payload.byteCount, mostLine), payload.u8(end) > 0x20 { end += 1 }
    guard end < payload.byteCount, payload.u8(end) == 0x20 else { return nil }
    return payload.extracting(start..<end).withUnsafeBytes { Array($0) }[...]
  }

  private static func holds(_ target: ArraySlice<UInt8>, _ text: StaticString) -> Bool {
    let wanted = Array(text.description.utf8)
    guard target.count >= wanted.count else { return false }
    return (0...target.count - wanted.count).contains { target.dropFirst($0).starts(with: wanted) }
  }

  /// The identifier in the packet of Engine.IO that opens a session: `0{"sid":"…"`.
  private static func openedSession(_ payload: RawSpan) -> String? {
    let mark = Array("0{\"sid\":\"".utf8)
    let end = min(payload.byteCount, mostLine)
    guard end > mark.count else { return nil }
    let text = payload.extracting(0..<end).withUnsafeBytes { Array($0) }
    for start in 0..<end - mark.count where text[start] == mark[0] && text[start...].starts(with: mark) {
      let value = text[(start + mark.count)...].prefix { $0 != 0x22 }
      return value.isEmpty || value.count > mostSession ? nil : String(decoding: value, as: UTF8.self)
    }
    return nil
  }

  /// The value of the parameter `sid`.
  private static func session(_ target: ArraySlice<UInt8>) -> String? {
    guard let question = target.firstIndex(of: 0x3F) else { return nil }
    for parameter in target[(question + 1)...].split(separator: 0x26) where parameter.starts(with: Array("sid=".utf8)) {
      let value = parameter.dropFirst(4)
      return value.isEmpty || value.count > mostSession ? nil : String(decoding: value, as: UTF8.self)
    }
    return nil
  }
}

extension Analyzer {
  /// Notes the request of long polling that a segment may begin with.
  @inline(__always)
  mutating func notePolling(_ segment: TCPSegment, _ bytes: RawSpan, _ packet: PacketReference) {
    let payload = bytes.extracting(segment.payload)
    guard payload.byteCount >= 32 else { return }
    if TCPSegment.beginsRequest(payload.u32(0)) {
      pollings.note(
        payload, from: segment.source, to: segment.destination, sequence: segment.sequence.rawValue, packet)
    } else if pollings.isWaiting {
      pollings.noteAnswer(payload, from: segment.source, to: segment.destination, packet)
    }
  }
}
