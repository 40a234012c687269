import Analysis

/// `-h`: one line an option, for someone who knows what they look for.
enum ShortHelp {
  /// The longest summary of an option, in characters: with it, a line fits into 60 columns.
  static let summaryWidth = 60 - labelWidth

  /// The columns before the summaries.
  private static let labelWidth = 26

  /// The text, each line ended.
  static func text(_ table: OptionTable) -> String {
    var lines = ["\(Manual.name) \(Manual.version): \(Manual.summary)", Manual.usage]
    for group in Option.Group.allCases {
      lines += ["", "\(group.rawValue):"]
      for option in table.options where option.group == group {
        // A label that is too long pushes its summary, two columns behind it.
        lines.append(padded(label(option) + "  ", to: labelWidth) + option.summary)
      }
    }
    lines += ["", "Try '\(Manual.name) --help' for explanations and examples."]
    return lines.joined(separator: "\n") + "\n"
  }

  /// `  -r, --read FILE`, with the long names below one another.
  static func label(_ option: Option) -> String {
    (option.letter.map { "  -\($0), " } ?? "      ") + "--\(option.name)"
      + (option.argument.map { " \($0.name)" } ?? "")
  }
}

/// `--help`: everything, for someone who wants to learn the program.
struct LongHelp {
  private let table: OptionTable
  private let width: Int
  private var lines: [String] = []

  /// The text, each line ended, in lines of at most `width` columns where words allow. Below 40 columns nothing would
  /// be readable, above 100 lines would be too long for the eye: `width` is clamped to these.
  static func text(_ table: OptionTable, width: Int) -> String {
    var help = LongHelp(table: table, width: min(max(width, 40), 100))
    help.addDescription()
    help.addOptions()
    help.addExamples()
    help.addExitCodes()
    help.addLimits()
    return help.lines.joined(separator: "\n") + "\n"
  }

  private mutating func addDescription() {
    add("\(Manual.name) \(Manual.version): \(Manual.summary)", indent: 0)
    lines += ["", Manual.usage]
    for paragraph in Manual.description {
      lines.append("")
      add(paragraph, indent: 0)
    }
  }

  private mutating func addOptions() {
    for group in Option.Group.allCases {
      lines += ["", "\(group.rawValue):"]
      for (index, option) in table.options.filter({ $0.group == group }).enumerated() {
        if index > 0 { lines.append("") }
        add(option)
      }
    }
  }

  private mutating func add(_ option: Option) {
    lines.append(ShortHelp.label(option))
    add(option.explanation, indent: 10)
    add(option.choices.map { (name: $0.name, text: $0.summary) }, indent: 12)
  }

  private mutating func addExamples() {
    lines += ["", "Examples:"]
    for (index, example) in Manual.examples.enumerated() {
      if index > 0 { lines.append("") }
      lines.append("  \(example.command)")
      add(example.text, indent: 6)
    }
  }

  private mutating func addExitCodes() {
    lines += ["", "Exit status:"]
    add(ExitCode.allCases.map { (name: "\($0.rawValue)", text: $0.summary) }, indent: 2)
    lines += ["", "Environment:"]
    add(Manual.environment, indent: 2)
  }

  private mutating func addLimits() {
    lines += ["", "Limits of memory:"]
    add(Manual.limits, indent: 2)
    lines.append("")
    add(StatedLimit.all.map { (name: $0.value, text: $0.subject) }, indent: 2)
  }

  /// Names in a column, texts in another.
  private mutating func add(_ entries: [(name: String, text: String)], indent: Int) {
    let column = indent + (entries.map(\.name.count).max() ?? 0) + 2
    for entry in entries {
      let text = wrapped(withoutMarks(entry.text), width: width, indent: column)
      let name = padded(String(repeating: " ", count: indent) + entry.name, to: column)
      lines.append(name + (text.first ?? "").dropFirst(column))
      lines += text.dropFirst()
    }
  }

  private mutating func add(_ text: String, indent: Int) {
    lines += wrapped(withoutMarks(text), width: width, indent: indent)
  }
}
