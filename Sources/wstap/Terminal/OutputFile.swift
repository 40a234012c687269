#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Records could not be written.
enum OutputError: Error, Equatable {
  /// Whoever read our output has gone, as `head` does. No reason to complain: the program ends quietly.
  case closedPipe
  /// The file at `path` cannot be opened for writing.
  case cannotOpen(path: String, reason: String)
  /// Writing to `name` failed, for a reason such as a full disk.
  case cannotWrite(name: String, reason: String)
  /// Nobody read `name`, and the program was to end.
  case notRead(name: String)
  /// Output would go into `name`, a capture that is being read.
  case isInput(name: String)
  /// Records and packets would both go into `name`.
  case isOutput(name: String)
  /// Packets would go to a terminal.
  case isTerminal
  /// Records in a format that is no text would go to a terminal.
  case isNoText(format: String)
  /// A database would be written to `path`, a device, a pipe or a folder.
  case notForDatabase(path: String)
  /// The database for `path` could not be made; what was there before is as it was.
  case noDatabase(path: String, reason: String)
  /// The files of a ring would be named after `path`, a device or a pipe.
  case notForRing(path: String)
}

extension OutputError: CustomStringConvertible {
  /// What went wrong and what to do, as a sentence without its full stop.
  var description: String {
    switch self {
    case .closedPipe: "the output was closed"
    case .cannotOpen(let path, let reason): "cannot write to \(quoted(path)): \(reason)"
    case .cannotWrite(let name, let reason): "writing to \(quoted(name)) failed: \(reason); the output is incomplete"
    case .notRead(let name): "nobody reads \(quoted(name)): what waited to be written is lost"
    case .isInput(let name): "\(quoted(name)) is a file being read; choose another file for the output"
    case .isOutput(let name): "\(quoted(name)) is to hold the records; choose another file for the packets"
    case .isNoText(let format): "\(format) is not for a terminal; name a file with -o, or redirect standard output"
    case .notForDatabase(let path): "\(quoted(path)) is no file; a database needs one"
    case .noDatabase(let path, let reason): "cannot write the database \(quoted(path)): \(reason)"
    case .notForRing(let path): "\(quoted(path)) is no file; the files of a ring are named after one"
    case .isTerminal: "packets are not for a terminal; name a file with -w, or redirect standard output"
    }
  }
}

/// Where records go: a descriptor behind a buffer. After the first error nothing more is written.
///
/// It takes a closed pipe for an error, so `SystemCalls.ignoreBrokenPipes()` must have been called.
final class OutputFile {
  /// Enough to make the cost of the system calls vanish (256 KiB).
  static let bufferSize = 262_144

  private let descriptor: Int32
  /// What messages call it.
  let name: String
  private let flushesEachRecord: Bool
  private var isOpen: Bool
  /// Whether the file still has what was in it before: that goes only when there is something to write, or on `close`.
  private var mustBeEmptied = false
  /// The path of a file that was not there before, until something is written or it is closed: what comes to nothing leaves
  /// nothing behind.
  private var madeAt: String?
  private var buffer: [UInt8] = []

  /// Output to an open `descriptor`, called `name` in messages; closed in the end if `closesDescriptor`.
  init(descriptor: Int32, name: String, closesDescriptor: Bool, flushesEachRecord: Bool = false) {
    self.descriptor = descriptor
    self.name = name
    self.flushesEachRecord = flushesEachRecord
    isOpen = closesDescriptor
    buffer.reserveCapacity(Self.bufferSize)
  }

  deinit {
    if let madeAt, let status, FileStatus(.file(madeAt))?.isSameFile(as: status) == true {
      unlink(ArgumentText.path(madeAt))
    }
    if isOpen { _ = closeDescriptor(descriptor) }
  }

  /// The output that `settings` ask for: the file at `settings.output`, made anew, or standard output. Throws
  /// `OutputError.cannotOpen`, and `.isInput` rather than overwrite, or feed on, a capture that is to be read.
  static func open(_ settings: Settings) throws(OutputError) -> OutputFile {
    try open(settings.output, besides: settings.readFiles, flushesEachRecord: settings.leavesAtOnce)
  }

