import Bytes
import CCrypto

/// The heads that open a WebSocket connection (RFC 6455 §1.3).
struct OpeningHandshake {
  private let key: String
  private let offersCompression: Bool

  init(compression: Bool, _ random: inout Random) {
    key = Self.base64(random.bytes(16))
    offersCompression = compression
  }

  /// The client's request.
  var request: String {
    """
    GET /feed?v=2 HTTP/1.1\r
    Host: ws.example.com:8080\r
    User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r
    Origin: http://www.example.com\r
    Connection: Upgrade\r
    Upgrade: websocket\r
    Sec-WebSocket-Version: 13\r
    Sec-WebSocket-Key: \(key)\r
    \(extensions("permessage-deflate; client_max_window_bits"))\r

    """
  }

  /// The server's response.
  var response: String {
    """
    HTTP/1.1 101 Switching Protocols\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Accept: \(accept)\r
    \(extensions("permessage-deflate"))\r

    """
  }

  private func extensions(_ value: String) -> String {
    offersCompression ? "Sec-WebSocket-Extensions: \(value)\r\n" : ""
  }

  /// The SHA-1 of the key and a fixed GUID, in base64 (RFC 6455 §4.2.2).
  private var accept: String {
    let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
    var digest = [UInt8](repeating: 0, count: 20)
    EVP_Digest(input, input.count, &digest, nil, EVP_sha1(), nil)
    return Self.base64(digest)
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    var writer = ByteWriter()
    writer.base64(bytes.span.bytes)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
