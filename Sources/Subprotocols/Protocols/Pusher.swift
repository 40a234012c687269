import Bytes
import JSON

/// Pusher Channels, which other servers speak as well: every message is an event, whose data are often JSON in a string.
final class Pusher: PayloadView {
  static let description = ViewDescription(
    "pusher", "Pusher", specification: "Pusher Channels protocol 7", readsOutline: true,
    fields: [
      ViewField("event", .string, "name of the event: pusher:subscribe, client-typing, or one of the application"),
      ViewField("channel", .string, "channel of the event, or the one to subscribe to"),
      ViewField("data", .json, "what the event holds"),
      ViewField("user_id", .string, "who sent the event, on presence channels"),
      ViewField("socket_id", .string, "id of the connection (pusher:connection_established)"),
      ViewField("code", .number, "code of an error (pusher:error)"),
      ViewField("reply_to", .number, "number of the message that asked for the subscription, or of the ping"),
      ViewField("latency", .number, "seconds from that to the answer"),
    ])

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    guard target.path.hasPrefix("/app/") || target.path.contains("/app/"), let version = target.parameter("protocol"),
      UInt8(version) != nil
    else { return 0 }
    return 0.95
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object, let event = outline.string("event", content) else { return 0 }
    if content.begins(with: "pusher:", at: event.range.lowerBound) { return 1 }
    if content.begins(with: "pusher_internal:", at: event.range.lowerBound) { return 1 }
    return outline.string("channel", content) != nil && outline.has("data", content) ? 0.6 : 0
  }

  /// Whether an event of the protocol itself came, so that it cannot be another one.
  private var isCertain = false

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("Pusher")
    guard message.isText, outline.root == .object, let event = outline.string("event", content) else {
      guard isCertain else { return .foreign }
      view.say(content)
      view.tellCut(message)
      if message.isWhole { view.fault("no object with an event") }
      return .shown
    }
    view.json("event", event, content)
    view.say(event, content)
    let data = outline.member("data", content)
    let channel = showChannel(outline.string("channel", content), data, content, &view)
    pair(event, channel, content, &view)
    let inner = view.jsonInText("data", data, content)
    view.json("user_id", outline.member("user_id", content), content)
    if let inner {
      showParts(inner.whole, inner.text.span.bytes, event, content, &view)
      view.say(inner.whole, inner.text.span.bytes)
    } else {
      showParts(data, content, event, content, &view)
      view.say(data, content)
    }
    view.tellCut(message)
    guard message.isWhole else { return .shown }
    if content.begins(with: "pusher:", at: event.range.lowerBound) { isCertain = true }
    if !outline.isComplete, outline.fault != .tooDeep {
      view.fault("the message is no JSON")
    } else if content.holds("pusher:subscribe", event.range), channel == nil {
      view.fault("a subscription without a channel")
    }
    return .shown
  }

  /// Shows the channel, which stands in the data of those who subscribe; gives its name.
  private func showChannel(
    _ channel: JSONToken?, _ data: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter
  ) -> [UInt8]? {
    var channel = channel
    if channel == nil, let data, data.kind == .objectBegin {
      var inner = JSONOutline()
      inner.read(content, data.range)
      channel = inner.string("channel", content)
    }
    guard let channel else { return nil }
    view.json("channel", channel, content)
    view.say(channel, content)
    return JSONText.utf8(content, channel)
  }

  /// Links pings to pongs, and subscriptions to what becomes of them.
  private func pair(_ event: JSONToken, _ channel: [UInt8]?, _ content: RawSpan, _ view: inout ViewWriter) {
    if content.holds("pusher:ping", event.range) { view.request("\u{0}ping".utf8Span.span.bytes, "pusher:ping") }
    if content.holds("pusher:pong", event.range) { view.reply("\u{0}ping".utf8Span.span.bytes) }
    if content.holds("pusher:signin", event.range) { view.request("\u{0}signin".utf8Span.span.bytes, "pusher:signin") }
    if content.holds("pusher:signin_success", event.range) { view.reply("\u{0}signin".utf8Span.span.bytes) }
    guard let channel else { return }
    let key = channel.span.bytes
    if content.holds("pusher:subscribe", event.range) {
      view.request(key, "pusher:subscribe")
    } else if content.holds("pusher_internal:subscription_succeeded", event.range) {
      view.reply(key)
    } else if content.holds("pusher:subscription_error", event.range) {
      view.reply(key, isError: true)
    }
  }

  /// Parts of the data that people look for.
  private func showParts(
    _ data: JSONToken?, _ bytes: RawSpan, _ event: JSONToken, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    guard let data, data.kind == .objectBegin else { return }
    let isNew = content.holds("pusher:connection_established", event.range)
    guard isNew || content.holds("pusher:error", event.range) else { return }
    var inner = JSONOutline()
    inner.read(bytes, data.range)
    view.json(isNew ? "socket_id" : "code", inner.member(isNew ? "socket_id" : "code", bytes), bytes)
  }
}
