import Analysis
import Bytes
import Capture
import Statistics

/// The report as one JSON object on one line (docs/statistics.md). Times are in seconds, sizes in bytes.
struct StatisticsJSON: ~Copyable {
  private var writer: ByteWriter
  private var times = TimestampWriter()
  /// Whether the next member of the innermost object is its first one.
  private var isFirst = true
  private let part: ReportPart

  static func write(_ report: StatisticsReport, _ part: ReportPart, to writer: inout ByteWriter) {
    var json = StatisticsJSON(writer: ByteWriter(), part)
    json.report(report)
    json.writer.byte(0x0A)
    json.writer.withBytes { writer.raw(RawSpan(_unsafeBytes: $0)) }
  }

  private init(writer: consuming ByteWriter, _ part: ReportPart) {
    self.writer = writer
    self.part = part
  }

  private mutating func report(_ report: StatisticsReport) {
    object { json in
      json.key("type")
      json.writer.literal(#""statistics""#)
      json.key("schema")
      json.writer.literal("1")
      json.capture(report)
      json.key("selection")
      json.writer.literal(json.part.isSelection ? "true" : "false")
      json.array("connections", report.connections) { $0.connection($1) }
      json.number("unlisted_connections", report.unlistedConnections)
      json.object("client") { $0.sender(report.client, report.clientSizes) }
      json.object("server") { $0.sender(report.server, report.serverSizes) }
      json.rate(report.rate)
      json.latencies(report)
      json.views(report)
      json.array("talkers", report.talkers) { $0.talker($1) }
      json.array("diagnostics", report.diagnostics) { json, each in
        json.object { json in
          json.string("code", each.code.slug)
          json.string("severity", "\(each.code.severity.name)")
          json.number("count", each.count)
        }
      }
    }
  }

  private mutating func capture(_ report: StatisticsReport) {
    let summary = report.summary
    array("files", report.files.map(\.path)) { $0.writer.jsonString($1) }
    key("start")
    time(report.start)
    key("end")
    time(report.end)
    number("packets", summary.packets)
    number("bytes", summary.bytes)
    number("tcp_connections", summary.tcpConnections)
    number("websocket_connections", summary.connections)
    number("refused", summary.refused)
    number("unanswered", summary.unanswered)
    object("health") { json in
      json.number("unread_files", summary.unreadFiles)
      json.key("dropped_packets")
      json.optional(summary.drops)
      json.number("missing_bytes", summary.missingBytes)
      json.number("undecoded_bytes", summary.undecodedBytes)
      json.number("damaged_bytes", summary.damagedBytes)
      json.number("cut_handshakes", summary.cutHandshakes)
      json.number("suspected_connections", summary.suspectedConnections)
      json.number("tls_connections_not_decrypted", summary.tls.obstacles.values.reduce(0, +))
      json.number("left_out_connections", summary.leftOutConnections)
    }
  }

  private mutating func connection(_ connection: ConnectionStatistics) {
    object { json in
      let reference = connection.connection
      json.number("connection", reference.number)
      json.key("connection_id")
      json.writer.byte(0x22)
      json.writer.hex(reference.identifier, digits: 16)
      json.writer.byte(0x22)
      json.string("client", Phrase.endpoint(reference.client))
      json.string("server", Phrase.endpoint(reference.server))
      json.string("url", connection.url)
      json.string("subprotocol", connection.subprotocol)
      json.key("time")
      json.time(connection.time)
      json.key("upgraded")
      json.writer.literal(
        connection.outcome == .upgraded ? "true" : connection.outcome == .refused ? "false" : "null")
      json.key("status")
      json.optional(connection.status.flatMap { UInt64(exactly: $0) })
      json.seconds("duration", connection.end?.duration)
      json.seconds("idle", connection.end?.idle)
      json.string("ended_by", connection.end.map { "\($0.cause.name)" })
      json.string("closed_first", connection.end?.closedFirst.map { "\($0.name)" })
      json.key("browser_code")
      json.optional(connection.end?.browserCode.map { UInt64($0.rawValue) })
      json.string("end", connection.end.map { EndExplanation.sentence($0) })
      json.seconds("network_to_server", connection.roundTrip.server)
      json.seconds("network_to_client", connection.roundTrip.client)
      json.seconds("upgrade_time", connection.upgradeTime.map { Int64(clamping: $0) })
      json.extremes("ping", connection.pings)
      json.extremes("reply", connection.replies)
      json.requests(connection.requests, unanswered: connection.requests.unanswered)
      json.number("faults", connection.faults)
      json.object("client_sent") { $0.sender(connection.client, nil) }
      json.object("server_sent") { $0.sender(connection.server, nil) }
    }
  }

  private mutating func sender(_ sent: SenderStatistics, _ sizes: Distribution?) {
    number("messages", sent.messages)
    number("frames", sent.frames)
    number("control_frames", sent.controlFrames)
    number("content_bytes", sent.contentBytes)
    number("payload_bytes", sent.payloadBytes)
    number("missing_bytes", sent.missingBytes)
    key("compression_gain")
    double(sent.gain)
    guard let sizes else { return }
    object("message_sizes") { json in
      json.number("count", sizes.count)
      json.key("exact")
      json.writer.literal(sizes.isExact ? "true" : "false")
      for (name, share) in Self.shares {
        json.key(name)
        json.optional(sizes.percentile(share))
      }
      json.key("mean")
      json.double(sizes.mean)
      let bins = sizes.byMagnitude.enumerated().filter { $0.element > 0 }
      json.array("histogram", bins) { json, bin in
        json.object { json in
          json.number("from", bin.offset == 0 ? 0 : 1 << UInt64(bin.offset - 1))
          json.number("count", bin.element)
        }
      }
    }
  }

  private mutating func rate(_ rate: RateSeries) {
    object("rate") { json in
      json.key("start")
      json.time(rate.start)
      json.seconds("slot", rate.slotLength)
      json.array("messages", rate.counts) { $0.writer.decimal($1) }
    }
  }

  private mutating func latencies(_ report: StatisticsReport) {
    let times = report.latencies
    object("latency") { json in
      json.times("network_to_server", times.toServer)
      json.times("network_to_client", times.toClient)
      json.times("upgrade", times.upgrade)
      json.times("client_ping", times.clientPing)
      json.times("server_ping", times.serverPing)
      json.times("client_request", times.clientRequest)
      json.times("client_request_less_network", times.clientRequestAtServer)
      json.times("server_request", times.serverRequest)
      json.times("client_message", times.clientMessage)
      json.times("server_message", times.serverMessage)
      json.requests(report.requests, unanswered: report.unansweredRequests)
      json.key("error_replies")
      json.optional(json.part.hasViews ? report.requests.errors : nil)
    }
  }

  /// Without views, none of them are known.
  private mutating func requests(_ counts: RequestCounts, unanswered: UInt64) {
    key("unanswered_requests")
    optional(part.hasViews ? unanswered : nil)
    key("forgotten_requests")
    optional(part.hasViews ? counts.forgotten : nil)
  }

  private mutating func views(_ report: StatisticsReport) {
    guard part.hasViews else {
      for name in ["methods", "views"] {
        key(name)
        writer.literal("null")
      }
      return
    }
    array("methods", report.methods) { json, method in
      json.object { json in
        json.string("method", method.method)
        json.string("view", method.view)
        json.number("requests", method.counts.requests)
        json.requests(method.counts, unanswered: method.counts.unanswered)
        json.number("error_replies", method.counts.errors)
        json.times("reply", method.times)
      }
    }
    array("views", report.views) { json, view in
      json.object { json in
        json.string("view", view.view)
        json.array("carries", view.carried) { $0.writer.jsonString($1) }
        json.number("messages", view.messages)
        json.number("bytes", view.bytes)
      }
    }
  }

  private mutating func talker(_ talker: Talker) {
    object { json in
      json.string("address", Phrase.address(talker.address))
      json.number("connections", talker.connections)
      json.number("sent_messages", talker.sentMessages)
      json.number("sent_bytes", talker.sentBytes)
      json.number("received_messages", talker.receivedMessages)
      json.number("received_bytes", talker.receivedBytes)
    }
  }

  // MARK: Values

  private static let shares: [(String, Double)] = [
    ("min", 0), ("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1),
  ]

  private mutating func times(_ name: StaticString, _ times: Distribution) {
    object(name) { json in
      json.number("count", times.count)
      json.key("exact")
      json.writer.literal(times.isExact ? "true" : "false")
      for (name, share) in Self.shares { json.seconds(name, times.percentile(share).map { Int64(clamping: $0) }) }
      json.seconds("mean", times.mean.flatMap { Int64(exactly: $0.rounded()) })
    }
  }

  private mutating func extremes(_ name: StaticString, _ values: Extremes) {
    object(name) { json in
      json.number("count", values.count)
      json.seconds("min", values.count > 0 ? Int64(clamping: values.minimum) : nil)
      json.seconds("mean", values.mean.flatMap { Int64(exactly: $0.rounded()) })
      json.seconds("max", values.count > 0 ? Int64(clamping: values.maximum) : nil)
    }
  }

  private mutating func double(_ value: Double?) {
    guard let value, value.isFinite, value < 1e15 else { return writer.literal("null") }
    writer.seconds(nanoseconds: Int64((value * 1000).rounded()) * 1_000_000)
  }

  private mutating func seconds(_ name: String, _ nanoseconds: Int64?) {
    key(name)
    if let nanoseconds { writer.seconds(nanoseconds: nanoseconds) } else { writer.literal("null") }
  }

  private mutating func time(_ time: Timestamp?) {
    guard let time else { return writer.literal("null") }
    writer.byte(0x22)
    times.write(time, to: &writer)
    writer.byte(0x22)
  }

  private mutating func optional(_ value: UInt64?) {
    if let value { writer.decimal(value) } else { writer.literal("null") }
  }

  private mutating func number(_ name: String, _ value: UInt64) {
    key(name)
    writer.decimal(value)
  }

  private mutating func string(_ name: String, _ value: String?) {
    key(name)
    if let value { writer.jsonString(value) } else { writer.literal("null") }
  }

  // MARK: Structure

  private mutating func key(_ name: String) {
    if !isFirst { writer.byte(0x2C) }
    isFirst = false
    writer.jsonString(name)
    writer.byte(0x3A)
  }

  private mutating func object(_ name: StaticString, _ body: (inout StatisticsJSON) -> Void) {
    key("\(name)")
    object(body)
  }

  private mutating func object(_ body: (inout StatisticsJSON) -> Void) {
    writer.byte(0x7B)
    isFirst = true
    body(&self)
    writer.byte(0x7D)
    isFirst = false
  }

  private mutating func array<Element>(
    _ name: String, _ elements: [Element], _ body: (inout StatisticsJSON, Element) -> Void
  ) {
    key(name)
    writer.byte(0x5B)
    for (i, element) in elements.enumerated() {
      if i > 0 { writer.byte(0x2C) }
      body(&self, element)
    }
    writer.byte(0x5D)
    isFirst = false
  }
}
