import Bytes
import JSON

/// The client protocol of Centrifugo and Centrifuge in JSON: commands and replies by id, and pushes; several of them may stand in a
/// message, one behind the other. Version 1 of it has numbers for methods.
final class Centrifugo: PayloadView {
  static let description = ViewDescription(
    "centrifugo", "Centrifugo", specification: "Centrifugo client protocol 2", subprotocols: ["centrifuge-json"],
    readsOutline: true,
    fields: [
      ViewField("kind", .string, "command, reply, push, ping or pong"),
      ViewField("id", .number, "id that a command and its reply have"),
      ViewField("method", .string, "connect, subscribe, publish, rpc, …; of a push: pub, join, leave, …"),
      ViewField("channel", .string, "channel that it is about"),
      ViewField("params", .json, "what a command has"),
      ViewField("result", .json, "what a reply gives"),
      ViewField("error", .json, "why a command failed: code, message"),
      ViewField("push", .json, "what a push holds"),
      ViewField("reply_to", .number, "number of the message with the command"),
      ViewField("latency", .number, "seconds from the command to its reply"),
      ViewField("more", .json, "further commands, replies and pushes of the message"),
    ])
  /// Names of methods, in the order of their numbers in version 1.
  private static let methods: [StaticString] = [
    "connect", "subscribe", "unsubscribe", "publish", "presence", "presence_stats", "history", "ping", "send", "rpc",
    "refresh", "sub_refresh",
  ]
  private static let pushes: [StaticString] = [
    "pub", "join", "leave", "unsubscribe", "message", "subscribe", "connect", "disconnect", "refresh",
  ]
  private let isExpected: Bool
  /// Whether only the server speaks, in pushes that are not wrapped, after the parameters of a connect command.
  private let isUnidirectional: Bool
  /// Whether the URL says Centrifugo, and messages of it came: then it cannot be another protocol.
  private var isCertain = false

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.path.hasSuffix("/connection/websocket") || target.path.hasSuffix("/connection/uni_websocket") ? 0.9 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object, message.isText else { return 0 }
    if !message.isFromClient, let name = pushes.first(where: { outline.has($0, content) }) {
      // A push of the unidirectional endpoint: likely with its URL only.
      let isConnect = outline.count == 1 && outline.member("connect", content)?.kind == .objectBegin
      if isConnect { return 0.5 }
      let isPush = outline.count == 2 && outline.string("channel", content) != nil
      if isPush, outline.member(name, content)?.kind == .objectBegin { return 0.5 }
    }
    if let push = outline.member("push", content) {
      guard push.kind == .objectBegin, outline.count == 1, !message.isFromClient else { return 0 }
      var inner = JSONOutline()
      inner.read(content, push.range)
      return pushes.contains { inner.has($0, content) } ? 0.9 : 0
    }
    guard outline.member("id", content)?.kind == .number else { return 0 }
    // Version 1; with a name for the method it is the DevTools protocol.
    if outline.has("params", content) { return outline.member("method", content)?.kind == .string ? 0 : 0.5 }
    guard outline.count == 2 else { return 0 }
    for method in methods {
      guard let value = outline.member(method, content), value.kind == .objectBegin else { continue }
      if outline.has("connect", content) { return 0.9 }
      var inner = JSONOutline()
      inner.read(content, value.range)
      return inner.string("channel", content) == nil ? 0.5 : 0.8
    }
    return outline.has("error", content) || outline.has("result", content) ? 0.4 : 0
  }

  init(_ context: ViewContext) {
    isExpected = context.target.map { Self.likelihood(ofTarget: $0) > 0 } ?? false
    isUnidirectional = context.target?.path.hasSuffix("/uni_websocket") ?? false
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("Centrifugo")
    guard message.isText, outline.root == .object else {
      guard isCertain, message.isText else { return .foreign }
      view.say(content)
      view.tellCut(message)
      if message.isWhole, outline.fault != .tooDeep { view.fault("no command, reply or push") }
      return .shown
    }
    if isExpected, outline.isComplete, outline.count > 0 { isCertain = true }
    guard !outline.isComplete else {
      show(outline, content, message, &view)
      return .shown
    }
    return showLines(message, content, &view)
  }

  /// Several commands, replies and pushes, or a part of one.
  private func showLines(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    var units = ViewUnits()
    var start = 0
    var isTooDeep = false
    var unit = JSONOutline()
    while true {
      var scanner = JSONScanner(from: start)
      guard let first = scanner.next(content), first.kind == .objectBegin else { break }
      let isComplete = scanner.skipToEnd(content)
      isTooDeep = scanner.fault == .tooDeep
      unit.read(content, first.range.lowerBound..<scanner.position)
      start = scanner.position
      guard isComplete || units.count == 0 else { break }
      if units.begin(&view) {
        show(unit, content, message, &view)
        units.end(&view)
      }
      if !isComplete { break }
    }
    units.finish(&view)
    if isTooDeep || message.isCut { view.tellRest(message, isTooDeep: isTooDeep) }
    if message.isWhole, !isTooDeep, !Self.isSpace(content, from: start) || !unit.isComplete {
      view.fault("a part is no JSON object")
    }
    return units.count > 0 ? .shown : .foreign
  }

  private static func isSpace(_ content: RawSpan, from start: Int) -> Bool {
    for i in max(start, 0)..<max(start, content.byteCount) where content.u8(i) > 0x20 { return false }
    return true
  }

  private func show(
    _ unit: borrowing JSONOutline, _ content: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter
  ) {
    if unit.count == 0, unit.isComplete {
      view.text("kind", message.isFromClient ? "pong" : "ping")
      view.say(message.isFromClient ? "pong" : "ping")
      if isUnidirectional { return }
      return message.isFromClient ? pong(&view) : view.request("ping".utf8Span.span.bytes, "ping")
    }
    if message.isFromClient {
      return isUnidirectional ? showConnect(unit, content, &view) : showCommand(unit, content, message, &view)
    }
    if isUnidirectional || Self.isBarePush(unit, content) { return showPush(unit, nil, content, &view) }
    if let push = unit.member("push", content) { return showPush(push, content, &view) }
    let id = unit.member("id", content)
    // In version 1 a push is a reply without an id.
    if id == nil, let push = unit.member("result", content) {
      return showPush(push, content, &view, isVersion1: true)
    }
    showReply(id, unit, content, message, &view)
  }

  /// Whether it is a push that no object wraps, and no reply.
  private static func isBarePush(_ unit: borrowing JSONOutline, _ content: RawSpan) -> Bool {
    guard !unit.has("id", content), !unit.has("push", content), !unit.has("result", content) else { return false }
    return pushes.contains { unit.member($0, content)?.kind == .objectBegin }
  }

  /// What a client of the unidirectional endpoint has to say: the parameters of connect.
  private func showConnect(_ unit: borrowing JSONOutline, _ content: RawSpan, _ view: inout ViewWriter) {
    view.text("kind", "command")
    view.text("method", "connect")
    view.say("connect")
    var scanner = JSONScanner()
    guard unit.isComplete, let first = scanner.next(content), scanner.skipToEnd(content) else { return }
    let all = JSONToken(.objectBegin, first.range.lowerBound..<scanner.position)
    view.json("params", all, content)
    view.say(all, content)
  }

  private func pong(_ view: inout ViewWriter) { view.reply("ping".utf8Span.span.bytes) }

  private func showCommand(
    _ unit: borrowing JSONOutline, _ content: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter
  ) {
    view.text("kind", "command")
    let id = unit.member("id", content)
    view.json("id", id, content)
    var (name, params) = Self.method(unit, content)
    if name.isEmpty, unit.has("params", content) || unit.has("method", content) {
      let number = unit.member("method", content).flatMap { JSONText.integer(content, $0.range) } ?? 0
      name = number >= 0 && number < Int64(Self.methods.count) ? "\(Self.methods[Int(number)])" : "\(number)"
      if let method = unit.string("method", content) { name = Self.text(method, content) }
      params = unit.member("params", content)
    }
    if name.isEmpty {
      if message.isWhole { view.fault("a command without a method") }
    } else {
      view.text("method", name)
      view.say(name)
    }
    if let id { view.say("#\(Self.text(id, content))") }
    showChannel(params, content, &view)
    view.json("params", params, content)
    if let params { view.say(params, content) }
    if let id { view.request(id, content, name) }
  }

  private func showReply(
    _ id: JSONToken?, _ unit: borrowing JSONOutline, _ content: RawSpan, _ message: ViewedMessage,
    _ view: inout ViewWriter
  ) {
    view.text("kind", "reply")
    view.json("id", id, content)
    let error = unit.member("error", content)
    let method = Self.method(unit, content)
    let result = method.value ?? unit.member("result", content)
    let label = id.flatMap { view.reply($0, content, isError: error != nil) }
    view.say(error == nil ? "reply" : "error")
    if let id { view.say("#\(Self.text(id, content))") }
    let name = method.name.isEmpty ? label ?? "" : method.name
    if !name.isEmpty {
      view.text("method", name)
      view.say("of \(name)")
    }
    view.json("result", result, content)
    view.say(result, content)
    view.json("error", error, content)
    view.say(error, content)
    if id == nil, message.isWhole { view.fault("a reply without an id") }
  }

  private func showPush(_ push: JSONToken, _ content: RawSpan, _ view: inout ViewWriter, isVersion1: Bool = false) {
    view.text("kind", "push")
    view.say("push")
    guard push.kind == .objectBegin else { return view.json("push", push, content) }
    var inner = JSONOutline()
    inner.read(content, push.range)
    showPush(inner, push, content, &view, isVersion1: isVersion1)
  }

  /// Shows the members of a push, which is all of `whole`.
  private func showPush(
    _ inner: borrowing JSONOutline, _ whole: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter,
    isVersion1: Bool = false
  ) {
    if whole == nil {
      view.text("kind", "push")
      view.say("push")
    }
    let channel = inner.string("channel", content)
    view.json("channel", channel, content)
    view.say(channel, content)
    var name = Self.pushes.first { inner.has($0, content) }
    var value = name.flatMap { inner.member($0, content) }
    if isVersion1 {
      let type = inner.member("type", content).flatMap { JSONText.integer(content, $0.range) } ?? 0
      name = type >= 0 && type < Int64(Self.pushes.count) ? Self.pushes[Int(type)] : nil
      value = inner.member("data", content)
    }
    if let name {
      view.text("method", "\(name)")
      view.say(name)
    }
    view.json("push", value ?? whole, content)
    view.say(value ?? whole, content)
  }

  private func showChannel(_ value: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let value, value.kind == .objectBegin else { return }
    var inner = JSONOutline()
    inner.read(content, value.range)
    guard let channel = inner.string("channel", content) else { return }
    view.json("channel", channel, content)
    view.say(channel, content)
  }

  private static func method(_ unit: borrowing JSONOutline, _ content: RawSpan) -> (name: String, value: JSONToken?) {
    for method in methods { if let value = unit.member(method, content) { return ("\(method)", value) } }
    return ("", nil)
  }

  private static func text(_ token: JSONToken, _ content: RawSpan) -> String {
    String(decoding: JSONText.utf8(content, token).prefix(64), as: UTF8.self)
  }
}
