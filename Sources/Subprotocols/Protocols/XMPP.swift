import Bytes

/// XMPP over WebSocket (RFC 7395): each message is one element: `<open/>`, `<close/>`, a stanza, or one of the negotiation of a stream.
final class XMPP: PayloadView {
  static let description = ViewDescription(
    "xmpp", "XMPP", specification: "RFC 7395", subprotocols: ["xmpp"],
    fields: [
      ViewField("element", .string, "open, close, message, presence, iq, features, auth, success, …"),
      ViewField("namespace", .string, "namespace of the element"),
      ViewField("type", .string, "type of the stanza: chat, get, set, result, error, …"),
      ViewField("id", .string, "id of the stanza or stream"),
      ViewField("from", .string, "who it is from"),
      ViewField("to", .string, "whom it is for"),
      ViewField("version", .string, "version of the stream"),
      ViewField("child", .string, "name of what it carries, but body, subject and so on"),
      ViewField("child_namespace", .string, "namespace of what it carries"),
      ViewField("children", .json, "names of all that it carries, if it is more than one"),
      ViewField("body", .string, "text of a message"),
      ViewField("subject", .string, "subject of a message"),
      ViewField("thread", .string, "thread of a message"),
      ViewField("show", .string, "away, chat, dnd or xa"),
      ViewField("status", .string, "status of a presence in words"),
      ViewField("priority", .string, "priority of a presence"),
      ViewField("see_other_uri", .string, "where the client is to go, of a close"),
      ViewField("mechanism", .string, "how the client shows who it is (SASL)"),
      ViewField("mechanisms", .json, "mechanisms of SASL that there are"),
      ViewField("condition", .string, "why there is an error or failure"),
      ViewField("error_text", .string, "the same in words"),
      ViewField("reply_to", .number, "number of the message that this replies to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
    ])

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.path.hasSuffix("/xmpp-websocket") ? 0.9 : 0
  }

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard content.isMarkup else { return 0 }
    var reader = XMLReader()
    guard reader.next(content) == .start else { return 0 }
    return isKnown(reader, content) ? 1 : 0
  }

  private static let framing = "urn:ietf:params:xml:ns:xmpp-framing"

  private static func isKnown(_ reader: XMLReader, _ content: RawSpan) -> Bool {
    switch reader.namespace {
    case framing: return content.holds("open", reader.name) || content.holds("close", reader.name)
    case "jabber:client", "jabber:server":
      return content.holds("message", reader.name) || content.holds("presence", reader.name)
        || content.holds("iq", reader.name)
    case "http://etherx.jabber.org/streams": return true
    default:
      return reader.namespace.hasPrefix("urn:ietf:params:xml:ns:xmpp-") || reader.namespace.hasPrefix("urn:xmpp:")
        || reader.namespace.hasPrefix("jabber:")
    }
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard content.isMarkup else { return content.byteCount > 0 ? showNoElement(message, content, &view) : .foreign }
    let stanza = XMPPStanza(content)
    guard !stanza.element.isEmpty else { return .foreign }
    view.say("XMPP")
    view.text("element", stanza.element)
    if !stanza.namespace.isEmpty { view.text("namespace", stanza.namespace) }
    show(stanza, isFromClient: message.isFromClient, &view)
    if stanza.isCut { view.leaveOut() }
    if message.isCut { view.say("(cut by --max-payload)") }
    if message.isWhole { check(stanza, &view) }
    return .shown
  }

  /// White space, which keeps a stream over TCP alive.
  private func showNoElement(
    _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) -> ViewReading {
    for i in 0..<content.byteCount where !XMLReader.isSpace(content.u8(i)) { return .foreign }
    view.say("XMPP white space")
    if message.isWhole { view.fault("white space instead of an element") }
    return .shown
  }

  private func check(_ stanza: XMPPStanza, _ view: inout ViewWriter) {
    if let fault = stanza.xmlFault { return view.fault(fault.rawValue) }
    if stanza.isSpaceFirst { view.fault("white space before the element") }
    if stanza.namespace.isEmpty { view.fault("\(stanza.element) without a namespace") }
    if stanza.element == "stream", stanza.namespace == "http://etherx.jabber.org/streams" {
      view.fault("a stream tag; over WebSocket streams begin with open")
    }
    guard stanza.element == "iq" else { return }
    if stanza["id"] == nil { view.fault("an iq without an id") }
    if !["get", "set", "result", "error"].contains(stanza["type"] ?? "") { view.fault("an iq of no known type") }
  }

  private func show(_ stanza: XMPPStanza, isFromClient: Bool, _ view: inout ViewWriter) {
    view.say(stanza.element)
    let child = ["failure", "failed"].contains(stanza.element) ? nil : stanza.children.first { $0.name != "error" }
    for name in XMPPStanza.shownAttributes {
      guard let value = stanza[name.description] else { continue }
      view.text(name, value)
      switch name.description {
      case "from", "to": view.say("\(name) \(value)")
      case "id": view.say("#\(value)")
      default: view.say(value)
      }
    }
    if let uri = stanza["see-other-uri"] {
      view.text("see_other_uri", uri)
      view.say("see \(uri)")
    }
    let isLinked = link(stanza, child, isFromClient: isFromClient, &view)
    if let child {
      view.text("child", child.name)
      if !child.namespace.isEmpty { view.text("child_namespace", child.namespace) }
      if !isLinked { say(child, stanza, &view) }
    }
    if stanza.children.count > 1, child != nil {
      view.array("children")
      for child in stanza.children { view.text(nil, child.name) }
      view.close()
    }
    for (name, text) in stanza.texts {
      view.text(name, text)
      view.say(name.description == "condition" ? text : "\"\(text)\"")
    }
    guard !stanza.mechanisms.isEmpty else { return }
    view.array("mechanisms")
    for mechanism in stanza.mechanisms {
      view.text(nil, mechanism)
      view.say(mechanism)
    }
    view.close()
  }

  /// Says what a stanza carries: of features, all of them.
  private func say(_ child: XMPPStanza.Child, _ stanza: XMPPStanza, _ view: inout ViewWriter) {
    guard stanza.element != "features" else {
      for child in stanza.children { view.say(child.name) }
      return
    }
    view.say(child.name)
    if !child.namespace.isEmpty { view.say(child.namespace) }
  }

  /// An iq is a request or a reply (RFC 6120 §8.2.3); what a client begins is answered as well: `open`,
  /// `auth` and `authenticate` (XEP-0388), `enable` and `resume` (XEP-0198).
  /// Whether it replies to a request that is known.
  private func link(
    _ stanza: XMPPStanza, _ child: XMPPStanza.Child?, isFromClient: Bool, _ view: inout ViewWriter
  ) -> Bool {
    func ask(_ id: String, _ label: String) -> Bool {
      view.request(id.utf8Span.span.bytes, label)
      return false
    }
    func answer(_ id: String, isError: Bool = false) -> Bool {
      guard let label = view.reply(id.utf8Span.span.bytes, isError: isError) else { return false }
      if stanza.element == "iq" { view.say("of \(label)") }
      return true
    }
    switch (stanza.element, stanza["type"], stanza["id"]) {
    case ("iq", "get", let id?), ("iq", "set", let id?):
      return ask("iq \(id)", [stanza["type"], child?.name, child?.namespace].compactMap { $0 }.joined(separator: " "))
    case ("iq", "result", let id?): return answer("iq \(id)")
    case ("iq", "error", let id?): return answer("iq \(id)", isError: true)
    case ("open", _, _): return isFromClient ? ask("open", "open") : answer("open")
    case ("auth", _, _), ("authenticate", _, _): return isFromClient && ask("auth", stanza.element)
    case ("success", _, _): return answer("auth")
    case ("failure", _, _): return answer("auth", isError: true)
    case ("enable", _, _), ("resume", _, _): return isFromClient && ask("management", stanza.element)
    case ("enabled", _, _), ("resumed", _, _): return answer("management")
    case ("failed", _, _): return answer("management", isError: true)
    default: return false
    }
  }
}
