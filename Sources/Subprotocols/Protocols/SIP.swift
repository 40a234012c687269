import Bytes
import JSON

/// SIP over WebSocket: requests and responses, one in a message, linked by Call-ID and CSeq.
final class SIP: PayloadView {
  static let description = ViewDescription(
    "sip", "SIP", specification: "RFC 7118", subprotocols: ["sip"],
    fields: [
      ViewField("kind", .string, "request or response"),
      ViewField("method", .string, "method; of a response, that of its request"),
      ViewField("uri", .string, "what a request is for"),
      ViewField("status", .number, "status of a response"),
      ViewField("reason", .string, "what the status says"),
      ViewField("call_id", .string, "Call-ID"),
      ViewField("cseq", .number, "number in CSeq"),
      ViewField("from", .string, "From"),
      ViewField("to", .string, "To"),
      ViewField("headers", .json, "header fields by their full names; of those with one name, the first"),
      ViewField("repeated_headers", .json, "the others of that name, as pairs of name and value"),
      ViewField("headers_left_out", .number, "header fields that are not shown, because there are too many"),
      ViewField("content_type", .string, "type of the body, without parameters"),
      ViewField("body", .json, "body: a JSON value where it is one, otherwise text, such as SDP"),
      ViewField("body_length", .number, "bytes of the body"),
      ViewField("keep_alive", .string, "ping or pong, of a message that only keeps the connection open"),
      ViewField("reply_to", .number, "number of the message that a response answers"),
      ViewField("latency", .number, "seconds from the request to the first response"),
    ])

