import Bytes
import JSON

/// The Chrome DevTools protocol, as Chromium, Node.js and others speak it: commands with their results, and events, each perhaps of a
/// session within the connection.
final class CDP: PayloadView {
  static let description = ViewDescription(
    "cdp", "CDP", specification: "Chrome DevTools Protocol", readsOutline: true,
    fields: [
      ViewField("kind", .string, "command, event, result or error"),
      ViewField(
        "method", .string, "name of the command or event, such as Page.navigate; of a reply, that of its command"),
      ViewField("id", .number, "id of a command or reply"),
      ViewField("session_id", .string, "session that it belongs to, if not to that of the connection"),
      ViewField("params", .json, "parameters of a command or event"),
      ViewField("result", .json, "what a command gave"),
      ViewField("error", .json, "why a command failed: code, message, data"),
      ViewField("reply_to", .number, "number of the message that a reply replies to"),
      ViewField("latency", .number, "seconds from the command to its reply"),
    ])

  static func likelihood(ofTarget target: RequestTarget) -> Double { target.path.hasPrefix("/devtools/") ? 0.95 : 0 }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard outline.root == .object, outline.isComplete, (1...4).contains(outline.count) else { return 0 }
    var known = 0
    for name: StaticString in ["id", "method", "params", "sessionId"] where outline.has(name, content) { known += 1 }
    let isCommand = outline.has("id", content)
    if let method = outline.string("method", content) {
      guard known == outline.count, isCommand == message.isFromClient, isName(method, content) else { return 0 }
      guard outline.member("params", content).map({ $0.kind == .objectBegin }) ?? true else { return 0 }
      return !isCommand || isID(outline.member("id", content), content) ? 0.95 : 0
    }
    guard !message.isFromClient, isID(outline.member("id", content), content) else { return 0 }
    guard outline.count == known + 1, !outline.has("params", content) else { return 0 }
    guard let result = outline.member("result", content) ?? outline.member("error", content) else { return 0 }
    return result.kind == .objectBegin ? 0.5 : 0
  }

  private static func isID(_ id: JSONToken?, _ content: RawSpan) -> Bool {
    guard let id, id.kind == .number, let value = JSONText.integer(content, id.range) else { return false }
    return value >= 0
  }

  /// Whether it is the name of a command or event: one of the protocol's domains, a dot, and a word in lower case.
  private static func isName(_ method: JSONToken, _ content: RawSpan) -> Bool {
    guard method.range.count <= 80 else { return false }
    let parts = content.words(method).split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, domains.contains(String(parts[0])), let first = parts[1].utf8.first else { return false }
    return first >= 0x61 && first <= 0x7A
  }

  private static let domains: Set<String> = [
    "Accessibility", "Ads", "Animation", "Audits", "Autofill", "BackgroundService", "BluetoothEmulation", "Browser",
    "CSS", "CacheStorage", "Cast", "Console", "CrashReportContext", "DOM", "DOMDebugger", "DOMSnapshot", "DOMStorage",
    "Database", "Debugger", "DeviceAccess", "DeviceOrientation", "Emulation", "EventBreakpoints", "Extensions", "FedCm",
    "Fetch", "FileSystem", "HeadlessExperimental", "HeapProfiler", "IO", "IndexedDB", "Input", "Inspector", "LayerTree",
    "Log", "Media", "Memory", "Network", "NodeRuntime", "NodeTracing", "NodeWorker", "Overlay", "PWA", "Page",
    "Performance", "PerformanceTimeline", "Preload", "Profiler", "Runtime", "Schema", "Security", "ServiceWorker",
    "SmartCardEmulation", "Storage", "SystemInfo", "Target", "Tethering", "Tracing", "WebAudio", "WebAuthn", "WebMCP",
  ]

  /// Sessions of the last commands, by their ids: an error for a session that is not known does not name it.
  private var sessions: [String: String] = [:]
  private static let mostSessions = 256

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard outline.root == .object, outline.isReadable || !message.isWhole else { return .foreign }
    let id = outline.member("id", content)
    if message.isWhole, let id, id.kind != .number { view.fault("the id is no number") }
    view.say("CDP")
    if outline.fault == .tooDeep { view.leaveOut() }
    if let method = outline.string("method", content) {
      showCall(method, id, message, content, outline, &view)
      if message.isCut { view.say("(cut by --max-payload)") }
      return .shown
    }
    let error = outline.member("error", content)?.unlessNull
    guard let value = error ?? outline.member("result", content) else {
      // What is left of a long reply.
      guard !message.isWhole, id != nil else { return .foreign }
      view.json("id", id, content)
      return .shown
    }
    if message.isFromClient, message.isWhole { view.fault("a reply of the client") }
    view.text("kind", error == nil ? "result" : "error")
    view.json("id", id, content)
    view.say(error == nil ? "result" : "error")
    if let id { view.say("#\(content.words(id))") }
    let session = outline.string("sessionId", content)
    if let id {
      if let method = link(id, session.map { content.words($0) }, isError: error != nil, content, &view) {
        view.text("method", method)
        view.say("of \(method)")
      }
    }
    view.json("session_id", session, content)
    view.json(error == nil ? "result" : "error", value, content)
    view.say(value, content)
    return .shown
  }

  private func showCall(
    _ method: JSONToken, _ id: JSONToken?, _ message: ViewedMessage, _ content: RawSpan,
    _ outline: borrowing JSONOutline, _ view: inout ViewWriter
  ) {
    let isCommand = id != nil || message.isFromClient
    if id == nil, isCommand, message.isWhole, outline.isComplete { view.fault("a command without an id") }
    view.text("kind", isCommand ? "command" : "event")
    view.json("method", method, content)
    view.say(method, content)
    let session = outline.string("sessionId", content)
    if let id {
      view.json("id", id, content)
      view.say("#\(content.words(id))")
      let number = content.words(id)
      let name = session.map { content.words($0) }
      if sessions.count >= Self.mostSessions { sessions.removeAll() }
      sessions[number] = name
      view.request(Self.key(number, name).span.bytes, content.words(method))
    }
    view.json("session_id", session, content)
    let params = outline.member("params", content)
    if message.isWhole, let params, params.kind != .objectBegin { view.fault("the parameters are no object") }
    view.json("params", params, content)
    view.say(params, content)
  }

  /// Links a reply to its command, of which it gives the method.
  private func link(
    _ id: JSONToken, _ session: String?, isError: Bool, _ content: RawSpan, _ view: inout ViewWriter
  ) -> String? {
    let number = content.words(id)
    if let method = view.reply(Self.key(number, session).span.bytes, isError: isError) { return method }
    guard isError, session == nil, let asked = sessions[number] else { return nil }
    return view.reply(Self.key(number, asked).span.bytes, isError: isError)
  }

  /// Sessions have ids of their own for their commands.
  private static func key(_ id: String, _ session: String?) -> [UInt8] { Array("\(id) \(session ?? "")".utf8) }
}
