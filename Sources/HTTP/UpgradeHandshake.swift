import Bytes
import CCrypto

/// What an HTTP/1.1 request says about an upgrade to WebSocket (RFC 6455 §4.1).
public struct UpgradeRequest: Equatable, Sendable {
  /// The value of Sec-WebSocket-Key; nil if there is none.
  public var key: String?
  /// The value of Sec-WebSocket-Version.
  public var version: String?
  /// The subprotocols offered, in order of preference.
  public var protocols: [String]
  /// The elements of Sec-WebSocket-Extensions, as sent.
  public var extensions: [String]

  /// Reads `head`; nil if it is no request for an upgrade to WebSocket: neither does Upgrade name that, nor is there a key.
  /// A key alone is what comes out of a proxy that does not pass Upgrade on.
  public init?(_ head: HTTPHead) {
    guard case .request = head.startLine,
      head.hasToken("websocket", in: "upgrade") || head.value("sec-websocket-key") != nil
    else { return nil }
    key = head.value("sec-websocket-key")
    version = head.value("sec-websocket-version")
    protocols = head.list("sec-websocket-protocol")
    extensions = head.list("sec-websocket-extensions")
  }
}

/// What the response to an upgrade request says (RFC 6455 §4.2.2).
public struct UpgradeResponse: Equatable, Sendable {
  /// Whether it switches to WebSocket: status 101, and Upgrade names nothing else, or there is Sec-WebSocket-Accept.
  public var isUpgraded: Bool
  /// The value of Sec-WebSocket-Accept; nil if there is none.
  public var accept: String?
  /// The subprotocol chosen.
  public var subprotocol: String?
  /// The extensions in use, as sent.
  public var extensions: [String]

  /// Reads `head`; nil if it is no response.
  public init?(_ head: HTTPHead) {
    guard case .response(_, let status, _) = head.startLine else { return nil }
    let names = head.list("upgrade")
    accept = head.value("sec-websocket-accept")
    isUpgraded = status == 101 && (names.isEmpty || head.hasToken("websocket", in: "upgrade") || accept != nil)
    subprotocol = head.value("sec-websocket-protocol")
    extensions = head.list("sec-websocket-extensions")
  }
}

/// The value that Sec-WebSocket-Accept must have for `key`: the SHA-1 of the key and a fixed GUID, in base64
/// (RFC 6455 §4.2.2).
public func expectedAccept(forKey key: String) -> String {
  let input = Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8)
  var digest = [UInt8](repeating: 0, count: Int(SHA_DIGEST_LENGTH))
  var context = SHA_CTX()
  SHA1_Init(&context)
  SHA1_Update(&context, input, input.count)
  SHA1_Final(&digest, &context)
  var text = [UInt8](repeating: 0, count: 4 * (digest.count + 2) / 3 + 1)
  let count = EVP_EncodeBlock(&text, digest, SHA_DIGEST_LENGTH)
  return String(decoding: text.prefix(Int(count)), as: UTF8.self)
}
