/// A value of a closed set that an option accepts, for the help and the completions.
struct Choice: Equatable, Sendable {
  /// What is typed.
  var name: String
  /// What it means, in one line.
  var summary: String

  /// All values of `type`.
  static func all<Value: NamedChoice>(of type: Value.Type) -> [Choice] {
    type.allCases.map { Choice(name: $0.rawValue, summary: $0.summary) }
  }

  /// The names as in a sentence: `auto, always or never`.
  static func phrase(_ choices: [Choice]) -> String {
    guard let last = choices.last else { return "" }
    let others = choices.dropLast().map(\.name).joined(separator: ", ")
    return others.isEmpty ? last.name : "\(others) or \(last.name)"
  }
}

/// A closed set of values that can be typed on the command line; the raw value is what is typed.
protocol NamedChoice: CaseIterable, RawRepresentable, Sendable where RawValue == String {
  /// What the value means, in one line.
  var summary: String { get }
}

/// A type of record that `--only` can pick. The names are those of the JSON contract's `type` key.
enum RecordType: String, NamedChoice {
  case capture, connection, frame, message, diagnostic, end, tls, summary

  var summary: String {
    switch self {
    case .capture: "the captures being read"
    case .connection: "a connection, once it is known to be a WebSocket"
    case .frame: "a frame, unmasked"
    case .message: "a message, its fragments joined and inflated"
    case .diagnostic: "a broken rule, or a hole in the capture"
    case .tls: "a TLS connection, decrypted or not"
    case .end: "how a connection ended, with its counts"
    case .summary: "the totals of the run"
    }
  }
}

/// Which packets `--write-file` writes.
enum WrittenPackets: String, NamedChoice {
  case all, websocket

  var summary: String {
    switch self {
    case .all: "every packet, whatever it is"
    case .websocket: "those of WebSocket connections, from the SYN to the end, refused upgrades included"
    }
  }
}

/// When the output is coloured.
enum ColorChoice: String, NamedChoice {
  case auto, always, never

  var summary: String {
    switch self {
    case .auto: "if the output is a terminal and `NO_COLOR` is not set"
    case .always: "even into a file or a pipe, as for `less -R`"
    case .never: "plain text everywhere"
    }
  }
}

/// The lowest severity of a diagnostic that makes the exit code 1.
enum FailureThreshold: String, NamedChoice {
  case note, warning, error

  var summary: String {
    switch self {
    case .note: "anything worth a remark"
    case .warning: "anything doubtful, such as a hole in the capture"
    case .error: "a broken rule of the protocol"
    }
  }
}

/// A file that `--generate` prints.
enum GeneratedFile: String, NamedChoice {
  case man, bash, zsh, fish

  var summary: String {
    switch self {
    case .man: "the manual page; to read it: `wstap --generate man | man -l -`"
    case .bash: "completions; for this session: `source <(wstap --generate bash)`"
    case .zsh: "completions; save as `_wstap` in a folder of `$fpath`"
    case .fish: "completions; save as `~/.config/fish/completions/wstap.fish`"
    }
  }
}
