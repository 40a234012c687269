import Bytes
import JSON

/// WAMP, version 2: remote calls and topics through a router, in JSON, MessagePack or CBOR.
final class WAMP: PayloadView {
  static let description = ViewDescription(
    "wamp", "WAMP", specification: "WAMP 2",
    subprotocols: [
      "wamp.2.json", "wamp.2.msgpack", "wamp.2.cbor", "wamp.2.json.batched", "wamp.2.msgpack.batched",
      "wamp.2.cbor.batched",
    ],
    readsOutline: true,
    fields: [
      ViewField("type", .string, "HELLO, WELCOME, CALL, RESULT, PUBLISH, EVENT and so on"),
      ViewField("request", .number, "id of the request that the message makes, or replies to"),
      ViewField("request_type", .string, "type of the request that failed (ERROR)"),
      ViewField("realm", .string, "realm that the client asks for (HELLO)"),
      ViewField("session", .number, "id of the session (WELCOME)"),
      ViewField(
        "procedure", .string, "procedure of a call or registration; where only an id is sent, as the session told it"),
      ViewField(
        "topic", .string, "topic of an event or subscription; where only an id is sent, as the session told it"),
      ViewField("error", .string, "URI of the error (ERROR)"),
      ViewField("reason", .string, "why the session ends (ABORT, GOODBYE)"),
      ViewField("subscription", .number, "id of the subscription"),
      ViewField("registration", .number, "id of the registration"),
      ViewField("publication", .number, "id of the publication"),
      ViewField("authmethod", .string, "how the client is to prove who it is (CHALLENGE)"),
      ViewField("signature", .string, "what proves it (AUTHENTICATE)"),
      ViewField("extra", .json, "more about that (CHALLENGE, AUTHENTICATE)"),
      ViewField("options", .json, "options of a request"),
      ViewField("details", .json, "details of a reply or event"),
      ViewField("args", .json, "arguments, results or payload by position"),
      ViewField("kwargs", .json, "arguments, results or payload by name"),
      ViewField("reply_to", .number, "number of the message that a reply replies to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
      ViewField("more", .json, "further messages of a batch"),
    ])
  /// Messages of a batch that are shown.
  private static let mostOfBatch = 1000

  private let encoding: WAMPEncoding?
  private let isBatched: Bool?
  let names: WAMPNames
  /// Which session of the connection it is: one may follow the other (WAMP, "Session Lifetime"). Ids are those of a session.
  var session = 0
  /// Whether the client has asked for the session, and nothing has come of it yet.
  var isOpening = false

  init(_ context: ViewContext) {
    names = WAMPNames(context.memory)
    guard let name = context.subprotocol?.lowercased(), name.hasPrefix("wamp.2.") else {
      (encoding, isBatched) = (nil, nil)
      return
    }
    isBatched = name.hasSuffix(".batched")
    encoding = name.hasPrefix("wamp.2.json") ? .json : name.hasPrefix("wamp.2.cbor") ? .cbor : .messagePack
  }

  // MARK: Recognising

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard let (first, _) = first(message, content, outline, nil, nil), let type = first.type else { return 0 }
    return WAMPLayout.all[type]?.likelihood(first, content) ?? 0
  }

  /// The first message in `content`, and where it ends with what ends it.
  private static func first(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, _ encoding: WAMPEncoding?,
    _ isBatched: Bool?
  ) -> (WAMPMessage, end: Int)? {
    guard content.byteCount > 1 else { return nil }
    if message.isText || encoding == .json {
      guard outline.root == .array, encoding == nil || encoding == .json else { return nil }
      if outline.isComplete {
        return WAMPMessage.json(outline, content, until: content.byteCount).map { ($0, content.byteCount) }
      }
      return next(content, 0, .json, true)
    }
    // Small arrays: 0x90 and more in MessagePack, 0x80 and more, or 0x9f, in CBOR.
    let isLong = isBatched ?? (content.u8(0) == 0)
    guard !isLong || content.byteCount > 4 else { return nil }
    let start = content.u8(isLong ? 4 : 0)
    let kind = encoding ?? ((0x90...0x9E).contains(start) || start == 0xDC ? .messagePack : .cbor)
    return next(content, 0, kind, isLong)
  }

