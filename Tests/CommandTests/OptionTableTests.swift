import Testing

@testable import WSTapCommand

@Suite("The option table")
struct OptionTableTests {
  @Test("names and letters are unique, and typed without quoting")
  func unique() {
    let spellings = testTable.options.flatMap(\.spellings)
    #expect(Set(spellings).count == spellings.count)
    for spelling in spellings {
      let isLetter = spelling.count == 2  // which may be a capital
      #expect(
        spelling.allSatisfy { $0 == "-" || $0.isASCII && $0.isLetter && (isLetter || $0.isLowercase) }, "\(spelling)")
    }
  }

  @Test("the options of a group stand together, in the order of the groups")
  func groups() {
    var order: [Option.Group] = []
    for option in testTable.options where order.last != option.group { order.append(option.group) }
    #expect(order == Option.Group.allCases)
  }

  @Test("every option appears in -h, --help, the manual page and the completions", arguments: testTable.options)
  func appearsEverywhere(_ option: Option) {
    let label = ShortHelp.label(option)
    let short = ShortHelp.text(testTable).split(separator: "\n")
    #expect(short.count { $0.hasPrefix(label + " ") && $0.hasSuffix(option.summary) } == 1)
    #expect(LongHelp.text(testTable, width: 80).split(separator: "\n").count { $0 == label } == 1)
    let item = "Fl \\-" + option.name.split(separator: "-").joined(separator: "\\-")
    #expect(
      ManualPage.text(testTable).split(separator: "\n").count {
        $0.hasPrefix(".It") && ($0.hasSuffix(item) || $0.contains(item + " Ar"))
      } == 1)
    #expect(ZshCompletion.text(testTable).contains("--\(option.name)"))
    #expect(FishCompletion.text(testTable).contains(" -l \(option.name) "))
    let words = BashCompletion.text(testTable).split { " '\n".contains($0) }
    for spelling in option.spellings { #expect(words.contains { $0 == spelling }, "\(spelling)") }
  }

  @Test("every value of a closed set is in --help, the manual page and the completions", arguments: testTable.options)
  func valuesAppearEverywhere(_ option: Option) {
    let texts = [
      LongHelp.text(testTable, width: 80), ManualPage.text(testTable), BashCompletion.text(testTable),
      ZshCompletion.text(testTable), FishCompletion.text(testTable),
    ]
    for choice in option.choices {
      for text in texts { #expect(text.contains(choice.name), "\(choice.name)") }
    }
  }

  @Test("every option says something in plain ASCII, and does what its default says when it is not given")
  func wording() {
    for option in testTable.options {
      #expect(!option.summary.isEmpty && option.summary.count <= ShortHelp.summaryWidth, "\(option.name)")
      #expect(!option.summary.hasSuffix(".") && option.details.hasSuffix("."), "\(option.name)")
      #expect((option.summary + option.details).allSatisfy { $0.isASCII }, "\(option.name)")
      #expect(option.details.count { $0 == "`" }.isMultiple(of: 2), "\(option.name)")
    }
    #expect(testTable.defaults.format == testTable.option(named: "format")?.defaultText)
    #expect(testTable.defaults.color.rawValue == testTable.option(named: "color")?.defaultText)
    #expect(testTable.option(named: "max-payload")?.defaultText == "64k")
    #expect(testTable.defaults.payloadLimit == 64 * 1024)
  }

  @Test("the names of record types are those of the JSON contract")
  func recordTypes() {
    let names = ["capture", "connection", "frame", "message", "diagnostic", "end", "tls", "summary"]
    #expect(RecordType.allCases.map(\.rawValue) == names)
  }

  @Test("a table with more formats than fit on a line still has a short help of 60 columns")
  func manyFormats() {
    let table = OptionTable(formats: (1...12).map { (name: "format-\($0)", summary: "number \($0)") })
    #expect(ShortHelp.text(table).split(separator: "\n").allSatisfy { $0.count <= 60 })
    #expect(LongHelp.text(table, width: 60).contains("format-12  number 12"))
  }
}
