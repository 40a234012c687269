import CSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The functions of libsqlite3 that are used.
///
/// The library is loaded when a database is to be written, and not with the program, which would take longer to start.
struct SQLiteLibrary {
  typealias Destructor = @convention(c) (UnsafeMutableRawPointer?) -> Void

  let open: @convention(c) (UnsafePointer<CChar>, UnsafeMutablePointer<OpaquePointer?>, Int32, OpaquePointer?) -> Int32
  let close: @convention(c) (OpaquePointer) -> Int32
  let execute:
    @convention(c) (OpaquePointer, UnsafePointer<CChar>, OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
  let prepare:
    @convention(c) (OpaquePointer, UnsafePointer<CChar>, Int32, UnsafeMutablePointer<OpaquePointer?>, OpaquePointer?) ->
      Int32
  let bindInteger: @convention(c) (OpaquePointer, Int32, Int64) -> Int32
  let bindReal: @convention(c) (OpaquePointer, Int32, Double) -> Int32
  let bindNull: @convention(c) (OpaquePointer, Int32) -> Int32
  let bindText: @convention(c) (OpaquePointer, Int32, UnsafeRawPointer?, UInt64, Destructor?, UInt8) -> Int32
  let bindBytes: @convention(c) (OpaquePointer, Int32, UnsafeRawPointer?, UInt64, Destructor?) -> Int32
  let step: @convention(c) (OpaquePointer) -> Int32
  let reset: @convention(c) (OpaquePointer) -> Int32
  let finalize: @convention(c) (OpaquePointer) -> Int32
  let message: @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
  let systemError: @convention(c) (OpaquePointer) -> Int32

  /// Where the library is, by the names of several systems.
  private static let names = ["libsqlite3.so.0", "libsqlite3.so", "libsqlite3.dylib"]

  /// Tells the library to copy what is bound (`SQLITE_TRANSIENT`, which Swift does not import).
  static let copies = unsafeBitCast(-1, to: Destructor.self)

  /// Loads the library. Throws `DatabaseError.libraryIsMissing`.
  init() throws(DatabaseError) {
    guard let handle = Self.names.lazy.compactMap({ dlopen($0, RTLD_NOW | RTLD_LOCAL) }).first else {
      throw .libraryIsMissing
    }
    func function<Function>(_ name: String) throws(DatabaseError) -> Function {
      guard let address = dlsym(handle, name) else { throw .libraryLacks(name) }
      return unsafeBitCast(address, to: Function.self)
    }
    open = try function("sqlite3_open_v2")
    close = try function("sqlite3_close_v2")
    execute = try function("sqlite3_exec")
    prepare = try function("sqlite3_prepare_v2")
    bindInteger = try function("sqlite3_bind_int64")
    bindReal = try function("sqlite3_bind_double")
    bindNull = try function("sqlite3_bind_null")
    bindText = try function("sqlite3_bind_text64")
    bindBytes = try function("sqlite3_bind_blob64")
    step = try function("sqlite3_step")
    reset = try function("sqlite3_reset")
    finalize = try function("sqlite3_finalize")
    message = try function("sqlite3_errmsg")
    systemError = try function("sqlite3_system_errno")
  }
}

/// A database cannot be written.
public enum DatabaseError: Error, Equatable, CustomStringConvertible {
  /// There is no libsqlite3 on this machine.
  case libraryIsMissing
  /// It lacks a function: it is too old.
  case libraryLacks(String)
  /// libsqlite3 says so.
  case refused(String)

  /// What went wrong and what to do, as a sentence without its full stop.
  public var description: String {
    switch self {
    case .libraryIsMissing:
      "libsqlite3 is not installed, which databases are written with (on Debian: apt install libsqlite3-0)"
    case .libraryLacks(let name): "libsqlite3 is too old: it has no \(name)"
    case .refused(let reason): reason
    }
  }
}
