import HTTP
import WebSocket

/// What an opening handshake agreed upon (RFC 6455 §4).
public struct HandshakeSummary: Equatable, Sendable {
  /// `ws://…`, made of the request's target and its Host; nil without a request.
  public var url: String?
  /// The HTTP version: `1.1`; nil if neither head is known.
  public var httpVersion: String?
  /// Sec-WebSocket-Key.
  public var key: String?
  /// Sec-WebSocket-Accept.
  public var accept: String?
  /// Whether the accept value fits the key; nil where one of them is not known.
  public var acceptIsValid: Bool?
  /// Sec-WebSocket-Version.
  public var version: String?
  /// The subprotocols that the client offered.
  public var offeredProtocols: [String] = []
  /// The subprotocol that the server chose.
  public var subprotocol: String?
  /// The extensions that the client offered.
  public var offeredExtensions: [ExtensionElement] = []
  /// The extensions in use.
  public var extensions: [ExtensionElement] = []
  /// The status of the response.
  public var status: Int?

  /// The first compression extension in use.
  public var compression: Compression? { extensions.lazy.compactMap { Compression($0) }.first }

  /// What these heads say; either may be missing.
  public init(request: HTTPHead?, response: HTTPHead?) {
    if let request { read(request: request) }
    if let response { read(response: response) }
    if let key, let accept { acceptIsValid = expectedAccept(forKey: key) == accept }
  }

  private mutating func read(request head: HTTPHead) {
    guard case .request(_, let target, let version) = head.startLine else { return }
    httpVersion = Self.number(version)
    url = Self.url(target, host: head.value("host"))
    guard let upgrade = UpgradeRequest(head) else { return }
    key = upgrade.key
    self.version = upgrade.version
    offeredProtocols = upgrade.protocols
    offeredExtensions = upgrade.extensions.map { ExtensionElement($0) }
  }

  private mutating func read(response head: HTTPHead) {
    guard case .response(let version, let status, _) = head.startLine else { return }
    httpVersion = httpVersion ?? Self.number(version)
    self.status = status
    guard let upgrade = UpgradeResponse(head) else { return }
    accept = upgrade.accept
    guard upgrade.isUpgraded else { return }
    subprotocol = upgrade.subprotocol
    extensions = upgrade.extensions.map { ExtensionElement($0) }
  }

  private static func number(_ version: String) -> String { String(version.dropFirst("HTTP/".utf8.count)) }

  /// The URL of a request's target in origin form or absolute form (RFC 9112 §3.2).
  private static func url(_ target: String, host: String?) -> String? {
    for (scheme, mine) in [("http://", "ws://"), ("https://", "wss://"), ("ws://", "ws://"), ("wss://", "wss://")]
    where target.lowercased().hasPrefix(scheme) {
      return mine + target.dropFirst(scheme.utf8.count)
    }
    guard let host, target.hasPrefix("/") else { return nil }
    return "ws://\(host)\(target)"
  }
}
