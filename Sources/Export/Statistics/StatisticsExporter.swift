import Analysis
import Bytes
import Statistics

/// Prints what all records come to, once all are there: as a report for people, or as a JSON object.
public struct StatisticsExporter: RecordWriter, ~Copyable {
  private var collector = StatisticsCollector()
  private var text: TerminalWriter
  private let isJSON: Bool
  private let part: ReportPart

  /// A writer whose bytes go to `drain`.
  ///
  /// - Parameter isJSON: whether it writes a JSON object on one line.
  public init(_ options: ExportOptions, isJSON: Bool, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.isJSON = isJSON
    part = ReportPart(isSelection: options.isSelection, hasViews: options.hasViews)
    text = TerminalWriter(options, drain: drain)
    text.bytes.escapesForTerminal = options.isForTerminal
  }

  /// Takes the names of the files.
  public mutating func capture(_ record: CaptureRecord) { collector.capture(record) }
  /// Counts a connection.
  public mutating func connection(_ record: ConnectionRecord) { collector.connection(record) }
  /// Counts a frame.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    collector.frame(record, payload: payload)
  }
  /// Counts a message.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    collector.message(record, content: content)
  }
  /// Counts a diagnostic.
  public mutating func diagnostic(_ record: Diagnostic) { collector.diagnostic(record) }
  /// Counts an end.
  public mutating func end(_ record: EndRecord) { collector.end(record) }

  /// Writes the report.
  public mutating func summary(_ record: SummaryRecord) {
    collector.summary(record)
    let report = collector.result()
    if isJSON {
      StatisticsJSON.write(report, part, to: &text.bytes)
    } else {
      StatisticsText(report, part).write(to: &text)
    }
    text.bytes.flush()
  }

  /// Hands over all that is written.
  public mutating func flush() { text.bytes.flush() }
}

/// What of the input a report is about.
struct ReportPart {
  /// Whether it is of selected records only.
  var isSelection: Bool
  /// Whether messages had views: without them, neither requests nor replies are known.
  var hasViews: Bool
}
