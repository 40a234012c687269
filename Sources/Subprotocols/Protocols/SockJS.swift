import Bytes
import JSON

/// SockJS over WebSocket: the server's frames are a letter and JSON, the client's are JSON; what they carry has a view of its own.
///
/// The raw endpoint (`…/websocket` below no server and session) has no frames, and is none of it.
final class SockJS: PayloadView {
  static let description = ViewDescription(
    "sockjs", "SockJS", specification: "SockJS 0.3.3", readsOutline: true,
    fields: [
      ViewField("frame", .string, "open, heartbeat, messages or close"),
      ViewField("message", .json, "the message that the frame carries; further ones stand in more"),
      ViewField("carries", .json, "what that message means"),
      ViewField("more", .json, "further messages of the frame"),
      ViewField("code", .number, "why the session ends, as a number"),
      ViewField("reason", .string, "why the session ends, in words"),
    ])
  private let carried: CarriedMessages
  /// Whether the URL is one of SockJS, and whether the server spoke it as well: then it cannot be another protocol.
  private let isExpected: Bool
  private var hasFrames = false

  /// `/prefix/server/session/websocket`, where clients have three digits for the server.
  static func likelihood(ofTarget target: RequestTarget) -> Double {
    let parts = target.path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts.last == "websocket" else { return 0 }
    let (server, session) = (parts[parts.count - 3], parts[parts.count - 2])
    guard !session.isEmpty, !session.contains("."), server.utf8.count == 3 else { return 0 }
    return server.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } ? 0.95 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard message.isText, message.isWhole, content.byteCount > 0 else { return 0 }
    guard !message.isFromClient else {
      guard outline.root == .array, outline.isComplete, outline.count > 0 else { return 0 }
      for i in 0..<outline.count where outline[i]?.kind != .string { return 0 }
      return 0.4
    }
    let isAlone = content.byteCount == 1
    switch content.u8(0) {
    case 0x6F, 0x68: return isAlone ? 0.4 : 0
    case 0x61, 0x63:
      guard content.begins(with: "[", at: 1) else { return 0 }
      var array = JSONOutline()
      array.read(content, 1..<content.byteCount)
      guard array.isComplete, let first = array[0] else { return 0 }
      if content.u8(0) == 0x61 { return first.kind == .string ? 0.9 : 0 }
      return array.count == 2 && first.kind == .number && array[1]?.kind == .string ? 0.9 : 0
    default: return 0
    }
  }

  init(_ context: ViewContext) {
    carried = CarriedMessages(context)
    isExpected = context.target.map { Self.likelihood(ofTarget: $0) > 0 } ?? false
  }

  func lose(ofClient: Bool) { carried.lose(ofClient: ofClient) }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("SockJS")
    let reading = readFrame(message, content, &view)
    if reading == .shown, !message.isFromClient { hasFrames = true }
    guard reading == .foreign, isExpected, hasFrames else { return reading }
    view.say(content)
    view.tellCut(message)
    if message.isWhole { view.fault("no frame of SockJS") }
    return .shown
  }

  private func readFrame(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    guard message.isText, content.byteCount > 0 else { return .foreign }
    let first = content.u8(0)
    if first == 0x5B || first == 0x22 { return readMessages(message, content, from: 0, &view) }
    if message.isFromClient { return .foreign }
    switch first {
    case 0x6F, 0x68:
      guard content.byteCount == 1 else { return .foreign }
      view.text("frame", first == 0x6F ? "open" : "heartbeat")
      view.say(first == 0x6F ? "open" : "heartbeat")
      return .shown
    case 0x61, 0x6D: return readMessages(message, content, from: 1, &view)
    case 0x63: return readClose(message, content, &view)
    default: return .foreign
    }
  }

  private func readClose(_ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter) -> ViewReading {
    var array = JSONOutline()
    array.read(content, 1..<content.byteCount)
    guard array.root == .array else { return .foreign }
    view.text("frame", "close")
    view.json("code", array[0], content)
    view.json("reason", array[1], content)
    view.say("close")
    view.say(array[0], content)
    view.say(array[1], content)
    if message.isWhole, array.integer(0, content) == nil || array[1]?.kind != .string {
      view.fault("a close frame that is not [code, \"reason\"]")
    }
    return .shown
  }

  /// An array of messages, or a single one.
  private func readMessages(
    _ message: ViewedMessage, _ content: RawSpan, from start: Int, _ view: inout ViewWriter
  ) -> ViewReading {
    var scanner = JSONScanner(from: start)
    guard let first = scanner.next(content) else { return message.isWhole ? .foreign : .shown }
    guard first.kind == .string || first.kind == .arrayBegin else { return .foreign }
    view.text("frame", "messages")
    var units = ViewUnits()
    if first.kind == .string {
      show(first, content, message, &units, &view)
    } else {
      while let value = scanner.next(content), !value.kind.isEnd {
        var range = value.range
        if value.kind.isBegin {
          guard scanner.skipToEnd(content) else { break }
          range = range.lowerBound..<scanner.position
        }
        show(JSONToken(value.kind, range, hasEscapes: value.hasEscapes), content, message, &units, &view)
      }
      units.finish(&view)
    }
    _ = scanner.next(content)
    view.tellCut(message)
    if message.isWhole, !scanner.isComplete, scanner.fault != .tooDeep { view.fault("the messages are no JSON array") }
    return .shown
  }

  private func show(
    _ token: JSONToken, _ content: RawSpan, _ message: ViewedMessage, _ units: inout ViewUnits,
    _ view: inout ViewWriter
  ) {
    guard units.begin(&view) else { return }
    view.json("message", token, content)
    if token.kind == .string {
      let inner = JSONText.utf8(content, token)
      // What is cut off comes later.
      var carrier = message
      if message.isCut { (carrier.isWhole, carrier.isCut) = (true, false) }
      carried.showOrSay(carrier, inner.span.bytes, into: &view)
    } else {
      view.say(token, content)
    }
    units.end(&view)
  }
}
