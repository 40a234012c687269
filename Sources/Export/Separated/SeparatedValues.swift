import Analysis
import Bytes
import Filter

/// How values stand in a line.
public protocol SeparatedStyle: SendableMetatype {
  /// What `--format` calls it.
  static var name: String { get }
  /// What it is for.
  static var summary: String { get }
  /// What stands between values.
  static var separator: UInt8 { get }
  /// Whether a value with a separator, a quote or a line break stands in quotes (RFC 4180); if not, what would break a line is written
  /// as `\t`, `\n`, `\r`, `\0`, and a backslash as `\\`.
  static var hasQuotes: Bool { get }
}

/// Comma-separated values (RFC 4180).
public enum CommaSeparated: SeparatedStyle {
  /// `csv`.
  public static let name = "csv"
  /// What it is for.
  public static let summary = "comma-separated values, safe for spreadsheets; columns by -e"
  /// A comma.
  public static let separator = UInt8(ascii: ",")
  /// It has.
  public static let hasQuotes = true
}

/// Tab-separated values, a record a line.
public enum TabSeparated: SeparatedStyle {
  /// `tsv`.
  public static let name = "tsv"
  /// What it is for.
  public static let summary = "tab-separated values, a record a line, for cut, sort and awk; columns by -e"
  /// A tab.
  public static let separator = UInt8(ascii: "\t")
  /// It has none.
  public static let hasQuotes = false
}

/// A table of one kind of record, a line each, below a line with the columns' names.
///
/// A value from the wire that a spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV Injection"), unless
/// `ExportOptions.showsFormulas`.
public struct SeparatedExporter<Style: SeparatedStyle>: Exporter, ~Copyable {
  /// The style's.
  public static var name: String { Style.name }
  /// The style's.
  public static var summary: String { Style.summary }
  /// It is one table.
  public static var defaultKind: RecordKinds? { .message }

  private var line: SeparatedLine
  private var columns: [FieldColumn]
  private let kind: RecordKinds
  /// What is known of connections: of those that are open, and of the last refused ones.
  private var facts = ConnectionMemory<ConnectionFacts>()
  private var around = Surroundings()
  private let needsConnections: Bool

  /// A writer whose lines go to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    let choice = options.columns ?? (try? ColumnChoice([], kind: nil))
    kind = choice?.kind ?? .message
    columns = (choice?.names ?? []).compactMap { FieldColumn($0) }
    needsConnections = choice?.kinds.contains(.end) == true
    line = SeparatedLine(options, separator: Style.separator, hasQuotes: Style.hasQuotes, drain: drain)
    line.names = choice?.names ?? []
  }

  // MARK: What is known of connections

  /// Notes when the capture began.
  public mutating func capture(_ record: CaptureRecord) { around.start = record.start }

  /// Notes what the connection's records may be asked for, and adds a row if connections are rows.
  public mutating func connection(_ record: ConnectionRecord) {
    note(hidden: record)
    guard kind == .connection else { return }
    enter(record.connection.number)
    for index in columns.indices { line.add(columns[index].value(of: record, around), nil) }
    line.end()
  }

  /// Notes what the connection's records may be asked for.
  public mutating func note(hidden record: ConnectionRecord) {
    if around.start == nil { around.start = record.time }
    guard needsConnections else { return }
    facts.note(ConnectionFacts(record), of: record, cost: record.cost)
  }

  private mutating func enter(_ connection: UInt64?) {
    if needsConnections { around.connection = connection.flatMap { facts[$0] } }
  }

  // MARK: Rows

  /// Adds a row.
  public mutating func tls(_ record: TLSConnectionRecord) {
    guard kind == .tls else { return }
    enter(record.connection?.number)
    for index in columns.indices { line.add(columns[index].value(of: record, around), nil) }
    line.end()
  }

  /// Adds a row.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    guard kind == .frame else { return }
    enter(record.connection.number)
    for index in columns.indices { line.add(columns[index].value(of: record, payload: payload, around), payload) }
    line.end()
  }

  /// Adds a row.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    guard kind == .message else { return }
    enter(record.connection.number)
    for index in columns.indices { line.add(columns[index].value(of: record, content: content, around), content) }
    line.end()
  }

  /// Adds a row.
  public mutating func diagnostic(_ record: Diagnostic) {
    guard kind == .diagnostic else { return }
    enter(record.connection?.number)
    for index in columns.indices { line.add(columns[index].value(of: record, around), nil) }
    line.end()
  }

  /// Adds a row, if ends are rows, and forgets what is known of the connection.
  public mutating func end(_ record: EndRecord) {
    defer { facts.forget(record.connection.number) }
    guard kind == .end else { return }
    enter(record.connection.number)
    for index in columns.indices { line.add(columns[index].value(of: record, around), nil) }
    line.end()
  }

  /// Of how many connections columns may lack what their handshakes say.
  public var remarks: [String] {
    guard facts.forgotten > 0 else { return [] }
    let connections = "\(grouped(facts.forgotten)) connection\(facts.forgotten == 1 ? "" : "s")"
    return ["what the handshakes of \(connections) say is not in the table: too many were open"]
  }

  /// Hands over the lines that are complete, the first one included.
  public mutating func flush() { line.flush() }
}
