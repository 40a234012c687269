import Analysis
import Capture
import Subprotocols
import Transport
import WebSocket

/// Counts and measures what passes.
public struct StatisticsCollector: RecordSink {
  /// Connections that are listed: those with the most bytes.
  public static let mostConnections = 10_000
  /// Methods, and addresses, that are counted apart.
  static let mostNames = 1000
  /// Addresses and methods that are listed.
  static let mostListed = 100

  private var report = StatisticsReport()
  /// Connections of which more may come, by their numbers: those that are open, and those that were refused last.
  private var open: [UInt64: ConnectionStatistics] = [:]
  private var refused = RefusedConnections()
  private var over: [ConnectionStatistics] = []
  private var talkers: [IPAddress: Talker] = [:]
  private var methods: [MethodStatistics.Name: MethodStatistics] = [:]
  private var views = ViewCounts()
  private var diagnostics: [DiagnosticCode: UInt64] = [:]

  /// Nothing was counted.
  public init() {}

  /// Takes the names of the files.
  public mutating func capture(_ record: CaptureRecord) { report.files = record.files }

  /// Counts a connection.
  public mutating func connection(_ record: ConnectionRecord) {
    pass(record.time)
    let number = record.connection.number
    var statistics = open[number] ?? ConnectionStatistics(record.connection)
    statistics.take(record)
    if let time = statistics.roundTrip.server { report.latencies.toServer.add(UInt64(clamping: time)) }
    if let time = statistics.roundTrip.client { report.latencies.toClient.add(UInt64(clamping: time)) }
    if let time = statistics.upgradeTime { report.latencies.upgrade.add(time) }
    for address in Set([record.connection.client.address, record.connection.server.address]) {
      count(address) { $0.connections += 1 }
    }
    open[number] = statistics
    guard !record.isUpgraded, let forgotten = refused.note(number) else { return }
    if let statistics = open.removeValue(forKey: forgotten) { finish(statistics) }
  }

