import Bytes
import Capture
import Transport
import WebSocket

/// Writes down what two ends say to each other as the packets of a capture: TCP with right numbers and checksums, HTTP
/// and WebSocket on top.
///
/// ```swift
/// var talk = ConversationBuilder()
/// talk.open()
/// talk.upgrade()
/// talk.frame(.client, .text, "hello")
/// talk.close(.client)
/// ```
public struct ConversationBuilder: Sendable {
  /// The ends of the conversation.
  public enum End: Int, Sendable {
    /// The one that opens it.
    case client
    /// The other one.
    case server

    /// The other end.
    public var peer: End { self == .client ? .server : .client }
  }

  /// The packets so far; each has a time of its own.
  public var packets: [CaptureBuilder.Packet] = []
  /// The time of the next packet; each moves it a millisecond on.
  public var clock: Timestamp
  /// The most payload bytes that a segment carries.
  public var segmentSize = 1460
  /// Whether each end acknowledges at once what the other one says.
  public var acknowledges = true
  /// The client's and the server's address and port.
  public let ends: [Endpoint]
  /// The next sequence number of each end.
  public private(set) var next: [UInt32]

  /// Nothing was said yet.
  public init(
    client: Endpoint = PacketBuilder.client, server: Endpoint = PacketBuilder.server,
    initial: [UInt32] = [1000, 70_000],
    clock: Timestamp = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
  ) {
    ends = [client, server]
    next = initial
    self.clock = clock
  }

  /// A conversation after its TCP handshake.
  public static func opened(serverPort: UInt16 = 80) -> ConversationBuilder {
    var talk = ConversationBuilder(server: Endpoint(PacketBuilder.server.address, port: serverPort))
    talk.open()
    return talk
  }

  /// A conversation after its upgrade: eight packets. `extensions` are offered and accepted, if there are any.
  public static func upgraded(extensions: String? = nil) -> ConversationBuilder {
    var talk = opened()
    let field = extensions.map { "Sec-WebSocket-Extensions: \($0)\n" } ?? ""
    talk.upgrade(requestFields: field, responseFields: field)
    return talk
  }

  // MARK: TCP

  /// A packet of `end` with its current numbers, which it does not move.
  public mutating func packet(_ end: End, _ flags: TCPFlags, _ payload: [UInt8] = [], at sequence: UInt32? = nil) {
    let bytes = PacketBuilder.tcp(
      from: ends[end.rawValue], to: ends[end.peer.rawValue], seq: sequence ?? next[end.rawValue],
      ack: flags.contains(.ack) ? next[end.peer.rawValue] : 0, flags: flags, payload: payload)
    add(bytes)
  }

  /// An Ethernet frame of any content.
  public mutating func add(_ bytes: [UInt8], originalLength: Int? = nil) {
    packets.append(
      CaptureBuilder.Packet(
        time: clock, linkType: .ethernet, originalLength: originalLength.map { UInt32(clamping: $0) }, bytes: bytes))
    clock = Timestamp(nanoseconds: clock.nanoseconds + 1_000_000)
  }

  /// Moves the sequence number of `end` on, as if it had said `count` bytes that the capture lacks.
  public mutating func lose(_ end: End, _ count: Int) {
    next[end.rawValue] &+= UInt32(truncatingIfNeeded: count)
  }

  /// SYN, SYN with ACK, ACK.
  public mutating func open() {
    packet(.client, .syn)
    lose(.client, 1)
    packet(.server, [.syn, .ack])
    lose(.server, 1)
    packet(.client, .ack)
  }

  /// `end` says `bytes`, in segments of at most `segmentSize`; the other end acknowledges them.
  public mutating func say(_ end: End, _ bytes: [UInt8]) {
    for start in stride(from: 0, to: bytes.count, by: segmentSize) {
      let piece = Array(bytes[start..<min(start + segmentSize, bytes.count)])
      packet(end, [.psh, .ack], piece)
      lose(end, piece.count)
    }
    if acknowledges { packet(end.peer, .ack) }
  }

  /// `end` says `text`, whose lines end with CR and LF.
  public mutating func say(_ end: End, _ text: String) {
    say(end, Self.lines(text))
  }

  /// FIN of `end`, and its acknowledgment.
  public mutating func finish(_ end: End) {
    packet(end, [.fin, .ack])
    lose(end, 1)
    if acknowledges { packet(end.peer, .ack) }
  }

  /// RST of `end`.
  public mutating func reset(_ end: End) { packet(end, [.rst, .ack]) }

  // MARK: HTTP

  /// The key of the example in RFC 6455 §1.3, and what the server makes of it.
  public static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  /// See `key`.
  public static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  /// A request for an upgrade; `fields` are further header lines, each with its line end.
  public static func request(_ target: String = "/chat", fields: String = "") -> String {
    """
    GET \(target) HTTP/1.1
    Host: server.example.com
    Upgrade: websocket
    Connection: Upgrade
    Sec-WebSocket-Key: \(key)
    Sec-WebSocket-Version: 13
    \(fields)

    """
  }

  /// The response that accepts it.
  public static func response(fields: String = "") -> String {
    """
    HTTP/1.1 101 Switching Protocols
    Upgrade: websocket
    Connection: Upgrade
    Sec-WebSocket-Accept: \(accept)
    \(fields)

    """
  }

  /// `text` with its line ends as HTTP has them.
  public static func lines(_ text: String) -> [UInt8] {
    text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
  }

  /// The client asks for an upgrade, and the server grants it.
  public mutating func upgrade(_ target: String = "/chat", requestFields: String = "", responseFields: String = "") {
    say(.client, Self.request(target, fields: requestFields))
    say(.server, Self.response(fields: responseFields))
  }

  // MARK: WebSocket

  /// The bytes of a frame; masked with `mask`, if there is one (RFC 6455 §5.2).
  public static func frame(
    _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv1: Bool = false, mask: UInt32? = nil
  ) -> [UInt8] {
    frameBytes((isFinal ? 0x80 : 0) | (rsv1 ? 0x40 : 0) | opcode.rawValue, payload, mask: mask)
  }

  /// The bytes of a frame of `end`: the client's are masked.
  public static func frame(
    from end: End, _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true, rsv1: Bool = false
  ) -> [UInt8] {
    frame(opcode, payload, isFinal: isFinal, rsv1: rsv1, mask: end == .client ? 0x37fa_213d : nil)
  }

  /// `end` sends a frame.
  public mutating func frame(_ end: End, _ opcode: Opcode, _ payload: [UInt8] = [], isFinal: Bool = true) {
    say(end, Self.frame(from: end, opcode, payload, isFinal: isFinal))
  }

  /// `end` sends a frame.
  public mutating func frame(_ end: End, _ opcode: Opcode, _ text: String, isFinal: Bool = true) {
    frame(end, opcode, Array(text.utf8), isFinal: isFinal)
  }

  /// The body of a Close frame.
  public static func closeBody(_ code: UInt16?, _ reason: String = "") -> [UInt8] {
    code.map { PacketBuilder.be16($0) + Array(reason.utf8) } ?? []
  }

  /// `end` closes: both Close frames, then FIN of the server and of the client (RFC 6455 §7.1.1).
  public mutating func close(_ end: End, _ code: UInt16? = 1000, _ reason: String = "") {
    frame(end, .close, Self.closeBody(code, reason))
    frame(end.peer, .close, Self.closeBody(code, reason))
    finish(.server)
    finish(.client)
  }
}
