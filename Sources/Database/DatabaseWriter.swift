import Analysis
import Bytes
import Capture
import Export

/// A database that records are written into.
///
/// Rows are added in transactions. By default the file is of use only when `finish` has been called; with `isShared`, others
/// can read it meanwhile, and see what was there at the last `commit`.
public final class DatabaseFile {
  /// Rows between two commits: so much is kept in memory, or in the journal, until then.
  static let rowsPerTransaction = 100_000

  let database: DatabaseConnection
  private let isShared: Bool
  private(set) var rows = 0

  /// Makes an empty database in the empty, or new, file at `path`, which ends with 0. Throws `DatabaseError`.
  public init(path: [CChar], isShared: Bool) throws(DatabaseError) {
    self.isShared = isShared
    database = try DatabaseConnection(path: path)
    if isShared {
      // Readers do not keep us from writing, nor we them from reading.
      database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;")
    } else {
      // Nobody else knows the file yet: if this ends too early, it is thrown away.
      database.execute(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768;"
      )
    }
    database.execute("BEGIN;" + DatabaseSchema.tables)
    if isShared { database.execute(DatabaseSchema.completion) }
    database.execute("COMMIT; BEGIN;")
    if let error = database.error { throw error }
  }

  /// Sees whether databases can be written at all. Throws `DatabaseError` if the library cannot be loaded.
  public static func checkLibrary() throws(DatabaseError) { _ = try SQLiteLibrary() }

  /// What kept rows from being written; nil if all were.
  public var error: DatabaseError? { database.error }

  /// A row was added.
  @inline(__always)
  func added() {
    rows += 1
    if rows == Self.rowsPerTransaction { commit() }
  }

  /// Lets readers see what was written.
  func commit() {
    guard rows > 0 else { return }
    rows = 0
    database.execute("COMMIT; BEGIN;")
  }

  /// Makes what is left to be made, and closes the file.
  func finish() {
    if !isShared { database.execute(DatabaseSchema.completion) }
    database.execute("COMMIT;")
    if isShared { database.tryToExecute("PRAGMA journal_mode = DELETE;") }
    if !isShared { database.execute("PRAGMA optimize;") }
    database.close()
  }
}

/// Writes records into a database, a table for each kind.
public struct DatabaseWriter: RecordWriter, ~Copyable {
  private let file: DatabaseFile
  private let commitsEachRecord: Bool
  private var rows: TableRows
  private var connections: InsertStatement
  private var frames: InsertStatement
  private var messages: InsertStatement
  private var diagnostics: InsertStatement
  private var ends: InsertStatement
  private var tls: InsertStatement
  private var summaries: InsertStatement
  private var files: InsertStatement

  /// A writer into `file`.
  public init(_ file: DatabaseFile, _ options: ExportOptions) {
    func insert(_ table: RecordTable) -> InsertStatement {
      InsertStatement(file.database, table: table.name, columns: DatabaseSchema.columns(of: table).map(\.name))
    }
    self.file = file
    commitsEachRecord = options.flushesEachRecord
    rows = TableRows(isFlat: false, hasSeveralFiles: options.hasSeveralFiles)
    connections = insert(.connections)
    frames = insert(.frames)
    messages = insert(.messages)
    diagnostics = insert(.diagnostics)
    ends = insert(.ends)
    tls = insert(.tls)
    summaries = insert(.summary)
    files = insert(.files)
    file.database.execute("INSERT INTO wstap VALUES ('\(Version.current)', \(DatabaseSchema.version))")
  }

  private mutating func added() {
    file.added()
    if commitsEachRecord { file.commit() }
  }

  /// Adds a row for each input file.
  public mutating func capture(_ record: CaptureRecord) {
    for (index, input) in record.files.enumerated() {
      rows.file(input, index, into: &files)
      files.endRow()
      added()
    }
  }

  /// Adds a row.
  public mutating func connection(_ record: ConnectionRecord) {
    rows.connection(record, into: &connections)
    connections.endRow()
    added()
  }

  /// Adds a row.
  public mutating func tls(_ record: TLSConnectionRecord) {
    rows.tls(record, into: &tls)
    tls.endRow()
    added()
  }

  /// Adds a row.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    rows.frame(record, payload: payload, into: &frames)
    frames.endRow()
    added()
  }

  /// Adds a row.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    rows.message(record, content: content, into: &messages)
    messages.endRow()
    added()
  }

  /// Adds a row.
  public mutating func diagnostic(_ record: Diagnostic) {
    rows.diagnostic(record, into: &diagnostics)
    diagnostics.endRow()
    added()
  }

  /// Adds a row.
  public mutating func end(_ record: EndRecord) {
    rows.end(record, into: &ends)
    ends.endRow()
    added()
  }

  /// Adds a row.
  public mutating func summary(_ record: SummaryRecord) {
    rows.summary(record, into: &summaries)
    summaries.endRow()
    added()
  }

  /// Lets readers see what was written.
  public mutating func flush() { file.commit() }

  /// Makes indexes and views, and closes the file.
  public mutating func finish() {
    for statement in [connections, frames, messages, diagnostics, ends, tls, summaries, files] { statement.finalize() }
    file.finish()
  }
}
