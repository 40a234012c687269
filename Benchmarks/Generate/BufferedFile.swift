#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file being written, a mebibyte at a time.
final class BufferedFile {
  private static let bufferSize = 1 << 20

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var written = 0
  private var failure: Int32 = 0

  /// A new file at `path`.
  init(_ path: String) throws(GenerateError) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    guard descriptor >= 0 else { throw GenerateError(reason: "cannot write to '\(path)': error \(errno)") }
    buffer.reserveCapacity(Self.bufferSize + 65_536)
  }

  /// Bytes of the file so far.
  var size: Int { written + buffer.count }

  /// Appends what `append` does.
  func add(_ append: (inout [UInt8]) -> Void) {
    append(&buffer)
    if buffer.count >= Self.bufferSize { flush() }
  }

  /// Writes what is left. Throws if anything could not be written.
  func finish() throws(GenerateError) {
    flush()
    if failure == 0, close(descriptor) != 0 { failure = errno }
    guard failure == 0 else { throw GenerateError(reason: "writing failed: error \(failure)") }
  }

  private func flush() {
    buffer.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while failure == 0, !rest.isEmpty {
        let count = write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count >= 0 {
          rest = rest.dropFirst(count)
        } else if errno != EINTR {
          failure = errno
        }
      }
    }
    written += buffer.count
    buffer.removeAll(keepingCapacity: true)
  }
}
