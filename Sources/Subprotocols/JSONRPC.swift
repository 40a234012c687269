import Bytes
import JSON

/// JSON-RPC 2.0, alone or in batches: also that of language servers (LSP) and of Ethereum nodes, whose subscriptions it links.
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
      ViewField("reply_to", .number, "number of the message that a reply replies to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
    ])
  /// Messages of a batch that are shown.
  private static let mostOfBatch = 1000

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    if outline.root == .array, let first = outline[0], first.kind == .objectBegin {
      var inner = JSONOutline()
      inner.read(content, first.range)
      return inner.says("jsonrpc", "2.0", content) ? 1 : 0
    }
    return outline.says("jsonrpc", "2.0", content) ? 1 : 0
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("JSON-RPC")
    guard outline.root == .array else { return show(content, outline, message, &view) ? .shown : .foreign }
    return showBatch(content, &view) ? .shown : .foreign
  }

  /// A batch (JSON-RPC 2.0 §6): its first message stands in the view itself, and the others in `more`.
  private func showBatch(_ content: RawSpan, _ view: inout ViewWriter) -> Bool {
    var scanner = JSONScanner()
    _ = scanner.next(content)
    var count = 0
    var inner = JSONOutline()
    while let token = scanner.next(content), token.kind == .objectBegin, scanner.skipToEnd(content) {
      inner.read(content, token.range.lowerBound..<scanner.position)
      guard inner.says("jsonrpc", "2.0", content) else { break }
      count += 1
      guard count <= Self.mostOfBatch else { continue }
      if count > 1 {
        if count == 2 { view.array("more") }
        view.say("+")
        view.object()
      }
      show(content, inner, nil, &view)
      if count > 1 { view.close() }
    }
    if count > 1 { view.close() }
    if count > Self.mostOfBatch { view.fault("\(count) messages in a batch, of which \(Self.mostOfBatch) are shown") }
    return count > 0
  }

  /// Shows one message; false if it is none.
  @discardableResult
  private func show(
    _ content: RawSpan, _ outline: borrowing JSONOutline, _ message: ViewedMessage?, _ view: inout ViewWriter
  ) -> Bool {
    let id = outline.member("id", content)
    if let method = outline.string("method", content) {
      let isRequest = id != nil
      view.text("kind", isRequest ? "request" : "notification")
      view.json("method", method, content)
      view.say(method, content)
      view.json("id", id, content)
      if let id { view.say("#\(Self.text(id, content))") }
      let params = outline.member("params", content)
      view.json("params", params, content)
      showSubscription(params, content, &view)
      if let params { view.say(params, content) }
      if let id { view.request(id, content, Self.text(method, content)) }
      return true
    }
    let error = outline.member("error", content)
    let result = outline.member("result", content)
    let isError = error.map { $0.kind != .null } ?? false
    guard isError || result != nil else {
      if message?.isWhole == false { return outline.has("jsonrpc", content) || id != nil }
      guard outline.has("jsonrpc", content) else { return false }
      view.fault("neither a method nor a result nor an error")
      return true
    }
    view.text("kind", isError ? "error" : "result")
    view.json("id", id, content)
    let label = id.flatMap { view.reply($0, content, isError: isError) }
    if let label { view.text("method", label) }
    view.say(isError ? "error" : "result")
    if let id { view.say("#\(Self.text(id, content))") }
    if let label { view.say("of \(label)") }
    view.json(isError ? "error" : "result", isError ? error : result, content)
    view.say(isError ? error : result, content)
    return true
  }

  /// `eth_subscription` notifications name the subscription that they belong to.
  private func showSubscription(_ params: JSONToken?, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let params, params.kind == .objectBegin else { return }
    var inner = JSONOutline()
    inner.read(content, params.range)
    view.json("subscription", inner.member("subscription", content), content)
  }

  private static func text(_ token: JSONToken, _ content: RawSpan) -> String {
    token.kind == .string
      ? String(decoding: JSONText.utf8(content, token), as: UTF8.self)
      : content.extracting(token.range).withUnsafeBytes { String(decoding: $0.prefix(64), as: UTF8.self) }
  }
}
