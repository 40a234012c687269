/// The completions for fish.
enum FishCompletion {
  /// The script, each line ended. Files, as fish completes them by itself, stay on offer where no option says otherwise.
  static func text(_ table: OptionTable) -> String {
    let head = "# fish completion for \(Manual.name), printed by: \(Manual.name) --generate fish\n"
    return head + table.options.map { command($0) + "\n" }.joined()
  }

  private static func command(_ option: Option) -> String {
    let letter = option.letter.map { " -s \($0)" } ?? ""
    return "complete -c \(Manual.name)\(letter) -l \(option.name)\(values(option)) -d \(quoted(option.summary))"
  }

  private static func values(_ option: Option) -> String {
    let words = option.choices.map { "\($0.name)\\t\(quoted(withoutMarks($0.summary)))" }.joined(separator: " ")
    return switch option.argument?.values {
    case nil: ""
    case .file?: " -r -F"
    case .any?: " -x"
    case .interface?: " -x -a " + quoted("(\(Manual.name) -D 2>/dev/null | string replace -r ' .*' '')")
    case .one?: " -x -a \(quoted(words))"
    case .some?: " -x -a \(quoted("(__fish_append , \(words))"))"
    }
  }

  /// `text` in single quotes.
  private static func quoted(_ text: String) -> String {
    var result = "'"
    for character in text { result += (character == "'" || character == "\\" ? "\\" : "") + String(character) }
    return result + "'"
  }
}
