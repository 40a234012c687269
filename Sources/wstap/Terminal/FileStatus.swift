#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the system knows of a file.
struct FileStatus: Equatable, Sendable {
  /// The device that the file is on; with `inode`, the file's identity.
  var device: UInt64
  /// The file's number on its device.
  var inode: UInt64
  /// Whether it has contents of a known size: it is no pipe, terminal or folder.
  var isRegular: Bool
  /// Whether it is a folder.
  var isFolder: Bool
  /// Whether it has no name any more: it is there only as long as it is open.
  var isUnlinked: Bool
  /// Its size in bytes, if it is regular.
  var size: UInt64
  /// Who may read and write it.
  var permissions: mode_t

  /// The status of an open file; nil when the descriptor is closed.
  init?(descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  /// The status of the file that `input` names; nil when there is none, or none that we may see.
  init?(_ input: Settings.Input) {
    switch input {
    case .standardInput:
      self.init(descriptor: STDIN_FILENO)
    case .file(let path):
      var status = stat()
      guard stat(ArgumentText.path(path), &status) == 0 else { return nil }
      self.init(status)
    }
  }

  private init(_ status: stat) {
    device = UInt64(truncatingIfNeeded: status.st_dev)
    inode = UInt64(truncatingIfNeeded: status.st_ino)
    isRegular = status.st_mode & S_IFMT == S_IFREG
    isFolder = status.st_mode & S_IFMT == S_IFDIR
    isUnlinked = status.st_nlink == 0
    size = UInt64(clamping: status.st_size)
    permissions = status.st_mode & 0o777
  }

  /// Whether it is regular or a folder: no device, pipe or terminal.
  var isFileOrFolder: Bool { isRegular || isFolder }

  /// Whether this and `other` are the same regular file, by whatever names.
  func isSameFile(as other: FileStatus) -> Bool {
    isRegular && other.isRegular && device == other.device && inode == other.inode
  }

  /// The bytes that reading `inputs` to their ends will take; nil when one of them has no known size.
  static func totalSize(of inputs: [Settings.Input]) -> UInt64? {
    var total: UInt64 = 0
    for input in inputs {
      guard let status = FileStatus(input), status.isRegular else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(status.size)
      if overflow { return nil }
      total = sum
    }
    return total
  }
}
