import Bytes
import JSON

/// Socket.IO (protocols 4 and 5, of Socket.IO 2 to 4) and the Engine.IO below it (3 and 4); also Engine.IO alone.
///
/// Engine.IO puts a digit in front of each text message; Socket.IO puts its packets into those of type `message`. Binary messages are
/// attachments of the packet before them: it is shown with the last one.
final class SocketIO: PayloadView {
  static let description = ViewDescription(
    "socketio", "Socket.IO", specification: "Socket.IO protocol",
    fields: [
      ViewField("engine", .string, "Engine.IO packet: open, close, ping, pong, message, upgrade or noop"),
      ViewField("version", .number, "version of Engine.IO, as the URL has it"),
      ViewField("sid", .string, "id of the session, of Engine.IO (open, probe, upgrade) or Socket.IO (CONNECT)"),
      ViewField("upgrades", .json, "transports that the server offers to change to"),
      ViewField("pingInterval", .number, "milliseconds between two pings"),
      ViewField("pingTimeout", .number, "milliseconds to wait for a pong"),
      ViewField("maxPayload", .number, "bytes that a long-polling body may have"),
      ViewField("type", .string, "Socket.IO packet: CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, …"),
      ViewField("namespace", .string, "namespace of the packet"),
      ViewField("query", .string, "query behind the namespace (protocol 4)"),
      ViewField("id", .number, "id that the acknowledgement of an event has as well"),
      ViewField("event", .string, "name of the event; of an acknowledgement, that of its event"),
      ViewField("args", .json, "arguments, with binary ones as base64"),
      ViewField("data", .json, "data of a CONNECT or an error, of a ping, or of a message of Engine.IO alone"),
      ViewField("attachments", .number, "binary messages that belong to the packet"),
      ViewField("attachment", .number, "number of this attachment, from 0"),
      ViewField("attachment_length", .number, "bytes of this attachment"),
      ViewField(
        "continues", .boolean, "true where more messages belong to the packet, with the last of which it is shown"),
      ViewField("first_message", .number, "number of the message in which the packet begins"),
      ViewField("reply_to", .number, "number of the message that an ACK, CONNECT or pong replies to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
      ViewField("carries", .json, "what a message of Engine.IO alone means"),
    ])
  private static let engineTypes: [StaticString] = ["open", "close", "ping", "pong", "message", "upgrade", "noop"]

  /// Version of Engine.IO; nil while it is not known.
  private(set) var version: Int64?
  private let sid: String?
  /// Whether the URL says that there is no Socket.IO.
  private let isEngineOnly: Bool
  /// Whether there was a packet of Socket.IO.
  private var hasPackets = false
  /// Whether it cannot be another protocol: the URL, a handshake or a probe says so.
  private var isCertain: Bool
  private let carried: CarriedMessages
  private let ofClient: SocketIOAttachments
  private let ofServer: SocketIOAttachments

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    guard target.parameter("EIO") != nil, target.parameter("transport") == "websocket" else { return 0 }
    return target.path.hasSuffix("/socket.io/") ? 1 : 0.95
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard content.byteCount > 0 else { return 0 }
    guard message.isText else { return message.isWhole && SocketIOMessagePack(content) != nil ? 0.9 : 0 }
    switch content.u8(0) {
    case 0x30:
      guard content.begins(with: "{", at: 1) else { return 0 }
      var inner = JSONOutline()
      inner.read(content, 1..<content.byteCount)
      return inner.string("sid", content) != nil && inner.has("pingInterval", content) ? 1 : 0
    case 0x32, 0x33:
      if content.byteCount == 1 { return 0.4 }
      return content.byteCount == 6 && content.begins(with: "probe", at: 1) ? 1 : 0
    case 0x34: return message.isWhole ? SocketIOPacket.likelihood(content) : 0
    default: return 0
    }
  }

