/// What a message means, as a view shows it.
public struct MessageView: Equatable, Sendable {
  /// The name of the view.
  public var name = ""
  /// How sure it is that this is the right view; nil where the handshake, the user or the message itself says so.
  public var confidence: Double?
  /// The view as a JSON object, without line breaks: its name, and what it found.
  public var json: [UInt8] = []
  /// The view in one line for people, in UTF-8, without line breaks. It may hold any other character that the message holds.
  public var line: [UInt8] = []
  /// The names of the views of what it carries, from the outermost on.
  public var carried: [String] = []
  /// What of it asks for a reply.
  public var requests: [ViewRequest] = []
  /// What of it replies to earlier messages.
  public var replies: [ViewReply] = []
  /// Requests of this connection that were forgotten while it was read, before a reply came.
  public var forgotten: [ViewRequest] = []

  /// Whether it says more than its name.
  public var hasFields: Bool { json.count > name.utf8.count + 11 }

  /// An empty view.
  public init() {}

  /// Empties it, and keeps its memory for the next one.
  mutating func removeAll() {
    name = ""
    confidence = nil
    json.removeAll(keepingCapacity: json.capacity <= Self.mostKept)
    line.removeAll(keepingCapacity: line.capacity <= Self.mostKept)
    if !carried.isEmpty { carried = [] }
    if !requests.isEmpty { requests.removeAll(keepingCapacity: requests.capacity <= 64) }
    if !replies.isEmpty { replies.removeAll(keepingCapacity: replies.capacity <= 64) }
    if !forgotten.isEmpty { forgotten = [] }
  }

  private static let mostKept = 1 << 18
}

/// A message, or a part of one, that asks for a reply.
public struct ViewRequest: Equatable, Sendable {
  /// What it asks for, such as the name of a method.
  public var label: String
  /// The name of the view that it is a request of, where that is one of those that are carried.
  public var carriedView: String?
}

/// A message, or a part of one, that replies.
public struct ViewReply: Equatable, Sendable {
  /// What was asked for.
  public var label: String
  /// Number of the message that asked.
  public var request: UInt64
  /// Whether it says that the request failed.
  public var isError: Bool
  /// Nanoseconds from the last byte of the request to the first one of the reply; nil where the capture's clock was set back in
  /// between.
  public var latency: UInt64?
  /// The name of the view that it is a reply of, where that is one of those that are carried.
  public var carriedView: String?
}
