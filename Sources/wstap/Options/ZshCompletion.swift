/// The completions for zsh.
enum ZshCompletion {
  /// The script, each line ended; it works as a file in `$fpath` and when it is sourced.
  static func text(_ table: OptionTable) -> String {
    let name = Manual.name
    let specifications = table.options.map { "    " + specification($0) + " \\" }.joined(separator: "\n")
    return """
      #compdef \(name)
      # zsh completion for \(name), printed by: \(name) --generate zsh
      _\(name)() {
        _arguments -s -S : \\
      \(specifications)
          '*:FILE:_files'
      }
      if [[ $funcstack[1] == _\(name) ]]; then
        _\(name) "$@"
      else
        compdef _\(name) \(name)
      fi

      """
  }

  /// What `_arguments` must know of `option`: `'(-r --read)'{-r+,--read=}'[help]:FILE:_files'`.
  private static func specification(_ option: Option) -> String {
    let exclusion = option.isRepeatable ? "*" : "(\(option.spellings.joined(separator: " ")))"
    let help = "[\(escaped(option.summary, ["[", "]", "\\"]))]" + values(option)
    let long = "--\(option.name)" + (option.argument == nil ? "" : "=")
    guard let letter = option.letter else { return quoted(exclusion + long + help) }
    let short = "-\(letter)" + (option.argument == nil ? "" : "+")
    return "\(quoted(exclusion)){\(short),\(long)}\(quoted(help))"
  }

  private static func values(_ option: Option) -> String {
    guard let argument = option.argument else { return "" }
    let label = ":\(escaped(argument.name, [":", "\\"])):"
    return switch argument.values {
    case .any: label + " "
    case .file: label + "_files"
    case .interface: label + "_net_interfaces"
    case .one(let choices): label + "((\(choices.map { "\($0.name)\\:\(word($0.summary))" }.joined(separator: " "))))"
    // The space before `_values` keeps `_arguments` from adding words of its own.
    case .some(let choices):
      label + " _values -s , \(argument.name.filter(\.isLetter)) "
        + choices.map { word("\($0.name)[\(escaped($0.summary, ["[", "]", ":", "\\"]))]") }.joined(separator: " ")
    }
  }

  /// `text` as one word of a list that zsh evaluates.
  private static func word(_ text: String) -> String {
    withoutMarks(text).map { $0.isLetter || $0.isNumber ? "\($0)" : "\\\($0)" }.joined()
  }

  private static func escaped(_ text: String, _ characters: Set<Character>) -> String {
    text.map { characters.contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }

  /// `text` in single quotes.
  private static func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }
}