  init(_ context: ViewContext) {
    version = context.target?.parameter("EIO").flatMap { Int64($0) }
    isCertain = context.target.map { Self.likelihood(ofTarget: $0) > 0 } ?? false
    sid = context.target?.parameter("sid").map { String($0) }
    isEngineOnly = ["/engine.io/", "/engine.io"].contains { context.target?.path.hasSuffix($0) ?? false }
    carried = CarriedMessages(context)
    ofClient = SocketIOAttachments(context.memory)
    ofServer = SocketIOAttachments(context.memory)
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard message.isText else { return readBinary(message, content, &view) }
    guard content.byteCount > 0 else { return refuse("an empty packet", message, content, &view) }
    let first = content.u8(0)
    if first == 0x62 { return readBase64(message, content, &view) }
    guard first >= 0x30, first <= 0x36 else {
      return refuse("a packet of no type that there is", message, content, &view)
    }
    let engine = Int(first - 0x30)
    if engine == 4 { return readMessage(message, content, &view) }
    view.text("engine", "\(Self.engineTypes[engine])")
    view.say("Engine.IO")
    view.say(Self.engineTypes[engine])
    switch engine {
    case 0: return readOpen(message, content, &view)
    case 2, 3: readPing(message, content, isPing: engine == 2, &view)
    default:
      if content.byteCount > 1 {
        guard isCertain else { return .foreign }
        if message.isWhole { view.fault("data that such a packet does not have") }
      }
      if engine == 5 { showSession(&view) }
    }
    return .shown
  }

  func lose(ofClient isOfClient: Bool) {
    (isOfClient ? ofClient : ofServer).lose()
    carried.lose(ofClient: isOfClient)
  }

  /// What cannot be a packet of Engine.IO is one that breaks the rules, where nothing else can have been meant.
  private func refuse(
    _ words: String, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) -> ViewReading {
    guard isCertain else { return .foreign }
    view.say("Engine.IO ?")
    view.say(content)
    view.tellCut(message)
    if message.isWhole { view.fault(words) }
    return .shown
  }

  // MARK: Engine.IO

  /// The handshake of Engine.IO.
  private func readOpen(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    var handshake = JSONOutline()
    handshake.read(content, 1..<content.byteCount)
    guard handshake.root == .object else {
      guard isCertain else { return .foreign }
      if message.isWhole { view.fault("the handshake is no JSON") }
      return .shown
    }
    if version == nil, handshake.has("maxPayload", content) { version = 4 }
    if let version { view.integer("version", version) }
    let sid = handshake.string("sid", content)
    if sid != nil, handshake.has("pingInterval", content) { isCertain = true }
    view.json("sid", sid, content)
    view.json("upgrades", handshake.member("upgrades", content), content)
    let interval = handshake.member("pingInterval", content)
    view.json("pingInterval", interval, content)
    view.json("pingTimeout", handshake.member("pingTimeout", content), content)
    view.json("maxPayload", handshake.member("maxPayload", content), content)
    view.say(sid, content)
    if let interval {
      view.say("ping every")
      view.say(interval, content)
      view.say("ms")
    }
    if message.isWhole, !handshake.isComplete { view.fault("the handshake is no JSON") }
    if message.isWhole, handshake.isComplete, sid == nil { view.fault("the handshake has no sid") }
    return .shown
  }

  /// A ping or pong: those with `probe` come before an upgrade from long-polling. In Engine.IO 3 the client sends the others, and the
  /// server in 4.
  private func readPing(_ message: ViewedMessage, _ content: RawSpan, isPing: Bool, _ view: inout ViewWriter) {
    let data = content.extracting(1..<content.byteCount)
    if data.byteCount > 0 {
      if data.holds("probe", 0..<data.byteCount) { isCertain = true }
      view.text("data", data)
      view.say(data)
      showSession(&view)
    } else if version == nil {
      version = message.isFromClient == isPing ? 3 : 4
    }
    if isPing {
      view.request("ping ".bytes(and: data).span.bytes, "ping")
    } else {
      view.reply("ping ".bytes(and: data).span.bytes)
    }
  }

  private func showSession(_ view: inout ViewWriter) {
    if let version { view.integer("version", version) }
    if let sid { view.text("sid", sid) }
  }

  /// A text message: a packet of Socket.IO, or what else runs over Engine.IO.
  private func readMessage(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    guard !isEngineOnly, let packet = SocketIOPacket(content, from: 1) else {
      return readOther(message, content, 1..<content.byteCount, isText: true, &view)
    }
    var data = JSONOutline()
    data.read(content, packet.payload)
    let problem = packet.problem(content, data)
    guard problem == nil || hasPackets || !message.isWhole else {
      return readOther(message, content, 1..<content.byteCount, isText: true, &view)
    }
    if problem == nil {
      hasPackets = true
      if version == nil, packet.type == 0, !message.isFromClient { version = packet.payload.isEmpty ? 3 : 4 }
    }
    view.say("Socket.IO")
    let attachments = message.isFromClient ? ofClient : ofServer
    if attachments.isExpecting {
      view.fault("the packet before lacks \(Self.count(attachments.missing, "attachment"))")
    }
    attachments.forget()
    if let problem, message.isWhole { view.fault(problem) }
    view.text("engine", "message")
    if packet.isBinary, problem == nil || !message.isWhole, let count = packet.attachments, count > 0 {
      attachments.begin(count, content, message)
      packet.showBeginning(content, data, version, &view)
      return .shown
    }
    packet.show(content, data, version, message, &view)
    return .shown
  }

