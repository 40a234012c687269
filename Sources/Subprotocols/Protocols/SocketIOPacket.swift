import Bytes
import JSON

/// A packet of Socket.IO: `<type>[<attachments>-][<namespace>,][<id>][<JSON>]`.
struct SocketIOPacket {
  /// The type, 0 to 6.
  let type: Int
  /// Binary messages that follow; nil if it says none.
  private(set) var attachments: Int?
  /// Where the namespace stands, and its query; empty for `/`.
  private(set) var namespace = 0..<0
  private(set) var query = 0..<0
  /// Digits of the id; empty without one.
  private(set) var id = 0..<0
  /// The JSON text; empty without one.
  private(set) var payload = 0..<0

  /// The packet that stands in `content` from `start` on; nil if it cannot be one.
  init?(_ content: RawSpan, from start: Int) {
    guard start < content.byteCount, content.u8(start) >= 0x30, content.u8(start) <= 0x36 else { return nil }
    type = Int(content.u8(start) - 0x30)
    var i = start + 1
    if type >= 5 {
      let end = Self.endOfDigits(content, i)
      if end > i, end < content.byteCount, content.u8(end) == 0x2D {
        attachments = JSONText.integer(content, i..<end).flatMap { Int(exactly: $0) } ?? Int.max
        i = end + 1
      }
    }
    if i < content.byteCount, content.u8(i) == 0x2F {
      let begin = i
      while i < content.byteCount, content.u8(i) != 0x2C { i += 1 }
      namespace = begin..<i
      if let mark = (begin..<i).first(where: { content.u8($0) == 0x3F }) {
        namespace = begin..<mark
        query = mark + 1..<i
      }
      i = min(i + 1, content.byteCount)
    }
    let end = Self.endOfDigits(content, i)
    id = i..<end
    payload = end..<content.byteCount
  }

  /// Whether its arguments have placeholders for binary messages.
  var isBinary: Bool { type >= 5 }
  private var isEvent: Bool { type == 2 || type == 5 }
  private var isAck: Bool { type == 3 || type == 6 }

  private static func endOfDigits(_ content: RawSpan, _ start: Int) -> Int {
    var i = start
    while i < content.byteCount, content.u8(i) >= 0x30, content.u8(i) <= 0x39 { i += 1 }
    return i
  }

  /// How well a message of Engine.IO fits that nothing else is known of.
  static func likelihood(_ content: RawSpan) -> Double {
    guard content.byteCount > 1 else { return 0 }
    let kind = content.u8(1)
    if kind == 0x30, content.byteCount == 2 { return 0.4 }
    guard kind != 0x31, kind != 0x34, let packet = SocketIOPacket(content, from: 1) else { return 0 }
    // A number such as 4015 is no packet.
    guard !packet.payload.isEmpty || !packet.namespace.isEmpty else { return 0 }
    var data = JSONOutline()
    data.read(content, packet.payload)
    guard packet.problem(content, data) == nil else { return 0 }
    if packet.isBinary { return 0.95 }
    return packet.isEvent && data[0]?.kind != .string ? 0.4 : 0.9
  }

  /// What breaks the rules of the protocol; nil for nothing.
  func problem(_ content: RawSpan, _ data: borrowing JSONOutline) -> String? {
    if isBinary, attachments == nil { return "a binary packet that does not say how many attachments it has" }
    if isBinary, attachments == 0 { return "a binary packet without attachments" }
    if isEvent || isAck {
      guard data.root == .array, data.isComplete || data.fault == .tooDeep else {
        return "the arguments are no JSON array"
      }
      if isAck { return id.isEmpty ? "an acknowledgement without an id" : nil }
      guard let name = data[0], name.kind == .string || name.kind == .number else {
        return "an event without a name"
      }
      return nil
    }
    guard id.isEmpty else { return "an id that is not of an event or acknowledgement" }
    if payload.isEmpty { return nil }
    if type == 4 { return Self.isJSON(content, payload) ? nil : "the data are no JSON" }
    let isObject = data.root == .object && (data.isComplete || data.fault == .tooDeep)
    return type == 0 && isObject ? nil : "data that such a packet does not have"
  }

  private static func isJSON(_ content: RawSpan, _ range: Range<Int>) -> Bool {
    var scanner = JSONScanner(from: range.lowerBound)
    let text = content.extracting(0..<range.upperBound)
    while scanner.next(text) != nil {}
    return scanner.isComplete || scanner.fault == .tooDeep
  }

  // MARK: Showing

  private func name(_ version: Int64?) -> StaticString {
    switch type {
    case 0: "CONNECT"
    case 1: "DISCONNECT"
    case 2: "EVENT"
    case 3: "ACK"
    case 4: version == 3 ? "ERROR" : "CONNECT_ERROR"
    case 5: "BINARY_EVENT"
    default: "BINARY_ACK"
    }
  }

