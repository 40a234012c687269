import Bytes
import Subprotocols

/// Passes on the records that are wanted, shows what messages mean, and counts what a summary needs.
public struct RecordFilter<Next: RecordSink & ~Copyable>: RecordSink, ~Copyable {
  /// Where wanted records go.
  public var next: Next
  /// The kinds that are wanted, and those that views need.
  public let kinds: RecordKinds
  private let wanted: RecordKinds
  private let connections: Set<UInt64>?
  /// What shows what messages mean; nil: nothing does.
  private var views: ViewedConnections?

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
  /// - Parameters:
  ///   - connections: numbers of the connections whose records are wanted; nil for all.
  ///   - views: the views that messages are given; nil for none.
  public init(
    _ next: consuming Next, kinds: RecordKinds = .all, connections: Set<UInt64>? = nil, views: ViewOptions? = nil
  ) {
    self.next = next
    // What breaks the rules of a subprotocol is told also where only diagnostics are wanted.
    let isViewing = views != nil && !kinds.isDisjoint(with: [.message, .diagnostic])
    if isViewing, let views { self.views = ViewedConnections(views) }
    wanted = kinds
    self.kinds = isViewing ? kinds.union([.connection, .message, .end]) : kinds
    self.connections = connections
  }

  @inline(__always)
  private func wants(_ kind: RecordKinds, _ connection: UInt64) -> Bool {
    wanted.contains(kind) && (connections == nil || connections?.contains(connection) == true)
  }

  /// Passes the record on, if it is wanted.
  public mutating func capture(_ record: CaptureRecord) {
    if wanted.contains(.capture) { next.capture(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func connection(_ record: ConnectionRecord) {
    let number = record.connection.number
    if record.isUpgraded, connections?.contains(number) ?? true {
      wantedConnections += 1
      views?.begin(record)
    }
    if wants(.connection, record.connection.number) { next.connection(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func tls(_ record: TLSConnectionRecord) {
    if wanted.contains(.tls) { next.tls(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    frames &+= 1
    if wants(.frame, record.connection.number) { next.frame(record, payload: payload) }
  }

  /// Passes the piece on, if its message is wanted.
  public mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) {
    if wants(.message, piece.connection.number) { next.piece(piece, content: content) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    messages &+= 1
    if views == nil {
      if wants(.message, record.connection.number) { next.message(record, content: content) }
    } else if connections == nil || connections?.contains(record.connection.number) == true {
      messageWithView(record, content)
    }
  }

  private mutating func messageWithView(_ record: borrowing MessageRecord, _ content: RawSpan) {
    var faults: [Diagnostic] = []
    let view = views?.view(of: record, content) { faults.append($0) } ?? nil
    for fault in faults { diagnostic(fault) }
    guard wanted.contains(.message) else { return }
    guard let view else { return next.message(record, content: content) }
    var told = copy record
    told.view = consume view
    next.message(told, content: content)
    if let view = told.view.take() { views?.reuse(view) }
  }

  /// Counts the record, and passes it on if it is wanted.
  public mutating func diagnostic(_ record: Diagnostic) {
    diagnostics[record.code.severity, default: 0] += 1
    views?.note(record)
    if let connection = record.connection, connections?.contains(connection.number) == false { return }
    wantedDiagnostics[record.code.severity, default: 0] += 1
    if wanted.contains(.diagnostic) { next.diagnostic(record) }
  }

  /// Passes the record on, if it is wanted.
  public mutating func end(_ record: EndRecord) {
    if views != nil {
      var faults: [Diagnostic] = []
      views?.end(record) { faults.append($0) }
      for fault in faults { diagnostic(fault) }
    }
    if wants(.end, record.connection.number) { next.end(record) }
  }

  /// Passes the record on with what was counted, if it is wanted.
  public mutating func summary(_ record: SummaryRecord) {
    if wanted.contains(.summary) { next.summary(completed(record)) }
  }

  /// `record` with the diagnostics that were counted here.
  public func completed(_ record: SummaryRecord) -> SummaryRecord {
    var record = record
    record.diagnostics = diagnostics
    return record
  }
}
