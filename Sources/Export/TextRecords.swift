import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// The lines that are rare: all but frames and messages. They are folded at spaces, never cut.
extension TextExporter {
  /// Writes the input, if it was asked for.
  public mutating func capture(_ record: CaptureRecord) {
    files.take(record)
    guard requested?.contains(.capture) == true else { return }
    var flow = Flow(column: 0, indent: 4)
    writer.flow("capture", &flow, style: .bold)
    for file in record.files {
      writer.flow(file.path, &flow, gap: 2, breaks: false)
      writer.flow("(\(file.format ?? "unread"))", &flow)
    }
    endLine()
  }

  /// Writes a connection, or an upgrade that was refused.
  public mutating func connection(_ record: ConnectionRecord) {
    remember(record.connection.number, record.time)
    var flow = Flow(column: 0, indent: 4)
    let ends = [record.connection.client, record.connection.server].map { Phrase.endpoint($0) }
    writer.flow("#\(record.connection.number)", &flow, style: .bold, breaks: false)
    writer.flow("\(ends[0]) → \(ends[1])", &flow, gap: 2, style: .bold, breaks: false)
    if let address = TextPhrase.address(record) {
      writer.flow(address, &flow, gap: 2, style: .bold, breaks: false)
    }
    if record.isUpgraded {
      if let subprotocol = record.handshake.subprotocol { writer.flow(subprotocol, &flow, gap: 2, breaks: false) }
      for used in record.handshake.extensions { writer.flow(used.name, &flow, gap: 2, breaks: false) }
      if let polling = record.polling {
        let requests = Phrase.count(polling.requests, "request")
        writer.flow("after \(requests) by long polling (\(files.packets(polling.first, polling.last)))", &flow, gap: 2)
      }
      if let tls = record.tls { writer.flow(TLSPhrase.version(tls), &flow, gap: 2, breaks: false) }
      if let inference = TextPhrase.inference(record) { writer.flow(inference, &flow, gap: 2, style: .yellow) }
    } else {
      writer.flow(TextPhrase.refusal(record), &flow, gap: 2, style: .yellow)
    }
    writer.flow(Phrase.date(record.time), &flow, gap: 2, style: .dim, breaks: false)
    endLine()
  }

  /// Counts times from the first connection, shown or not.
  public mutating func note(hidden record: ConnectionRecord) {
    if start == nil { start = record.time }
  }

  /// Writes a TLS connection, where such are listed.
  public mutating func tls(_ record: TLSConnectionRecord) {
    var flow = Flow(column: 0, indent: 4)
    writer.flow(record.connection.map { "tls of #\($0.number)" } ?? "tls", &flow, style: .bold, breaks: false)
    let ends = [record.client, record.server].map { Phrase.endpoint($0) }
    writer.flow("\(ends[0]) → \(ends[1])", &flow, gap: 2, style: .bold, breaks: false)
    for part in TLSPhrase.parts(record.information) { writer.flow(part, &flow, gap: 2) }
    writer.flow("→ \(Phrase.size(record.clientBytes)),", &flow, gap: 2, breaks: false)
    writer.flow("← \(Phrase.size(record.serverBytes))", &flow, breaks: false)
    let style: TerminalStyle? = record.information.obstacle == nil ? nil : .yellow
    writer.flow(TLSPhrase.outcome(record.information), &flow, gap: 2, style: style)
    writer.flow(Phrase.date(record.first.time), &flow, gap: 2, style: .dim, breaks: false)
    endLine()
  }

  /// Writes a diagnostic.
  public mutating func diagnostic(_ record: Diagnostic) {
    let severity = record.code.severity
    var flow = beginFlow(record.connection?.number, record.packet?.time, counts: false)
    writer.paint(.of(severity))
    writer.flow("! \(severity.name) \(record.code.slug):", &flow, breaks: false)
    writer.plain()
    writer.flow(record.message, &flow)
    writer.aside(TextPhrase.place(record, files), &flow)
    endLine()
  }

  /// Writes a connection's end.
  public mutating func end(_ record: EndRecord) {
    var flow = beginFlow(record.connection.number, record.time, counts: true)
    let isCalm = TextPhrase.isCalm(record)
    writer.flow("■ \(EndExplanation.sentence(record));", &flow, style: isCalm ? .bold : .yellow)
    writer.flow("\(Phrase.duration(record.duration));", &flow, breaks: false)
    writer.flow("→ \(TextPhrase.tally(record.client)),", &flow, breaks: false)
    writer.flow("← \(TextPhrase.tally(record.server))", &flow, breaks: false)
    endLine()
    forget(record.connection.number)
  }

  /// Writes what was read and found, if it was asked for.
  public mutating func summary(_ record: SummaryRecord) {
    guard requested?.contains(.summary) == true else { return }
    var flow = Flow(column: 0, indent: 4)
    writer.flow("summary", &flow, style: .bold)
    let diagnostics = record.diagnostics.values.reduce(0, +)
    let parts = [
      Phrase.count(record.packets, "packet"), Phrase.size(record.bytes),
      Phrase.count(record.connections, "WebSocket connection"), "\(record.refused) refused",
      Phrase.count(record.frames, "frame"), Phrase.count(record.messages, "message"),
      Phrase.count(diagnostics, "diagnostic"), "\(Phrase.size(record.missingBytes)) missing",
    ]
    for (i, part) in parts.enumerated() {
      writer.flow(i < parts.count - 1 ? part + "," : part, &flow, gap: i == 0 ? 2 : 1, breaks: false)
    }
    endLine()
  }

  // MARK: Parts

  /// Begins a line with its connection and time. What is about the capture as a whole has neither.
  private mutating func beginFlow(_ connection: UInt64?, _ time: Timestamp?, counts: Bool) -> Flow {
    if connection == nil, time == nil || start == nil { return Flow(column: 0, indent: 4) }
    let column = lead(connection, time, counts: counts)
    writer.spaces(1)
    return Flow(column: column + 1, indent: writer.isNarrow ? 4 : column + 3)
  }

  private mutating func endLine() {
    writer.newline()
    writer.endRecord()
  }
}
