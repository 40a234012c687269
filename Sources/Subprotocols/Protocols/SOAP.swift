import Bytes

/// SOAP 1.1 and 1.2 in WebSocket messages ([MS-SWSB]): envelopes in XML, with the headers of WS-Addressing by which they are linked.
final class SOAP: PayloadView {
  static let description = ViewDescription(
    "soap", "SOAP", specification: "SOAP", subprotocols: ["soap"],
    fields: [
      ViewField("version", .string, "1.1 or 1.2"),
      ViewField("action", .string, "what is asked for, by WS-Addressing"),
      ViewField("operation", .string, "name of the first element in the body"),
      ViewField("operation_namespace", .string, "its namespace"),
      ViewField("to", .string, "whom it is for, by WS-Addressing"),
      ViewField("message_id", .string, "id of the message, by WS-Addressing"),
      ViewField("relates_to", .string, "id of the message that it replies to"),
      ViewField("headers", .json, "the other header blocks, by name: their text"),
      ViewField("fault_code", .string, "code of a fault; in SOAP 1.2 the innermost one"),
      ViewField("fault_reason", .string, "why there is a fault, in words"),
      ViewField("fault_role", .string, "who says that there is a fault: its role or actor"),
      ViewField("fault_detail", .string, "detail of a fault, in XML"),
      ViewField("encoding", .string, "binary, for an envelope that is not written as XML and not read"),
      ViewField("reply_to", .number, "number of the message that this replies to"),
      ViewField("latency", .number, "seconds from the request to its reply"),
    ])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard content.isMarkup else { return 0 }
    var reader = XMLReader()
    while let event = reader.next(content) {
      guard event == .start else { continue }
      return content.holds("Envelope", reader.name) && SOAPEnvelope.version(reader.namespace) != nil ? 1 : 0
    }
    return 0
  }

  private let isAgreed: Bool

  init(_ context: ViewContext) { isAgreed = context.subprotocol?.lowercased() == "soap" }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard content.isMarkup else {
      guard isAgreed, !message.isText, content.byteCount > 0 else { return .foreign }
      // WCF's binary XML, MTOM, or the records in which it frames them.
      view.say("SOAP binary envelope")
      view.text("encoding", "binary")
      return .shown
    }
    let envelope = SOAPEnvelope(content)
    guard let version = envelope.version else { return .foreign }
    view.say("SOAP")
    view.text("version", version)
    show(envelope, content, &view)
    if envelope.isCut { view.leaveOut() }
    if message.isCut { view.say("(cut by --max-payload)") }
    guard message.isWhole else { return .shown }
    if let fault = envelope.xmlFault { view.fault(fault.rawValue) }
    if !envelope.hasBody, !envelope.isCut, envelope.xmlFault == nil { view.fault("an envelope without a body") }
    return .shown
  }

  private func show(_ envelope: SOAPEnvelope, _ content: RawSpan, _ view: inout ViewWriter) {
    let operation = envelope.operation
    if let action = envelope.action { view.text("action", action) }
    if let operation {
      view.text("operation", operation)
      view.say(operation)
      if !envelope.operationNamespace.isEmpty { view.text("operation_namespace", envelope.operationNamespace) }
    }
    if let to = envelope.to { view.text("to", to) }
    if let id = envelope.messageID { view.text("message_id", id) }
    if let id = envelope.relatesTo {
      view.text("relates_to", id)
      if let label = view.reply(id.utf8Span.span.bytes, isError: envelope.isFault) { view.say("of \(label)") }
    } else if let id = envelope.messageID {
      view.request(id.utf8Span.span.bytes, operation ?? envelope.action ?? "?")
    }
    if let action = envelope.action { view.say(action) }
    showFault(envelope, content, &view)
    guard !envelope.headers.isEmpty else { return }
    view.object("headers")
    for header in envelope.headers {
      view.text(named: header.name.utf8Span.span.bytes, header.text.utf8Span.span.bytes)
    }
    view.close()
  }

  private func showFault(_ envelope: SOAPEnvelope, _ content: RawSpan, _ view: inout ViewWriter) {
    if let code = envelope.faultCode {
      view.text("fault_code", code)
      view.say(code)
    }
    if let reason = envelope.faultReason {
      view.text("fault_reason", reason)
      view.say("\"\(reason)\"")
    }
    if let role = envelope.faultRole { view.text("fault_role", role) }
    if let detail = envelope.faultDetail, !detail.isEmpty { view.text("fault_detail", content.extracting(detail)) }
  }
}
