import Analysis
import Capture
import TestSupport
import Transport
import WebSocket

/// A WebSocket connection, packet by packet, with whatever bytes a test wants to have on the wire.
struct Conversation {
  /// The key of RFC 6455 §1.3.
  static let key = "dGhlIHNhbXBsZSBub25jZQ=="
  /// The accept value that belongs to it.
  static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

  var capture = CaptureBuilder()
  let client: Endpoint
  let server: Endpoint
  /// The sequence numbers of what comes next, by sender.
  private var next: [Sender: UInt32] = [.client: 1000, .server: 5_000_000]

  init(client: Endpoint = PacketBuilder.client, server: Endpoint = PacketBuilder.server) {
    self.client = client
    self.server = server
    packet(.client, flags: .syn)
    packet(.server, flags: [.syn, .ack])
    packet(.client)
  }

  // MARK: TCP

  /// A segment of `sender`.
  private mutating func packet(_ sender: Sender, flags: TCPFlags = .ack, _ payload: [UInt8] = []) {
    let (source, destination) = sender == .client ? (client, server) : (server, client)
    capture.add(
      PacketBuilder.tcp(
        from: source, to: destination, seq: next[sender, default: 0], ack: next[sender.peer, default: 0],
        flags: flags, payload: payload))
    let advance = payload.count + (flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1)
    next[sender, default: 0] &+= UInt32(truncatingIfNeeded: advance)
  }

  /// `bytes` in segments of at most `size` bytes.
  mutating func send(_ sender: Sender, _ bytes: [UInt8], segment size: Int = 1400) {
    for start in stride(from: 0, to: bytes.count, by: size) {
      packet(sender, Array(bytes[start..<min(start + size, bytes.count)]))
    }
  }

  /// `count` bytes that reach the peer and are not in the capture.
  mutating func lose(_ sender: Sender, _ count: UInt32) { next[sender, default: 0] &+= count }

  /// FIN of both, the one of `sender` first.
  mutating func finish(_ sender: Sender = .client) {
    packet(sender, flags: [.fin, .ack])
    packet(sender.peer, flags: [.fin, .ack])
    packet(sender)
  }

  // MARK: Handshake

  /// A request with these bytes for additional header lines, each with its CRLF.
  mutating func request(_ lines: [UInt8] = [], target: [UInt8] = Array("/chat".utf8)) {
    let start = "Host: example.org\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    let key = "Sec-WebSocket-Key: \(Self.key)\r\n"
    send(.client, Array("GET ".utf8) + target + Array(" HTTP/1.1\r\n\(start)\(key)".utf8) + lines + Array("\r\n".utf8))
  }

  /// A response that switches protocols, with these additional header lines.
  mutating func response(_ lines: [UInt8] = []) {
    let start = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    send(.server, Array("\(start)Sec-WebSocket-Accept: \(Self.accept)\r\n".utf8) + lines + Array("\r\n".utf8))
  }

  /// A whole handshake.
  mutating func handshake(offer: String = "", answer: String = "") {
    request(Array(offer.utf8))
    response(Array(answer.utf8))
  }

  // MARK: Frames

  /// A frame of the client (masked) or the server (not masked); `first` overrides its first byte.
  mutating func frame(
    _ sender: Sender, _ opcode: Opcode, _ payload: [UInt8], first: UInt8? = nil, segment size: Int = 1400
  ) {
    send(sender, Self.frame(sender, opcode, payload, first: first), segment: size)
  }

  /// The bytes of such a frame.
  static func frame(_ sender: Sender, _ opcode: Opcode, _ payload: [UInt8], first: UInt8? = nil) -> [UInt8] {
    frameBytes(first ?? 0x80 | opcode.rawValue, payload, mask: sender == .client ? 0x37FA_213D : nil)
  }
}
