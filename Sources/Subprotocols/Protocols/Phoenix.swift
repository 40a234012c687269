import Bytes
import JSON

/// Channels of the Phoenix framework: objects (version 1), arrays (version 2), and binary messages of both ends (version 2).
final class Phoenix: PayloadView {
  static let description = ViewDescription(
    "phoenix", "Phoenix", specification: "Phoenix channels 2.0.0", subprotocols: ["phoenix"], readsOutline: true,
    fields: [
      ViewField("topic", .string, "topic of the channel"),
      ViewField("event", .string, "event: phx_join, phx_reply, heartbeat, or one of the application"),
      ViewField("payload", .json, "what the event holds; of a reply, its response"),
      ViewField("status", .string, "status of a reply: ok or error"),
      ViewField("ref", .string, "reference that a message and its reply have"),
      ViewField("join_ref", .string, "reference of the join that the message belongs to"),
      ViewField("reply_to", .number, "number of the message that a reply replies to"),
      ViewField("latency", .number, "seconds from that message to its reply"),
      ViewField("request", .string, "event of the message that a reply replies to"),
    ])

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    guard target.path.hasSuffix("/websocket") else { return 0 }
    return target.parameter("vsn") == "2.0.0" || target.parameter("vsn") == "1.0.0" ? 0.97 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard message.isWhole else { return 0 }
    guard message.isText else { return PhoenixFrame(message, content)?.likelihood(content) ?? 0 }
    guard outline.isComplete, let frame = PhoenixFrame(content, outline) else { return 0 }
    return frame.likelihood(content)
  }

  /// Whether the URL says Phoenix, or a message did, and one was shown: then it cannot be another protocol.
  private var isCertain = false
  private let isExpected: Bool

  init(_ context: ViewContext) { isExpected = context.target.map { Self.likelihood(ofTarget: $0) > 0 } ?? false }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    let read = message.isText ? PhoenixFrame(content, outline) : PhoenixFrame(message, content)
    view.say("Phoenix")
    guard let frame = read else {
      // Servers may have binary messages of kinds of their own.
      guard isCertain, message.isText || content.byteCount > 0 && content.u8(0) <= 2 else { return .foreign }
      view.say(content)
      view.tellCut(message)
      if message.isWhole, outline.fault != .tooDeep { view.fault("no message of a channel") }
      return .shown
    }
    frame.show(content, message, &view)
    view.tellCut(message)
    guard message.isWhole else { return .shown }
    if isExpected || message.isText && frame.likelihood(content) == 1 { isCertain = true }
    if message.isText, !outline.isComplete {
      if outline.fault != .tooDeep { view.fault("the message is no JSON") }
    } else if frame.lacksStatus(content) {
      view.fault("a reply without a status")
    }
    return .shown
  }
}

/// The five parts that a message has, wherever they stand.
struct PhoenixFrame {
  /// A part: JSON, or bytes of a binary message.
  private enum Part {
    case missing
    case json(JSONToken)
    case bytes(Range<Int>)
  }

  private var joinRef = Part.missing
  private var ref = Part.missing
  private var topic = Part.missing
  private var event = Part.missing
  private var payload = Part.missing
  private var status = Part.missing
  /// Whether it is a reply; that has no event in binary messages.
  private var isReply = false
  /// Whether it says that it has no reference, if it has none.
  private var namesReference = true

  /// The parts of a text; nil if it has them not.
  init?(_ content: RawSpan, _ outline: borrowing JSONOutline) {
    func part(_ token: JSONToken?) -> Part { token.map { $0.kind == .null ? .missing : .json($0) } ?? .missing }
    let topic: JSONToken?
    let event: JSONToken?
    if outline.root == .array {
      guard outline.count == 5, Self.isReference(outline[0]), Self.isReference(outline[1]) else { return nil }
      (joinRef, ref) = (part(outline[0]), part(outline[1]))
      (topic, event) = (outline[2], outline[3])
      payload = part(outline[4])
    } else {
      topic = outline.member("topic", content)
      event = outline.member("event", content)
      guard outline.has("payload", content) || !outline.isComplete else { return nil }
      guard Self.isReference(outline.member("ref", content)), Self.isReference(outline.member("join_ref", content))
      else { return nil }
      (joinRef, ref) = (part(outline.member("join_ref", content)), part(outline.member("ref", content)))
      payload = part(outline.member("payload", content))
      namesReference = outline.has("ref", content)
    }
    guard let topic, let event, topic.kind == .string, event.kind == .string else { return nil }
    (self.topic, self.event) = (.json(topic), .json(event))
    isReply = content.holds("phx_reply", event.range)
  }

  private static func isReference(_ token: JSONToken?) -> Bool {
    guard let token else { return true }
    return token.kind == .string || token.kind == .null || token.kind == .number
  }

