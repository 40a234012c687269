import Bytes
import CSQLite
import Capture
import Export

/// Adds rows to one table.
struct InsertStatement: RowSink {
  private let database: DatabaseConnection
  private let library: SQLiteLibrary
  private let statement: OpaquePointer?
  private var column: Int32 = 0
  private let columns: Int32

  /// The statement for a table with so many columns.
  init(_ database: DatabaseConnection, table: String, columns: [String]) {
    self.database = database
    library = database.library
    self.columns = Int32(columns.count)
    let marks = columns.map { _ in "?" }.joined(separator: ",")
    statement = database.prepare("INSERT INTO \(table) (\(columns.joined(separator: ","))) VALUES (\(marks))")
  }

  /// Adds the row whose values were given.
  mutating func endRow() {
    precondition(column == columns, "a value for each column")
    column = 0
    guard let statement, database.error == nil else { return }
    _ = library.step(statement)
    database.check(library.reset(statement))
  }

  /// Frees the statement.
  func finalize() {
    if let statement { _ = library.finalize(statement) }
  }

  @inline(__always)
  private mutating func bind(_ body: (SQLiteLibrary, OpaquePointer, Int32) -> Int32) {
    column += 1
    guard let statement else { return }
    database.check(body(library, statement, column))
  }

  mutating func null() { bind { $0.bindNull($1, $2) } }
  mutating func integer(_ value: Int64) { bind { $0.bindInteger($1, $2, value) } }
  mutating func boolean(_ value: Bool) { integer(value ? 1 : 0) }
  mutating func real(_ value: Double) { bind { $0.bindReal($1, $2, value) } }
  mutating func time(_ value: Timestamp) { integer(value.nanoseconds) }

  // A NUL in it is kept; SQL's own functions look no further, other programs do.
  mutating func text(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { text in
      bind {
        $0.bindText($1, $2, text.baseAddress ?? Self.empty, UInt64(text.count), Self.copies, UInt8(SQLITE_UTF8))
      }
    }
  }

  mutating func word(_ text: StaticString) {
    bind { $0.bindText($1, $2, text.utf8Start, UInt64(text.utf8CodeUnitCount), nil, UInt8(SQLITE_UTF8)) }
  }

  mutating func bytes(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { blob in
      bind { $0.bindBytes($1, $2, blob.baseAddress ?? Self.empty, UInt64(blob.count), Self.copies) }
    }
  }

  private static var copies: SQLiteLibrary.Destructor { SQLiteLibrary.copies }
  /// An address for what has no bytes: without one, it would be NULL.
  private static var empty: UnsafeRawPointer { UnsafeRawPointer(StaticString("").utf8Start) }
}