  /// The same for the file at `path`; nil for standard output.
  static func open(
    _ path: String?, besides inputs: [Settings.Input], flushesEachRecord: Bool = false
  ) throws(OutputError) -> OutputFile {
    guard let path else {
      let name = "standard output"
      try refuseInputs(inputs, as: STDOUT_FILENO, name: name)
      return OutputFile(
        descriptor: STDOUT_FILENO, name: name, closesDescriptor: false,
        flushesEachRecord: flushesEachRecord || isatty(STDOUT_FILENO) == 1)
    }
    let new = createFile(path, O_EXCL)
    let descriptor = new >= 0 ? new : createFile(path)
    guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemCalls.message(errno)) }
    let file = OutputFile(
      descriptor: descriptor, name: path, closesDescriptor: true,
      flushesEachRecord: flushesEachRecord || isatty(descriptor) == 1)
    if new >= 0 { file.madeAt = path }
    try refuseInputs(inputs, as: descriptor, name: path)
    // A pipe or a device has nothing to empty.
    file.mustBeEmptied = FileStatus(descriptor: descriptor)?.isRegular == true
    return file
  }

  /// A file at `path` that was not there before; nil if there is one. Throws `OutputError.cannotOpen`.
  static func createNew(_ path: String) throws(OutputError) -> OutputFile? {
    let descriptor = createFile(path, O_EXCL)
    if descriptor < 0, errno == EEXIST { return nil }
    guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemCalls.message(errno)) }
    let file = OutputFile(descriptor: descriptor, name: path, closesDescriptor: true)
    file.madeAt = path
    return file
  }

  /// Whether it is a terminal.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// What the system knows of it.
  var status: FileStatus? { FileStatus(descriptor: descriptor) }

  /// The number of bytes in it, if it is a regular file to whose end it writes.
  var length: UInt64? {
    guard let status, status.isRegular else { return nil }
    return mustBeEmptied ? 0 : status.size
  }

  /// Takes back what was written behind the first `length` bytes of a regular file, if nothing else was written there.
  func takeBack(to length: UInt64) {
    guard let length = off_t(exactly: length), let size = self.length, lseek(descriptor, 0, SEEK_CUR) == off_t(size)
    else {
      return
    }
    _ = ftruncate(descriptor, length)
    _ = lseek(descriptor, length, SEEK_SET)
  }

  private static func refuseInputs(
    _ inputs: [Settings.Input], as descriptor: Int32, name: String
  ) throws(OutputError) {
    guard let output = FileStatus(descriptor: descriptor) else { return }
    for input in inputs where FileStatus(input)?.isSameFile(as: output) == true { throw .isInput(name: name) }
  }

  /// Whether it is a pipe, and whoever read it has gone; a write would tell, but there may be nothing to write for long.
  var isReaderGone: Bool {
    var request = pollfd(fd: descriptor, events: 0, revents: 0)
    return poll(&request, 1, 0) > 0 && request.revents & Int16(POLLERR | POLLHUP) != 0
  }

  /// Whether to go on waiting while nobody reads what is written; nil: always.
  var goesOn: (() -> Bool)?

  private func writeAll(_ bytes: UnsafeRawBufferPointer) -> Int32 {
    guard let goesOn, FileStatus(descriptor: descriptor)?.isRegular == false else {
      return SystemCalls.write(bytes, to: descriptor)
    }
    return SystemCalls.write(bytes, to: descriptor, goesOn: goesOn)
  }

  /// Takes `bytes`, which are written when the buffer is full or flushed.
  func write(_ bytes: RawSpan) throws(OutputError) {
    if bytes.byteCount > Self.bufferSize - buffer.count { try flush() }
    if bytes.byteCount >= Self.bufferSize {
      madeAt = nil
      try emptyFile()
      try check(bytes.withUnsafeBytes { writeAll($0) })
    } else {
      bytes.withUnsafeBytes { buffer.append(contentsOf: $0) }
    }
  }

  /// Writes bytes that lie at several places, behind those that were taken; changes what says where.
  func write(_ places: UnsafeMutableBufferPointer<iovec>) throws(OutputError) {
    try flush()
    if !places.isEmpty { madeAt = nil }
    try check(SystemCalls.write(places, to: descriptor))
  }

  /// Takes `text` as UTF-8.
  func write(_ text: String) throws(OutputError) {
    try write(text.utf8.span.bytes)
  }

  /// A record is complete: writes it out if records are to leave at once.
  func endRecord() throws(OutputError) {
    if flushesEachRecord { try flush() }
  }

  /// Writes what the buffer holds. After an error the buffer is empty: what it held is lost.
  func flush() throws(OutputError) {
    try emptyFile()
    if !buffer.isEmpty { madeAt = nil }
    let code = buffer.withUnsafeBytes { writeAll($0) }
    buffer.removeAll(keepingCapacity: true)
    try check(code)
  }

  /// Writes what the buffer holds and closes the file, if it is ours to close. Some file systems tell only now that
  /// the disk is full.
  func close() throws(OutputError) {
    try flush()
    madeAt = nil
    guard isOpen else { return }
    isOpen = false
    let code = closeDescriptor(descriptor)
    // The descriptor is gone after EINTR as well.
    if code != EINTR { try check(code) }
  }

  private func emptyFile() throws(OutputError) {
    guard mustBeEmptied else { return }
    mustBeEmptied = false
    if ftruncate(descriptor, 0) != 0 { try check(errno) }
  }

  private func check(_ code: Int32) throws(OutputError) {
    switch code {
    case 0: return
    case EPIPE: throw .closedPipe
    case ECANCELED: throw .notRead(name: name)
    default: throw .cannotWrite(name: name, reason: SystemCalls.message(code))
    }
  }
}

/// `open(2)` for writing, made if it is not there, not emptied if it is.
private func createFile(_ path: String, _ flags: Int32 = 0) -> Int32 {
  open(ArgumentText.path(path), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o666)
}

/// `close(2)`: 0, or the `errno`.
func closeDescriptor(_ descriptor: Int32) -> Int32 { close(descriptor) == 0 ? 0 : errno }
