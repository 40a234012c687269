import Testing

@testable import WSTapCommand

@Suite("What a wrong command line is told")
struct OptionErrorTests {
  @Test(
    "the sentence says what is wrong and what was probably meant",
    arguments: [
      (["--fromat", "x"], "unknown option '--fromat'; did you mean '--format'?"),
      (["--colour", "x"], "unknown option '--colour'; did you mean '--color'?"),
      (["--QUIET"], "unknown option '--QUIET'; did you mean '--quiet'?"),
      (["--list-diag"], "unknown option '--list-diag'; did you mean '--list-diagnostics'?"),
      (["--diagnostics"], "unknown option '--diagnostics'; did you mean '--list-diagnostics'?"),
      (["--bogus=1"], "unknown option '--bogus'"),
      (["--=1"], "unknown option '--'"),
      (["-z"], "unknown option '-z'"),
      (["-X"], "unknown option '-X'; did you mean '-x'?"),
      (["-qz"], "unknown option '-z' in '-qz'"),
      (["-version"], "unknown option '-v' in '-version'; did you mean '--version'?"),
      (["-format", "x"], "option '-f' needs an interface to capture from, given with -i; did you mean '--format'?"),
      (["-r"], "option '-r' needs a value (FILE)"),
      (["--read"], "option '--read' needs a value (FILE)"),
      (["--only", "--json"], "option '--only' needs a value (TYPE,...), but '--json' follows"),
      (["--json=yes"], "option '--json' takes no value, but is given 'yes'"),
      (["--color=allways"], "invalid value 'allways' for '--color'; did you mean 'always'?"),
      (["--color", "red"], "invalid value 'red' for '--color': give auto, always or never"),
      (["--format", "json"], "invalid value 'json' for '--format'; did you mean 'ndjson'?"),
      (["--only", "frame,mesage"], "invalid value 'mesage' for '--only'; did you mean 'message'?"),
      (["--generate", "pdf"], "invalid value 'pdf' for '--generate': give man, bash, zsh or fish"),
      (["-c", "0"], "invalid value '0' for '-c': give a whole number, 1 or more"),
      (
        ["--max-payload", "1T"],
        "invalid value '1T' for '--max-payload': give a number of bytes such as 4096, 64k or 1M, or none"
      ),
      ([], "no capture file given"),
      (["-"], "standard input is a terminal; pipe a capture in, or name a file"),
    ])
  func sentences(_ arguments: [String], _ sentence: String) {
    do throws(UsageError) {
      _ = try CommandLineParser.parse(arguments, table: testTable, stdinIsTerminal: true)
      Issue.record("accepted")
    } catch {
      #expect(error.description == sentence)
      #expect(error.report.hasPrefix("wstap: \(sentence)\n"))
      #expect(error.report.hasSuffix("\nTry 'wstap -h' for the list of options.\n"))
    }
  }

  @Test("the usage is shown when there is nothing to read")
  func usage() {
    #expect(UsageError.noInput(stdinIsTerminal: false).report.contains("'wstap -'\nUsage: wstap "))
  }

  @Test("control characters in an argument do not reach the terminal")
  func controlCharacters() {
    let report = usageError("--\u{1B}[31mred\u{7}\u{9B}é")?.report ?? ""
    #expect(report.hasPrefix(#"wstap: unknown option '--\u{1b}[31mred\u{7}\u{9b}é'"#))
    #expect(!report.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
  }

  @Test("a distance counts insertions, removals, replacements and swaps")
  func distances() {
    #expect(Suggestion.distance("format", "format") == 0)
    #expect(Suggestion.distance("fromat", "format") == 1)
    #expect(Suggestion.distance("formt", "format") == 1)
    #expect(Suggestion.distance("formmat", "format") == 1)
    #expect(Suggestion.distance("farmat", "format") == 1)
    #expect(Suggestion.distance("", "hex") == 3)
    #expect(Suggestion.distance("hex", "") == 3)
    #expect(Suggestion.distance("kitten", "sitting") == 3)
  }

  @Test("every option is found again after any two neighbouring letters were swapped", arguments: testTable.options)
  func swaps(_ option: Option) {
    let names = testTable.options.map(\.name)
    for index in option.name.indices.dropLast() {
      var letters = Array(option.name)
      let offset = option.name.distance(from: option.name.startIndex, to: index)
      letters.swapAt(offset, offset + 1)
      #expect(Suggestion.nearest(to: String(letters), among: names) == option.name)
    }
  }

  @Test("nothing is suggested for what is far from everything, or absurdly long")
  func nothingNear() {
    let names = testTable.options.map(\.name)
    #expect(Suggestion.nearest(to: "zygote", among: names) == nil)
    #expect(Suggestion.nearest(to: "", among: names) == nil)
    #expect(Suggestion.nearest(to: String(repeating: "format", count: 10_000), among: names) == nil)
  }
}
