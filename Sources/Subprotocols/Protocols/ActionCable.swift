import Bytes
import JSON

/// Action Cable, the channels of Ruby on Rails: clients give commands, servers have typed messages, and those of a channel have no type.
final class ActionCable: PayloadView {
  static let description = ViewDescription(
    "actioncable", "Action Cable", specification: "actioncable-v1-json",
    subprotocols: ["actioncable-v1-json", "actioncable-v1-ext-json"],
    readsOutline: true,
    fields: [
      ViewField("command", .string, "what a client asks for: subscribe, unsubscribe or message"),
      ViewField("type", .string, "welcome, ping, confirm_subscription, reject_subscription, disconnect, message"),
      ViewField("channel", .string, "class of the channel, from the identifier"),
      ViewField("identifier", .json, "what names the subscription"),
      ViewField("action", .string, "method of the channel that a client's message is for"),
      ViewField("data", .json, "a client's message"),
      ViewField("message", .json, "a server's message; of a ping, its time in seconds since 1970"),
      ViewField("reason", .string, "why the server disconnects"),
      ViewField("reconnect", .boolean, "whether the client may come back"),
      ViewField("reply_to", .number, "number of the message that asked for the subscription"),
      ViewField("latency", .number, "seconds from that to its confirmation or rejection"),
    ])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object else { return 0 }
    if let identifier = outline.string("identifier", content) {
      guard JSONInText(identifier, content)?.string("channel") != nil else { return 0 }
      let isTyped = outline.has("command", content) || outline.has("type", content)
      return isTyped ? 1 : outline.has("message", content) ? 0.9 : 0
    }
    if outline.says("type", "welcome", content) { return outline.count == 1 ? 0.7 : 0.4 }
    // A ping alone may be anybody's.
    return 0
  }

  static func likelihood(ofTarget target: RequestTarget) -> Double { target.path.hasSuffix("/cable") ? 0.8 : 0 }

  private static let commands: [StaticString] = ["subscribe", "unsubscribe", "message"]
  /// Those of AnyCable's extension, which may grow: where it was agreed on, none is told of (https://docs.anycable.io/misc/action_cable_protocol).
  private static let extendedCommands: [StaticString] = ["pong", "history", "whisper", "presence", "join", "leave"]
  private static let types: [StaticString] = [
    "welcome", "ping", "confirm_subscription", "reject_subscription", "disconnect",
  ]
  private static let extendedTypes: [StaticString] = [
    "confirm_history", "reject_history", "presence", "reject_presence",
  ]

  /// Whether AnyCable's extension was agreed on; nil if nothing was.
  private let isExtended: Bool?
  /// Whether there was a message with the identifier of a channel: until then, it may be another protocol.
  private var isCertain: Bool

  init(_ context: ViewContext) {
    isExtended = context.subprotocol.map { $0.lowercased().contains("-ext-") }
    isCertain = context.subprotocol?.lowercased().hasPrefix("actioncable") ?? false
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard outline.root == .object else { return .foreign }
    let command = outline.string("command", content)
    let type = outline.string("type", content)
    let identifier = outline.string("identifier", content)
    guard command != nil || type != nil || identifier != nil else { return .foreign }
    view.say("Action Cable")
    view.json("command", command, content)
    if command == nil, type == nil { view.text("type", "message") } else { view.json("type", type, content) }
    view.say(command ?? type, content)
    showSubscription(identifier, command ?? type, content, &view)
    showData(outline, content, &view)
    view.tellCut(message)
    if let identifier, JSONInText(identifier, content)?.string("channel") != nil { isCertain = true }
    if message.isWhole, isCertain { check(message, command, type, identifier, outline, content, &view) }
    return .shown
  }

  private func check(
    _ message: ViewedMessage, _ command: JSONToken?, _ type: JSONToken?, _ identifier: JSONToken?,
    _ outline: borrowing JSONOutline, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    guard outline.isComplete else {
      if outline.fault != .tooDeep { view.fault("the message is no JSON") }
      return
    }
    let isPong = command.map { content.holds("pong", $0.range) } ?? false
    if command != nil, identifier == nil, !isPong || isExtended == false {
      view.fault("a command without an identifier")
    }
    if let identifier, isExtended != true, !Self.isJSON(identifier, content) {
      view.fault("an identifier that is no JSON")
    }
    if let command, isExtended != true,
      !Self.isKnown(command, Self.commands, isExtended == false ? [] : Self.extendedCommands, content)
    {
      view.fault("a command that there is not")
    }
    if command == nil, let type, isExtended != true,
      !Self.isKnown(type, Self.types, isExtended == false ? [] : Self.extendedTypes, content)
    {
      view.fault("a type that there is not")
    }
    if let command, content.holds("message", command.range), !outline.has("data", content) {
      view.fault("a message without data")
    }
  }

  private static func isKnown(
    _ name: JSONToken, _ names: [StaticString], _ extended: [StaticString], _ content: RawSpan
  ) -> Bool {
    names.contains { content.holds($0, name.range) } || extended.contains { content.holds($0, name.range) }
  }

  private static func isJSON(_ text: JSONToken, _ content: RawSpan) -> Bool {
    let text = JSONText.utf8(content, text)
    var scanner = JSONScanner()
    while scanner.next(text.span.bytes) != nil {}
    return scanner.isComplete || scanner.fault == .tooDeep
  }

  /// The identifier is JSON in a string, which the server sends back as it came: it links the answer to what was asked.
  private func showSubscription(
    _ identifier: JSONToken?, _ kind: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    guard let identifier else { return }
    let channel = JSONInText(identifier, content)?.string("channel")
    if let channel {
      view.text("channel", channel)
      view.say(channel)
    }
    view.jsonInText("identifier", identifier, content)
    guard let kind else { return }
    if content.holds("subscribe", kind.range) {
      view.request(identifier, content, channel ?? "")
    } else if content.holds("confirm_subscription", kind.range) {
      view.reply(identifier, content)
    } else if content.holds("reject_subscription", kind.range) {
      view.reply(identifier, content, isError: true)
    }
  }

  private func showData(_ outline: borrowing JSONOutline, _ content: RawSpan, _ view: inout ViewWriter) {
    if let data = outline.member("data", content) {
      if let action = JSONInText(data, content)?.string("action") { view.text("action", action) }
      if let inner = view.jsonInText("data", data, content) {
        view.say(inner.whole, inner.text.span.bytes)
      } else {
        view.say(data, content)
      }
    }
    view.json("message", outline.member("message", content), content)
    view.say(outline.member("message", content), content)
    view.json("reason", outline.member("reason", content), content)
    view.say(outline.member("reason", content), content)
    view.json("reconnect", outline.member("reconnect", content), content)
  }
}
