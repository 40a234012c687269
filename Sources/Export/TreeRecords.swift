import Analysis
import Bytes
import Capture
import HTTP
import TLS
import Transport
import WebSocket

/// The records that are rare: all but frames and messages.
extension TreeExporter {
  /// Writes the input, if it was asked for.
  public mutating func capture(_ record: CaptureRecord) {
    files.take(record)
    guard requested?.contains(.capture) == true else { return }
    _ = heading("Capture")
    writer.newline()
    for file in record.files {
      let types = file.linkTypes.map { "\($0.rawValue)" }.joined(separator: ", ")
      let links = types.isEmpty ? "" : ", link type \(types)"
      row("file", "\(file.path) (\(file.format ?? "unread")\(links))")
    }
    writer.endRecord()
  }

  /// Writes a connection, or an upgrade that was refused.
  public mutating func connection(_ record: ConnectionRecord) {
    compressions.begin(record)
    var flow = heading("Connection #\(record.connection.number)")
    part("\(Phrase.endpoint(record.connection.client)) → \(Phrase.endpoint(record.connection.server))", &flow)
    part("\(seconds(record.time))", &flow)
    writer.newline()
    let handshake = record.handshake
    row("time", Phrase.date(record.time))
    if let address = TextPhrase.address(record) { row("url", address) }
    if let tls = record.tls { self.tls(tls) }
    if let inference = TextPhrase.inference(record) { row("start", inference, style: .yellow) }
    if !record.isUpgraded { row("outcome", TextPhrase.refusal(record), style: .yellow) }
    if let subprotocol = handshake.subprotocol { row("protocol", subprotocol) }
    for used in handshake.extensions { row("extension", Self.words(used)) }
    if let isValid = handshake.acceptIsValid {
      row("accept", isValid ? "fits the key" : "does not fit the key", style: isValid ? nil : .red)
    }
    if let request = record.request { head("request", request) }
    if let response = record.response { head("response", response) }
    last = .connection(record.connection.number)
    writer.endRecord()
  }

  /// Writes a TLS connection, where such are listed.
  public mutating func tls(_ record: TLSConnectionRecord) {
    var flow = heading(record.connection.map { "TLS of connection #\($0.number)" } ?? "TLS")
    part("\(Phrase.endpoint(record.client)) → \(Phrase.endpoint(record.server))", &flow)
    writer.newline()
    row("time", Phrase.date(record.first.time))
    tls(record.information)
    row("sent", "client \(Phrase.size(record.clientBytes)), server \(Phrase.size(record.serverBytes))")
    let style: TerminalStyle? = record.information.obstacle == nil ? nil : .yellow
    row("outcome", TLSPhrase.outcome(record.information), style: style)
    writer.endRecord()
  }

  private mutating func tls(_ information: TLSInformation) {
    row("tls", TLSPhrase.parts(information).joined(separator: ", "))
    if let certificate = information.certificate { row("cert", TLSPhrase.certificate(certificate)) }
  }

  /// `permessage-deflate, server_max_window_bits 12`.
  private static func words(_ element: ExtensionElement) -> String {
    let parameters = element.parameters.map { parameter in
      parameter.value.map { "\(parameter.name) \($0)" } ?? parameter.name
    }
    return ([element.name] + parameters).joined(separator: ", ")
  }

  private mutating func head(_ name: String, _ record: HeadRecord) {
    row(name, files.packet(record.packet))
    switch record.head.startLine {
    case .request(let method, let target, let version): line("\(method) \(target) \(version)")
    case .response(let version, let status, let reason): line("\(version) \(status) \(reason)")
    }
    for field in record.head.fields { line("\(field.name): \(field.value)") }
  }

  /// Writes a line of a head, all of it.
  private mutating func line(_ text: String) {
    writer.spaces(4)
    writer.lines(text.utf8.span.bytes, first: 4, indent: 6)
  }

  /// Writes a diagnostic, under the frame or connection that it is about if that was written last.
  public mutating func diagnostic(_ record: Diagnostic) {
    let connection = record.connection?.number
    let block =
      record.frame.map { frame in connection.map { Block.frame(frame, of: $0) } } ?? connection.map { .connection($0) }
    let isNested = block == last
    if !isNested {
      if case .diagnostic = last { separate(isAttached: true) } else { separate(isAttached: false) }
      last = .diagnostic(frame: record.frame, of: connection)
    }
    writer.spaces(isNested ? 2 : 0)
    var flow = Flow(column: isNested ? 2 : 0, indent: isNested ? 6 : 4)
    let severity = record.code.severity
    writer.flow("! \(severity.name) \(record.code.slug):", &flow, style: .of(severity), breaks: false)
    writer.flow(record.message, &flow)
    writer.aside(TextPhrase.place(record, files, isDetailed: !isNested), &flow)
    writer.newline()
    writer.endRecord()
  }

  /// Writes a connection's end.
  public mutating func end(_ record: EndRecord) {
    var flow = heading("End", record.connection.number)
    part(seconds(record.time), &flow)
    part("after \(Phrase.duration(record.duration))", &flow)
    writer.newline()
    row("how", EndExplanation.sentence(record), style: TextPhrase.isCalm(record) ? nil : .yellow)
    if let isClean = record.isClean, let code = record.browserCode {
      row("CloseEvent", "wasClean \(isClean), code \(code.rawValue) \(code.name)")
    }
    if !record.tcpEndings.isEmpty {
      row(
        "TCP",
        record.tcpEndings.map { ending in
          "\(ending.kind == .fin ? "FIN" : "RST") from the \(ending.sender.name) in \(files.packet(ending.packet))"
        }.joined(separator: ", "))
    }
    if let idle = record.idle { row("idle", Phrase.duration(idle)) }
    tally("client", record.client)
    tally("server", record.server)
    compressions.forget(record.connection.number)
    writer.endRecord()
  }

  private mutating func tally(_ name: String, _ tally: SenderTally) {
    if let nothing = TextPhrase.nothing(tally) { return row(name, nothing) }
    let missing = tally.missingBytes > 0 ? ", \(Phrase.count(tally.missingBytes, "byte")) missing" : ""
    let unanswered = tally.unansweredPings ?? 0
    let pings = unanswered > 0 ? ", \(Phrase.count(unanswered, "ping")) unanswered" : ""
    row(
      name,
      "\(Phrase.count(tally.messages, "message")) in \(Phrase.count(tally.frames, "frame")), "
        + "\(Phrase.count(tally.payloadBytes, "byte")) of payload, \(tally.wireBytes) with headers\(missing)\(pings)")
  }

  /// Writes what was read and found, if it was asked for.
  public mutating func summary(_ record: SummaryRecord) {
    guard requested?.contains(.summary) == true else { return }
    _ = heading("Summary")
    writer.newline()
    row("read", "\(Phrase.count(record.packets, "packet")), \(Phrase.size(record.bytes))")
    row(
      "found",
      "\(Phrase.count(record.connections, "WebSocket connection")) (\(record.refused) refused) among "
        + "\(Phrase.count(record.tcpConnections, "TCP connection"))")
    row("decoded", "\(Phrase.count(record.frames, "frame")), \(Phrase.count(record.messages, "message"))")
    row(
      "trouble",
      "\(Phrase.count(record.diagnostics.values.reduce(0, +), "diagnostic")), "
        + "\(Phrase.count(record.missingBytes, "byte")) missing")
    writer.endRecord()
  }
}
