#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// An open file, pipe or terminal, read as its bytes arrive. Closed when nobody holds it any more.
final class InputDescriptor {
  /// How long a silent pipe is waited for before looking whether to stop, in milliseconds.
  private static let patience: Int32 = 200

  /// The size in bytes, if there is one.
  let size: UInt64?

  private let input: Settings.Input
  private let descriptor: Int32
  private let isRegular: Bool
  private let isStopped: @Sendable () -> Bool

  /// Opens `input`. Opening a named pipe waits for somebody to write to it.
  ///
  /// When `isStopped` turns true, what would wait for bytes ends as if the input were over. It is asked while waiting
  /// only, so that a signal that arrives just before the wait is not missed.
  init(_ input: Settings.Input, isStopped: @escaping @Sendable () -> Bool) throws(InputError) {
    self.input = input
    self.isStopped = isStopped
    switch input {
    case .standardInput: descriptor = STDIN_FILENO
    case .file(let path): descriptor = openForReading(path, isStopped)
    }
    guard descriptor >= 0 else { throw .cannotOpen(input, code: errno) }
    let status = FileStatus(descriptor: descriptor)
    isRegular = status?.isRegular == true
    size = isRegular ? status?.size : nil
  }

  deinit {
    if input != .standardInput, descriptor >= 0 { close(descriptor) }
  }

  /// Reads what is there, at most to the end of `buffer`, behind its first `filled` bytes. 0 at the end of the input.
  func read(into buffer: inout [UInt8], at filled: Int) throws(InputError) -> Int {
    while true {
      if !isRegular, !waitForBytes() { return 0 }
      let count = buffer.withUnsafeMutableBytes {
        readSome(descriptor, UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
      }
      if count >= 0 { return count }
      switch errno {
      case EINTR, EAGAIN: continue
      case EISDIR: throw .isFolder(input)
      case let code: throw .cannotRead(input, code: code)
      }
    }
  }

  /// Reads from `offset` on, wherever reading has come to: `count` bytes, behind the first `filled` ones of `buffer`, or fewer
  /// at the end of the input. Only of a regular file.
  func read(_ count: Int, at offset: UInt64, into buffer: inout [UInt8], at filled: Int) throws(InputError) -> Int {
    var done = 0
    while done < count {
      let more = buffer.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + filled + done }, count - done, off_t(offset) + off_t(done))
      }
      if more == 0 { break }
      if more > 0 { done += more } else if errno != EINTR { throw .cannotRead(input, code: errno) }
    }
    return done
  }

  /// Waits until there is something to read, or the end; false when told to stop.
  private func waitForBytes() -> Bool {
    var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&request, 1, Self.patience)
      // Reading will tell what is wrong with a descriptor that cannot be waited for.
      if count > 0 || count < 0 && errno != EINTR { return true }
      if isStopped() { return false }
    }
  }
}

/// `open(2)` for reading, again after a signal that is not to stop us.
private func openForReading(_ path: String, _ isStopped: () -> Bool) -> Int32 {
  while true {
    let descriptor = open(ArgumentText.path(path), O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 || errno != EINTR || isStopped() { return descriptor }
  }
}

/// `read(2)`, out of the reach of the method with its name.
private func readSome(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}
