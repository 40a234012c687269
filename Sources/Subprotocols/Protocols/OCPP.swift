import Bytes
import JSON

/// OCPP-J, the Open Charge Point Protocol over JSON, 1.6, 2.0.1 and 2.1: charging stations and their management system ask each other.
final class OCPP: PayloadView {
  static let description = ViewDescription(
    "ocpp", "OCPP", specification: "OCPP-J",
    subprotocols: ["ocpp1.2", "ocpp1.5", "ocpp1.6", "ocpp2.0", "ocpp2.0.1", "ocpp2.1"], readsOutline: true,
    fields: [
      ViewField("message_type", .string, "CALL, CALLRESULT, CALLERROR, CALLRESULTERROR or SEND"),
      ViewField("id", .json, "id of the call"),
      ViewField("action", .string, "what is called, such as BootNotification; of a reply, that of its call"),
      ViewField("payload", .json, "what the call or its result says"),
      ViewField("error_code", .string, "why a call, or its result, was refused"),
      ViewField("error_description", .string, "the same in words"),
      ViewField("error_details", .json, "the same in detail"),
      ViewField("reply_to", .number, "number of the message that this replies to"),
      ViewField("latency", .number, "seconds from the call to its reply"),
    ])
  /// Characters that an id may have.
  static let mostOfID = 36
  /// Results that are remembered, as the other end may refuse them.
  private static let mostResults = 256

  /// What the number at the beginning of a message means.
  enum MessageType: Int64 {
    case call = 2
    case callResult, callError, callResultError, send

    var name: String {
      switch self {
      case .call: "CALL"
      case .callResult: "CALLRESULT"
      case .callError: "CALLERROR"
      case .callResultError: "CALLRESULTERROR"
      case .send: "SEND"
      }
    }

    /// Elements that a message of the type has.
    var count: Int {
      switch self {
      case .callResult: 3
      case .call, .send: 4
      case .callError, .callResultError: 5
      }
    }
  }

  private struct Result {
    var action: String
    var message: UInt64
  }

  private let isAgreed: Bool
  private let isBefore21: Bool
  private var results: [String: Result] = [:]

  init(_ context: ViewContext) {
    let name = context.subprotocol?.lowercased() ?? ""
    isAgreed = name.hasPrefix("ocpp")
    isBefore21 = isAgreed && name != "ocpp2.1"
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard outline.root == .array, outline.isReadable || isAgreed || !message.isWhole else { return .foreign }
    let number = outline.integer(0, content)
    guard let type = number.flatMap({ MessageType(rawValue: $0) }) else {
      return isAgreed && message.isWhole ? showUnknown(number, &view) : .foreign
    }
    if !isAgreed, let id = outline[1], id.kind != .string { return .foreign }
    view.say("OCPP")
    if outline.fault == .tooDeep { view.leaveOut() }
    view.text("message_type", type.name)
    view.say(type.name)
    let id = outline[1]
    view.json("id", id, content)
    if message.isWhole { check(type, content, outline, &view) }
    if type == .call || type == .send {
      showCall(type, id, content, outline, &view)
    } else {
      showReply(type, id, message, content, outline, &view)
    }
    if message.isCut { view.say("(cut by --max-payload)") }
    return .shown
  }

  private func showUnknown(_ number: Int64?, _ view: inout ViewWriter) -> ViewReading {
    view.say("OCPP unknown message")
    view.fault(number.map { "no message has the type \($0)" } ?? "no type of message")
    return .shown
  }

  private func check(
    _ type: MessageType, _ content: RawSpan, _ outline: borrowing JSONOutline, _ view: inout ViewWriter
  ) {
    if !outline.isReadable { return view.fault("no JSON text") }
    guard outline.isComplete else { return }
    if outline.count != type.count {
      view.fault("\(type.name) of \(outline.count) elements instead of \(type.count)")
    }
    if isBefore21, type == .callResultError || type == .send { view.fault("\(type.name) is of OCPP 2.1") }
    if let id = outline[1], id.kind != .string || id.range.isEmpty { view.fault("the id is no string") }
    if let id = outline[1], id.range.count > 6 * Self.mostOfID || content.words(id).count > Self.mostOfID {
      view.fault("an id of more than \(Self.mostOfID) characters")
    }
    let last = type.count - 1
    if last > 2, let word = outline[2], word.kind != .string {
      view.fault(last == 3 ? "the action is no string" : "the error code is no string")
    }
    if isAgreed, last == 4, let code = outline[2], code.kind == .string {
      let code = content.words(code)
      if !Self.errorCodes.contains(code) { view.fault("unknown error code: \(code)") }
    }
    if last == 4, let words = outline[3], words.kind != .string { view.fault("the description is no string") }
    if let payload = outline[last], payload.kind != .objectBegin {
      view.fault(last == 4 ? "the details are no object" : "the payload is no object")
    }
  }

  private func showCall(
    _ type: MessageType, _ id: JSONToken?, _ content: RawSpan, _ outline: borrowing JSONOutline,
    _ view: inout ViewWriter
  ) {
    let action = outline[2]
    view.json("action", action, content)
    view.say(action, content)
    if let id { view.say("#\(content.words(id))") }
    view.json("payload", outline[3], content)
    view.say(outline[3], content)
    if type == .call, let id { view.request(id, content, action.map { content.words($0) } ?? "?") }
  }

  private func showReply(
    _ type: MessageType, _ id: JSONToken?, _ message: ViewedMessage, _ content: RawSpan,
    _ outline: borrowing JSONOutline, _ view: inout ViewWriter
  ) {
    if let id, let action = link(type, id, message, content, &view) {
      view.text("action", action)
      view.say("of \(action)")
    }
    let isResult = type == .callResult
    if !isResult {
      view.json("error_code", outline[2], content)
      view.json("error_description", outline[3], content)
      view.say(outline[2], content)
      if let words = outline[3], words.kind == .string { view.say("\"\(content.words(words, most: 1024))\"") }
    }
    if let id { view.say("#\(content.words(id))") }
    let rest = outline[isResult ? 2 : 4]
    view.json(isResult ? "payload" : "error_details", rest, content)
    view.say(rest, content)
  }

  /// Links a reply to what it replies to, and gives the action of both. A CALLRESULTERROR refuses a result: it comes from where the
  /// call came from.
  private func link(
    _ type: MessageType, _ id: JSONToken, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) -> String? {
    let key = "\(message.isFromClient == (type == .callResult)) \(content.words(id))"
    if type == .callResultError {
      guard let result = results.removeValue(forKey: key) else { return nil }
      view.integer("reply_to", result.message)
      return result.action
    }
    guard let action = view.reply(id, content, isError: type == .callError) else { return nil }
    if type == .callResult, !isBefore21 {
      if results.count >= Self.mostResults { results.removeAll() }
      results[key] = Result(action: action, message: message.number)
    }
    return action
  }
}
