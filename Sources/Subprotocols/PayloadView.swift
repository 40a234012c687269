import Bytes

/// A subprotocol, or a format of payloads: how its messages are recognised, and what they mean.
///
/// A view is one file with one type like this and one entry in `PayloadViews`. README.md in this folder shows how to write one. A view
/// is shown the messages of one connection, in order, and may remember what later ones need, within the limits of `ViewMemory`.
/// Nothing on the wire makes it fail: what it cannot read is foreign to it, and what breaks the protocol's rules is a fault.
public protocol PayloadView: AnyObject, SendableMetatype {
  /// What it is called, and what it shows.
  static var description: ViewDescription { get }

  /// How well a message fits that nothing is known of but the message itself: 0 for not at all, 1 where it says itself what it is,
  /// and the probability that it is one of these in between.
  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double

  /// How well the handshake fits, where no subprotocol was agreed on: 0 for not at all.
  static func likelihood(ofTarget target: RequestTarget) -> Double

  /// A view of the messages of one connection.
  init(_ context: ViewContext)

  /// Messages of the client, or of the server, are missing from here on, or parts of the last one: what was begun will not be ended, and
  /// what depends on them is not known.
  func lose(ofClient: Bool)

  /// Shows what a message means, by writing to `view`. `content` may be cut short (`ViewedMessage.isWhole`); `outline` is that of its
  /// JSON text, if it is one and `ViewDescription.readsOutline` asks for it.
  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading

  /// Number of the message in which something of the client, or of the server, began that is not over; nil if all is.
  func unfinished(ofClient: Bool) -> UInt64?
}

extension PayloadView {
  /// All is.
  public func unfinished(ofClient: Bool) -> UInt64? { nil }
  /// It keeps nothing that depends on earlier messages.
  public func lose(ofClient: Bool) {}

  /// The handshake says nothing.
  public static func likelihood(ofTarget target: RequestTarget) -> Double { 0 }
}

/// What became of reading a message.
public enum ViewReading: Equatable, Sendable {
  /// It is a message of the protocol, perhaps one that breaks its rules.
  case shown
  /// It cannot be one. What was written to the view is forgotten.
  case foreign
}

/// What a view is called, and what it shows.
public struct ViewDescription: Sendable {
  /// The name in the output, in `--view` and in front of its fields in filters: lower case letters and digits.
  public var name: String
  /// The name for people, such as `Socket.IO`.
  public var title: String
  /// What it follows, such as `STOMP 1.2`.
  public var specification: String
  /// The names under which it is agreed on in the handshake (`Sec-WebSocket-Protocol`), in lower case.
  public var subprotocols: [String]
  /// Whether it reads the outline of JSON texts.
  public var readsOutline: Bool
  /// Its fields.
  public var fields: [ViewField]

  /// Names of fields that all views may have (docs/views.md).
  public static let commonFields = [
    "name", "inferred", "confidence", "more", "more_left_out", "continues", "first_message", "reply_to", "latency",
    "carries", "cut",
  ]

  /// A description of these parts.
  public init(
    _ name: String, _ title: String, specification: String, subprotocols: [String] = [], readsOutline: Bool = false,
    fields: [ViewField] = []
  ) {
    self.name = name
    self.title = title
    self.specification = specification
    self.subprotocols = subprotocols
    self.readsOutline = readsOutline
    self.fields = fields
  }
}

/// A field that a view shows.
public struct ViewField: Equatable, Sendable {
  /// What its values are.
  public enum Kind: String, Sendable {
    /// Text.
    case string
    /// A number.
    case number
    /// True or false.
    case boolean
    /// Any JSON value; its parts can be named, as in `headers.destination`.
    case json
  }

  /// Its name, a key of the view.
  public var name: String
  /// What its values are.
  public var kind: Kind
  /// What it is, in half a line.
  public var help: String

  /// A field of these parts.
  public init(_ name: String, _ kind: Kind, _ help: String) {
    self.name = name
    self.kind = kind
    self.help = help
  }
}

/// What views are told of a connection.
public struct ViewContext {
  /// The subprotocol that was agreed on, as it was written; nil if there is none, or if the handshake is not known.
  public var subprotocol: String?
  /// What the request was for; nil if it is not known.
  public var target: RequestTarget?
  /// What is held for messages to come counts there.
  public let memory: ViewMemory
  /// How many views the messages come through that carry them.
  var depth = 0
  /// Whether the user says that the messages are for the view.
  var isForced = false

  /// The context of these parts.
  public init(subprotocol: String? = nil, target: RequestTarget? = nil, memory: ViewMemory = ViewMemory()) {
    self.subprotocol = subprotocol
    self.target = target
    self.memory = memory
  }
}

/// What the request of a handshake was for (RFC 9112 §3.2).
public struct RequestTarget: Equatable, Sendable {
  /// Its path, up to the `?`.
  public let path: String
  /// What follows the `?`; empty without one.
  public let query: String
  /// What stands between the slashes of the path, in lower case; empty parts are left out.
  public let segments: [Substring]

  /// The parts of `target`.
  public init(_ target: String) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = parts.first.map(String.init) ?? ""
    query = parts.count > 1 ? String(parts[1]) : ""
    segments = path.lowercased().split(separator: "/")
  }

  /// The value of the parameter `name` in the query, as it is written; nil without one.
  public func parameter(_ name: String) -> Substring? {
    for part in query.split(separator: "&") {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2, pair[0] == name { return pair[1] }
    }
    return nil
  }
}

/// What views are told of a message.
public struct ViewedMessage: Equatable, Sendable {
  /// Whether the client sent it.
  public var isFromClient: Bool
  /// Whether it was sent as text.
  public var isText: Bool
  /// Whether all of it is shown. Otherwise it breaks off, or bytes of it are not known.
  public var isWhole: Bool
  /// Whether all of it is in the capture, and only what is stored of it ends before it does (`--max-payload`). Not if it `isWhole`.
  public var isCut = false
  /// Its 1-based number within the connection.
  public var number: UInt64
  /// When its first byte came, in nanoseconds since 1970.
  public var start: Int64
  /// When its last byte came, in nanoseconds since 1970.
  public var end: Int64

  /// A message with these properties.
  public init(
    isFromClient: Bool, isText: Bool, isWhole: Bool = true, number: UInt64 = 1, start: Int64 = 0, end: Int64 = 0
  ) {
    self.isFromClient = isFromClient
    self.isText = isText
    self.isWhole = isWhole
    self.number = number
    self.start = start
    self.end = end
  }
}
