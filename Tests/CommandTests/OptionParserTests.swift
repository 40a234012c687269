import Testing

@testable import WSTapCommand

@Suite("Reading a command line")
struct OptionParserTests {
  @Test("a file alone asks for everything, with the defaults")
  func fileAlone() throws {
    var expected = Settings(format: "text")
    expected.inputs = [.file("a.pcap")]
    #expect(try parse("a.pcap") == expected)
    #expect(expected.mode == .analyze && expected.recordTypes == nil && expected.payloadLimit == 65_536)
  }

  @Test("files may come before, between and after the options, by -r or alone, and keep their order")
  func files() throws {
    let settings = try parse("a", "-r", "b", "-q", "--read=c", "d", "-re", "--read", "f", "-xqrg")
    #expect(settings.inputs == ["a", "b", "c", "d", "e", "f", "g"].map(Settings.Input.file))
    #expect(settings.isQuiet && settings.showsHex)
  }

  @Test("after -- everything is a file")
  func endOfOptions() throws {
    #expect(try parse("--", "-x", "--json", "--").inputs == [.file("-x"), .file("--json"), .file("--")])
  }

  @Test("a dash is standard input, also after -- and -r; it can be read once, and not from a terminal")
  func standardInput() throws {
    for arguments in [["-"], ["--", "-"], ["-r-"], ["--read=-"], ["-r", "-"]] {
      let settings = try CommandLineParser.parse(arguments, table: testTable, stdinIsTerminal: false)
      #expect(settings.inputs == [.standardInput])
    }
    #expect(throws: UsageError.repeatedStandardInput) {
      try CommandLineParser.parse(["-", "-r", "-"], table: testTable, stdinIsTerminal: false)
    }
    #expect(usageError("-") == .inputFromTerminal)
  }

  @Test("each option sets its own property")
  func properties() throws {
    #expect(try parse("--no-checksums", "f").acceptsWrongChecksums)
    #expect(try parse("--only", "end,frame", "f").recordTypes == [.frame, .end])
    #expect(try parse("--connection", "3,1,3", "f").connections == [1, 3])
    #expect(try parse("--format", "tree", "f").format == "tree")
    #expect(try parse("--json", "f").format == "ndjson")
    #expect(try parse("-x", "f").showsHex)
    #expect(try parse("-o", "out", "f").output == "out")
    #expect(try parse("-l", "f").flushesEachRecord)
    #expect(try parse("--color", "never", "f").color == .never)
    #expect(try parse("-q", "f").isQuiet)
    #expect(try parse("-c10", "f").packetLimit == 10)
    #expect(try parse("--fail-on=warning", "f").failureThreshold == .warning)
    #expect(try parse("-n", "f") == parse("f"))
  }

  @Test("lists add up, single values are replaced")
  func repetition() throws {
    #expect(try parse("--only", "frame", "--only=message", "f").recordTypes == [.frame, .message])
    #expect(try parse("--connection", "1", "--connection", "2", "f").connections == [1, 2])
    #expect(try parse("--format", "tree", "--format", "text", "f").format == "text")
    #expect(try parse("--format", "ndjson", "--json", "f").format == "ndjson")
    let conflict = UsageError.excludes(spelling: "--json", other: "--format tree")
    #expect(usageError("--format", "tree", "--json", "f") == conflict)
    #expect(usageError("--json", "--format", "tree", "f") == conflict)
    #expect(try parse("-o", "out", "-o", "-", "f").output == nil)
  }

  @Test("nothing can be asked of views that are not made")
  func views() throws {
    #expect(usageError("--view", "json", "--no-view", "f") == .excludes(spelling: "--view json", other: "--no-view"))
    #expect(usageError("--no-view", "-Y", "view == mqtt", "f") == .needsViews(spelling: "-Y", field: "view"))
    #expect(
      usageError("-Y", "length > 1 or stomp.command == \"SEND\"", "--no-view", "f")
        == .needsViews(spelling: "-Y", field: "stomp"))
    let table = try runTool(["--format", "csv", "-e", "time,view.line", "--no-view", "Samples/browser-chat.pcap"])
    #expect(table.code == 2 && table.error.contains("'view.line'"))
    #expect(try parse("--no-view", "-Y", "json.view == 1", "f").views.isOn == false)
  }

  @Test("names of views that there are not are no filters, and the right one is suggested")
  func viewNames() {
    for (name, right) in [("MQTT", "mqtt"), ("mqtttt", "mqtt"), ("socket.io", "socketio")] {
      guard let error = usageError("-Y", "view == \"\(name)\"", "f") else {
        Issue.record("\(name) was accepted")
        continue
      }
      #expect(error.description.contains("'\(right)'"), "\(error)")
    }
  }

  @Test(
    "sizes take binary suffixes",
    arguments: [
      ("0", 0), ("4096", 4096), ("64k", 65_536), ("64K", 65_536), ("1M", 1 << 20), ("2GiB", 2 << 30), ("none", nil),
      ("9223372036854775807", Int.max), ("8589934591G", 8_589_934_591 << 30),
    ] as [(String, Int?)])
  func sizes(_ text: String, _ size: Int?) throws {
    #expect(try parse("--max-payload", text, "f").payloadLimit == size)
  }

  @Test(
    "what is no size or no number is refused",
    arguments: [
      "--max-payload=", "--max-payload=-1", "--max-payload=1.5k", "--max-payload=k", "--max-payload=1T",
      "--max-payload=9223372036854775808", "--max-payload=8589934592G", "--max-payload=+1", "--max-payload=1 k",
      "--count=0", "--count=", "--count=+1", "--count=1e3", "--count=18446744073709551616", "--count=\u{663}",
      "--connection=0", "--connection=1,", "--connection=,", "--connection=1-3", "--read=", "--output=",
    ])
  func invalidValues(_ argument: String) {
    let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
    guard case .invalidValue(let spelling, _, _, nil)? = usageError(argument, "f") else {
      Issue.record("\(argument) was accepted")
      return
    }
    #expect(spelling == parts[0])
  }

  @Test("help and version are given at once, whatever follows; a mode needs no file")
  func modes() throws {
    #expect(try parse("-h").mode == .shortHelp)
    #expect(try parse("-qh", "--nonsense").mode == .shortHelp)
    #expect(try parse("--help", "-c", "many").mode == .longHelp)
    #expect(try parse("--version").mode == .version)
    #expect(try parse("--list-diagnostics").mode == .listDiagnostics)
    for kind in GeneratedFile.allCases {
      #expect(try parse("--generate", kind.rawValue).mode == .generate(kind))
    }
    #expect(usageError("--list-diagnostics", "--nonsense") != nil)
  }

  @Test("without a file there is nothing to do, and standard input is not read unless asked for")
  func noInput() {
    #expect(usageError() == .noInput(stdinIsTerminal: true))
    #expect(usageError("--json") == .noInput(stdinIsTerminal: true))
    #expect(throws: UsageError.noInput(stdinIsTerminal: false)) {
      try CommandLineParser.parse([], table: testTable, stdinIsTerminal: false)
    }
  }

  @Test("names are not completed by the parser: a script must not break when an option is added")
  func prefixes() {
    #expect(
      usageError("--conn", "1", "f") == .unknownOption("--conn", word: "--conn", suggestion: "--connection"))
  }
}
