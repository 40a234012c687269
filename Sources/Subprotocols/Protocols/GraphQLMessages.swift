import Bytes
import JSON

/// The types of messages of both protocols, as they are called on the wire.
enum GraphQLMessage: String, CaseIterable {
  case connectionInit = "connection_init"
  case connectionAck = "connection_ack"
  case connectionError = "connection_error"
  case connectionTerminate = "connection_terminate"
  case connectionKeepAlive = "connection_keep_alive"
  case keepAlive = "ka"
  case ping, pong, subscribe, next, error, complete, start, data, stop
  case startAck = "start_ack"

  /// The type that the string `token` names; nil if there is none.
  init?(_ content: RawSpan, _ token: JSONToken) {
    guard token.range.count <= 21, let type = Self(rawValue: content.words(token)) else { return nil }
    self = type
  }

  /// Whether clients send it; nil if both ends do.
  var isFromClient: Bool? {
    switch self {
    case .connectionInit, .connectionTerminate, .subscribe, .start, .stop: true
    case .connectionAck, .connectionError, .connectionKeepAlive, .keepAlive, .next, .error, .data, .startAck: false
    case .ping, .pong, .complete: nil
    }
  }

  /// Whether only the older protocol has it, or only the newer one; nil if both have it.
  var isOld: Bool? {
    switch self {
    case .connectionError, .connectionTerminate, .connectionKeepAlive, .keepAlive, .start, .data, .stop, .startAck: true
    case .ping, .pong, .subscribe, .next: false
    case .connectionInit, .connectionAck, .error, .complete: nil
    }
  }

  /// Whether it belongs to an operation.
  var hasID: Bool {
    switch self {
    case .subscribe, .next, .complete, .start, .data, .stop, .startAck: true
    default: false
    }
  }

  /// Whether it says nothing without a payload.
  var needsPayload: Bool {
    switch self {
    case .subscribe, .start, .next, .data, .error, .connectionError: true
    default: false
    }
  }

  /// What it asks for, if it has no id.
  var asks: String? {
    switch self {
    case .connectionInit: "init"
    case .ping: "ping"
    default: nil
    }
  }

  /// What it answers, if it has no id.
  var answers: String? {
    switch self {
    case .connectionAck, .connectionError: "init"
    case .pong: "ping"
    default: nil
    }
  }
}

extension GraphQL {
  static func likelihood(ofTarget target: RequestTarget) -> Double {
    let path = target.path.hasSuffix("/") ? String(target.path.dropLast()) : target.path
    return path.hasSuffix("/graphql") || path.hasSuffix("/subscriptions") ? 0.8 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object, outline.isComplete, outline.count <= 3, let token = outline.string("type", content),
      let type = GraphQLMessage(content, token)
    else { return 0 }
    if let isFromClient = type.isFromClient, isFromClient != message.isFromClient { return 0 }
    let payload = outline.member("payload", content)
    let id = outline.member("id", content)
    let known = 1 + (payload == nil ? 0 : 1) + (id == nil ? 0 : 1)
    guard known == outline.count, type.hasID || type == .error || id?.unlessNull == nil else { return 0 }
    switch type {
    case .connectionInit, .connectionAck, .connectionTerminate, .connectionKeepAlive, .startAck: return 0.95
    case .connectionError: return 0.9
    case .subscribe, .start: return hasOperation(payload, content) ? 1 : 0
    case .next, .data: return id != nil && hasResult(payload, content) ? 0.9 : 0
    case .error: return id != nil && isListOfErrors(payload, content) ? 0.9 : 0
    case .keepAlive: return 0.6
    case .complete, .stop: return id?.kind == .string && payload?.unlessNull == nil ? 0.5 : 0
    case .ping, .pong: return 0  // as in many other protocols
    }
  }

  private static func hasOperation(_ payload: JSONToken?, _ content: RawSpan) -> Bool {
    guard let payload, payload.kind == .objectBegin else { return false }
    var inner = JSONOutline()
    inner.read(content, payload.range)
    if let query = inner.string("query", content) {
      let text = JSONText.utf8(content, query)
      return GraphQLDocument.isDocument(text.span.bytes)
    }
    guard let text = inner.string("data", content) else { return false }
    let unquoted = JSONText.utf8(content, text)
    inner.read(unquoted.span.bytes)
    guard let query = inner.string("query", unquoted.span.bytes) else { return false }
    let document = JSONText.utf8(unquoted.span.bytes, query)
    return GraphQLDocument.isDocument(document.span.bytes)
  }

  /// Whether a message of this type has what it needs, and nothing that GraphQL does not know: asked where nothing was agreed on.
  func isMessage(
    _ type: GraphQLMessage, _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline
  ) -> Bool {
    if let isFromClient = type.isFromClient, isFromClient != message.isFromClient { return false }
    let payload = outline.member("payload", content)
    let id = outline.member("id", content)?.unlessNull
    let known = 1 + (payload == nil ? 0 : 1) + (outline.has("id", content) ? 1 : 0)
    guard known == outline.count else { return false }
    if type.hasID, id == nil { return false }
    switch type {
    case .subscribe, .start: return Self.isOperation(payload, content)
    case .error: return payload != nil && (id != nil || Self.hasErrors(payload, content))
    default: return !type.needsPayload || payload != nil
    }
  }

  /// Whether it has an operation, or the hash of one that the server knows.
  private static func isOperation(_ payload: JSONToken?, _ content: RawSpan) -> Bool {
    guard let payload, payload.kind == .objectBegin else { return false }
    var inner = JSONOutline()
    inner.read(content, payload.range)
    return inner.string("query", content) != nil || inner.string("data", content) != nil
      || inner.member("extensions", content)?.kind == .objectBegin
  }

  /// Whether it has a list of errors, as payloads of AppSync have.
  static func hasErrors(_ payload: JSONToken?, _ content: RawSpan) -> Bool {
    guard let payload, payload.kind == .objectBegin else { return false }
    var inner = JSONOutline()
    inner.read(content, payload.range)
    return inner.member("errors", content)?.kind == .arrayBegin
  }

  private static func hasResult(_ payload: JSONToken?, _ content: RawSpan) -> Bool {
    guard let payload, payload.kind == .objectBegin else { return false }
    var inner = JSONOutline()
    inner.read(content, payload.range)
    let data = inner.member("data", content)
    let errors = inner.member("errors", content)
    guard data != nil || errors != nil, inner.count <= 4 else { return false }
    return (data.map { $0.kind == .objectBegin || $0.kind == .null } ?? true)
      && (errors.map { $0.kind == .arrayBegin || $0.kind == .null } ?? true)
  }

  /// Whether it is a list of errors as GraphQL has them: objects with a message.
  private static func isListOfErrors(_ payload: JSONToken?, _ content: RawSpan) -> Bool {
    guard let payload, payload.kind == .arrayBegin else { return false }
    var inner = JSONOutline()
    inner.read(content, payload.range)
    guard let first = inner[0], first.kind == .objectBegin else { return false }
    inner.read(content, first.range)
    return inner.string("message", content) != nil
  }
}
