import Analysis
import Bytes
import Capture

/// An Arrow IPC stream of one table (Arrow Columnar Format, "IPC Streaming Format").
public struct ArrowExporter: Exporter, TableWriter, ~Copyable {
  /// `arrow`.
  public static let name = "arrow"
  /// What it is for.
  public static let summary = "an Arrow IPC stream of one kind of record, for pyarrow, polars and DuckDB"
  /// It is one table.
  public static let defaultKind: RecordKinds? = .message
  /// Not for a terminal.
  public static let isForFiles = true

  /// Rows of a batch, at most.
  private static let mostRows = 65_536
  /// Bytes from which a batch is written (16 MiB).
  private static let mostBytes = 1 << 24

  private var writer = ByteWriter()
  private var batch: ArrowBatch
  private var rows: TableRows
  private let table: RecordTable
  private let flushesEachRecord: Bool
  private var hasBegun = false

  /// A writer whose stream goes to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    table = RecordTable.of(options.requestedKinds) ?? .messages
    kinds = table.records
    batch = ArrowBatch(table)
    rows = TableRows(isFlat: true, hasSeveralFiles: options.hasSeveralFiles)
    flushesEachRecord = options.flushesEachRecord
    writer.drain = drain
  }

  /// The kind that the table is of.
  public let kinds: RecordKinds

  /// Adds a row, if the table is of this kind.
  public mutating func add<Record: TableRecord>(_ record: borrowing Record, payload: RawSpan) {
    guard Record.kind == kinds else { return }
    record.fill(&batch, payload: payload, &rows)
    batch.endRow()
    if flushesEachRecord || batch.rows == Self.mostRows || batch.size >= Self.mostBytes { flush() }
  }

  /// Hands over a batch of what there is.
  public mutating func flush() {
    begin()
    batch.write(to: &writer)
    writer.flush()
  }

  /// Ends the stream.
  public mutating func finish() {
    flush()
    writer.little(Int32(-1))
    writer.little(Int32(0))
    writer.flush()
  }

  private mutating func begin() {
    guard !hasBegun else { return }
    hasBegun = true
    let properties = [("wstap.version", Version.current), ("wstap.table", table.name)]
    writer.metadata(ArrowMetadata.schema(batch.columns, properties: properties))
  }
}

/// Rows that wait to be written.
struct ArrowBatch: RowSink {
  /// Buffers begin at multiples of so many bytes, as the format recommends.
  private static let alignment = 64

  private(set) var columns: [ArrowColumn] = []
  private var next = 0
  /// Rows that are complete.
  private(set) var rows = 0
  /// Bytes that were added since the last batch, but for a few in each row.
  private(set) var size = 0

  /// No rows of `table`.
  init(_ table: RecordTable) {
    for column in table.columns {
      switch column.kind {
      case .time:
        columns.append(ArrowColumn(column.name, .timestamp, isOptional: column.isOptional))
        columns.append(ArrowColumn(column.name + "_ns", .integer, isOptional: column.isOptional))
      default:
        columns.append(ArrowColumn(column.name, Self.kind(of: column), isOptional: column.isOptional))
      }
    }
  }

  private static func kind(of column: TableColumn) -> ArrowColumn.Kind {
    switch column.kind {
    case .integer: .integer
    case .boolean: .boolean
    case .real: .real
    case .time: .timestamp
    case .bytes: .longBytes
    case .text, .json: column.name == "text" ? .longText : .text
    }
  }

  /// The row whose values were given is complete.
  mutating func endRow() {
    precondition(next == columns.count, "a value for each column")
    next = 0
    rows += 1
    size += 8 * columns.count
  }

  mutating func null() {
    if columns[next].kind == .timestamp {
      columns[next].addNull()
      next += 1
    }
    columns[next].addNull()
    next += 1
  }

  mutating func integer(_ value: Int64) {
    columns[next].add(value)
    next += 1
  }

  mutating func boolean(_ value: Bool) {
    columns[next].add(value)
    next += 1
  }

  mutating func real(_ value: Double) { integer(Int64(bitPattern: value.bitPattern)) }

  /// Microseconds, rounded down, and nanoseconds.
  mutating func time(_ value: Timestamp) {
    let (quotient, rest) = value.nanoseconds.quotientAndRemainder(dividingBy: 1000)
    integer(rest < 0 ? quotient - 1 : quotient)
    integer(value.nanoseconds)
  }

  mutating func text(_ bytes: RawSpan) { self.bytes(bytes) }

  mutating func word(_ text: StaticString) {
    add(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  mutating func bytes(_ bytes: RawSpan) { bytes.withUnsafeBytes { add($0) } }

  private mutating func add(_ bytes: UnsafeRawBufferPointer) {
    columns[next].add(bytes)
    next += 1
    size += bytes.count
  }

  /// Writes the rows as a record batch, if there are any, and forgets them.
  mutating func write(to writer: inout ByteWriter) {
    guard rows > 0 else { return }
    let lengths = columns.map(\.bufferLengths)
    var (buffers, end): ([(offset: Int64, length: Int64)], Int) = ([], 0)
    for length in lengths.joined() {
      buffers.append((Int64(end), Int64(length)))
      end += length + Self.padding(length)
    }
    let nodes = columns.map { (Int64($0.count), Int64($0.nulls)) }
    writer.metadata(ArrowMetadata.batch(rows: rows, nodes: nodes, buffers: buffers, bodyLength: end))
    for (column, lengths) in zip(columns, lengths) {
      for (index, length) in lengths.enumerated() {
        column.write(index, to: &writer)
        writer.fill(0, Self.padding(length))
        writer.flushIfFull()
      }
    }
    for index in columns.indices { columns[index].removeAll() }
    (rows, size) = (0, 0)
  }

  private static func padding(_ length: Int) -> Int { (alignment - length % alignment) % alignment }
}

extension ByteWriter {
  /// Writes an encapsulated message's metadata: a mark, its length, and itself, which ends at a multiple of 8.
  fileprivate mutating func metadata(_ bytes: [UInt8]) {
    little(Int32(-1))
    little(Int32(truncatingIfNeeded: bytes.count))
    raw(bytes.span.bytes)
  }
}
