import Bytes
import JSON

/// STOMP 1.0, 1.1 and 1.2: commands with headers and a body, in text or binary messages; what was asked for, and its receipt.
final class STOMP: PayloadView {
  static let description = ViewDescription(
    "stomp", "STOMP", specification: "STOMP", subprotocols: ["v12.stomp", "v11.stomp", "v10.stomp", "stomp"],
    fields: [
      ViewField("command", .string, "command of the frame, such as SEND"),
      ViewField("headers", .json, "headers by name, without their escapes; of those with one name, the first"),
      ViewField("repeated_headers", .json, "the others of that name, as pairs of name and value"),
      ViewField("headers_left_out", .number, "headers that are not shown, because there are too many"),
      ViewField("body", .json, "body: a JSON value where it is one, otherwise text"),
      ViewField("body_length", .number, "bytes of the body"),
      ViewField("heart_beat", .boolean, "whether the message is nothing but a heart-beat"),
      ViewField("begins", .json, "command and headers of a frame that ends in a later message"),
      ViewField(
        "reply_to", .number, "number of the message that it is the receipt, the answer or the acknowledgement for"),
      ViewField("latency", .number, "seconds from that message to this one"),
    ])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard content.byteCount > 0 else { return 0 }
    let first = content.u8(0)
    if first == 0x0A || first == 0x0D { return content.byteCount == 1 ? 0.5 : 0 }
    guard (0x41...0x55).contains(first) else { return 0 }  // A to U
    var reader = STOMPReader()
    let outcome = reader.read(content.extracting(0..<min(content.byteCount, STOMPFrame.mostOfLook)))
    guard let command = reader.frame.command, reader.hasHead, reader.frame.faults.isEmpty else { return 0 }
    let frame = reader.frame
    let required = STOMPRules.required(of: command, nil)
    let isSure = !frame.headers.isEmpty && required.allSatisfy { frame.header($0, content) != nil }
    if case .complete = outcome { return isSure ? 1 : 0.9 }
    // Without its NUL, it is known by a header that no other text has.
    return isSure && (!required.isEmpty || frame.header("accept-version", content) != nil) ? 0.9 : 0.6
  }

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.segments.contains("stomp") ? 0.8 : 0
  }

  private let fromClient: STOMPStream
  private let fromServer: STOMPStream
  private var rules: STOMPRules
  private var outline = JSONOutline()

  init(_ context: ViewContext) {
    fromClient = STOMPStream(context.memory)
    fromServer = STOMPStream(context.memory)
    rules = STOMPRules(context.subprotocol)
  }

  func unfinished(ofClient: Bool) -> UInt64? {
    let stream = ofClient ? fromClient : fromServer
    return stream.held.isEmpty ? nil : stream.held.message
  }

  func lose(ofClient: Bool) {
    (ofClient ? fromClient : fromServer).lose()
    rules.lose(ofClient: ofClient)
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard content.byteCount > 0 else { return .foreign }
    let stream = message.isFromClient ? fromClient : fromServer
    view.say("STOMP")
    // Of a message that is merely cut, what comes first is known to follow the message before.
    if !message.isWhole, !message.isCut, !stream.held.isEmpty { lose(ofClient: message.isFromClient) }
    var units = ViewUnits()
    guard let isOpen = readFrames(message, content, stream, &units, &view) else { return .foreign }
    units.finish(&view)
    if isOpen, !message.isCut {
      view.boolean("continues", true)
      view.say("…")
    } else if units.count == 0, !isOpen {
      view.boolean("heart_beat", true)
      view.say("heart-beat")
    }
    if message.isCut {
      view.tellCut()
      view.say("(cut by --max-payload)")
    }
    if !message.isWhole { lose(ofClient: message.isFromClient) }
    return .shown
  }

  /// Shows the frames of a message; whether its last one goes on in later messages. Nil if there is none.
  private func readFrames(
    _ message: ViewedMessage, _ content: RawSpan, _ stream: STOMPStream, _ units: inout ViewUnits,
    _ view: inout ViewWriter
  ) -> Bool? {
    var position = 0
    while true {
      let first = stream.held.message
      let event = stream.next(content, &position, message.number)
      if stream.neverEnded > 0 {
        view.fault("the frame that begins in message \(stream.neverEnded) does not end where the next one begins")
      }
      switch event {
      case .frame(let frame, let range):
        if units.begin(&view) {
          if let range {
            show(frame, content.extracting(range), message, &view)
          } else {
            view.integer("first_message", first)
            show(frame, stream.held.bytes.span.bytes, message, &view, isBodyHeld: !stream.isPassing)
          }
          units.end(&view)
        }
        if range == nil { stream.removeHeld() }
      case .beginning(let reader, let range):
        return takeBeginning(reader, content, range, message, stream, &units, &view)
      case .continuation:
        if message.isCut { showHeld(message, stream, &units, &view) }
        return true
      case .foreign(let range):
        guard units.count > 0 else { return stream.isLost ? true : nil }
        if message.isWhole { view.fault("\(ViewUnits.bytes(range.count)) after the NUL of a frame are no frame") }
        return false
      case .end: return false
      }
    }
  }

  /// Shows what is held of a frame, whose rest is cut.
  private func showHeld(
    _ message: ViewedMessage, _ stream: STOMPStream, _ units: inout ViewUnits, _ view: inout ViewWriter
  ) {
    guard !stream.held.isEmpty, stream.hasCommand, units.begin(&view) else { return }
    view.integer("first_message", stream.held.message)
    let held = stream.held.bytes
    show(stream.brokenOff(), held.span.bytes, message, &view, isBodyHeld: !stream.isPassing, isOver: false)
    units.end(&view)
  }

  /// Keeps the beginning of a frame, or shows it, if its rest was not captured. Whether it goes on in later messages.
  private func takeBeginning(
    _ reader: STOMPReader, _ content: RawSpan, _ range: Range<Int>, _ message: ViewedMessage, _ stream: STOMPStream,
    _ units: inout ViewUnits, _ view: inout ViewWriter
  ) -> Bool {
    let bytes = content.extracting(range)
    guard message.isWhole else {
      guard reader.hasCommand else { return true }
      guard units.begin(&view) else { return false }
      var reader = reader
      reader.breakOff(bytes)
      show(reader.frame, bytes, message, &view, isOver: false)
      units.end(&view)
      return false
    }
    stream.hold(reader, content, range, message.number)
    guard reader.hasHead else { return true }
    units.finish(&view)
    view.object("begins")
    if units.count > 0 { view.say("+") }
    showHead(reader.frame, bytes, &view)
    sayHead(reader.frame, bytes, &view)
    view.close()
    return true
  }

  // MARK: One frame

  private func show(
    _ frame: STOMPFrame, _ bytes: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter, isBodyHeld: Bool = true,
    isOver: Bool = true
  ) {
    showHead(frame, bytes, &view)
    sayHead(frame, bytes, &view)
    if frame.bodyLength > 0 { showBody(frame, bytes, isBodyHeld, isOver, &view) }
    rules.pair(frame, bytes, &view)
    if isOver, message.isWhole || message.isCut { rules.check(frame, bytes, message, &view) }
    rules.learn(frame, bytes)
  }

  private func showHead(_ frame: STOMPFrame, _ bytes: RawSpan, _ view: inout ViewWriter) {
    view.text("command", bytes.extracting(frame.commandName))
    let escapes = rules.escapes(frame)
    var repeated: [Int] = []
    view.object("headers")
    for (i, header) in frame.headers.enumerated() {
      guard !frame.headers[..<i].contains(where: { Self.areSame(bytes, $0.name, header.name) }) else {
        repeated.append(i)
        continue
      }
      let name = escapes.decode(bytes.extracting(header.name)).text
      let value = escapes.decode(bytes.extracting(header.value)).text
      view.text(named: name.span.bytes, value.span.bytes)
    }
    view.close()
    if !repeated.isEmpty {
      view.array("repeated_headers")
      for i in repeated {
        let name = escapes.decode(bytes.extracting(frame.headers[i].name)).text
        let value = escapes.decode(bytes.extracting(frame.headers[i].value)).text
        view.array()
        view.text(nil, name.span.bytes)
        view.text(nil, value.span.bytes)
        view.close()
      }
      view.close()
    }
    if frame.headersLeftOut > 0 { view.integer("headers_left_out", frame.headersLeftOut) }
  }

  private static func areSame(_ bytes: RawSpan, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
    guard a.count == b.count else { return false }
    for i in 0..<a.count where bytes.u8(a.lowerBound + i) != bytes.u8(b.lowerBound + i) { return false }
    return true
  }

  private func sayHead(_ frame: STOMPFrame, _ bytes: RawSpan, _ view: inout ViewWriter) {
    view.say(bytes.extracting(frame.commandName))
    let escapes = rules.escapes(frame)
    for name in STOMPRules.told(of: frame.command) {
      if let value = frame.text(name, bytes, escapes) { view.say(value.span.bytes) }
    }
    if frame.command?.mayAskForReceipt == true, let receipt = frame.text("receipt", bytes, escapes) {
      view.say("receipt")
      view.say(receipt.span.bytes)
    }
  }

  private func showBody(_ frame: STOMPFrame, _ bytes: RawSpan, _ isHeld: Bool, _ isOver: Bool, _ view: inout ViewWriter)
  {
    if isHeld {
      let body = bytes.extracting(frame.body)
      if let token = JSONBody.token(body, isJSON: saysJSON(frame, bytes), &outline) {
        view.json("body", token, body)
        view.say(body)
      } else {
        view.text("body", body)
        view.say(quoted: body)
      }
    } else if isOver {
      view.say("(\(ViewUnits.bytes(frame.bodyLength)))")
    }
    // Of one that breaks off, no more is known than what content-length says.
    if isOver { view.integer("body_length", frame.bodyLength) }
  }

  private func saysJSON(_ frame: STOMPFrame, _ bytes: RawSpan) -> Bool {
    JSONBody.isJSON(contentType: frame.text("content-type", bytes, rules.escapes(frame)) ?? [])
  }
}
