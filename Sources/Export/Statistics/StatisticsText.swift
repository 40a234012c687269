import Analysis
import Bytes
import Capture
import Statistics
import Transport

/// The report for people.
struct StatisticsText {
  /// Connections that are described; the others are counted. The JSON form lists more.
  private static let mostConnections = 20
  /// Rows of tables whose rows are named by what was captured.
  private static let mostRows = 10
  private static let barColumns = 24
  private static let mostSizes = 12

  private let report: StatisticsReport
  private let part: ReportPart

  init(_ report: StatisticsReport, _ part: ReportPart) {
    self.report = report
    self.part = part
  }

  func write(to writer: inout TerminalWriter) {
    capture(&writer)
    connections(&writer)
    messages(&writer)
    views(&writer)
    latencies(&writer)
    methods(&writer)
    talkers(&writer)
    diagnostics(&writer)
  }

  // MARK: The whole

  private func capture(_ writer: inout TerminalWriter) {
    let summary = report.summary
    heading("Capture", &writer)
    let names = report.files.prefix(3).map(\.path).joined(separator: ", ")
    let more = report.files.count > 3 ? " and \(report.files.count - 3) more" : ""
    row("input", "\(names)\(more)", &writer)
    row("read", "\(Phrase.count(summary.packets, "packet")), \(Phrase.size(summary.bytes))", &writer)
    if let start = report.start, let duration = report.duration {
      row("time", "\(Phrase.date(start)), \(Phrase.duration(Int64(clamping: duration)))", &writer)
    }
    var found = ["\(summary.connections) WebSocket"]
    if summary.refused > 0 { found.append("\(summary.refused) refused") }
    if summary.unanswered > 0 { found.append("\(summary.unanswered) without an answer") }
    row("connections", found.joined(separator: ", ") + " of \(summary.tcpConnections) over TCP", &writer)
    let troubles = StatisticsHealth.troubles(report)
    if part.isSelection {
      row("selection", "what is below was selected; what is above, and health, is of the whole input", &writer)
    }
    if troubles.isEmpty { row("health", "nothing is missing", &writer) }
    for trouble in troubles { row("health", trouble, style: .yellow, &writer) }
  }

  // MARK: Connections

  private func connections(_ writer: inout TerminalWriter) {
    guard !report.connections.isEmpty else { return }
    heading("Connections", &writer)
    let busiest = report.connections.sorted { $0.bytes > $1.bytes }.prefix(Self.mostConnections)
    for connection in busiest.sorted(by: { $0.connection.number < $1.connection.number }) {
      describe(connection, &writer)
    }
    let others = UInt64(report.connections.count - busiest.count) + report.unlistedConnections
    if others > 0 {
      var flow = Flow(column: 0, indent: 0)
      let verb = others == 1 ? "has" : "have"
      writer.flow(
        "\(Phrase.count(others, "other")) \(verb) fewer bytes; --stats --json lists up to "
          + "\(StatisticsCollector.mostConnections)", &flow, style: .dim)
      writer.newline()
    }
  }

  private func describe(_ connection: ConnectionStatistics, _ writer: inout TerminalWriter) {
    let number = "#\(connection.connection.number)"
    writer.paint(.bold)
    writer.bytes.text(number)
    writer.plain()
    var flow = Flow(column: number.count, indent: 2, hasWords: true)
    let ends = connection.connection
    writer.flow("\(Phrase.endpoint(ends.client)) → \(Phrase.endpoint(ends.server))", &flow, breaks: false)
    if let url = connection.url { writer.flow(url, &flow, gap: 2, style: .bold, breaks: false) }
    if let name = connection.subprotocol { writer.flow("(\(name))", &flow, gap: 2, breaks: false) }
    writer.newline()
    writer.spaces(2)
    flow = Flow(column: 2, indent: 2)
    let facts = ConnectionLine.list(connection)
    for (i, fact) in facts.enumerated() {
      writer.flow(i == facts.count - 1 ? fact : fact + ",", &flow, breaks: false)
    }
    writer.newline()
    if let end = connection.end {
      writer.spaces(2)
      flow = Flow(column: 2, indent: 2)
      let style: TerminalStyle? = TextPhrase.isCalm(end) ? nil : .yellow
      writer.flow(EndExplanation.sentence(end), &flow, style: style)
      writer.newline()
    }
    writer.bytes.flushIfFull()
  }

  // MARK: Messages

