import Bytes
import Database
import Export

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The file that a database is written into.
///
/// What is read from captures is written beside it and takes its place when it is complete, so that there is never half a
/// database under its name. What is captured live, or to be seen at once (`-l`), is written in its place, for others to read
/// meanwhile: from the first record on, so that what stood there is kept if nothing can be read.
final class DatabaseOutput {
  /// What `--format` calls it.
  static let format = "sqlite"
  /// What it is for.
  static let summary = "an SQLite database with a table for each kind of record; needs -o"

  private let path: String
  /// The name given by the user.
  private let given: String
  /// The file that is written, as long as it is not in its place; in it nothing is written before it is there, if `isShared`.
  private var temporary: String?
  private let isShared: Bool
  private var file: DatabaseFile?
  /// Why the database could not be begun.
  private var failure: OutputError?

  /// Begins the database at `settings.output`. Throws `OutputError`.
  init(_ settings: Settings, besides packets: PacketWriting?) throws(OutputError) {
    let given = settings.output ?? ""
    let path = Self.resolved(given)
    self.path = path
    self.given = given
    isShared = settings.leavesAtOnce
    let old = FileStatus(.file(path))
    if let old {
      guard old.isRegular else { throw .notForDatabase(path: given) }
      for input in settings.readFiles where FileStatus(input)?.isSameFile(as: old) == true {
        throw .isInput(name: given)
      }
      if packets?.output.isWriting(into: old) == true { throw .isOutput(name: given) }
    }
    let made = "\(path).part-\(getpid())"
    unlink(ArgumentText.path(made))
    let descriptor = open(ArgumentText.path(made), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, old?.permissions ?? 0o666)
    guard descriptor >= 0 else { throw .cannotOpen(path: given, reason: SystemCalls.message(errno)) }
    _ = closeDescriptor(descriptor)
    temporary = made
    do throws(DatabaseError) {
      if isShared {
        try DatabaseFile.checkLibrary()
      } else {
        file = try DatabaseFile(path: ArgumentText.path(made), isShared: false)
      }
    } catch {
      discard()
      throw .noDatabase(path: given, reason: "\(error)")
    }
  }

  deinit { discard() }

  /// What writes into it.
  func writer(_ options: ExportOptions) -> AnyRecordWriter {
    AnyRecordWriter(DatabaseWriter(options) { [self] in file ?? begin() })
  }

  /// Begins the database that others read meanwhile, in the place of what stands there; nil if that fails.
  private func begin() -> DatabaseFile? {
    do throws(OutputError) {
      try takePlace()
    } catch {
      failure = error
      return nil
    }
    do throws(DatabaseError) {
      file = try DatabaseFile(path: ArgumentText.path(path), isShared: true)
    } catch {
      failure = .noDatabase(path: given, reason: "\(error)")
    }
    return file
  }

  /// Why it cannot be written.
  var error: OutputError? { failure ?? file?.error.map { .noDatabase(path: path, reason: "\($0)") } }

  /// Puts the database in its place, if it is complete.
  func close() throws(OutputError) {
    if let error {
      discard()
      throw error
    }
    try takePlace()
  }

  /// Renames the file, if it is not in its place.
  private func takePlace() throws(OutputError) {
    guard let temporary else { return }
    Self.removeCompanions(of: path)
    guard rename(ArgumentText.path(temporary), ArgumentText.path(path)) == 0 else {
      let code = errno
      discard()
      throw .noDatabase(path: path, reason: SystemCalls.message(code))
    }
    self.temporary = nil
  }

  private func discard() {
    if let temporary { unlink(ArgumentText.path(temporary)) }
    temporary = nil
  }

  /// Removes what another database left beside the file at `path`, and what would be taken for a part of the new one.
  private static func removeCompanions(of path: String) {
    for ending in ["-journal", "-wal", "-shm"] { unlink(ArgumentText.path(path + ending)) }
  }

  /// The file that `path` is a link to, or `path`.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(ArgumentText.path(path), nil) else { return path }
    defer { free(real) }
    return LosslessText.string((0..<strlen(real)).map { UInt8(bitPattern: real[$0]) })
  }
}
