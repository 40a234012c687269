import Bytes
import JSON

/// The hub protocol of ASP.NET Core SignalR: a handshake in JSON, then messages in JSON or MessagePack, of which calls are linked to
/// their completions. A WebSocket message may hold several of them, or a part of one.
final class SignalR: PayloadView {
  static let description = ViewDescription(
    "signalr", "SignalR", specification: "SignalR hub protocol",
    fields: [
      ViewField(
        "type", .string, "Handshake, HandshakeResponse, Invocation, StreamItem, Completion, StreamInvocation, …"),
      ViewField("protocol", .string, "protocol that the handshake asks for: json or messagepack"),
      ViewField("version", .number, "version of that protocol"),
      ViewField("invocationId", .string, "id that an invocation and its replies have"),
      ViewField("target", .string, "name of the method; of a reply, that of its invocation"),
      ViewField("arguments", .json, "arguments of an invocation"),
      ViewField("streamIds", .json, "ids of the streams that the caller sends"),
      ViewField("item", .json, "item of a stream"),
      ViewField("result", .json, "what an invocation gives"),
      ViewField("error", .string, "why an invocation failed, or the connection ends"),
      ViewField("allowReconnect", .boolean, "whether the client may connect anew"),
      ViewField("sequenceId", .number, "number of the last message that came (Ack), or of the next (Sequence)"),
      ViewField("headers", .json, "headers of the message"),
      ViewField("continues", .boolean, "true where the rest of a message comes in a later one"),
      ViewField("first_message", .number, "number of the message in which it begins"),
      ViewField("reply_to", .number, "number of the message that a reply replies to"),
      ViewField("latency", .number, "seconds from the invocation to its first reply"),
      ViewField("more", .json, "further messages of the same WebSocket message"),
    ])
  static let types: [StaticString] = [
    "", "Invocation", "StreamItem", "Completion", "StreamInvocation", "CancelInvocation", "Ping", "Close", "Ack",
    "Sequence",
  ]
  /// Whether the handshake asks for MessagePack; nil while that is not known.
  private var isMessagePack: Bool?
  /// Whether the handshake asks for a protocol that is known, so that the messages cannot be of another one.
  private var isCertain = false
  private let ofClient: SignalRStream
  private let ofServer: SignalRStream

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard message.isWhole, content.byteCount > 2 else { return 0 }
    guard content.u8(content.byteCount - 1) == SignalRStream.separator, outline.root == .object else {
      return message.isText ? 0 : SignalRMessagePack.likelihood(content)
    }
    if outline.string("protocol", content) != nil, outline.member("version", content)?.kind == .number { return 1 }
    if content.byteCount == 3 { return message.isFromClient ? 0.5 : 0.9 }
    guard let type = outline.member("type", content), type.kind == .number,
      let number = JSONText.integer(content, type.range), number >= 1, number <= 9
    else { return 0 }
    return 0.95
  }

  init(_ context: ViewContext) {
    ofClient = SignalRStream(context.memory)
    ofServer = SignalRStream(context.memory)
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    let stream = message.isFromClient ? ofClient : ofServer
    view.say("SignalR")
    var position = 0
    if stream.isSeeking {
      stream.isMessagePack = usesMessagePack(message, content, 0, stream)
      let start = stream.seek(content)
      stream.isSeeking = start == nil
      position = start ?? content.byteCount
      if position > 0 { view.say("… the end of a message") }
    }
    let isSought = position > 0
    var units = ViewUnits()
    while true {
      if stream.isAtStart { stream.isMessagePack = usesMessagePack(message, content, position, stream) }
      let piece = stream.next(content, &position, message)
      if piece == .none { break }
      if piece == .malformed {
        stream.forget()
        guard units.count > 0 || isSought || isCertain else { return .foreign }
        if units.count == 0 { view.say(content) }
        if message.isWhole {
          view.fault(units.count > 0 ? "what follows is no message" : "no message of the hub protocol")
        }
        break
      }
      guard units.begin(&view) else { continue }
      show(piece, content, message, stream, &view)
      units.end(&view)
    }
    units.finish(&view)
    if !message.isWhole { stream.forget() }
    return units.count > 0 || isSought || isCertain ? .shown : .foreign
  }

  func lose(ofClient isOfClient: Bool) { (isOfClient ? ofClient : ofServer).lose() }

  /// The handshake is JSON in any case.
  private func usesMessagePack(
    _ message: ViewedMessage, _ content: RawSpan, _ position: Int, _ stream: SignalRStream
  ) -> Bool {
    guard isMessagePack != false else { return false }
    let isJSON = content.begins(with: "{\"", at: position) || content.begins(with: "{}\u{1E}", at: position)
    if isMessagePack == true { return stream.hasHandshake || !isJSON }
    return !message.isText && !isJSON
  }

  private func show(
    _ piece: SignalRStream.Piece, _ content: RawSpan, _ message: ViewedMessage, _ stream: SignalRStream,
    _ view: inout ViewWriter
  ) {
    switch piece {
    case .unit(let range):
      show(content, range, message, stream, &view)
    case .held, .part:
      let bytes = stream.held
      view.message.start = stream.start
      show(bytes.span.bytes, stream.heldBody, message, stream, isPart: piece == .part, &view)
      view.message.start = message.start
      if stream.first != message.number { view.integer("first_message", stream.first) }
      stream.forget()
    case .lost:
      view.integer("first_message", stream.first)
      view.say("the end of a message that is too long to be shown")
    case .begins:
      view.boolean("continues", true)
      view.say("…")
    case .none, .malformed: break
    }
  }

  /// Shows the message in `range` of `bytes`, of which they may hold the first `isPart` only.
  private func show(
    _ bytes: RawSpan, _ range: Range<Int>, _ message: ViewedMessage, _ stream: SignalRStream, isPart: Bool = false,
    _ view: inout ViewWriter
  ) {
    if stream.isMessagePack { return SignalRMessagePack.show(bytes, range, isPart ? message : nil, &view) }
    var record = JSONOutline()
    record.read(bytes, range)
    let isTooDeep = record.fault == .tooDeep
    let isPart = isPart || isTooDeep
    guard record.root == .object && record.isComplete || isPart else {
      return view.fault("a record that is no JSON object")
    }
    if let type = record.member("type", bytes) {
      stream.hasHandshake = true
      showRecord(bytes, record, type, isPart: isPart, &view)
    } else if !isPart {
      showHandshake(bytes, record, message, stream, &view)
    }
    if isPart { view.tellRest(message, isTooDeep: isTooDeep) }
  }

  private func showHandshake(
    _ bytes: RawSpan, _ record: borrowing JSONOutline, _ message: ViewedMessage, _ stream: SignalRStream,
    _ view: inout ViewWriter
  ) {
    let name = record.string("protocol", bytes)
    let error = record.string("error", bytes)
    guard name != nil || error != nil || record.count == 0, !stream.hasHandshake else {
      return view.fault("a message without a type")
    }
    stream.hasHandshake = true
    if let name {
      let usesJSON = bytes.holds("json", name.range)
      isMessagePack = bytes.holds("messagepack", name.range) || bytes.holds("blazorpack", name.range)
      isCertain = usesJSON || isMessagePack == true
      view.text("type", "Handshake")
      view.json("protocol", name, bytes)
      view.json("version", record.member("version", bytes), bytes)
      view.say("Handshake")
      view.say(name, bytes)
      view.say(record.member("version", bytes), bytes)
      view.request("handshake".utf8Span.span.bytes, "Handshake")
    } else {
      view.text("type", "HandshakeResponse")
      view.say("HandshakeResponse")
      view.reply("handshake".utf8Span.span.bytes, isError: error != nil)
      view.json("error", error, bytes)
      view.say(error, bytes)
    }
  }

  /// A message in JSON.
  private func showRecord(
    _ bytes: RawSpan, _ record: borrowing JSONOutline, _ type: JSONToken, isPart: Bool, _ view: inout ViewWriter
  ) {
    guard let number = JSONText.integer(bytes, type.range), type.kind == .number else {
      return view.fault("a type that is no number")
    }
    let type = SignalRType(number, &view)
    let id = Self.value("invocationId", bytes, record)
    view.json("invocationId", id, bytes)
    let error = Self.value("error", bytes, record)
    if let id {
      view.say("#\(Self.text(id, bytes))")
      let target = record.member("target", bytes).map { Self.text($0, bytes) } ?? ""
      type.pair(JSONText.utf8(bytes, id), target, isError: error != nil, &view)
    }
    view.json("target", record.member("target", bytes), bytes)
    view.say(record.member("target", bytes), bytes)
    view.json("arguments", record.member("arguments", bytes), bytes)
    view.say(record.member("arguments", bytes), bytes)
    view.json("streamIds", record.member("streamIds", bytes), bytes)
    view.json("item", record.member("item", bytes), bytes)
    view.say(record.member("item", bytes), bytes)
    view.json("result", record.member("result", bytes), bytes)
    view.say(record.member("result", bytes), bytes)
    view.json("error", error, bytes)
    view.say(error, bytes)
    view.json("allowReconnect", record.member("allowReconnect", bytes), bytes)
    view.json("sequenceId", record.member("sequenceId", bytes), bytes)
    view.say(record.member("sequenceId", bytes), bytes)
    view.json("headers", record.member("headers", bytes), bytes)
    if type.number == 3, error != nil, record.has("result", bytes) { view.fault("both a result and an error") }
    guard !isPart else { return }
    if type.needsId, id == nil { view.fault("no invocationId") }
    guard type.needsTarget else { return }
    if !record.has("target", bytes) {
      view.fault("no target")
    } else if !record.has("arguments", bytes) {
      view.fault("no arguments")
    }
  }

  /// A member that is not null.
  private static func value(_ name: StaticString, _ bytes: RawSpan, _ record: borrowing JSONOutline) -> JSONToken? {
    record.member(name, bytes).flatMap { $0.kind == .null ? nil : $0 }
  }

  private static func text(_ token: JSONToken, _ bytes: RawSpan) -> String {
    String(decoding: JSONText.utf8(bytes, token).prefix(256), as: UTF8.self)
  }
}

/// The type of a message, in JSON and MessagePack alike.
struct SignalRType {
  let number: Int64

  /// Shows the type.
  init(_ number: Int64, _ view: inout ViewWriter) {
    self.number = number
    if number >= 1, number <= 9 {
      let name = SignalR.types[Int(number)]
      view.text("type", "\(name)")
      view.say(name)
    } else {
      view.text("type", "\(number)")
      view.say("type \(number)")
    }
  }

  /// Whether the message is nothing without an id.
  var needsId: Bool { number >= 2 && number <= 5 }
  /// Whether it calls something.
  var needsTarget: Bool { number == 1 || number == 4 }

  /// Links a call and its replies.
  func pair(_ id: [UInt8], _ target: String, isError: Bool, _ view: inout ViewWriter) {
    var key = id
    key.append(0x22)
    switch number {
    case 1, 4: view.request(key.span.bytes, target)
    case 2, 3:
      guard let called = view.reply(key.span.bytes, isError: number == 3 && isError, isLast: number == 3) else {
        return
      }
      view.text("target", called)
      view.say("of \(called)")
    default: break
    }
  }
}
