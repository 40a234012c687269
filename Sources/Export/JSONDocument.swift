import Analysis
import Bytes

/// One JSON document: an array of the records that `NDJSONExporter` writes, in the same order.
public struct JSONExporter: Exporter, ~Copyable {
  /// `json`.
  public static let name = "json"
  /// What it is for.
  public static let summary = "one JSON array of the same records, for what reads whole documents"

  private var records: NDJSONExporter
  private let lines: ArrayOfLines

  /// A writer whose array goes to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    let lines = ArrayOfLines(drain: drain)
    self.lines = lines
    records = NDJSONExporter(options, drain: { lines.take($0) })
  }

  /// Adds the record.
  public mutating func capture(_ record: CaptureRecord) { records.capture(record) }
  /// Adds the record.
  public mutating func connection(_ record: ConnectionRecord) { records.connection(record) }
  /// Adds the record.
  public mutating func tls(_ record: TLSConnectionRecord) { records.tls(record) }
  /// Adds the record.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    records.frame(record, payload: payload)
  }
  /// Adds the record.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    records.message(record, content: content)
  }
  /// Adds the record.
  public mutating func diagnostic(_ record: Diagnostic) { records.diagnostic(record) }
  /// Adds the record.
  public mutating func end(_ record: EndRecord) { records.end(record) }
  /// Adds the record.
  public mutating func summary(_ record: SummaryRecord) { records.summary(record) }
  /// Hands over all that is written.
  public mutating func flush() { records.flush() }

  /// Ends the array.
  public mutating func finish() {
    records.flush()
    lines.finish()
  }
}

/// Makes an array of JSON values of lines that hold one each, in pieces of any size, without keeping any of them.
private final class ArrayOfLines {
  private let drain: (UnsafeRawBufferPointer) -> Void
  private var writer = ByteWriter()
  private var isEmpty = true
  private var isAtStart = true

  init(drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.drain = drain
    writer.drain = drain
  }

  /// Takes the next bytes, in which a line break ends a value and stands nowhere else.
  func take(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes[...]
    while !rest.isEmpty {
      if isAtStart { writer.literal(isEmpty ? "[\n" : ",\n") }
      (isEmpty, isAtStart) = (false, false)
      let end = rest.firstIndex(of: 0x0A)
      writer.raw(UnsafeRawBufferPointer(rebasing: rest[..<(end ?? rest.endIndex)]).bytes)
      rest = rest[(end.map { $0 + 1 } ?? rest.endIndex)...]
      isAtStart = end != nil
    }
    writer.flush()
  }

  /// Ends the array.
  func finish() {
    writer.literal(isEmpty ? "[]\n" : "\n]\n")
    writer.flush()
  }
}
