import Export

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A message among all messages.
struct MessageKey: Hashable {
  private let connection: UInt64
  private let number: UInt64

  init(_ connection: UInt64, _ number: UInt64) {
    self.connection = connection
    self.number = number
  }
}

/// The file of a message. It is closed after each piece: more messages may be open at a time than a process may have files open.
final class MessageFile {
  let name: String
  let kind: ContentKind
  /// Bytes that it has.
  private(set) var length: UInt64 = 0
  /// Those of them that were compressed in the capture.
  var inflated: UInt64 = 0
  /// Whether nothing more is to come into it, though there is more.
  var isCut = false
  private let folder: Int32
  /// What it is, so that nothing is written into another one that has got its name.
  private let status: FileStatus?
  /// The descriptor that it was made with, until the first piece.
  private var descriptor: Int32?

  /// The empty file called `name` in `folder`, open as `descriptor`.
  init(descriptor: Int32, name: String, in folder: Int32, _ kind: ContentKind) {
    self.name = name
    self.kind = kind
    self.folder = folder
    self.descriptor = descriptor
    status = FileStatus(descriptor: descriptor)
  }

  deinit {
    if let descriptor { _ = closeDescriptor(descriptor) }
  }

  /// Writes behind what it has. 0, or the `errno`; `ESTALE` if another file has its name now.
  func write(_ content: RawSpan) -> Int32 {
    let descriptor = self.descriptor ?? openat(folder, name, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return errno }
    guard let status, FileStatus(descriptor: descriptor)?.isSameFile(as: status) == true else {
      if self.descriptor == nil { _ = closeDescriptor(descriptor) }
      return ESTALE
    }
    self.descriptor = nil
    let code = content.withUnsafeBytes { SystemCalls.write($0, to: descriptor) }
    let closing = closeDescriptor(descriptor)
    if code == 0 { length += UInt64(content.byteCount) }
    return code == 0 && closing != EINTR ? closing : code
  }

  /// Takes it away, unless another file has its name now.
  func remove() {
    let descriptor = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else { return }
    let isOurs = status.map { FileStatus(descriptor: descriptor)?.isSameFile(as: $0) == true } ?? false
    _ = closeDescriptor(descriptor)
    if isOurs { unlinkat(folder, name, 0) }
  }
}
