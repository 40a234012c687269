import HTTP
import WebSocket

/// What an opening handshake agreed upon (RFC 6455 §4).
public struct HandshakeSummary: Equatable, Sendable {
  /// `ws://…` or `wss://…`, made of the request's target and its Host; nil without a request.
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
  ///
  /// - Parameter isSecure: whether they were sent over TLS.
  public init(request: HTTPHead?, response: HTTPHead?, isSecure: Bool = false) {
    if let request { read(request: request, isSecure) }
    if let response { read(response: response) }
    if let request, let response { acceptIsValid = HTTPHead.acceptFits(request: request, response: response) }
  }

  private mutating func read(request head: HTTPHead, _ isSecure: Bool) {
    guard let target = head.targetPlace else { return }
    httpVersion = Self.number(head)
    url = Self.url(head, target, isSecure)
    guard let upgrade = UpgradeRequest(head) else { return }
    key = upgrade.key
    self.version = upgrade.version
    offeredProtocols = upgrade.protocols
    offeredExtensions = upgrade.extensions.map { ExtensionElement($0) }
  }

  private mutating func read(response head: HTTPHead) {
    guard let status = head.status else { return }
    httpVersion = httpVersion ?? Self.number(head)
    self.status = status
    accept = head.value(.accept)
    guard head.switchesToWebSocket else { return }
    subprotocol = head.value(.subprotocol)
    extensions = Self.extensions(head)
  }

  /// The extensions that this response says are in use.
  static func extensions(_ response: HTTPHead) -> [ExtensionElement] {
    guard response.has(.extensions), response.switchesToWebSocket else { return [] }
    return response.list(.extensions).map { ExtensionElement($0) }
  }

  private static func number(_ head: HTTPHead) -> String {
    head.isEqual(head.versionPlace, "HTTP/1.1") ? "1.1" : head.text(head.versionPlace.dropFirst("HTTP/".utf8.count))
  }

  /// The URL of a request's target in origin form or absolute form (RFC 9112 §3.2).
  private static func url(_ head: HTTPHead, _ target: Range<Int>, _ isSecure: Bool) -> String? {
    func rest(after scheme: StaticString) -> String? {
      let (start, rest) = (target.prefix(scheme.utf8CodeUnitCount), target.dropFirst(scheme.utf8CodeUnitCount))
      return head.isSame(start, scheme) ? head.text(rest) : nil
    }
    guard !head.begins(target, "/") else {
      return head.place(.host).map { (isSecure ? "wss://" : "ws://") + head.text($0) + head.text(target) }
    }
    return (rest(after: "http://") ?? rest(after: "ws://")).map { "ws://" + $0 }
      ?? (rest(after: "https://") ?? rest(after: "wss://")).map { "wss://" + $0 }
  }
}
