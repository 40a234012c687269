import Analysis
import Bytes
import Capture
import WebSocket

/// A report to look through in a browser: one file that holds the page and all data, and asks no network.
///
/// The page stands first and is the same in every report. Behind it come blocks (`ReportBlocks`) with lines of records: those
/// of the JSON contract as objects, frames and messages, of which there are many, as arrays (`ReportRows`); and blocks with
/// payloads. All of them are base64, so that nothing of a capture is ever read as HTML. What is past a limit is counted.
public struct HTMLExporter: Exporter, ~Copyable {
  /// `html`.
  public static let name = "html"
  /// A report says what it is of, whether that was read to its end, and what the connections are that its records belong to.
  public static let neededKinds: RecordKinds = [.capture, .connection, .end, .summary]
  /// It is for a browser.
  public static let isForFiles = true
  /// What it is for.
  public static let summary = "a report for the browser, all in one file; see -o"

  var blocks: ReportBlocks
  /// Makes the lines of records; keeps what it writes until `endLine` takes it.
  var lines: NDJSONExporter
  var tally = ReportTally()
  let limits: ReportLimits
  /// Times of frames and messages are told from this one on.
  private(set) var base: Timestamp?
  /// Whether messages come too, so that the payloads of their frames need not be kept.
  let hasMessages: Bool
  let hasSeveralFiles: Bool
  private var known: Set<UInt64> = []

  /// A writer whose report goes to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.init(options, limits: ReportLimits(), drain: drain)
  }

  /// The same with other limits.
  init(_ options: ExportOptions, limits: ReportLimits, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.limits = limits
    hasMessages = options.requestedKinds?.contains(.message) ?? true
    hasSeveralFiles = options.hasSeveralFiles
    var plain = ExportOptions()
    plain.hasSeveralFiles = options.hasSeveralFiles
    lines = NDJSONExporter(plain) { _ in }
    lines.writer.drain = nil
    blocks = ReportBlocks(drain)
  }

  /// Hands over the blocks that are complete.
  public mutating func flush() { blocks.flush() }

  /// Writes what is left, and that the report is whole.
  public mutating func finish() {
    lines.writer.literal(#"{"type":"report","interrupted":"#)
    lines.writer.literal(tally.isInterrupted ? "true" : "false")
    tally.write(to: &lines.writer, limits)
    lines.writer.literal("}\n")
    endLine()
    blocks.finish()
  }

  // MARK: Records that are as in the JSON output

  /// Writes the input.
  public mutating func capture(_ record: CaptureRecord) {
    lines.capture(record)
    endLine()
  }

  /// Writes a connection.
  public mutating func connection(_ record: ConnectionRecord) {
    guard knows(record.connection.number) else { return tally.connectionsLeftOut += 1 }
    begin(at: record.time)
    lines.connection(record)
    endLine()
  }

  /// Writes a TLS connection.
  public mutating func tls(_ record: TLSConnectionRecord) {
    guard tally.tls < limits.connections else { return tally.connectionsLeftOut += 1 }
    tally.tls += 1
    lines.tls(record)
    endLine()
  }

  /// Writes a diagnostic.
  public mutating func diagnostic(_ record: Diagnostic) {
    guard tally.diagnostics < limits.diagnostics, record.connection.map({ admits($0) }) ?? true else {
      return tally.diagnosticsLeftOut += 1
    }
    tally.diagnostics += 1
    if let packet = record.packet { begin(at: packet.time) }
    lines.diagnostic(record)
    endLine()
  }

  /// Writes a connection's end.
  public mutating func end(_ record: EndRecord) {
    guard admits(record.connection) else { return }
    begin(at: record.time)
    lines.end(record)
    endLine()
  }

  /// Writes what was read and found.
  public mutating func summary(_ record: SummaryRecord) {
    tally.isInterrupted = record.isInterrupted
    lines.summary(record)
    endLine()
  }

  // MARK: Parts

  /// Takes the line that was written.
  mutating func endLine() {
    let blocks = blocks
    lines.writer.withBytes { bytes in blocks.line(RawSpan(_unsafeBytes: bytes)) }
    lines.writer.removeAll()
  }

  /// Writes which time others are told from, if that was not done; it is `time`, then.
  @discardableResult
  mutating func begin(at time: Timestamp) -> Timestamp {
    if let base { return base }
    base = time
    lines.writer.literal(#"{"type":"base","nanoseconds":""#)
    if time.nanoseconds < 0 { lines.writer.byte(0x2D) }
    lines.writer.decimal(time.nanoseconds.magnitude)
    lines.writer.literal("\"}\n")
    endLine()
    return time
  }

  /// Whether the connection `number` is in the report; one that is new is, as long as there is room.
  private mutating func knows(_ number: UInt64) -> Bool {
    if known.contains(number) { return true }
    guard known.count < limits.connections else { return false }
    known.insert(number)
    return true
  }

  /// The same, where the record of the connection itself need not have come: then its ends are written.
  mutating func admits(_ connection: ConnectionReference) -> Bool {
    if known.contains(connection.number) { return true }
    guard knows(connection.number) else { return false }
    lines.writer.literal(#"{"type":"ends","connection":"#)
    lines.reference(connection)
    lines.writer.literal(#","client":""#)
    lines.writer.endpoint(connection.client)
    lines.writer.literal(#"","server":""#)
    lines.writer.endpoint(connection.server)
    lines.writer.literal("\"}\n")
    endLine()
    return true
  }
}