  /// Whether `byte` ends a message of a batch in JSON: the control 30 by the specification, and 24 (octal 30) in the programs of its
  /// authors.
  private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x1E || byte == 0x18 }

  /// The message that begins at `position`, and where the next one does.
  private static func next(
    _ content: RawSpan, _ position: Int, _ encoding: WAMPEncoding, _ isBatched: Bool
  ) -> (WAMPMessage, end: Int)? {
    if encoding == .json {
      var end = position
      while end < content.byteCount, !isSeparator(content.u8(end)) { end += 1 }
      return WAMPMessage.json(content, position..<end).map { ($0, end < content.byteCount ? end + 1 : end) }
    }
    guard isBatched else {
      return WAMPMessage.binary(content, at: position, encoding).map { ($0, $0.end ?? content.byteCount) }
    }
    guard content.byteCount - position > 4 else { return nil }
    let end = position + 4 + min(Int(content.u32(position)), content.byteCount - position - 4)
    let piece = content.extracting(0..<end)
    return WAMPMessage.binary(piece, at: position + 4, encoding).map { ($0, end) }
  }

  // MARK: Showing

  /// A session may have ended in what is missing.
  func lose(ofClient: Bool) { isOpening = false }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard var (next, end) = Self.first(message, content, outline, encoding, isBatched), next.type != nil else {
      return .foreign
    }
    view.say("WAMP")
    let isLong = isBatched ?? (next.encoding != .json && content.u8(0) == 0)
    show(next, message, content, &view)
    var count = 1
    while end < content.byteCount {
      guard next.encoding == .json || isLong, let (following, after) = Self.next(content, end, next.encoding, isLong),
        following.type != nil
      else {
        if message.isWhole { view.fault("\(content.byteCount - end) bytes behind the message") }
        break
      }
      (next, end) = (following, after)
      count += 1
      guard count <= Self.mostOfBatch else { continue }
      if count == 2 { view.array("more") }
      view.say("+")
      view.object()
      show(next, message, content, &view)
      view.close()
    }
    if count > 1 { view.close() }
    if message.isCut { view.say("(cut by --max-payload)") }
    if count > Self.mostOfBatch { view.integer("more_left_out", count - Self.mostOfBatch) }
    return .shown
  }

  private func show(
    _ next: WAMPMessage, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    let type = next.type ?? 0
    guard let layout = WAMPLayout.all[type] else {
      view.text("type", "\(type)")
      view.say("\(type)")
      if message.isWhole { view.fault("no message has the type \(type)") }
      return
    }
    let name = Self.text(layout.name)
    view.text("type", name)
    view.say(layout.name)
    let isJudged = message.isWhole && !next.isTooDeep
    if next.isTooDeep { view.leaveOut() }
    for (i, part) in layout.parts.enumerated() {
      guard let element = next[i + 1] else {
        if i < layout.needed, isJudged { view.fault("\(name) without \(part.name)") }
        break
      }
      guard part.fits(element) else {
        if isJudged { view.fault("\(name): \(part.name) is not \(part.kind.words)") }
        continue
      }
      if isJudged, let why = layout.fault(part, element, next, content) { view.fault("\(name): \(why)") }
      write(part, element, next, content, &view)
      if i + 1 == layout.needed {
        link(next, layout, type, content, &view)
        if let index = layout.requestIndex, let id = next[index]?.number { view.say("#\(id)") }
      }
    }
    if next.end == nil, isJudged { view.fault("\(name) is not complete") }
  }

  /// Writes a part, and says it where people look for it.
  private func write(
    _ part: WAMPLayout.Part, _ element: WAMPMessage.Element, _ next: WAMPMessage, _ content: RawSpan,
    _ view: inout ViewWriter
  ) {
    let start = view.written + part.name.utf8CodeUnitCount + 4  // ,"":
    switch part.kind {
    case .type:
      let requested = element.number.flatMap { WAMPLayout.all[$0] }.map { Self.text($0.name) } ?? ""
      view.text(part.name, requested)
      view.say(requested)
    case .id:
      next.write(element, part.name, content, into: &view)
      if next.type == WAMPLayout.Number.welcome { view.say("session \(element.number ?? 0)") }
    case .uri:
      next.write(element, part.name, content, into: &view)
      view.say(next.text(element, content) ?? "")
    case .text: next.write(element, part.name, content, into: &view)
    case .list:
      next.write(element, part.name, content, into: &view)
      view.sayWritten(from: start)
    case .map:
      next.write(element, part.name, content, into: &view)
      if Self.text(part.name) == "kwargs" { view.sayWritten(from: start) }
    }
  }

  private static func text(_ name: StaticString) -> String { "\(name)" }
}
