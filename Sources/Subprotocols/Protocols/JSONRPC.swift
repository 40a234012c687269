import Bytes
import JSON

/// JSON-RPC 2.0, alone or in batches: also that of language servers (LSP) and of Ethereum nodes, whose subscriptions it links. JSON-RPC
/// 1.0 as well, whose messages do not name themselves.
final class JSONRPC: PayloadView {
  static let description = ViewDescription(
    "jsonrpc", "JSON-RPC", specification: "JSON-RPC 2.0", subprotocols: ["jsonrpc", "jsonrpc-2.0", "json-rpc"],
    readsOutline: true,
    fields: [
      ViewField("kind", .string, "request, notification, result or error"),
      ViewField("method", .string, "name of the method; of a reply, that of its request"),
      ViewField("id", .json, "id of a request or reply: a string or number"),
      ViewField("params", .json, "parameters of a request or notification"),
      ViewField("result", .json, "what a reply gives"),
      ViewField("error", .json, "why a request failed: code, message, data"),
      ViewField("subscription", .json, "id of the subscription that a notification belongs to (Ethereum)"),
      ViewField(
        "reply_to", .number, "number of the message that a reply, or a subscription's notification, belongs to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
    ])
  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    if outline.root == .array, let first = outline[0], first.kind == .objectBegin {
      var inner = JSONOutline()
      inner.read(content, first.range)
      return inner.says("jsonrpc", "2.0", content) ? 1 : 0
    }
    return outline.says("jsonrpc", "2.0", content) ? 1 : likelihoodOfOld(content, outline)
  }

  /// The same for JSON-RPC 1.0. Its requests look like those of others; its replies have three members, always the same ones.
  private static func likelihoodOfOld(_ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object, outline.isComplete, outline.count == 3, let id = outline.member("id", content) else {
      return 0
    }
    guard id.kind == .number || id.kind == .string else { return 0 }
    guard let result = outline.member("result", content), let error = outline.member("error", content) else { return 0 }
    return (result.kind == .null) != (error.kind == .null) ? 0.9 : 0
  }

  /// Whether it names its version, or has all members that JSON-RPC 1.0 asks for.
  private static func hasAllMembers(_ content: RawSpan, _ outline: borrowing JSONOutline) -> Bool {
    if outline.has("jsonrpc", content) { return true }
    guard outline.has("id", content) else { return false }
    return outline.has("method", content) && outline.has("params", content)
      || outline.has("result", content) && outline.has("error", content)
  }

  /// What asked for a subscription, by the id of the request, and then by that of the subscription.
  private var asked: [String: Subscription] = [:]
  private var subscriptions: [String: Subscription] = [:]
  private static let mostSubscriptions = 256

  private struct Subscription {
    var message: UInt64
    var label: String
    /// The id of the one that is to end, if it is about that.
    var ends: String?
  }

  /// Whether it was agreed on, the user says so, or a message has named its version: others that do not are taken for it then.
  private var isSure: Bool

  init(_ context: ViewContext) {
    let name = context.subprotocol?.lowercased() ?? ""
    isSure = context.isForced || Self.description.subprotocols.contains(name)
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    if outline.says("jsonrpc", "2.0", content) { isSure = true }
    if outline.root == .object, message.isWhole, !isSure, !Self.hasAllMembers(content, outline) { return .foreign }
    view.say("JSON-RPC")
    if message.isWhole, !outline.isReadable { view.fault("no JSON text") }
    if outline.fault == .tooDeep { view.leaveOut() }
    defer { if message.isCut { view.say("(cut by --max-payload)") } }
    guard outline.root == .array else { return show(content, outline, message, &view) ? .shown : .foreign }
    return showBatch(message, content, &view) ? .shown : .foreign
  }

