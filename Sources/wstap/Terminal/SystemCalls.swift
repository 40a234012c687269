#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// System calls with their small print observed.
enum SystemCalls {
  /// Writes all of `bytes`: goes on after a partial write or a signal, and waits where the descriptor would not
  /// (another program may have made a shared terminal non-blocking). Returns 0, or the `errno` that ended it.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = writeSome(descriptor, UnsafeRawBufferPointer(rebasing: rest))
      if count >= 0 {
        rest = rest.dropFirst(count)
        continue
      }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
      case let code: return code
      }
    }
    return 0
  }

  /// What the system says about the error `code`.
  static func message(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  /// Lets a write into a closed pipe fail with `EPIPE`, instead of ending the process. Called once, at the start.
  static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

/// `write(2)`, out of the reach of the method with its name.
private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
