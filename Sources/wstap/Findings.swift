import Analysis
import Export

/// What was found, besides the records.
struct Findings: Sendable {
  var summary: SummaryRecord
  var hasReadAnything: Bool
  /// What went wrong, as it is said at the end, each line without its end.
  var errors: [String]
  /// Whether a signal ended the reading.
  var isInterrupted: Bool
  /// WebSocket connections that another signal left without an end.
  var unfinishedConnections: UInt64
  /// Who dropped packets while the capture was made; nil if that is not known.
  var drops: String?
  /// What was left out of the output, as it is said at the end.
  var remarks: [String]
  var wantedConnections: UInt64
  var wantedDiagnostics: [Severity: UInt64]

  /// What a reading found, of which `sink` took the records.
  init<W: RecordWriter & ~Copyable>(_ reading: borrowing CaptureReading, _ sink: borrowing RecordFilter<W>) {
    summary = sink.completed(reading.summary)
    hasReadAnything = reading.hasReadAnything
    remarks = sink.next.remarks
    errors = reading.errors.map { "\($0)" }
    isInterrupted = reading.isInterrupted
    summary.isInterrupted = isInterrupted
    unfinishedConnections = reading.unfinishedConnections
    wantedConnections = sink.wantedConnections
    wantedDiagnostics = sink.wantedDiagnostics
  }

  /// What was found in what was captured live, of which `sink` took the records.
  init<W: RecordWriter & ~Copyable>(_ reading: borrowing LiveReading, _ sink: borrowing RecordFilter<W>) {
    summary = sink.completed(reading.summary)
    hasReadAnything = true
    remarks = sink.next.remarks
    errors = reading.failure.map { [$0.sentence] } ?? []
    drops = reading.drops
    isInterrupted = false
    unfinishedConnections = reading.unfinishedConnections
    wantedConnections = sink.wantedConnections
    wantedDiagnostics = sink.wantedDiagnostics
  }

  /// Adds what another share of the same captures found.
  mutating func add(_ other: Findings) {
    summary.add(share: other.summary)
    summary.diagnostics.merge(other.summary.diagnostics, uniquingKeysWith: +)
    remarks += other.remarks
    isInterrupted = isInterrupted || other.isInterrupted
    unfinishedConnections += other.unfinishedConnections
    wantedConnections += other.wantedConnections
    wantedDiagnostics.merge(other.wantedDiagnostics, uniquingKeysWith: +)
  }
}
