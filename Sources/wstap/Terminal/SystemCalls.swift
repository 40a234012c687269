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
      if let code = wait(for: descriptor, after: errno) { return code }
    }
    return 0
  }

  /// The same for somebody who may not read: asks `goesOn` ten times a second while nothing can be written, and gives
  /// `ECANCELED` when that says no.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, goesOn: () -> Bool) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      if poll(&request, 1, 100) <= 0 {
        if !goesOn() { return ECANCELED }
        continue
      }
      // A pipe that can be written to takes so much without waiting (PIPE_BUF).
      let piece = rest.prefix(4096)
      let count = writeSome(descriptor, UnsafeRawBufferPointer(rebasing: piece))
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno != EINTR, errno != EAGAIN {
        return errno
      }
    }
    return 0
  }

  /// The same for bytes that lie at several places; changes what says where.
  static func write(_ places: UnsafeMutableBufferPointer<iovec>, to descriptor: Int32) -> Int32 {
    var rest = places[...]
    while let first = rest.first {
      guard first.iov_len > 0 else {
        rest = rest.dropFirst()
        continue
      }
      var count = writev(descriptor, places.baseAddress.map { $0 + rest.startIndex }, Int32(clamping: rest.count))
      guard count >= 0 else {
        if let code = wait(for: descriptor, after: errno) { return code }
        continue
      }
      while let first = rest.first, count >= first.iov_len {
        count -= first.iov_len
        rest = rest.dropFirst()
      }
      if count > 0, let base = rest.first?.iov_base {
        places[rest.startIndex] = iovec(iov_base: base + count, iov_len: places[rest.startIndex].iov_len - count)
      }
    }
    return 0
  }

  /// Whether to try again after the error `code`, when the descriptor can take more; if not, gives it back.
  private static func wait(for descriptor: Int32, after code: Int32) -> Int32? {
    switch code {
    case EINTR: return nil
    case EAGAIN:
      var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      _ = poll(&request, 1, -1)
      return nil
    default: return code
    }
  }

  /// What the system says about the error `code`.
  static func message(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
  }

  /// Where this program lies; nil if the system does not say.
  static var executablePath: String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { room in
      guard let base = room.baseAddress else { return nil }
      let count = readlink("/proc/self/exe", base, room.count)
      return count > 0 ? String(decoding: room[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
    }
  }

  /// Lets a write into a closed pipe fail with `EPIPE`, instead of ending the process. Called once, at the start.
  static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }
}

/// `write(2)`, out of the reach of the method with its name.
private func writeSome(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}
