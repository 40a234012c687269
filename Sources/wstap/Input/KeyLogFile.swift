import TLS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A key log, read as it grows.
struct KeyLogFile: Sendable {
  /// Where it is.
  let path: String
  private var descriptor: KeyLogDescriptor?
  private var reader = KeyLogReader()
  /// Why it could not be opened lately, an `errno`, and whether that was told.
  private var failure: (code: Int32, isTold: Bool)?

  init(_ path: String) { self.path = path }

  /// Opens it; gives the `errno` if that fails. `isLive`: nothing may wait for it; else, `willWait` is called where that takes long.
  mutating func open(isLive: Bool, willWait: () -> Void = {}) -> Int32? {
    do throws(KeyLogDescriptor.Failure) {
      descriptor = try KeyLogDescriptor(path, isLive: isLive, willWait: willWait)
      failure = nil
      return nil
    } catch {
      if failure?.code != error.code { failure = (error.code, isTold: false) }
      return error.code
    }
  }

  /// Whether what failed with `code`, an `errno`, will fail later as well: a directory does not become a file.
  static func staysSo(_ code: Int32) -> Bool { code == EISDIR }

  /// Why it cannot be read, if that is news: not where it is not there yet.
  mutating func takeFailure() -> Int32? {
    guard let failure, !failure.isTold, failure.code != ENOENT else { return nil }
    self.failure?.isTold = true
    return failure.code
  }

  /// Adds what is there, and was not read before, to `log`; gives what is wrong with it. `isOver`: nothing will be added.
  mutating func read(into log: inout KeyLog, isOver: Bool) -> [KeyLogFault] {
    var faults: [KeyLogFault] = []
    if descriptor == nil { _ = open(isLive: true) }
    guard let descriptor else { return [] }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    defer { SessionSecrets.forget(&buffer) }
    while true {
      let count = descriptor.read(&buffer)
      guard count > 0 else { break }
      var position = 0
      let bytes = buffer.span.bytes.extracting(0..<count)
      while let fault = reader.next(bytes, &position, into: &log) { faults.append(fault) }
    }
    let change = isOver ? nil : descriptor.change
    if isOver || change != nil, let fault = reader.finish(into: &log) { faults.append(fault) }
    if let change {
      // It was begun anew, or another file will take its place.
      reader = KeyLogReader()
      if change == .replaced { self.descriptor = nil }
    }
    return faults
  }
}

/// An open file. Where packets come live, it is never waited for; otherwise a pipe is read to its end.
private final class KeyLogDescriptor: Sendable {
  private let descriptor: Int32
  private let isRegular: Bool

  /// For so long, nothing is said where a pipe is waited for, in milliseconds.
  private static let patience: Int32 = 1000

  /// An `errno`.
  struct Failure: Error {
    var code: Int32
  }

  init(_ path: String, isLive: Bool, willWait: () -> Void) throws(Failure) {
    // A named pipe that nobody writes would be waited for in silence.
    descriptor = open(ArgumentText.path(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    // Before anything else can change it.
    let code = errno
    let status = FileStatus(descriptor: descriptor)
    isRegular = status?.isRegular == true
    guard descriptor >= 0 else { throw Failure(code: code) }
    if status?.isFolder == true { throw Failure(code: EISDIR) }
    if !isLive, !isRegular { waitForBytes(willWait) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// What became of the file.
  enum Change {
    case shortened, replaced
  }

  /// Whether what was read is no longer there, and from where to read on.
  var change: Change? {
    guard isRegular, let status = FileStatus(descriptor: descriptor) else { return nil }
    if status.isUnlinked { return .replaced }
    guard let position = UInt64(exactly: lseek(descriptor, 0, SEEK_CUR)), status.size < position else { return nil }
    lseek(descriptor, 0, SEEK_SET)
    return .shortened
  }

  /// Waits until there is something to read, or the end; from then on, reading waits as well.
  private func waitForBytes(_ willWait: () -> Void) {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var timeout = Self.patience
    while true {
      let count = poll(&request, 1, timeout)
      if count > 0 || count < 0 && errno != EINTR { break }
      if count == 0 {
        willWait()
        timeout = -1
      }
    }
    let flags = fcntl(descriptor, F_GETFL)
    _ = fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK)
  }

  /// Reads what is there; 0 where nothing is.
  func read(_ buffer: inout [UInt8]) -> Int {
    while true {
      let count = buffer.withUnsafeMutableBytes { readSome(descriptor, $0) }
      if count >= 0 || errno != EINTR { return max(count, 0) }
    }
  }
}

/// `read(2)`, out of the reach of the method with its name.
private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
