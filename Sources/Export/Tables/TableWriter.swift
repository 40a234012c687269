import Analysis

/// What is a row of a table.
public protocol TableRecord {
  /// The kind of records that the table is of.
  static var kind: RecordKinds { get }

  /// Gives the values of its row. `payload` is what belongs to it and is kept elsewhere: nothing, for most kinds.
  func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows)
}

/// A writer that makes a row of each record, in the table of its kind: it says where a row goes, and has from here which row
/// that is.
public protocol TableWriter: RecordWriter, ~Copyable {
  /// Adds the row of `record`, with its `payload`, to the table of its kind.
  mutating func add<Record: TableRecord>(_ record: borrowing Record, payload: RawSpan)
}

extension TableWriter where Self: ~Copyable {
  @inlinable
  mutating func add<Record: TableRecord>(_ record: borrowing Record) {
    let nothing: [UInt8] = []
    add(record, payload: nothing.span.bytes)
  }

  /// Adds a row for each input file.
  @inlinable
  public mutating func capture(_ record: CaptureRecord) {
    for (index, file) in record.files.enumerated() { add(InputFileRow(file, index)) }
  }

  /// Adds a row.
  @inlinable
  public mutating func connection(_ record: ConnectionRecord) { add(record) }
  /// Adds a row.
  @inlinable
  public mutating func tls(_ record: TLSConnectionRecord) { add(record) }
  /// Adds a row.
  @inlinable
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { add(record, payload: payload) }
  /// Adds a row.
  @inlinable
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) { add(record, payload: content) }
  /// Adds a row.
  @inlinable
  public mutating func diagnostic(_ record: Diagnostic) { add(record) }
  /// Adds a row.
  @inlinable
  public mutating func end(_ record: EndRecord) { add(record) }
  /// Adds a row.
  @inlinable
  public mutating func summary(_ record: SummaryRecord) { add(record) }
}
