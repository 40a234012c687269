/// One option: everything that the parser, the helps, the manual page and the completions know about it.
struct Option: Sendable {
  /// The name after `--`.
  var name: String
  /// The letter after `-`.
  var letter: Character?
  /// The value that the option takes; nil for a flag.
  var argument: Argument?
  /// What holds when the option is not given; nil when that goes without saying.
  var defaultText: String?
  /// Whether giving the option again adds to what it said before.
  var isRepeatable = false
  /// Where the option is listed.
  var group: Group
  /// One line for `-h`, at most `ShortHelp.summaryWidth` characters.
  var summary: String
  /// The paragraph for `--help` and the manual page; words to be typed as they are stand in backquotes.
  var details: String
  /// Writes what the option says into the settings.
  var apply: @Sendable (inout Settings, Occurrence) throws(UsageError) -> Void

  /// A part of the list of options.
  enum Group: String, CaseIterable, Sendable {
    case input = "Input"
    case live = "Live capture"
    case selection = "Selection"
    case output = "Output"
    case limits = "Limits"
    case other = "Other"
  }

  /// The value of an option.
  struct Argument: Equatable, Sendable {
    /// What the helps call it.
    var name: String
    /// What it may be.
    var values: Values
  }

  /// The values that an option accepts, as far as a completion can know them.
  enum Values: Equatable, Sendable {
    /// Any text that the option's setter understands.
    case any
    /// The path of a file.
    case file
    /// The name of a network interface.
    case interface
    /// One of these.
    case one(of: [Choice])
    /// Some of these, with commas between.
    case some(of: [Choice])
  }

  /// `-c` and `--count`, or the long spelling alone.
  var spellings: [String] { (letter.map { ["-\($0)"] } ?? []) + ["--\(name)"] }

  /// The paragraph for `--help` and the manual page, with the default.
  var explanation: String { details + (defaultText.map { " Default: \($0)." } ?? "") }

  /// The closed set that the values come from; empty when there is none.
  var choices: [Choice] {
    switch argument?.values {
    case .one(let choices)?, .some(let choices)?: choices
    case .any?, .file?, .interface?, nil: []
    }
  }
}

/// An option as it stands on the command line.
struct Occurrence {
  /// The option as typed, dashes included: `-c` or `--count`.
  var spelling: String
  /// Its value; empty for a flag.
  var value: String
}
