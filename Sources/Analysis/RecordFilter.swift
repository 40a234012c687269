/// Passes on the records that are wanted, and counts what a summary of them needs.
public struct RecordFilter<Next: RecordSink & ~Copyable>: RecordSink, ~Copyable {
  /// Where wanted records go.
  public var next: Next
  /// The kinds that are wanted.
  public let kinds: RecordKinds
  private let connections: Set<UInt64>?

  /// WebSocket connections that are wanted.
  public private(set) var wantedConnections: UInt64 = 0
  /// Diagnostics by severity.
  public private(set) var diagnostics: [Severity: UInt64] = [:]
  /// Those of wanted connections, and of the capture as a whole, whether or not diagnostics are wanted.
  public private(set) var wantedDiagnostics: [Severity: UInt64] = [:]

  /// Frames that were made, whether or not they are wanted.
  public private(set) var frames: UInt64 = 0
  /// Messages that were made, whether or not they are wanted.
  public private(set) var messages: UInt64 = 0

  /// A filter in front of `next`.
  ///
  /// - Parameter connections: numbers of the connections whose records are wanted; nil for all.
  public init(_ next: consuming Next, kinds: RecordKinds = .all, connections: Set<UInt64>? = nil) {
    self.next = next
    self.kinds = kinds
    self.connections = connections
  }

  @inline(__always)
  private func wants(_ kind: RecordKinds, _ connection: UInt64) -> Bool {
    kinds.contains(kind) && (connections == nil || connections?.contains(connection) == true)
  }

  /// Passes the record on, if it is wanted.
  public mutating func capture(_ record: CaptureRecord) {
    if kinds.contains(.capture) { next.capture(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func connection(_ record: ConnectionRecord) {
    if record.isUpgraded, connections?.contains(record.connection.number) ?? true { wantedConnections += 1 }
    if wants(.connection, record.connection.number) { next.connection(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func tls(_ record: TLSConnectionRecord) {
    if kinds.contains(.tls) { next.tls(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    frames &+= 1
    if wants(.frame, record.connection.number) { next.frame(record, payload: payload) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    messages &+= 1
    if wants(.message, record.connection.number) { next.message(record, content: content) }
  }

  /// Counts the record, and passes it on if it is wanted.
  public mutating func diagnostic(_ record: Diagnostic) {
    diagnostics[record.code.severity, default: 0] += 1
    if let connection = record.connection, connections?.contains(connection.number) == false { return }
    wantedDiagnostics[record.code.severity, default: 0] += 1
    if kinds.contains(.diagnostic) { next.diagnostic(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func end(_ record: EndRecord) {
    if wants(.end, record.connection.number) { next.end(record) }
  }

  /// Passes the record on with what was counted, if it is wanted.
  public mutating func summary(_ record: SummaryRecord) {
    if kinds.contains(.summary) { next.summary(completed(record)) }
  }

  /// `record` with the diagnostics that were counted here.
  public func completed(_ record: SummaryRecord) -> SummaryRecord {
    var record = record
    record.diagnostics = diagnostics
    return record
  }
}
