import Bytes
import JSON

/// Messages of Jupyter kernels over WebSocket: in the layout of `v1.kernel.websocket.jupyter.org`, and in JSON, which is the default.
final class Jupyter: PayloadView {
  static let description = ViewDescription(
    "jupyter", "Jupyter", specification: "Jupyter messaging", subprotocols: ["v1.kernel.websocket.jupyter.org"],
    readsOutline: true,
    fields: [
      ViewField("channel", .string, "shell, iopub, stdin or control"),
      ViewField("msg_type", .string, "type of the message, such as execute_request"),
      ViewField("msg_id", .string, "id of the message"),
      ViewField("parent_msg_type", .string, "type of the message that caused it"),
      ViewField("parent_msg_id", .string, "id of the message that caused it"),
      ViewField("session", .string, "session of whoever sent it"),
      ViewField("username", .string, "user that it was sent for"),
      ViewField("date", .string, "when it was made, by the clock of whoever made it"),
      ViewField("content", .json, "what it says"),
      ViewField("metadata", .json, "what is said about it, if anything is"),
      ViewField("buffers", .json, "bytes of each buffer that it carries"),
      ViewField("reply_to", .number, "number of the message that caused it"),
      ViewField("latency", .number, "seconds from a request to its reply"),
    ])

  /// Messages whose numbers are remembered.
  private static let mostCauses = 256

  private var header = JSONOutline()
  private var inner = JSONOutline()
  /// Numbers of messages by their ids, in two halves of which the older one is forgotten.
  private var causes: [String: UInt64] = [:]
  private var olderCauses: [String: UInt64] = [:]

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard outline.root != .object else {
      guard outline.isReadable || !message.isWhole, let head = outline.member("header", content) else {
        return .foreign
      }
      return show(JupyterParts(outline, content, header: head), message, content, &view)
    }
    guard !message.isText, content.byteCount > 0 else { return .foreign }
    if var parts = JupyterParts(v1: content, isWhole: message.isWhole) {
      parts.refuseWhatIsNoJSON(content, &inner, message, &view)
      return show(parts, message, content, &view)
    }
    return showBinary(message, content, &view)
  }

  /// The default protocol with buffers: a JSON text, and the buffers.
  private func showBinary(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    guard let ranges = JupyterParts.defaultRanges(content, isWhole: message.isWhole), let text = ranges.first else {
      return .foreign
    }
    var outline = JSONOutline()
    outline.read(content, text)
    guard let head = outline.member("header", content) else { return .foreign }
    var parts = JupyterParts(outline, content, header: head)
    parts.buffers = Array(ranges.dropFirst())
    return show(parts, message, content, &view)
  }

  private func show(
    _ parts: JupyterParts, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) -> ViewReading {
    header.read(content, parts.header)
    guard let type = header.string("msg_type", content) else { return .foreign }
    let id = header.string("msg_id", content)
    if id == nil, message.isWhole { view.fault("no msg_id") }
    view.say("Jupyter")
    if let channel = parts.channel {
      view.text("channel", content.extracting(channel))
      view.say(content.extracting(channel))
    }
    view.json("msg_type", type, content)
    view.say(type, content)
    view.json("msg_id", id, content)
    let (session, user) = (header.string("session", content), header.string("username", content))
    let date = header.string("date", content)
    link(content.words(type), id, parts, message, content, &view)
    view.json("session", session, content)
    view.json("username", user, content)
    view.json("date", date, content)
    showContent(content.words(type), parts, content, &view)
    if message.isCut { view.say("(cut by --max-payload)") }
    return .shown
  }

  // MARK: Requests and replies

  /// A reply names its request as its parent, as does whatever else a request causes: outputs, and the state of the kernel.
  private func link(
    _ type: String, _ id: JSONToken?, _ parts: JupyterParts, _ message: ViewedMessage, _ content: RawSpan,
    _ view: inout ViewWriter
  ) {
    if let id {
      if type.hasSuffix("_request") { view.request(id, content, type) }
      if causes.count >= Self.mostCauses / 2 { (olderCauses, causes) = (causes, [:]) }
      causes[content.words(id)] = message.number
    }
    guard let parent = parts.parent else { return }
    header.read(content, parent)
    guard let cause = header.string("msg_id", content) else { return }
    view.json("parent_msg_type", header.string("msg_type", content), content)
    view.json("parent_msg_id", cause, content)
    if type.hasSuffix("_reply") {
      if view.reply(cause, content, isError: isError(parts, content)) != nil { return }
    }
    let key = content.words(cause)
    if let number = causes[key] ?? olderCauses[key], number != message.number { view.integer("reply_to", number) }
  }

  private func isError(_ parts: JupyterParts, _ content: RawSpan) -> Bool {
    guard let body = parts.content else { return false }
    inner.read(content, body)
    return inner.says("status", "error", content)
  }

  // MARK: Content

  private func showContent(
    _ type: String, _ parts: JupyterParts, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    if let body = parts.content {
      view.json("content", JSONToken(.objectBegin, body), content)
      sayContent(type, body, content, &view)
    }
    if let metadata = parts.metadata {
      inner.read(content, metadata)
      if inner.count > 0 { view.json("metadata", JSONToken(.objectBegin, metadata), content) }
    }
    guard !parts.buffers.isEmpty else { return }
    view.array("buffers")
    for buffer in parts.buffers { view.integer(nil, buffer.count) }
    view.close()
  }

  /// Says what people look for in messages of the type.
  private func sayContent(_ type: String, _ body: Range<Int>, _ content: RawSpan, _ view: inout ViewWriter) {
    inner.read(content, body)
    switch type {
    case "execute_request", "execute_input", "complete_request", "inspect_request", "is_complete_request":
      view.say(inner.string("code", content), content)
    case "stream":
      view.say(inner.string("name", content), content)
      view.say(inner.string("text", content), content)
    case "status": view.say(inner.string("execution_state", content), content)
    case "execute_result", "display_data", "update_display_data":
      guard let data = inner.member("data", content), data.kind == .objectBegin else { return }
      inner.read(content, data.range)
      view.say(inner.string("text/plain", content), content)
    case "error": sayError(content, &view)
    case "input_request": view.say(inner.string("prompt", content), content)
    case "input_reply": view.say(inner.string("value", content), content)
    default:
      if type.hasSuffix("_reply") {
        view.say(inner.string("status", content), content)
        if inner.says("status", "error", content) { sayError(content, &view) }
      } else if inner.count > 0 {
        view.say(content.extracting(body))
      }
    }
  }

  private func sayError(_ content: RawSpan, _ view: inout ViewWriter) {
    guard let name = inner.string("ename", content) else { return }
    view.say("\(content.words(name)):")
    view.say(inner.string("evalue", content), content)
  }
}
