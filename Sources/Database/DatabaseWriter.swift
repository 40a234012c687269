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
public struct DatabaseWriter: TableWriter, ~Copyable {
  private let begin: () -> DatabaseFile?
  private let commitsEachRecord: Bool
  private var hasBegun = false
  private var file: DatabaseFile?
  private var rows: TableRows
  /// One for each kind of record, at its bit.
  private var statements: [InsertStatement] = []

  /// A writer into the file that `begin` gives with the first row, or at the end; into none if there is none.
  public init(_ options: ExportOptions, _ begin: @escaping () -> DatabaseFile?) {
    self.begin = begin
    commitsEachRecord = options.flushesEachRecord
    rows = TableRows(isFlat: false, hasSeveralFiles: options.hasSeveralFiles)
  }

  private mutating func open() {
    hasBegun = true
    guard let file = begin() else { return }
    self.file = file
    statements = (0..<RecordKinds.names.count).compactMap { bit in
      RecordTable.of(RecordKinds(rawValue: 1 << bit)).map { table in
        InsertStatement(file.database, table: table.name, columns: DatabaseSchema.columns(of: table).map(\.name))
      }
    }
    file.database.execute("INSERT INTO wstap VALUES ('\(Version.current)', \(DatabaseSchema.version))")
  }

  /// Adds a row.
  public mutating func add<Record: TableRecord>(_ record: borrowing Record, payload: RawSpan) {
    if !hasBegun { open() }
    guard let file else { return }
    let table = Record.kind.rawValue.trailingZeroBitCount
    record.fill(&statements[table], payload: payload, &rows)
    statements[table].endRow()
    file.added()
    if commitsEachRecord { file.commit() }
  }

  /// Lets readers see what was written.
  public mutating func flush() { file?.commit() }

  /// Makes indexes and views, and closes the file: there is one also if it holds no record.
  public mutating func finish() {
    if !hasBegun { open() }
    for statement in statements { statement.finalize() }
    file?.finish()
  }
}
