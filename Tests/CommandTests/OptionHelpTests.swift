import Testing

@testable import WSTapCommand

@Suite("The helps and the manual page")
struct OptionHelpTests {
  @Test("-h has one line an option and fits into 60 columns")
  func shortHelp() {
    let lines = ShortHelp.text(testTable).split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.count <= 60 && !$0.hasSuffix(" ") })
    #expect(lines.count { $0.hasPrefix("  ") && $0.contains("--") } == testTable.options.count)
    #expect(lines.contains { $0.hasPrefix("Usage: wstap [OPTION]... FILE...") })
    #expect(lines.contains("Output:"))
  }

  @Test("--help fits into the width that it is given", arguments: [60, 72, 80, 100])
  func longHelpWidth(_ width: Int) {
    for line in LongHelp.text(testTable, width: width).split(separator: "\n", omittingEmptySubsequences: false) {
      #expect(line.count <= width && !line.hasSuffix(" "), "\(line)")
    }
  }

  @Test("--help is still text at the absurd widths that a terminal may claim", arguments: [Int.min, 0, 1, Int.max])
  func longHelpAbsurdWidth(_ width: Int) {
    let expected = LongHelp.text(testTable, width: width < 40 ? 40 : 100)
    #expect(LongHelp.text(testTable, width: width) == expected)
  }

  @Test("--help has the examples, the exit codes and the environment, and no markup")
  func longHelpParts() {
    let help = LongHelp.text(testTable, width: 80)
    for example in Manual.examples { #expect(help.contains("\n  \(example.command)\n")) }
    #expect(help.contains("\n  2  The command line was wrong"))
    #expect(help.contains("\n  NO_COLOR  "))
    #expect(help.contains("Default: text.\n            text    lines for people\n"))
    #expect(!help.contains("`"))
  }

  @Test("the command lines of the examples are right")
  func examples() throws {
    for example in Manual.examples {
      // What follows `wstap` up to the next pipe; only apostrophes quote.
      let parts = example.command.split(separator: "'", omittingEmptySubsequences: false).map(String.init)
      let words = parts.enumerated().flatMap { part in
        part.offset.isMultiple(of: 2) ? part.element.split(separator: " ").map(String.init) : [part.element]
      }
      let own = words.drop { $0 != "wstap" }.dropFirst().prefix { $0 != "|" }
      let settings = try CommandLineParser.parse(Array(own), table: Main.table, stdinIsTerminal: false)
      #expect(settings.mode == .analyze)
    }
  }

  @Test("lines are broken at spaces only; the indent counts")
  func wrapping() {
    #expect(wrapped("a bc def", width: 4) == ["a bc", "def"])
    #expect(wrapped("a bc def", width: 6, indent: 2) == ["  a bc", "  def"])
    #expect(wrapped("unbreakable a b", width: 3) == ["unbreakable", "a b"])
    #expect(wrapped("", width: 10).isEmpty)
  }

  @Test("mandoc finds nothing to complain about", .enabled(if: Tool("mandoc") != nil, "mandoc is not installed"))
  func lint() throws {
    let tool = try #require(Tool("mandoc"))
    let complaints = try tool.run("-Tlint", file: ManualPage.text(testTable)).output.split(separator: "\n")
    // Whether the pages of tcpdump and tshark are installed here is not the page's business.
    let relevant = complaints.filter { !$0.contains("referenced manual not found") && !$0.contains("mandoc.db") }
    #expect(relevant.isEmpty)
  }

  @Test("the page prints what is to be typed as it is", .enabled(if: Tool("mandoc") != nil, "mandoc is not installed"))
  func page() throws {
    let tool = try #require(Tool("mandoc"))
    let page = try tool.run("-Tascii", "-Owidth=100", file: ManualPage.text(testTable)).output
    // Bold and underlined characters are overstruck: "x\bx", "_\bx".
    var plain: [UInt8] = []
    for byte in page.utf8 {
      if plain.last == 8 { plain.removeLast(2) }
      plain.append(byte)
    }
    let text = String(decoding: plain, as: UTF8.self)
    for example in Manual.examples { #expect(text.contains(example.command), "\(example.command)") }
    #expect(text.contains("-o, --output FILE"))
    #expect(text.contains("save as ~/.config/fish/completions/wstap.fish"))
    #expect(text.contains("wstap --generate man | man -l -"))
  }

  @Test("roff's special characters are escaped")
  func roff() {
    #expect(ManualPage.escaped(#"a-b \ 'c' `d` "e" ^~"#) == #"a\-b \e \(aqc\(aq \(gad\(ga \(dqe\(dq \(ha\(ti"#)
    #expect(ManualPage.prose("One. Two `a b`.") == ["One.", #"Two \fB\%a\~\%b\fP."#])
  }
}