  /// The parts of a binary message: its kind (0 push, 1 reply, 2 broadcast), the lengths of its parts, and these. A client's push has
  /// all references, a server's the one of the join only.
  init?(_ message: ViewedMessage, _ content: RawSpan) {
    guard content.byteCount > 2 else { return nil }
    let kind = content.u8(0)
    guard kind <= 2, !message.isFromClient || kind == 0 else { return nil }
    let count = kind == 2 ? 2 : message.isFromClient || kind == 1 ? 4 : 3
    var position = 1 + count
    guard position <= content.byteCount else { return nil }
    var parts: [Part] = []
    for i in 1...count {
      let length = Int(content.u8(i))
      guard length <= content.byteCount - position else { return nil }
      parts.append(length == 0 ? .missing : .bytes(position..<position + length))
      position += length
    }
    switch count {
    case 2: (topic, event) = (parts[0], parts[1])
    case 3: (joinRef, topic, event) = (parts[0], parts[1], parts[2])
    default: (joinRef, ref, topic, event) = (parts[0], parts[1], parts[2], parts[3])
    }
    if kind == 1 { (status, event, isReply) = (event, .missing, true) }
    payload = .bytes(position..<content.byteCount)
    guard case .bytes(let range) = topic, UTF8Validator.isValid(content.extracting(range)) else { return nil }
  }

  /// How well it fits: events of Phoenix itself say what they are; others have a topic with a colon, as is the custom.
  func likelihood(_ content: RawSpan) -> Double {
    guard case .json(let event) = event, case .json(let topic) = topic else { return 0.4 }
    guard case .json(let payload) = payload, payload.kind == .objectBegin, namesReference else {
      return 0
    }
    if content.holds("phoenix", topic.range), content.holds("heartbeat", event.range) { return 1 }
    if content.begins(with: "phx_", at: event.range.lowerBound) { return 1 }
    let isNamed = topic.range.contains { content.u8($0) == 0x3A }
    return isNamed ? 0.8 : 0.4
  }

  /// Whether it is a reply in JSON that does not say whether it is a success.
  func lacksStatus(_ content: RawSpan) -> Bool {
    guard isReply, case .json(let token) = payload else { return false }
    var inner = JSONOutline()
    inner.read(content, token.range)
    return !inner.has("status", content)
  }

  // MARK: Showing

  /// Shows the parts, and links a reply to what it replies to.
  func show(_ content: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter) {
    write("topic", topic, content, &view)
    if isReply, case .missing = event { view.text("event", "phx_reply") } else { write("event", event, content, &view) }
    write("ref", ref, content, &view)
    write("join_ref", joinRef, content, &view)
    let name = text(event, content) ?? "phx_reply"
    view.say(text(topic, content) ?? "")
    view.say(isReply ? "reply" : name)
    guard isReply else {
      write("payload", payload, content, &view)
      // What a server closes has the reference of its join, and asks for nothing.
      if message.isFromClient, let key = key(content) { view.request(key.span.bytes, name) }
      if let reference = text(ref, content) { view.say("#\(reference)") }
      return say(payload, content, &view)
    }
    showReply(content, &view)
  }

  /// A reply in JSON has its status and response in the payload.
  private func showReply(_ content: RawSpan, _ view: inout ViewWriter) {
    var (status, response) = (status, payload)
    if case .json(let token) = payload, token.kind == .objectBegin {
      var inner = JSONOutline()
      inner.read(content, token.range)
      status = inner.member("status", content).map { .json($0) } ?? .missing
      response = inner.member("response", content).map { .json($0) } ?? .missing
    }
    write("status", status, content, &view)
    let isError = text(status, content).map { $0 != "ok" } ?? false
    if let reference = text(ref, content) { view.say("#\(reference)") }
    if let key = key(content), let request = view.reply(key.span.bytes, isError: isError) {
      view.text("request", request)
      view.say("of \(request)")
    }
    if let status = text(status, content) { view.say(status) }
    write("payload", response, content, &view)
    say(response, content, &view)
  }

  /// References count up over all topics of a connection.
  private func key(_ content: RawSpan) -> [UInt8]? { text(ref, content).map { Array($0.utf8) } }

  private func text(_ part: Part, _ content: RawSpan) -> String? {
    switch part {
    case .missing: nil
    case .json(let token): String(decoding: JSONText.utf8(content, token).prefix(256), as: UTF8.self)
    case .bytes(let range):
      content.extracting(range).withUnsafeBytes { String(decoding: $0.prefix(256), as: UTF8.self) }
    }
  }

  private func write(_ name: StaticString, _ part: Part, _ content: RawSpan, _ view: inout ViewWriter) {
    switch part {
    case .missing: break
    case .json(let token): view.json(name, token, content)
    case .bytes(let range): view.text(name, content.extracting(range))
    }
  }

  private func say(_ part: Part, _ content: RawSpan, _ view: inout ViewWriter) {
    switch part {
    case .missing: break
    case .json(let token): view.say(token, content)
    case .bytes(let range): view.say(content.extracting(range))
    }
  }
}