  /// A batch (JSON-RPC 2.0 §6): its first message stands in the view itself, and the others in `more`.
  private func showBatch(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> Bool {
    var scanner = JSONScanner()
    _ = scanner.next(content)
    var strangers = 0
    var units = ViewUnits()
    var inner = JSONOutline()
    var inBatch = message
    inBatch.isWhole = true
    while let token = scanner.next(content), token.kind != .arrayEnd {
      if token.kind.isBegin, !scanner.skipToEnd(content) { break }
      inner.read(content, token.range.lowerBound..<scanner.position)
      guard token.kind == .objectBegin, inner.says("jsonrpc", "2.0", content) else {
        strangers += 1
        continue
      }
      guard units.begin(&view) else { continue }
      show(content, inner, inBatch, &view)
      units.end(&view)
    }
    units.finish(&view)
    if units.count > 0 { isSure = true }
    if strangers > 0, units.count > 0, message.isWhole { view.fault("\(strangers) in a batch that are no messages") }
    return units.count > 0
  }

  /// Shows one message; false if it is none.
  @discardableResult
  private func show(
    _ content: RawSpan, _ outline: borrowing JSONOutline, _ message: ViewedMessage, _ view: inout ViewWriter
  ) -> Bool {
    let id = outline.member("id", content)
    if message.isWhole, outline.isComplete, outline.says("jsonrpc", "2.0", content) {
      JSONRPCRules.check(content, outline, &view)
    }
    if let method = outline.string("method", content) {
      showCall(method, id, content, outline, message, &view)
      return true
    }
    let error = outline.member("error", content)
    let result = outline.member("result", content)
    let isError = error.map { $0.kind != .null } ?? false
    guard isError || result != nil else {
      if !message.isWhole { return outline.has("jsonrpc", content) || id != nil }
      return outline.has("jsonrpc", content)
    }
    view.text("kind", isError ? "error" : "result")
    view.json("id", id, content)
    if let id, let result, !isError { noteSubscription(id, result, content) }
    // An error of which it is not known what it is about has the id null (2.0 §5).
    let request = isError ? id?.unlessNull : id
    let label = request.flatMap { view.reply($0, content, isError: isError) }
    if let label { view.text("method", label) }
    view.say(isError ? "error" : "result")
    if let id { view.say("#\(content.words(id))") }
    if let label { view.say("of \(label)") }
    view.json(isError ? "error" : "result", isError ? error : result, content)
    view.say(isError ? error : result, content)
    return true
  }

  private func showCall(
    _ method: JSONToken, _ id: JSONToken?, _ content: RawSpan, _ outline: borrowing JSONOutline,
    _ message: ViewedMessage, _ view: inout ViewWriter
  ) {
    // JSON-RPC 1.0 has null where 2.0 has no id.
    let isRequest = id != nil && (id?.kind != .null || outline.has("jsonrpc", content))
    view.text("kind", isRequest ? "request" : "notification")
    view.json("method", method, content)
    view.say(method, content)
    view.json("id", id, content)
    if let id, isRequest { view.say("#\(content.words(id))") }
    let params = outline.member("params", content)
    view.json("params", params, content)
    showSubscription(params, content, &view)
    if let params { view.say(params, content) }
    guard let id, isRequest else { return }
    view.request(id, content, content.words(method))
    noteSubscription(id, method, params, message, content)
  }

  // MARK: Subscriptions

  /// `eth_subscription` and the like name the subscription that they belong to.
  private func showSubscription(_ params: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let params, params.kind == .objectBegin else { return }
    var inner = JSONOutline()
    inner.read(content, params.range)
    guard let id = inner.member("subscription", content) else { return }
    view.json("subscription", id, content)
    guard let subscription = subscriptions[content.words(id)] else { return }
    view.integer("reply_to", subscription.message)
    view.say("of \(subscription.label)")
  }

  /// A request for a subscription, such as `eth_subscribe` with what is subscribed to as its first parameter.
  private func noteSubscription(
    _ id: JSONToken, _ method: JSONToken, _ params: JSONToken?, _ message: ViewedMessage, _ content: RawSpan
  ) {
    guard method.range.count >= 9, content.begins(with: "ubscribe", at: method.range.upperBound - 8) else { return }
    var subscription = Subscription(message: message.number, label: content.words(method))
    let isEnd = method.range.count >= 11 && content.begins(with: "ns", at: method.range.upperBound - 10)
    if let params, params.kind == .arrayBegin {
      var inner = JSONOutline()
      inner.read(content, params.range)
      if isEnd {
        subscription.ends = inner[0].map { content.words($0) }
      } else if let first = inner[0], first.kind == .string {
        subscription.label += " \(content.words(first, most: 64))"
      }
    }
    guard !isEnd || subscription.ends != nil else { return }
    if asked.count >= Self.mostSubscriptions { asked.removeAll() }
    asked[content.words(id)] = subscription
  }

  /// The result of such a request is the id of the subscription, or whether it has ended.
  private func noteSubscription(_ id: JSONToken, _ result: JSONToken, _ content: RawSpan) {
    guard !asked.isEmpty, let subscription = asked.removeValue(forKey: content.words(id)) else { return }
    if let ended = subscription.ends {
      if result.kind == .true { subscriptions[ended] = nil }
      return
    }
    guard result.kind == .string || result.kind == .number else { return }
    if subscriptions.count >= Self.mostSubscriptions { subscriptions.removeAll() }
    subscriptions[content.words(result)] = subscription
  }
}