  private var outline = JSONOutline()

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    if isKeepAlive(content) { return 0.5 }
    let start = SIPMessage.beginning(content)
    guard content.byteCount - start > 16, (0x41...0x5A).contains(content.u8(start) & 0xDF) else { return 0 }
    let head = content.extracting(0..<min(content.byteCount, 2048))
    guard let sip = SIPMessage(head) else { return 0 }
    return sip.value("Call-ID", head) != nil || sip.value("Via", head) != nil ? 1 : 0.8
  }

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.segments.last == "sip" ? 0.8 : 0
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    view.say("SIP")
    if Self.isKeepAlive(content) {
      showKeepAlive(content.byteCount == 4, &view)
      return .shown
    }
    guard let sip = SIPMessage(content) else { return .foreign }
    showStart(sip, content, &view)
    showHeaders(sip, content, &view)
    showBody(sip, message, content, &view)
    if message.isCut { view.say("(cut by --max-payload)") }
    pair(sip, content, &view)
    if message.isWhole { check(sip, content, &view) }
    return .shown
  }

  /// Whether it is the ping or the pong of RFC 5626 §3.5.1.
  private static func isKeepAlive(_ content: RawSpan) -> Bool {
    content.byteCount == 2 && content.begins(with: "\r\n") || content.byteCount == 4 && content.begins(with: "\r\n\r\n")
  }

  private func showKeepAlive(_ isPing: Bool, _ view: inout ViewWriter) {
    view.text("keep_alive", isPing ? "ping" : "pong")
    view.say(isPing ? "keep-alive ping" : "keep-alive pong")
    if isPing { view.request([0].span.bytes, "keep-alive") } else { view.reply([0].span.bytes) }
  }

  private func showStart(_ sip: SIPMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    let sequence = sip.sequence(content)
    switch sip.start {
    case .request(let method, let uri):
      view.text("kind", "request")
      view.text("method", content.extracting(method))
      view.text("uri", content.extracting(uri))
      view.say(content.extracting(method))
      view.say(content.extracting(uri))
    case .response(let status, let reason):
      view.text("kind", "response")
      if let sequence { view.text("method", content.extracting(sequence.method)) }
      view.integer("status", status)
      view.text("reason", content.extracting(reason))
      view.say("\(status)")
      view.say(content.extracting(reason))
      if let sequence {
        view.say("of")
        view.say(content.extracting(sequence.method))
      }
    }
    if let id = sip.value("Call-ID", content) { view.text("call_id", content.extracting(id)) }
    if let sequence { view.integer("cseq", sequence.number) }
    for (name, header) in [("from", "From"), ("to", "To")] as [(StaticString, StaticString)] {
      guard let range = sip.value(header, content) else { continue }
      let value = SIPMessage.unfolded(content, range)
      view.text(name, value.span.bytes)
    }
  }

  private func showHeaders(_ sip: SIPMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    var repeated: [SIPMessage.Header] = []
    var usual = Set<Int>()
    view.object("headers")
    for (i, header) in sip.headers.enumerated() {
      let value = SIPMessage.unfolded(content, header.value)
      if let index = SIPNames.index(content, header.name) {
        guard usual.insert(index).inserted else {
          repeated.append(header)
          continue
        }
        view.text(SIPNames.usual[index], value.span.bytes)
      } else if sip.headers[..<i].contains(where: { SIPNames.areSame(content, $0.name, header.name) }) {
        repeated.append(header)
      } else {
        view.text(named: content.extracting(header.name), value.span.bytes)
      }
    }
    view.close()
    if !repeated.isEmpty { showRepeated(repeated, content, &view) }
    if sip.headersLeftOut > 0 { view.integer("headers_left_out", sip.headersLeftOut) }
  }

  private func showRepeated(_ headers: [SIPMessage.Header], _ content: RawSpan, _ view: inout ViewWriter) {
    view.array("repeated_headers")
    for header in headers {
      let value = SIPMessage.unfolded(content, header.value)
      view.array()
      if let index = SIPNames.index(content, header.name) {
        view.text(nil, "\(SIPNames.usual[index])")
      } else {
        view.text(nil, content.extracting(header.name))
      }
      view.text(nil, value.span.bytes)
      view.close()
    }
    view.close()
  }

  private func showBody(
    _ sip: SIPMessage, _ message: ViewedMessage, _ content: RawSpan, _ view: inout ViewWriter
  ) {
    var type: [UInt8] = []
    if let value = sip.value("Content-Type", content) {
      type =
        SIPMessage.unfolded(content, value).split(separator: UInt8(ascii: ";"), maxSplits: 1).first.map { Array($0) }
        ?? []
      while type.last == 0x20 { type.removeLast() }
      view.text("content_type", type.span.bytes)
    }
    let body = content.extracting(sip.bodyStart..<content.byteCount)
    guard body.byteCount > 0 else { return }
    if let token = JSONBody.token(body, isJSON: JSONBody.isJSON(contentType: type), &outline) {
      view.json("body", token, body)
    } else {
      view.text("body", body)
    }
    view.say(type.span.bytes)
    // Of a body that is not all here, only its sender knows the length.
    let told = sip.value("Content-Length", content).flatMap { SIPMessage.number(content, $0) }
    guard let length = message.isWhole ? UInt64(body.byteCount) : told else { return }
    view.integer("body_length", length)
    view.say("(\(length) bytes)")
  }

  /// Links a response to its request. ACK has none (RFC 3261 §17.1.1.3).
  private func pair(_ sip: SIPMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    guard let id = sip.value("Call-ID", content), let sequence = sip.sequence(content) else { return }
    var key = content.extracting(id).withUnsafeBytes { Array($0) }
    key += [0] + Array("\(sequence.number) ".utf8)
    content.extracting(sequence.method).withUnsafeBytes { key.append(contentsOf: $0) }
    switch sip.start {
    case .request(let method, _):
      guard !content.holds("ACK", method) else { return }
      let label = content.extracting(method).withUnsafeBytes { String(decoding: $0.prefix(64), as: UTF8.self) }
      view.request(key.span.bytes, label)
    case .response(let status, _):
      view.reply(key.span.bytes, isError: status >= 400, isLast: status >= 200)
    }
  }

  private func check(_ sip: SIPMessage, _ content: RawSpan, _ view: inout ViewWriter) {
    for fault in sip.faults { view.fault(fault) }
    for name in ["Via", "From", "To", "Call-ID", "CSeq"] as [StaticString] where sip.value(name, content) == nil {
      view.fault("no \(name)")  // RFC 3261 §8.1.1
    }
    if sip.value("CSeq", content) != nil {
      if let sequence = sip.sequence(content) {
        if case .request(let method, _) = sip.start, !SIPNames.areSame(content, method, sequence.method) {
          view.fault("CSeq names another method than the first line")
        }
      } else {
        view.fault("CSeq is not a number and a method")
      }
    }
    guard let value = sip.value("Content-Length", content) else { return }
    guard let length = SIPMessage.number(content, value) else { return view.fault("Content-Length is not a number") }
    let rest = content.byteCount - sip.bodyStart
    if length != UInt64(rest) { view.fault("Content-Length is \(length), but there are \(rest) bytes") }
  }
}
