import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open database. After the first error nothing more is written.
final class DatabaseConnection {
  let library: SQLiteLibrary
  private let handle: OpaquePointer
  private(set) var error: DatabaseError?
  private var isOpen = true

  /// Opens the database at `path`, made if it is not there; `path` ends with 0. Throws `DatabaseError`.
  init(path: [CChar]) throws(DatabaseError) {
    library = try SQLiteLibrary()
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    let code = library.open(path, &opened, flags, nil)
    guard let opened else { throw .refused("no memory is left") }
    handle = opened
    guard code == SQLITE_OK else {
      let error = Self.error(library, opened)
      _ = library.close(opened)
      isOpen = false
      throw error
    }
  }

  deinit { close() }

  /// Runs statements that give no rows.
  func execute(_ sql: String) {
    guard error == nil else { return }
    check(library.execute(handle, sql, nil, nil, nil))
  }

  /// The same, where it does not matter if it fails.
  func tryToExecute(_ sql: String) {
    if error == nil { _ = library.execute(handle, sql, nil, nil, nil) }
  }

  /// Prepares a statement; nil after an error.
  func prepare(_ sql: String) -> OpaquePointer? {
    guard error == nil else { return nil }
    var statement: OpaquePointer?
    check(library.prepare(handle, sql, -1, &statement, nil))
    return statement
  }

  /// Notes the error that `code` stands for, if it does.
  func check(_ code: Int32) {
    guard error == nil, code != SQLITE_OK, code != SQLITE_DONE, code != SQLITE_ROW else { return }
    error = Self.error(library, handle)
  }

  /// Closes the database; what was not committed is lost.
  func close() {
    guard isOpen else { return }
    isOpen = false
    let code = library.close(handle)
    if error == nil, code != SQLITE_OK { error = .refused("the database cannot be closed") }
  }

  private static func error(_ library: SQLiteLibrary, _ handle: OpaquePointer) -> DatabaseError {
    let reason = library.message(handle).map { String(cString: $0) } ?? "an unknown error"
    let system = library.systemError(handle)
    guard system != 0, let text = strerror(system) else { return .refused(reason) }
    return .refused("\(reason) (\(String(cString: text)))")
  }
}
