import Bytes
import Filter
import TestSupport
import Testing

@testable import Export

@Suite("What was searched for is marked wherever payloads are shown")
struct MarkedMatchTests {
  private static let begin = "\u{1B}[1;7m"
  private static let end = "\u{1B}[0m"

  private func options(
    _ search: String?, follows: Bool = true, hex: Bool = false, width: Int? = nil, isColored: Bool = true
  ) -> ExportOptions {
    var options = ExportOptions()
    options.isColored = isColored
    options.search = search.map { SearchPattern(Array($0.utf8), ignoresCase: false) }
    options.showsWholeMessages = follows
    options.showsHex = hex
    options.width = width
    return options
  }

  private func shown(_ content: [UInt8], _ options: ExportOptions, isBinary: Bool = false) -> [String] {
    var story = Story(TextExporter.self, options)
    story.message(content) { if isBinary { $0.message.opcode = .binary } }
    return story.lines
  }

  /// The parts of `text` that are marked, one behind the other.
  private func marked(_ text: String) -> String {
    text.split(separator: Self.begin, omittingEmptySubsequences: false).dropFirst().map { part in
      part.split(separator: Self.end, omittingEmptySubsequences: false).first.map { String($0) } ?? ""
    }.joined()
  }

  private func withoutStyles(_ text: String) -> String {
    text.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
  }

  @Test("in a text of several lines, also where the match goes from one to the next")
  func text() {
    let lines = shown(Array("one two\nthree".utf8), options("two\nth"))
    #expect(
      lines.dropFirst() == [
        "    one \(Self.begin)two\\n\(Self.end)", "    \(Self.begin)th\(Self.end)ree",
      ])
    let long = String(repeating: "0123456789", count: 20)
    let wrapped = shown(Array(long.utf8), options("89.*90", width: 60)).dropFirst()
    #expect(wrapped.count == 4 && marked(wrapped.joined()) == long.dropFirst(8).dropLast(9))
  }

  @Test("in JSON, with commas and colons, and the colour of what is around goes on")
  func json() {
    let lines = shown(Array(#"{"a" : "xyz", "b":1}"#.utf8), options(#"y.*b"#))
    let green = TerminalStyle.green.sequence
    #expect(marked(lines[1]) == #"yz","b"#)
    #expect(lines[1].contains("x\(Self.begin)yz\"\(Self.end)\(green)"))
    #expect(marked(shown(Array(#"["a\\\\b\\u0041c"]"#.utf8), options(#"b\\\\u0041"#))[1]) == #"b\\u0041"#)
  }

  @Test("in hex and in ASCII of a dump, over the ends of rows")
  func dump() {
    let content = Array("0123456789abcdefghij".utf8)
    let lines = shown(content, options("efgh", follows: false, hex: true))
    #expect(lines[1].hasSuffix("\(Self.begin)65 66\(Self.end)  0123456789abcd\(Self.begin)ef\(Self.end)"))
    #expect(
      lines[2].contains("  \(Self.begin)67 68\(Self.end) 69 6a") && lines[2].hasSuffix("\(Self.begin)gh\(Self.end)ij"))
    let plain = shown(content, options("efgh", follows: false, hex: true, isColored: false))
    #expect(lines.dropFirst().map(withoutStyles) == Array(plain.dropFirst()))
  }

  @Test("a part of a long binary payload is shown from shortly before the first match, and where that is")
  func later() {
    var content = [UInt8](repeating: 0, count: 5000)
    content.replaceSubrange(1000..<1004, with: Array("here".utf8))
    let lines = shown(content, options("here", isColored: false), isBinary: true)
    #expect(lines[1] == "    … 960 before")
    #expect(lines[2].hasPrefix("    0003c0  00 00") && lines[4].contains("00003e0") == false)
    #expect(lines[4].hasPrefix("    0003e0  00 00 00 00 00 00 00 00  68 65 72 65"))
    #expect(lines.last == "    … 3784 more" && lines.count == 2 + 16 + 1)
    let line = shown(content, options("here", follows: false, isColored: false), isBinary: true)[0]
    #expect(line.contains("  … 0x3e6: 00 00 68 65 72 65 00 00 "), "\(line)")
    #expect(TerminalText.columns(of: line) <= 160)
    let early = shown(content, options("^\\0", follows: false, isColored: false), isBinary: true)[0]
    #expect(early.contains("    5000  00 00 00"), "\(early)")
    var tree = Story(TreeExporter.self, options("here", isColored: false))
    tree.message(content) { $0.message.opcode = .binary }
    #expect(tree.lines.contains("    … 960 before") && tree.lines.contains("    … 3784 more"))
    let text = String(repeating: "a", count: 9000) + "here" + String(repeating: "b", count: 9000)
    tree.text(text)
    #expect(tree.lines.contains("    … 8744 before") && tree.lines.contains("    … 5164 more"), "\(tree.lines)")
  }

  @Test("marks change nothing but colours")
  func same() {
    var chance = SeededGenerator.announced("marks")
    let pieces = [
      "a", "b ", "\"", "\\", "n", "\n", "é", "🌊", "\u{1B}", "{", "}", "[", "]", ":", ",", "1", "\\u0041", "\u{301}",
    ]
    for _ in 0..<400 {
      var text = (0..<Int.random(in: 0...60, using: &chance)).map { _ in pieces.randomElement(using: &chance) ?? "" }
        .joined()
      if Bool.random(using: &chance) {
        let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
        text = "{\"k\": [\"\(quoted.replacing("\u{1B}", with: ""))\", 12]}"
      }
      let search = ["a", "b.", "..", "[^a]+", "(?s).*", "\\\\", "1", "\\W+"].randomElement(using: &chance)
      let width = [nil, 48, 60].randomElement(using: &chance) ?? nil
      let hex = Bool.random(using: &chance)
      let plain = shown(Array(text.utf8), options(nil, hex: hex, width: width, isColored: false))
      let coloured = shown(Array(text.utf8), options(search, hex: hex, width: width)).map(withoutStyles)
      #expect(plain == coloured, "\(text) \(search ?? "")")
    }
  }
}