  private func messages(_ writer: inout TerminalWriter) {
    guard report.client.frames + report.server.frames + report.client.messages + report.server.messages > 0 else {
      return
    }
    heading("Messages", &writer)
    var table = TextTable([
      .init(title: "sent by"), .init(title: "messages"), .init(title: "bytes"), .init(title: "frames", rank: 1),
      .init(title: "control", rank: 5), .init(title: "min", rank: 4), .init(title: "median", rank: -1),
      .init(title: "90 %", rank: 3), .init(title: "99 %", rank: 2), .init(title: "max"),
    ])
    for (name, sent, sizes) in [
      ("client", report.client, report.clientSizes), ("server", report.server, report.serverSizes),
    ] {
      let share = [0, 0.5, 0.9, 0.99, 1].map { sizes.percentile($0).map { Phrase.size($0) } ?? "–" }
      table.add(
        [
          name, grouped(sent.messages), Phrase.size(sent.contentBytes), grouped(sent.frames),
          grouped(sent.controlFrames),
        ]
          + share)
    }
    table.write(to: &writer)
    if let gain = StatisticsHealth.gain(report) { row("compression", gain, &writer) }
    sizes(&writer)
    rate(&writer)
  }

  private func sizes(_ writer: inout TerminalWriter) {
    let rows = StatisticsPictures.sizes([report.clientSizes, report.serverSizes], mostRows: Self.mostSizes)
    guard rows.count > 1 else { return }
    let greatest = rows.flatMap(\.counts).max() ?? 0
    let labels = rows.map { TerminalText.columns(of: $0.label) }.max() ?? 0
    let counts = rows.flatMap(\.counts).map { grouped($0).count }.max() ?? 0
    let room = ((writer.width ?? 80) - labels - 2 * counts - 8) / 2
    let columns = max(4, min(Self.barColumns, room))
    writer.newline()
    for row in rows {
      writer.spaces(labels - TerminalText.columns(of: row.label))
      writer.bytes.text(row.label)
      for (i, count) in row.counts.enumerated() {
        let (bar, number) = (StatisticsPictures.bar(count, of: greatest, columns: columns), grouped(count))
        writer.spaces(2 + counts - number.count)
        writer.bytes.text(count > 0 ? number : String(repeating: " ", count: number.count))
        writer.spaces(1)
        writer.paint(TerminalStyle.of(i == 0 ? .client : .server))
        writer.bytes.text(bar)
        writer.plain()
        if i == 0 { writer.spaces(columns - bar.count) }
      }
      writer.newline()
    }
    writer.spaces(labels + 2 + counts + 1)
    writer.literal("client", .dim)
    writer.spaces(max(1, columns - 6) + 2 + counts + 1)
    writer.literal("server", .dim)
    writer.newline()
  }

  private func rate(_ writer: inout TerminalWriter) {
    let rate = report.rate
    guard rate.counts.count > 1, let most = rate.counts.max() else { return }
    let columns = min((writer.width ?? 80) - 2, 80)
    writer.newline()
    writer.paint(.cyan)
    writer.bytes.text(StatisticsPictures.line(rate.counts, columns: columns))
    writer.plain()
    writer.newline()
    let share = (rate.counts.count + columns - 1) / columns
    let (length, more) = rate.slotLength.multipliedReportingOverflow(by: Int64(share))
    let total = rate.counts.reduce(0, +)
    let seconds = Double(rate.counts.count) * Double(rate.slotLength) / 1e9
    var flow = Flow(column: 0, indent: 0)
    writer.flow("messages over time, \(more ? "" : Phrase.duration(length)) a column;", &flow, style: .dim)
    let peak = Phrase.rate(Double(most) / (Double(rate.slotLength) / 1e9))
    writer.flow("\(Phrase.rate(Double(total) / seconds)) a second, at most \(peak)", &flow, style: .dim)
    writer.newline()
  }

  // MARK: Times

  private func latencies(_ writer: inout TerminalWriter) {
    let times = report.latencies
    let rows: [(String, Distribution)] = [
      ("network: to server and back", times.toServer), ("network: to client and back", times.toClient),
      ("upgrade", times.upgrade), ("ping of client to pong", times.clientPing),
      ("ping of server to pong", times.serverPing), ("request of client to reply", times.clientRequest),
      ("  the same less the network", times.clientRequestAtServer), ("request of server to reply", times.serverRequest),
      ("message of client, first to last byte", times.clientMessage),
      ("message of server, first to last byte", times.serverMessage),
    ]
    var table = Self.times("time")
    for (name, times) in rows where times.count > 0 { table.add([name] + Self.cells(times)) }
    guard !table.isEmpty else { return }
    heading("Latency", &writer)
    table.write(to: &writer)
    var remarks: [String] = []
    if report.unansweredRequests > 0 {
      remarks.append("\(Phrase.count(report.unansweredRequests, "request")) without a reply")
    }
    if report.requests.forgotten > 0 {
      remarks.append(
        "\(grouped(report.requests.forgotten)) forgotten, as too many waited for a reply, or the same id came again")
    }
    if report.requests.errors > 0 {
      remarks.append("\(grouped(report.requests.errors)) error \(report.requests.errors == 1 ? "reply" : "replies")")
    }
    if !remarks.isEmpty { row("requests", remarks.joined(separator: ", "), style: .yellow, &writer) }
  }

