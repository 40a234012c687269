import Capture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A capture that cannot be read. Codes are those of `errno`.
enum InputError: Error, Equatable {
  /// There is nothing to read at the path, or none that we may read.
  case cannotOpen(Settings.Input, code: Int32)
  /// The path is that of a folder.
  case isFolder(Settings.Input)
  /// Reading failed on the way.
  case cannotRead(Settings.Input, code: Int32)
  /// What can be read is not a capture.
  case notACapture(Settings.Input, CaptureFileError)
}

extension InputError {
  /// Whether a signal came while the input was being opened.
  var isInterruption: Bool {
    if case .cannotOpen(_, EINTR) = self { return true }
    return false
  }
}

extension InputError: CustomStringConvertible {
  /// What went wrong and what to do, as a sentence without its full stop.
  var description: String {
    switch self {
    case .cannotOpen(let input, let code):
      "cannot open \(input.name): \(SystemCalls.message(code))" + Self.advice(code)
    case .isFolder(let input):
      "\(input.name) is a folder; name the captures in it, as in: FOLDER/*.pcap"
    case .cannotRead(let input, let code):
      "reading \(input.name) failed: \(SystemCalls.message(code))"
    case .notACapture(let input, let error):
      "\(input.name): \(error.message)"
    }
  }

  private static func advice(_ code: Int32) -> String {
    switch code {
    case EACCES: "; captures often belong to root: use sudo, or change the owner of the file"
    case EMFILE:
      "; too many captures overlap in time: allow more open files with ulimit -n, or merge some with mergecap"
    default: ""
    }
  }
}

extension Settings.Input {
  /// What messages call it.
  var name: String {
    switch self {
    case .standardInput: "standard input"
    case .file(let path): quoted(path)
    }
  }
}
