import Bytes
import Export

/// Command-line arguments as strings that lose nothing (`LosslessText`): a file's name need not be UTF-8.
enum ArgumentText {
  /// The arguments of this process, without the program's name.
  static func ofProcess() -> [String] {
    (1..<max(Int(CommandLine.argc), 1)).compactMap { index in
      CommandLine.unsafeArgv[index].map { start in
        LosslessText.string((0..<length(start)).map { UInt8(bitPattern: start[$0]) })
      }
    }
  }

  private static func length(_ text: UnsafePointer<CChar>) -> Int {
    var length = 0
    while text[length] != 0 { length += 1 }
    return length
  }

  /// An argument as the system's functions take it, with a 0 at its end.
  static func path(_ text: String) -> [CChar] { LosslessText.bytes(text).map { CChar(bitPattern: $0) } + [0] }
}

/// `text` in quotation marks, escaped as in the text format: an argument may be the name of a file that a stranger chose, and
/// must not drive the terminal.
func quoted(_ text: String) -> String { "'\(escapedForTerminal(LosslessText.bytes(text)))'" }
