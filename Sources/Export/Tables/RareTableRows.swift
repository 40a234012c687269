import Analysis
import Bytes
import Transport
import WebSocket

/// The rows of records that are rare: all but frames and messages.
extension TableRows {
  /// Gives the row of a connection.
  mutating func connection<Row: RowSink & ~Copyable>(_ record: ConnectionRecord, into row: inout Row) {
    let handshake = record.handshake
    row.count(record.connection.number)
    identifier(record.connection.identifier, into: &row)
    row.time(record.time)
    text(into: &row) { $0.writer.endpoint(record.connection.client) }
    text(into: &row) { $0.writer.endpoint(record.connection.server) }
    row.word(record.start == .handshake ? "handshake" : "midstream")
    row.text(handshake.httpVersion)
    row.word(record.tls == nil ? "ws" : "wss")
    row.text(handshake.url)
    heads(record, into: &row)
    row.text(handshake.key)
    row.text(handshake.accept)
    row.boolean(handshake.acceptIsValid)
    row.text(handshake.version)
    text(into: &row) { json in
      json.writer.byte(0x5B)
      json.list(handshake.offeredProtocols) { $0.writer.jsonString($1) }
      json.writer.byte(0x5D)
    }
    row.text(handshake.subprotocol)
    text(into: &row) { $0.offeredExtensions(handshake) }
    text(into: &row) { $0.usedExtensions(handshake) }
    row.boolean(record.outcome == .unanswered ? nil : record.isUpgraded)
    if let information = record.tls { text(into: &row) { $0.tls(information) } } else { row.null() }
    row.boolean(record.inference != nil)
    if case .found(let confidence)? = record.inference { row.probability(confidence) } else { row.null() }
  }

  /// Packets, start lines and headers of request and response.
  private mutating func heads<Row: RowSink & ~Copyable>(_ record: ConnectionRecord, into row: inout Row) {
    let (request, response) = (record.request, record.response)
    row.count(request?.packet.number)
    row.count(response?.packet.number)
    row.count((request ?? response).map { UInt64($0.packet.file) })
    row.text(request.flatMap { head in head.head.methodPlace.map { head.head.text($0) } })
    row.text(request.flatMap { head in head.head.targetPlace.map { head.head.text($0) } })
    row.count(response?.head.status.map { UInt64(clamping: $0) })
    row.text(response.flatMap { head in head.head.reasonPlace.map { head.head.text($0) } })
    for head in [request?.head, response?.head] {
      if let head { text(into: &row) { $0.headers(head) } } else { row.null() }
    }
  }

  /// Gives the row of a diagnostic.
  mutating func diagnostic<Row: RowSink & ~Copyable>(_ record: Diagnostic, into row: inout Row) {
    if let connection = record.connection {
      reference(connection, into: &row)
    } else {
      row.null()
      if isFlat { row.null() }
    }
    row.time(record.packet?.time)
    row.word(record.code.severity.name)
    row.text(record.code.slug)
    row.text(record.message)
    row.text(record.code.reference)
    row.word(record.sender?.name)
    row.count(record.packet?.number)
    row.count(record.packet.map { UInt64($0.file) })
    row.count(record.offset)
    row.count(record.frame)
  }

  /// Gives the row of a connection's end.
  mutating func end<Row: RowSink & ~Copyable>(_ record: EndRecord, into row: inout Row) {
    reference(record.connection, into: &row)
    row.time(record.time)
    row.seconds(record.duration)
    row.word(record.cause.name)
    row.word(record.closedFirst?.name)
    close(record.clientClose, into: &row)
    close(record.serverClose, into: &row)
    row.boolean(record.isClean)
    row.count(record.browserCode.map { UInt64($0.rawValue) })
    row.seconds(record.idle)
    text(into: &row) { json in
      json.writer.byte(0x5B)
      json.list(record.tcpEndings) { $0.ending($1) }
      json.writer.byte(0x5D)
    }
    row.text(LosslessText.spelled(EndExplanation.sentence(record)))
    tally(record.client, into: &row)
    tally(record.server, into: &row)
  }

  private func tally<Row: RowSink & ~Copyable>(_ tally: SenderTally, into row: inout Row) {
    row.count(tally.frames)
    row.count(tally.messages)
    row.count(tally.payloadBytes)
    row.count(tally.wireBytes)
    row.count(tally.missingBytes)
    row.count(tally.undecodedBytes)
    row.time(tally.lastTime)
    row.boolean(tally.hasSentClose)
    row.count(tally.unansweredPings)
    row.word(tally.cutOff?.name)
  }

  /// Gives the row of a TLS connection.
  mutating func tls<Row: RowSink & ~Copyable>(_ record: TLSConnectionRecord, into row: inout Row) {
    let information = record.information
    row.count(record.connection?.number)
    if let id = record.connection?.identifier ?? record.identifier { identifier(id, into: &row) } else { row.null() }
    row.time(record.first.time)
    row.time(record.last.time)
    text(into: &row) { $0.writer.endpoint(record.client) }
    text(into: &row) { $0.writer.endpoint(record.server) }
    packets(record.first, record.last, into: &row)
    row.count(record.clientBytes)
    row.count(record.serverBytes)
    row.text(information.version?.name)
    row.text(information.suite?.name)
    row.text(information.serverName.map { LosslessText.spelled($0) })
    row.text(information.chosenProtocol.map { LosslessText.spelled($0) })
    row.boolean(information.isResumed)
    row.boolean(information.obstacle == nil && information.hasData)
    row.text(information.obstacle?.slug)
    row.text(information.obstacle?.description)
    text(into: &row) { $0.tls(information) }
  }

  /// Gives the row of the summary.
  mutating func summary<Row: RowSink & ~Copyable>(_ record: SummaryRecord, into row: inout Row) {
    let counts: [UInt64] = [
      record.packets, record.bytes, record.tcpConnections, record.connections, record.refused, record.unanswered,
      record.frames, record.messages, record.diagnostics[.note] ?? 0, record.diagnostics[.warning] ?? 0,
      record.diagnostics[.error] ?? 0, record.webSocketBytes, record.missingBytes, record.undecodedBytes,
      record.damagedBytes,
    ]
    for count in counts { row.count(count) }
    row.count(record.drops)
    text(into: &row) { json in
      json.summary(record)
      json.writer.truncate(to: json.writer.count - 1)  // the end of the line
    }
  }

  /// Gives the row of the input file at `index`.
  mutating func file<Row: RowSink & ~Copyable>(
    _ file: CaptureRecord.File, _ index: Int, into row: inout Row
  ) {
    row.integer(Int64(index))
    row.text(file.path)
    row.text(file.format)
    text(into: &row) { json in
      json.writer.byte(0x5B)
      json.list(file.linkTypes) { $0.writer.decimal(UInt64($1.rawValue)) }
      json.writer.byte(0x5D)
    }
  }
}
