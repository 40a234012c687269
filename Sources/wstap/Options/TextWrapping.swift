/// `text` broken at spaces into lines of at most `width` characters, each after `indent` spaces that count towards the
/// width. A word that is too long for a line has one of its own.
func wrapped(_ text: String, width: Int, indent: Int = 0) -> [String] {
  let margin = String(repeating: " ", count: indent)
  var lines: [String] = []
  var line = ""
  for word in text.split(separator: " ") {
    if !line.isEmpty, indent + line.count + 1 + word.count > width {
      lines.append(margin + line)
      line = ""
    }
    line += (line.isEmpty ? "" : " ") + word
  }
  if !line.isEmpty { lines.append(margin + line) }
  return lines
}

/// `text` without its backquotes, for a terminal.
func withoutMarks(_ text: String) -> String { text.filter { $0 != "`" } }

/// `text` with spaces after it up to `width` characters.
func padded(_ text: String, to width: Int) -> String {
  text + String(repeating: " ", count: max(0, width - text.count))
}
