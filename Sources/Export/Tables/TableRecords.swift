import Analysis

// Which row of `TableRows` a record is.

extension ConnectionRecord: TableRecord {
  /// `connection`.
  public static var kind: RecordKinds { .connection }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.connection(self, into: &row)
  }
}

extension TLSConnectionRecord: TableRecord {
  /// `tls`.
  public static var kind: RecordKinds { .tls }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.tls(self, into: &row)
  }
}

extension FrameRecord: TableRecord {
  /// `frame`.
  public static var kind: RecordKinds { .frame }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.frame(self, payload: payload, into: &row)
  }
}

extension MessageRecord: TableRecord {
  /// `message`.
  public static var kind: RecordKinds { .message }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.message(self, content: payload, into: &row)
  }
}

extension Diagnostic: TableRecord {
  /// `diagnostic`.
  public static var kind: RecordKinds { .diagnostic }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.diagnostic(self, into: &row)
  }
}

extension EndRecord: TableRecord {
  /// `end`.
  public static var kind: RecordKinds { .end }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.end(self, into: &row)
  }
}

extension SummaryRecord: TableRecord {
  /// `summary`.
  public static var kind: RecordKinds { .summary }
  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.summary(self, into: &row)
  }
}

/// The row of an input file.
public struct InputFileRow: TableRecord {
  /// `capture`.
  public static var kind: RecordKinds { .capture }
  private let file: CaptureRecord.File
  private let index: Int

  /// The row of the file at `index` of those that were given.
  public init(_ file: CaptureRecord.File, _ index: Int) {
    self.file = file
    self.index = index
  }

  /// Gives its row.
  public func fill<Row: RowSink & ~Copyable>(_ row: inout Row, payload: RawSpan, _ rows: inout TableRows) {
    rows.file(file, index, into: &row)
  }
}
