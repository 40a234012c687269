/// The completions for bash. They need no bash-completion package, and work in the bash 3.2 of macOS, though there file
/// names are offered for every value.
enum BashCompletion {
  /// The script, each line ended.
  static func text(_ table: OptionTable) -> String {
    let name = Manual.name
    let cases = table.options.compactMap(values).joined(separator: "\n")
    let spellings = table.options.flatMap(\.spellings).joined(separator: " ")
    return """
      # bash completion for \(name), printed by: \(name) --generate bash
      _\(name)() {
        local current=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]} before= i
        COMPREPLY=()
        # bash takes --name=VALUE for three words.
        if [[ $current == = && $option == --* ]]; then
          current=
        elif [[ $option == = ]]; then
          option=${COMP_WORDS[COMP_CWORD - 2]}
        fi
        # File names are left to bash: it completes them where we return with nothing in COMPREPLY.
        for ((i = 1; i < COMP_CWORD; i++)); do
          [[ ${COMP_WORDS[i]} == -- ]] && return
        done
        case $option in
      \(cases)
        *)
          if [[ $current == -* ]]; then
            COMPREPLY=($(compgen -W '\(spellings)' -- "$current"))
          else
            return
          fi
          ;;
        esac
        compopt +o default 2>/dev/null
      }
      complete -o default -F _\(name) \(name)

      """
  }

  /// The branch that completes the values of `option`; nil for a flag.
  private static func values(_ option: Option) -> String? {
    guard let argument = option.argument else { return nil }
    let names = option.choices.map(\.name).joined(separator: " ")
    let action =
      switch argument.values {
      case .file: "return"
      case .any: ":"
      case .interface:
        // Not by `compgen -W`, which expands what it is given: the name of an interface may be anything.
        """
        local name
            while read -r name _; do
              [[ $name == "$current"* ]] && COMPREPLY+=("$(printf %q "$name")")
            done < <(\(Manual.name) -D 2>/dev/null)
        """
      case .one: #"COMPREPLY=($(compgen -W '\#(names)' -- "$current"))"#
      case .some:
        """
        [[ $current == *,* ]] && before=${current%,*},
            COMPREPLY=($(compgen -P "$before" -W '\(names)' -- "${current##*,}"))
            compopt -o nospace 2>/dev/null
        """
      }
    return """
        \(option.spellings.joined(separator: " | ")))
          \(action)
          ;;
      """
  }
}
