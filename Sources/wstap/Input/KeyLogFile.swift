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

  init(_ path: String) { self.path = path }

  /// Opens it; gives the `errno` if that fails. `isLive`: nothing may wait for it.
  mutating func open(isLive: Bool) -> Int32? {
    do throws(KeyLogDescriptor.Failure) {
      descriptor = try KeyLogDescriptor(path, isLive: isLive)
      return nil
    } catch {
      return error.code
    }
  }

  /// Whether what failed with `code`, an `errno`, will fail later as well: a directory does not become a file.
  static func staysSo(_ code: Int32) -> Bool { code == EISDIR }

  /// Adds what is there, and was not read before, to `log`; gives what is wrong with it. `isOver`: nothing will be added.
  mutating func read(into log: inout KeyLog, isOver: Bool) -> [KeyLogFault] {
    var faults: [KeyLogFault] = []
    if descriptor == nil { _ = open(isLive: true) }
    guard let descriptor else { return [] }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = descriptor.read(&buffer)
      guard count > 0 else { break }
      var position = 0
      let bytes = buffer.span.bytes.extracting(0..<count)
      while let fault = reader.next(bytes, &position, into: &log) { faults.append(fault) }
    }
    if isOver, let fault = reader.finish(into: &log) { faults.append(fault) }
    return faults
  }
}

/// An open file. Where packets come live, it is never waited for; otherwise a pipe is read to its end.
private final class KeyLogDescriptor: Sendable {
  private let descriptor: Int32

  /// An `errno`.
  struct Failure: Error {
    var code: Int32
  }

  init(_ path: String, isLive: Bool) throws(Failure) {
    descriptor = open(ArgumentText.path(path), O_RDONLY | O_CLOEXEC | (isLive ? O_NONBLOCK : 0))
    // Before anything else can change it.
    let code = errno
    guard descriptor >= 0 else { throw Failure(code: code) }
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { throw Failure(code: EISDIR) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
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