  private func methods(_ writer: inout TerminalWriter) {
    guard !report.methods.isEmpty else { return }
    heading("Requests, to their replies", &writer)
    let counts = report.methods.prefix(Self.mostRows).map(\.counts)
    let faults: [(title: String, rank: Int, count: (RequestCounts) -> UInt64)] = [
      (title: "errors", rank: 0, count: { $0.errors }), (title: "unanswered", rank: -3, count: { $0.unanswered }),
      (title: "forgotten", rank: -2, count: { $0.forgotten }),
    ].filter { fault in counts.contains { fault.count($0) > 0 } }
    var table = TextTable(
      [.init(title: "request"), .init(title: "view", rank: 4), .init(title: "count")]
        + faults.map { .init(title: $0.title, rank: $0.rank) } + Self.percentiles)
    for method in report.methods.prefix(Self.mostRows) {
      let numbers = [method.frequency] + faults.map { $0.count(method.counts) }
      table.add([method.method, method.view] + numbers.map { grouped($0) } + Self.percentiles(method.times))
    }
    table.write(to: &writer)
    more(report.methods.count, &writer)
  }

  private func views(_ writer: inout TerminalWriter) {
    guard report.views.contains(where: { !part.hasViews || $0.view != nil }) else { return }
    heading("Views", &writer)
    guard part.hasViews else {
      return row("none", "with --no-view, what messages mean is not known, nor requests and their replies", &writer)
    }
    var table = TextTable([.init(title: "view"), .init(title: "messages"), .init(title: "bytes")])
    for view in report.views.prefix(Self.mostRows) {
      let name = view.view.map { ([$0] + view.carried).joined(separator: " > ") } ?? "not recognised"
      table.add([name, grouped(view.messages), Phrase.size(view.bytes)])
    }
    table.write(to: &writer)
    more(report.views.count, &writer)
  }

  private static func times(_ title: String) -> TextTable {
    TextTable([.init(title: title), .init(title: "count")] + percentiles)
  }

  private static var percentiles: [TextTable.Column] {
    [
      .init(title: "min", rank: 3), .init(title: "median", rank: -1), .init(title: "90 %", rank: 2),
      .init(title: "99 %", rank: 1), .init(title: "max"),
    ]
  }

  private static func cells(_ times: Distribution) -> [String] { [grouped(times.count)] + percentiles(times) }

  private static func percentiles(_ times: Distribution) -> [String] {
    [0, 0.5, 0.9, 0.99, 1].map { times.percentile($0).map { Phrase.duration(Int64(clamping: $0)) } ?? "–" }
  }

  // MARK: Who and what

  private func talkers(_ writer: inout TerminalWriter) {
    guard !report.talkers.isEmpty else { return }
    heading("Top talkers", &writer)
    var table = TextTable([
      .init(title: "address"), .init(title: "connections", rank: 1), .init(title: "sent"),
      .init(title: "messages", rank: 2), .init(title: "received"), .init(title: "messages", rank: 3),
    ])
    for talker in report.talkers.prefix(Self.mostRows) {
      table.add([
        Phrase.address(talker.address), grouped(talker.connections), Phrase.size(talker.sentBytes),
        grouped(talker.sentMessages), Phrase.size(talker.receivedBytes), grouped(talker.receivedMessages),
      ])
    }
    table.write(to: &writer)
    more(report.talkers.count, &writer)
  }

  private func diagnostics(_ writer: inout TerminalWriter) {
    guard !report.diagnostics.isEmpty else { return }
    heading("Diagnostics", &writer)
    var table = TextTable([.init(title: "code"), .init(title: "severity"), .init(title: "count")])
    for (code, count) in report.diagnostics { table.add([code.slug, "\(code.severity.name)", grouped(count)]) }
    table.write(to: &writer)
  }

  private func more(_ count: Int, _ writer: inout TerminalWriter) {
    guard count > Self.mostRows else { return }
    writer.literal("and more; --stats --json lists them", .dim)
    writer.newline()
  }

  // MARK: Lines

  private func heading(_ text: String, _ writer: inout TerminalWriter) {
    if text != "Capture" { writer.newline() }
    writer.paint(.bold)
    writer.bytes.text(text)
    writer.plain()
    writer.newline()
  }

  private func row(_ name: String, _ text: String, style: TerminalStyle? = nil, _ writer: inout TerminalWriter) {
    let column = 13
    writer.bytes.text(name)
    writer.spaces(column - name.count)
    var flow = Flow(column: column, indent: column)
    writer.flow(text, &flow, style: style)
    writer.newline()
  }
}
