import Subprotocols

/// Requests, and what became of them. Only first replies count.
public struct RequestCounts: Equatable, Sendable {
  /// Requests.
  public var requests: UInt64 = 0
  /// Replies to them.
  public var replies: UInt64 = 0
  /// Replies that say that the request failed.
  public var errors: UInt64 = 0
  /// Requests of which it is not known whether they had a reply: too many waited, or another one came with the same id.
  public var forgotten: UInt64 = 0

  /// Requests without a reply, as far as that is known.
  public var unanswered: UInt64 {
    // Where records are selected, replies may be among them whose requests are not.
    let ended = replies &+ forgotten
    return requests > ended ? requests - ended : 0
  }

  mutating func take(_ view: MessageView) {
    requests += UInt64(view.requests.count)
    replies += UInt64(view.replies.count)
    forgotten += UInt64(view.forgotten.count)
    for reply in view.replies where reply.isError { errors += 1 }
  }

  mutating func add(_ other: RequestCounts) {
    requests += other.requests
    replies += other.replies
    errors += other.errors
    forgotten += other.forgotten
  }
}

/// The requests for one thing, such as a method, and the replies to them.
public struct MethodStatistics: Equatable, Sendable {
  /// What `methods` are told apart by.
  struct Name: Hashable {
    var view: String
    var method: String
  }

  /// The name of the view.
  public var view: String
  /// What was asked for, cut to 128 bytes.
  public var method: String
  /// How many there were.
  public var counts = RequestCounts()
  /// Nanoseconds from request to reply; not of those replies before which the capture's clock was set back.
  public var times = Distribution()

  init(_ name: Name) {
    view = name.view
    method = name.method
  }

  /// How often it was asked for, or replied to where those that asked were not selected.
  public var frequency: UInt64 { max(counts.requests, counts.replies) }
}