  /// A message of Engine.IO alone.
  private func readOther(
    _ message: ViewedMessage, _ content: RawSpan, _ range: Range<Int>, isText: Bool, _ view: inout ViewWriter
  ) -> ViewReading {
    let data = content.extracting(range)
    view.text("engine", "message")
    view.say("Engine.IO message")
    if isText { view.text("data", data) } else { view.data("data", data) }
    var inner = message
    inner.isText = isText
    carried.showOrSay(inner, data, into: &view)
    view.tellCut(message)
    return .shown
  }

  // MARK: Attachments

  /// A binary message. In Engine.IO 3 its first byte is the type of the packet, as a number.
  private func readBinary(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    guard version == 3 else { return readAttachment(message, content, 0..<content.byteCount, &view) }
    guard content.byteCount > 0, content.u8(0) == 4 else {
      return refuse("a binary packet that is no message", message, content, &view)
    }
    return readAttachment(message, content, 1..<content.byteCount, &view)
  }

  /// Binary data as text: `b4` and base64 in Engine.IO 3, `b` and base64 in 4.
  private func readBase64(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    let start = version == 3 || (version == nil && content.begins(with: "b4")) ? 2 : 1
    guard start <= content.byteCount, start == 1 || content.u8(1) == 0x34,
      let bytes = Base64.decoded(content, start..<content.byteCount)
    else { return refuse("binary data that are no base64", message, content, &view) }
    return readAttachment(message, bytes.span.bytes, 0..<bytes.count, &view)
  }

  private func readAttachment(
    _ message: ViewedMessage, _ content: RawSpan, _ range: Range<Int>, _ view: inout ViewWriter
  ) -> ViewReading {
    let attachments = message.isFromClient ? ofClient : ofServer
    guard attachments.isExpecting else {
      if !isEngineOnly, let packet = SocketIOMessagePack(content.extracting(range)) {
        hasPackets = true
        view.text("engine", "message")
        view.say("Socket.IO")
        packet.show(content.extracting(range), isFromClient: message.isFromClient, &view)
        return .shown
      }
      if message.isWhole, hasPackets, attachments.hasBegun { view.fault("a binary message that no packet announces") }
      return readOther(message, content, range, isText: false, &view)
    }
    view.text("engine", "message")
    view.say("Socket.IO")
    attachments.add(content, range, message)
    guard !attachments.isExpecting else {
      showAttachment(attachments, message, range.count, isAlone: true, &view)
      view.boolean("continues", true)
      return .shown
    }
    let whole = attachments.joined()
    if let whole { showJoined(whole, attachments.start, message, &view) }
    showAttachment(attachments, message, range.count, isAlone: whole == nil, &view)
    attachments.forget()
    return .shown
  }

  /// Shows a packet with its attachments. As a reply, it came when its first message did.
  private func showJoined(_ whole: [UInt8], _ start: Int64, _ message: ViewedMessage, _ view: inout ViewWriter) {
    let bytes = whole.span.bytes
    guard let packet = SocketIOPacket(bytes, from: 1) else { return }
    var data = JSONOutline()
    data.read(bytes, packet.payload)
    view.message.start = start
    packet.show(bytes, data, version, message, &view)
    view.message.start = message.start
  }

  private func showAttachment(
    _ attachments: SocketIOAttachments, _ message: ViewedMessage, _ length: Int, isAlone: Bool,
    _ view: inout ViewWriter
  ) {
    let number = attachments.count - 1
    if isAlone {
      view.say(message.isWhole ? "attachment \(number) (\(Self.count(length, "byte")))" : "attachment \(number)")
      view.tellCut(message)
    }
    view.integer("attachment", number)
    if message.isWhole { view.integer("attachment_length", length) }
    view.integer("first_message", attachments.message)
  }

  private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension String {
  /// Its UTF-8, and `more` behind it.
  func bytes(and more: RawSpan) -> [UInt8] {
    var bytes = Array(utf8)
    more.withUnsafeBytes { bytes.append(contentsOf: $0) }
    return bytes
  }
}
