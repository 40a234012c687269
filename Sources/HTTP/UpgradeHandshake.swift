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
    guard head.asksForWebSocket else { return nil }
    key = head.value(.key)
    version = head.value(.version)
    protocols = head.list(.subprotocol)
    extensions = head.list(.extensions)
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
    guard !head.isRequest else { return nil }
    accept = head.value(.accept)
    isUpgraded = head.switchesToWebSocket
    subprotocol = head.value(.subprotocol)
    extensions = head.list(.extensions)
  }
}

extension HTTPHead {
  /// Whether it is a request for an upgrade to WebSocket: see `UpgradeRequest`.
  public var asksForWebSocket: Bool { isRequest && (has(.key) || hasToken("websocket", in: .upgrade)) }

  /// Whether it is a response that switches to WebSocket: see `UpgradeResponse`.
  public var switchesToWebSocket: Bool {
    status == 101 && (has(.accept) || hasToken("websocket", in: .upgrade) || !names(.upgrade))
  }

  /// Whether the list that the fields `field` make together has an element.
  public func names(_ field: KnownField) -> Bool { has(field) && !list(field).isEmpty }

  /// Whether Sec-WebSocket-Accept of `response` fits Sec-WebSocket-Key of `request`; nil where one of them is missing.
  public static func acceptFits(request: HTTPHead, response: HTTPHead) -> Bool? {
    guard let key = request.place(.key), let accept = response.place(.accept) else { return nil }
    return request.bytes.withUnsafeBytes { bytes in
      let key = UnsafeRawBufferPointer(rebasing: bytes[key])
      guard key.bytes.isASCII() else {  // as it is read: what is not UTF-8 counts as ISO 8859-1
        return expectedAccept(forKey: decodeText(Array(key)[...])) == response.text(accept)
      }
      return withAccept(forKey: key) { expected in
        response.bytes.withUnsafeBytes { $0.isEqual(accept, expected) }
      }
    }
  }
}

/// The value that Sec-WebSocket-Accept must have for `key`: the SHA-1 of the key and a fixed GUID, in base64
/// (RFC 6455 §4.2.2).
public func expectedAccept(forKey key: String) -> String {
  var key = key
  return key.withUTF8 { withAccept(forKey: UnsafeRawBufferPointer($0)) { String(decoding: $0, as: UTF8.self) } }
}

/// The same for the bytes of a key, on the stack.
private func withAccept<Result>(
  forKey key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Result
) -> Result {
  let guid: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
  let digestLength = Int(SHA_DIGEST_LENGTH)
  // Behind the digest, its text: four characters for each three bytes, and a zero.
  return withUnsafeTemporaryAllocation(byteCount: digestLength + 4 * (digestLength + 2) / 3 + 1, alignment: 8) {
    guard let digest = $0.bindMemory(to: UInt8.self).baseAddress else { return body(UnsafeRawBufferPointer($0)) }
    var context = SHA_CTX()
    SHA1_Init(&context)
    SHA1_Update(&context, key.baseAddress, key.count)
    SHA1_Update(&context, guid.utf8Start, guid.utf8CodeUnitCount)
    SHA1_Final(digest, &context)
    let count = EVP_EncodeBlock(digest + digestLength, digest, SHA_DIGEST_LENGTH)
    return body(UnsafeRawBufferPointer(start: digest + digestLength, count: Int(count)))
  }
}