  /// Counts a frame.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let (first, last, sender, header) = (record.first.time, record.last.time, record.sender, record.header)
    pass(first)
    pass(last)
    let reference = record.connection
    let bytes = record.capturedLength
    let isWhole = record.isComplete && UInt64(payload.byteCount) == bytes
    var answer: UInt64?
    let content = header.opcode.isControl && isWhole ? payload.withUnsafeBytes { Array($0) } : []
    change(reference) { statistics in
      statistics.count(sender) { $0.addFrame(bytes, isControl: header.opcode.isControl) }
      guard isWhole else { return }
      if header.opcode == .ping { statistics.ping(content, sender, at: last) }
      if header.opcode == .pong { answer = statistics.pong(content, sender, at: first) }
    }
    if sender == .client { report.client.addFrame(bytes, isControl: header.opcode.isControl) }
    if sender == .server { report.server.addFrame(bytes, isControl: header.opcode.isControl) }
    count(reference.endpoint(sender).address) { $0.sentBytes &+= bytes }
    count(reference.endpoint(sender.peer).address) { $0.receivedBytes &+= bytes }
    guard let answer else { return }
    if sender == .server { report.latencies.clientPing.add(answer) } else { report.latencies.serverPing.add(answer) }
  }

  /// Counts a message.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let (first, last, sender, message) = (record.first.time, record.last.time, record.sender, record.message)
    pass(last)
    let reference = record.connection
    report.rate.add(last)
    change(reference) { statistics in statistics.count(sender) { $0.addMessage(message) } }
    let time = nanoseconds(from: first, to: last)
    if sender == .client {
      report.client.addMessage(message)
      if message.isLengthKnown { report.clientSizes.add(message.length) }
      if let time { report.latencies.clientMessage.add(time) }
    } else {
      report.server.addMessage(message)
      if message.isLengthKnown { report.serverSizes.add(message.length) }
      if let time { report.latencies.serverMessage.add(time) }
    }
    count(reference.endpoint(sender).address) { $0.sentMessages += 1 }
    count(reference.endpoint(sender.peer).address) { $0.receivedMessages += 1 }
    views.add(record.view, bytes: message.isLengthKnown ? message.length : 0)
    guard let view = record.view else { return }
    guard !view.requests.isEmpty || !view.replies.isEmpty || !view.forgotten.isEmpty else { return }
    pair(view, reference, sender)
  }

  /// Takes the requests and replies that `sender` sent.
  private mutating func pair(_ view: MessageView, _ reference: ConnectionReference, _ sender: Sender) {
    var (network, counts) = (nil as Int64?, RequestCounts())
    counts.take(view)
    report.requests.add(counts)
    change(reference) { statistics in
      statistics.requests.add(counts)
      network = statistics.roundTrip.server
    }
    let name = view.name
    for request in view.requests { count(request.carriedView ?? name, request.label) { $0.counts.requests += 1 } }
    for request in view.forgotten { count(request.carriedView ?? name, request.label) { $0.counts.forgotten += 1 } }
    for reply in view.replies {
      let time = reply.latency
      count(reply.carriedView ?? name, reply.label) { method in
        method.counts.replies += 1
        if reply.isError { method.counts.errors += 1 }
        if let time { method.times.add(time) }
      }
      guard let time else { continue }
      change(reference) { $0.replies.add(time) }
      add(time, network: network, repliedBy: sender)
    }
  }

  private mutating func count(_ view: String, _ label: String, _ body: (inout MethodStatistics) -> Void) {
    let name = MethodStatistics.Name(view: view, method: label)
    guard methods[name] != nil || methods.count < Self.mostNames else { return }
    body(&methods[name, default: MethodStatistics(name)])
  }

  private mutating func add(_ time: UInt64, network: Int64?, repliedBy sender: Sender) {
    guard sender == .server else { return report.latencies.serverRequest.add(time) }
    report.latencies.clientRequest.add(time)
    guard let network else { return }
    report.latencies.clientRequestAtServer.add(time - min(time, UInt64(clamping: network)))
  }

  /// Counts a diagnostic.
  public mutating func diagnostic(_ record: Diagnostic) {
    diagnostics[record.code, default: 0] += 1
    guard let connection = record.connection, record.code.severity > .note else { return }
    open[connection.number]?.faults += 1
  }

  /// Counts the end of a connection.
  public mutating func end(_ record: EndRecord) {
    pass(record.time)
    change(record.connection) {
      $0.end = record
      $0.client.missingBytes = record.client.missingBytes
      $0.server.missingBytes = record.server.missingBytes
    }
    report.client.missingBytes &+= record.client.missingBytes
    report.server.missingBytes &+= record.server.missingBytes
    if let statistics = open.removeValue(forKey: record.connection.number) { finish(statistics) }
  }

  /// Takes what was read and left out.
  public mutating func summary(_ record: SummaryRecord) { report.summary = record }

  /// All that was counted.
  public func result() -> StatisticsReport {
    var report = report
    let all = (over + open.values).sorted { $0.bytes > $1.bytes }
    report.unlistedConnections += UInt64(max(0, all.count - Self.mostConnections))
    report.connections = all.prefix(Self.mostConnections).sorted { $0.connection.number < $1.connection.number }
    report.unansweredRequests += open.values.reduce(0) { $0 + $1.requests.unanswered }
    report.views = views.sorted
    report.talkers = Array(
      talkers.values.sorted { ($0.bytes, $1.address.order) > ($1.bytes, $0.address.order) }.prefix(Self.mostListed))
    report.methods = methods.values.sorted {
      ($0.frequency, $1.view, $1.method) > ($1.frequency, $0.view, $0.method)
    }
    report.methods.removeLast(max(0, report.methods.count - Self.mostListed))
    report.diagnostics = diagnostics.map { ($0.key, $0.value) }
      .sorted { ($0.count, $1.code.slug) > ($1.count, $0.code.slug) }
    return report
  }

  // MARK: Parts

  private mutating func pass(_ time: Timestamp) {
    report.start = min(report.start ?? time, time)
    report.end = max(report.end ?? time, time)
  }

  private mutating func change(_ reference: ConnectionReference, _ body: (inout ConnectionStatistics) -> Void) {
    body(&open[reference.number, default: ConnectionStatistics(reference)])
  }

  private mutating func count(_ address: IPAddress, _ body: (inout Talker) -> Void) {
    guard talkers[address] != nil || talkers.count < Self.mostNames else { return }
    body(&talkers[address, default: Talker(address: address)])
  }

  private mutating func finish(_ statistics: ConnectionStatistics) {
    var statistics = statistics
    statistics.finish()
    report.unansweredRequests += statistics.requests.unanswered
    over.append(statistics)
    guard over.count >= 2 * Self.mostConnections else { return }
    over.sort { $0.bytes > $1.bytes }
    report.unlistedConnections += UInt64(over.count - Self.mostConnections)
    over.removeLast(over.count - Self.mostConnections)
  }
}

extension IPAddress {
  /// Something to sort by.
  fileprivate var order: String { "\(isV6) \(high) \(low)" }
}
