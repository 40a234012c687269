#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What the program wants to know of its environment variables. They are read nowhere else.
struct Environment: Equatable, Sendable {
  /// Whether `NO_COLOR` is set to anything (no-color.org).
  var forbidsColor = false
  /// Whether `TERM` says that the terminal understands no escape sequences.
  var terminalIsDumb = false
  /// The number in `COLUMNS`; nil when there is none.
  var columns: Int?

  /// An environment with these variables, as far as they matter.
  init(noColor: String? = nil, term: String? = nil, columns: String? = nil) {
    forbidsColor = !(noColor ?? "").isEmpty
    terminalIsDumb = term == "dumb"
    self.columns = columns.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// The environment of this process.
  static func current() -> Environment {
    func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    return Environment(noColor: variable("NO_COLOR"), term: variable("TERM"), columns: variable("COLUMNS"))
  }
}

/// A descriptor that may be a terminal.
struct Terminal: Sendable {
  /// The descriptor.
  let descriptor: Int32
  /// The environment that speaks about it.
  let environment: Environment

  /// Whether the descriptor is a terminal.
  var isTerminal: Bool { isatty(descriptor) == 1 }

  /// The columns of the terminal, or else what `COLUMNS` says, or else 80. At least 1.
  var width: Int {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 { return Int(size.ws_col) }
    return environment.columns ?? 80
  }

  /// Writes `text`. That it cannot be written is no reason to stop: it tells only how things stand.
  func write(_ text: String) {
    var text = text
    _ = text.withUTF8 { SystemCalls.write(UnsafeRawBufferPointer($0), to: descriptor) }
  }

  /// Whether text written here is coloured when the user says `choice`.
  func usesColor(_ choice: ColorChoice) -> Bool {
    Self.usesColor(choice, isTerminal: isTerminal, environment: environment)
  }

  /// Whether text for a terminal, or not, is coloured when the user says `choice`: what was asked for on the command
  /// line goes before the environment.
  static func usesColor(_ choice: ColorChoice, isTerminal: Bool, environment: Environment) -> Bool {
    switch choice {
    case .always: true
    case .never: false
    case .auto: isTerminal && !environment.forbidsColor && !environment.terminalIsDumb
    }
  }
}