  /// Shows a packet whose attachments are to come.
  func showBeginning(_ content: RawSpan, _ data: borrowing JSONOutline, _ version: Int64?, _ view: inout ViewWriter) {
    showHead(content, version, &view)
    if isEvent { view.say(data[0], content) }
    if !id.isEmpty { view.say("ack \(digits(content))") }
    view.say(attachments == 1 ? "with 1 attachment to come" : "with \(attachments ?? 0) attachments to come")
    view.boolean("continues", true)
  }

  /// Shows the packet.
  func show(
    _ content: RawSpan, _ data: borrowing JSONOutline, _ version: Int64?, _ message: ViewedMessage,
    _ view: inout ViewWriter
  ) {
    showHead(content, version, &view)
    if let number = JSONText.integer(content, id) {
      view.integer("id", number)
    } else if !id.isEmpty {
      view.text("id", content.extracting(id))
    }
    switch type {
    case 2, 5: showEvent(content, data, &view)
    case 3, 6:
      view.say(digits(content))
      if !id.isEmpty, let event = view.reply(key("", content, id).span.bytes) {
        view.text("event", event)
        view.say("of \(event)")
      }
      showArguments(content, data, from: 0, &view)
    default: showOther(content, data, message, &view)
    }
    view.tellCut(message)
  }

  private func showHead(_ content: RawSpan, _ version: Int64?, _ view: inout ViewWriter) {
    let name = name(version)
    view.text("type", "\(name)")
    view.say(name)
    if namespace.isEmpty {
      view.text("namespace", "/")
    } else {
      view.text("namespace", content.extracting(namespace))
      view.say(content.extracting(namespace))
    }
    if !query.isEmpty { view.text("query", content.extracting(query)) }
    if let attachments { view.integer("attachments", attachments) }
  }

  private func showEvent(_ content: RawSpan, _ data: borrowing JSONOutline, _ view: inout ViewWriter) {
    guard data.root == .array, let name = data[0] else { return }
    view.json("event", name, content)
    view.say(content.extracting(name.kind == .string ? Self.quoted(name.range, content) : name.range))
    showArguments(content, data, from: 1, &view)
    guard !id.isEmpty else { return }
    view.say("ack \(digits(content))")
    view.request(key("", content, id).span.bytes, String(decoding: JSONText.utf8(content, name), as: UTF8.self))
  }

  /// Shows the elements of the payload from `first` on; none where they are nested too deep to be read.
  private func showArguments(
    _ content: RawSpan, _ data: borrowing JSONOutline, from first: Int, _ view: inout ViewWriter
  ) {
    guard data.fault != .tooDeep else {
      view.tellCut()
      return view.say("… nested too deep")
    }
    guard data.isComplete || data.count > first else { return }
    var scanner = JSONScanner(from: payload.lowerBound)
    guard scanner.next(content)?.kind == .arrayBegin else { return }
    view.array("args")
    var index = 0
    while let token = scanner.next(content), !token.kind.isEnd {
      var range = token.range
      if token.kind.isBegin {
        guard scanner.skipToEnd(content) else { break }
        range = range.lowerBound..<scanner.position
      }
      if index >= first {
        view.json(nil, JSONToken(token.kind, range), content)
        view.say(content.extracting(token.kind == .string ? Self.quoted(range, content) : range))
      }
      index += 1
    }
    view.close()
  }

  private static func quoted(_ range: Range<Int>, _ content: RawSpan) -> Range<Int> {
    max(range.lowerBound - 1, 0)..<min(range.upperBound + 1, content.byteCount)
  }

  /// CONNECT, which the other end repeats or refuses, DISCONNECT and errors.
  private func showOther(
    _ content: RawSpan, _ data: borrowing JSONOutline, _ message: ViewedMessage, _ view: inout ViewWriter
  ) {
    let key = key("connect", content, 0..<0)
    if type == 0, message.isFromClient {
      view.request(key.span.bytes, "CONNECT")
    } else if type == 0 || type == 4 {
      view.reply(key.span.bytes, isError: type == 4)
      view.json("sid", data.string("sid", content), content)
    }
    guard !payload.isEmpty else { return }
    var scanner = JSONScanner(from: payload.lowerBound)
    guard let token = scanner.next(content) else { return }
    if token.kind.isBegin, !scanner.skipToEnd(content) { return }
    let value = token.kind.isBegin ? JSONToken(token.kind, token.range.lowerBound..<scanner.position) : token
    view.json("data", value, content)
    view.say(value, content)
  }

  private func digits(_ content: RawSpan) -> String {
    content.extracting(id).withUnsafeBytes { String(decoding: $0.prefix(20), as: UTF8.self) }
  }

  /// What pairs a packet with another of the same namespace.
  private func key(_ kind: String, _ content: RawSpan, _ id: Range<Int>) -> [UInt8] {
    var key = "\(kind)/".bytes(and: content.extracting(namespace))
    key.append(0x2C)
    content.extracting(id).withUnsafeBytes { key.append(contentsOf: $0) }
    return key
  }
}
