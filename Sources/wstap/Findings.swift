import Analysis
import Export

/// What was found, besides the records.
struct Findings: Sendable {
  var summary: SummaryRecord
  var hasReadAnything: Bool
  var errors: [InputError]
  var wantedConnections: UInt64
  var wantedDiagnostics: [Severity: UInt64]

  /// What a reading found, of which `sink` took the records.
  init<E: Exporter & ~Copyable>(_ reading: borrowing CaptureReading, _ sink: borrowing RecordFilter<E>) {
    summary = sink.completed(reading.summary)
    hasReadAnything = reading.hasReadAnything
    errors = reading.errors
    wantedConnections = sink.wantedConnections
    wantedDiagnostics = sink.wantedDiagnostics
  }

  /// Adds what another share of the same captures found.
  mutating func add(_ other: Findings) {
    summary.add(share: other.summary)
    summary.diagnostics.merge(other.summary.diagnostics, uniquingKeysWith: +)
    wantedConnections += other.wantedConnections
    wantedDiagnostics.merge(other.wantedDiagnostics, uniquingKeysWith: +)
  }
}
