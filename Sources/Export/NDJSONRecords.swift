import Analysis
import Bytes
import Capture
import HTTP
import Transport
import WebSocket

/// The records that are rare: all but frames and messages.
extension NDJSONExporter {
  /// Writes the input.
  public mutating func capture(_ record: CaptureRecord) {
    writer.literal(#"{"type":"capture","schema":1,"tool":"wstap","version":"#)
    writer.jsonString(Version.current)
    writer.literal(#","files":["#)
    list(record.files) { exporter, file in
      exporter.writer.literal(#"{"path":"#)
      exporter.writer.jsonString(file.path)
      exporter.writer.literal(#","format":"#)
      exporter.optional(file.format)
      exporter.writer.literal(#","link_types":["#)
      exporter.list(file.linkTypes) { $0.writer.decimal(UInt64($1.rawValue)) }
      exporter.writer.literal("]}")
    }
    writer.byte(0x5D)
    endLine()
  }

  /// Writes a connection.
  public mutating func connection(_ record: ConnectionRecord) {
    let handshake = record.handshake
    writer.literal(#"{"type":"connection","connection":"#)
    reference(record.connection)
    time(record.time)
    writer.literal(#","client":""#)
    writer.endpoint(record.connection.client)
    writer.literal(#"","server":""#)
    writer.endpoint(record.connection.server)
    writer.literal(record.start == .handshake ? #"","start":"handshake""# : #"","start":"midstream""#)
    field(",\"http_version\":", handshake.httpVersion)
    writer.literal(record.tls == nil ? #","scheme":"ws""# : #","scheme":"wss""#)
    field(",\"url\":", handshake.url)
    writer.literal(#","request":"#)
    head(record.request)
    writer.literal(#","response":"#)
    head(record.response)
    field(",\"key\":", handshake.key)
    field(",\"accept\":", handshake.accept)
    writer.literal(#","accept_valid":"#)
    optional(handshake.acceptIsValid)
    field(",\"version\":", handshake.version)
    writer.literal(#","offered_protocols":["#)
    list(handshake.offeredProtocols) { $0.writer.jsonString($1) }
    writer.byte(0x5D)
    field(",\"subprotocol\":", handshake.subprotocol)
    writer.literal(#","offered_extensions":"#)
    offeredExtensions(handshake)
    writer.literal(#","extensions":"#)
    usedExtensions(handshake)
    writer.literal(#","upgraded":"#)
    optional(record.outcome == .unanswered ? nil : record.isUpgraded)
    roundTrip(record.roundTrip)
    if let polling = record.polling { longPolling(polling) }
    writer.literal(#","tls":"#)
    if let information = record.tls { tls(information) } else { writer.literal("null") }
    switch record.inference {
    case .found(let confidence): inferred(confidence)
    case .assumed: inferred(nil)
    case nil: break
    }
    endLine()
  }

  private mutating func longPolling(_ polling: LongPolling) {
    writer.literal(#","long_polling":{"sid":"#)
    writer.jsonString(polling.session)
    writer.literal(#","requests":"#)
    writer.decimal(polling.requests)
    writer.literal(#","first_packet":"#)
    writer.decimal(polling.first.number)
    writer.literal(#","last_packet":"#)
    writer.decimal(polling.last.number)
    if hasSeveralFiles {
      writer.literal(#","file":"#)
      writer.decimal(UInt64(polling.first.file))
      writer.literal(#","last_file":"#)
      writer.decimal(UInt64(polling.last.file))
    }
    writer.literal(#","clients":["#)
    list(polling.clients) { exporter, client in
      exporter.writer.byte(0x22)
      exporter.writer.endpoint(client)
      exporter.writer.byte(0x22)
    }
    writer.literal("]}")
  }

  private mutating func roundTrip(_ time: TCPRoundTrip) {
    writer.literal(#","tcp_round_trip":"#)
    guard !time.isUnknown else { return writer.literal("null") }
    writer.literal(#"{"server":"#)
    optional(nanoseconds: time.server)
    writer.literal(#","client":"#)
    optional(nanoseconds: time.client)
    writer.byte(0x7D)
  }

  /// Writes a diagnostic.
  public mutating func diagnostic(_ record: Diagnostic) {
    writer.literal(#"{"type":"diagnostic","connection":"#)
    if let connection = record.connection {
      reference(connection)
    } else {
      writer.literal(#"null,"connection_id":null"#)
    }
    time(record.packet?.time)
    writer.literal(#","severity":""#)
    writer.literal(record.code.severity.name)
    writer.byte(0x22)
    field(",\"code\":", record.code.slug)
    field(",\"message\":", record.message)
    field(",\"reference\":", record.code.reference)
    writer.literal(#","sender":"#)
    optional(record.sender.map { "\($0.name)" })
    writer.literal(#","packet":"#)
    optional(record.packet?.number)
    if hasSeveralFiles {
      writer.literal(#","file":"#)
      optional(record.packet.map { UInt64($0.file) })
    }
    writer.literal(#","offset":"#)
    optional(record.offset)
    writer.literal(#","frame":"#)
    optional(record.frame)
    endLine()
  }

  /// Writes a connection's end.
  public mutating func end(_ record: EndRecord) {
    writer.literal(#"{"type":"end","connection":"#)
    reference(record.connection)
    time(record.time)
    writer.literal(#","duration":"#)
    writer.seconds(nanoseconds: record.duration)
    writer.literal(#","ended_by":""#)
    writer.literal(record.cause.name)
    writer.literal(#"","closed_first":"#)
    optional(record.closedFirst.map { "\($0.name)" })
    writer.literal(#","client_close":"#)
    if let reason = record.clientClose { closeReason(reason) } else { writer.literal("null") }
    writer.literal(#","server_close":"#)
    if let reason = record.serverClose { closeReason(reason) } else { writer.literal("null") }
    writer.literal(#","clean":"#)
    optional(record.isClean)
    writer.literal(#","browser_code":"#)
    optional(record.browserCode.map { UInt64($0.rawValue) })
    writer.literal(#","idle":"#)
    optional(nanoseconds: record.idle)
    writer.literal(#","tcp_close":["#)
    list(record.tcpEndings) { $0.ending($1) }
    writer.byte(0x5D)
    field(",\"explanation\":", LosslessText.spelled(EndExplanation.sentence(record)))
    writer.literal(#","client":"#)
    tally(record.client)
    writer.literal(#","server":"#)
    tally(record.server)
    endLine()
  }

  /// What was left out to keep memory small; nothing if nothing was.
  private mutating func limits(_ record: SummaryRecord) {
    let counts = (record.forgottenConnections, record.leftOutConnections, record.crowdedConnections)
    guard counts != (0, 0, 0) else { return }
    writer.literal(#","limits":{"forgotten_connections":"#)
    writer.decimal(counts.0)
    write([(#","left_out_connections":"#, counts.1), (#","crowded_connections":"#, counts.2)])
    writer.literal("}")
  }

  /// Writes what was read and found.
  public mutating func summary(_ record: SummaryRecord) {
    writer.literal(#"{"type":"summary""#)
    let counts: [(StaticString, UInt64)] = [
      (#","packets":"#, record.packets), (#","bytes":"#, record.bytes),
      (#","tcp_connections":"#, record.tcpConnections), (#","websocket_connections":"#, record.connections),
      (#","refused_upgrades":"#, record.refused),
      (#","unanswered_upgrades":"#, record.unanswered), (#","cut_handshakes":"#, record.cutHandshakes),
      (#","suspected_connections":"#, record.suspectedConnections),
      (#","frames":"#, record.frames),
      (#","messages":"#, record.messages),
    ]
    write(counts)
    writer.literal(#","diagnostics":{"note":"#)
    writer.decimal(record.diagnostics[.note] ?? 0)
    write([
      (#","warning":"#, record.diagnostics[.warning] ?? 0), (#","error":"#, record.diagnostics[.error] ?? 0),
      (#"},"websocket_bytes":"#, record.webSocketBytes),
      (#","skipped_bytes":{"not_websocket":"#, record.otherBytes), (#","missing":"#, record.missingBytes),
      (#","undecoded":"#, record.undecodedBytes),
      (#","damaged_file":"#, record.damagedBytes),
    ])
    writer.literal(#"},"skipped_packets":{"#)
    list(Dismissal.allCases) { exporter, reason in
      exporter.writer.jsonString(reason.name)
      exporter.writer.byte(0x3A)
      exporter.writer.decimal(record.dismissedPackets[reason] ?? 0)
    }
    let fragments = record.fragments
    writer.literal(#"},"ip_fragments":{"completed":"#)
    writer.decimal(fragments.completed)
    write([
      (#","incomplete":"#, fragments.incomplete), (#","crowded_out":"#, fragments.crowdedOut),
      (#","refused":"#, fragments.refused), (#","cut":"#, fragments.cut), (#","conflicts":"#, fragments.conflicts),
    ])
    writer.literal("}")
    tlsCounts(record.tls)
    limits(record)
    writer.literal(#","drops":"#)
    optional(record.drops)
    endLine()
  }

  // MARK: Parts

  private mutating func write(_ counts: [(StaticString, UInt64)]) {
    for (key, value) in counts {
      writer.literal(key)
      writer.decimal(value)
    }
  }

  private mutating func field(_ key: StaticString, _ value: String?) {
    writer.literal(key)
    optional(value)
  }

  private mutating func time(_ time: Timestamp?) {
    writer.literal(#","time":"#)
    timeOrNull(time)
  }

  private mutating func timeOrNull(_ time: Timestamp?) {
    guard let time else { return writer.literal("null") }
    writer.byte(0x22)
    times.write(time, to: &writer)
    writer.byte(0x22)
  }

  mutating func list<T>(_ elements: [T], _ body: (inout NDJSONExporter, T) -> Void) {
    var isFirst = true
    for element in elements {
      if !isFirst { writer.byte(0x2C) }
      isFirst = false
      body(&self, element)
    }
  }

  mutating func ending(_ ending: TCPEnding) {
    writer.literal(#"{"kind":""#)
    writer.literal(ending.kind.name)
    writer.literal(#"","sender":""#)
    writer.literal(ending.sender.name)
    writer.literal(#"","packet":"#)
    writer.decimal(ending.packet.number)
    if hasSeveralFiles {
      writer.literal(#","file":"#)
      writer.decimal(UInt64(ending.packet.file))
    }
    time(ending.packet.time)
    writer.byte(0x7D)
  }

  private mutating func tally(_ tally: SenderTally) {
    writer.literal(#"{"frames":"#)
    writer.decimal(tally.frames)
    write([
      (#","messages":"#, tally.messages), (#","payload_bytes":"#, tally.payloadBytes),
      (#","wire_bytes":"#, tally.wireBytes), (#","missing_bytes":"#, tally.missingBytes),
      (#","undecoded_bytes":"#, tally.undecodedBytes),
    ])
    writer.literal(#","last_time":"#)
    timeOrNull(tally.lastTime)
    writer.literal(#","close_sent":"#)
    optional(tally.hasSentClose)
    writer.literal(#","unanswered_pings":"#)
    optional(tally.unansweredPings)
    writer.literal(#","cut_off":"#)
    optional(tally.cutOff.map { "\($0.name)" })
    writer.byte(0x7D)
  }
}

extension Dismissal {
  /// The reason in the JSON output.
  var name: String {
    switch self {
    case .unknownLinkType: "unknown_link_type"
    case .notIP: "not_ip"
    case .notTCP: "not_tcp"
    case .fragment: "fragment"
    case .malformed: "malformed"
    case .nestedTooDeep: "nested_too_deep"
    }
  }
}
