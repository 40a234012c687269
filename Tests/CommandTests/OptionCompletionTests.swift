import Testing

@testable import WSTapCommand

@Suite("The completions")
struct OptionCompletionTests {
  @Suite("of bash", .enabled(if: Tool("bash") != nil, "bash is not installed"))
  struct Bash {
    private let bash: Tool

    init() throws { bash = try #require(Tool("bash")) }

    @Test("can be parsed")
    func parses() throws {
      let result = try bash.run("-n", file: BashCompletion.text(testTable))
      #expect(result.output.isEmpty && result.code == 0)
    }

    /// What bash offers when the tab key is pressed after `words`, given as bash splits them.
    private func completions(_ words: String...) throws -> [String] {
      let array = words.map { "'\($0)'" }.joined(separator: " ")
      let call = """
        COMP_WORDS=(\(array)); COMP_CWORD=\(words.count - 1); _wstap
        ((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}"
        exit 0
        """
      let result = try bash.run("--norc", file: BashCompletion.text(testTable) + call)
      #expect(result.code == 0)
      return result.output.split(separator: "\n").map(String.init)
    }

    @Test("offer the options that go on from what is typed")
    func options() throws {
      #expect(try completions("wstap", "--for") == ["--format"])
      #expect(try completions("wstap", "-x", "a.pcap", "--co") == ["--connection", "--context", "--color", "--count"])
      #expect(try completions("wstap", "-") == testTable.options.flatMap(\.spellings))
    }

    @Test("offer the values of a closed set, with and without the equals sign, and one by one in a list")
    func values() throws {
      #expect(try completions("wstap", "--format", "") == ["text", "tree", "ndjson"])
      #expect(try completions("wstap", "--format", "=") == ["text", "tree", "ndjson"])
      #expect(try completions("wstap", "--format", "=", "t") == ["text", "tree"])
      #expect(try completions("wstap", "--only", "c") == ["capture", "connection"])
      #expect(try completions("wstap", "--only", "frame,m") == ["frame,message"])
    }

    @Test("leave file names to bash")
    func files() throws {
      #expect(try completions("wstap", "-r", "").isEmpty)
      #expect(try completions("wstap", "--output", "").isEmpty)
      #expect(try completions("wstap", "a").isEmpty)
      #expect(try completions("wstap", "--", "--for").isEmpty)
    }
  }

  @Suite("of zsh", .enabled(if: Tool("zsh") != nil, "zsh is not installed"))
  struct Zsh {
    private let zsh: Tool

    init() throws { zsh = try #require(Tool("zsh")) }

    @Test("can be parsed")
    func parses() throws {
      let result = try zsh.run("-f", "-n", file: ZshCompletion.text(testTable))
      #expect(result.output.isEmpty && result.code == 0)
    }

    @Test("give _arguments one specification a spelling, and _values one word a record type")
    func specifications() throws {
      // `_arguments` evaluates an action into words, in which an unquoted [ would be a pattern.
      let call = """

        compdef() {}
        _arguments() {
          print -r -- $#
          local specification=${(M)@:#\\*--only=*} action
          eval "action=( ${specification##*: } )"
          print -rl -- $action
        }
        _wstap
        """
      let lines = try zsh.run("-f", file: "compdef() {}\n" + ZshCompletion.text(testTable) + call).output
        .split(separator: "\n").map(String.init)
      // -s -S : and the files come on top.
      #expect(lines.first == "\(testTable.options.flatMap(\.spellings).count + 4)")
      #expect(
        Array(lines.dropFirst())
          == ["_values", "-s", ",", "TYPE"] + RecordType.allCases.map { "\($0.rawValue)[\($0.summary)]" })
    }
  }

  @Suite("of fish", .enabled(if: Tool("fish") != nil, "fish is not installed"))
  struct Fish {
    private let fish: Tool

    init() throws { fish = try #require(Tool("fish")) }

    @Test("can be parsed")
    func parses() throws {
      let result = try fish.run("--no-execute", file: FishCompletion.text(testTable))
      #expect(result.output.isEmpty && result.code == 0)
    }

    /// What fish offers after `line`, without the descriptions.
    private func completions(_ line: String) throws -> [String] {
      let result = try fish.run(file: FishCompletion.text(testTable) + "complete -C '\(line)'\n")
      #expect(result.code == 0)
      return result.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
    }

    @Test("offer options, values, and files where a file belongs")
    func offers() throws {
      #expect(try completions("wstap --for") == ["--format"])
      #expect(try Set(completions("wstap -")).isSuperset(of: testTable.options.map { "--\($0.name)" }))
      #expect(try completions("wstap --format ").sorted() == ["ndjson", "text", "tree"])
      #expect(try completions("wstap --only frame,m") == ["frame,message"])
      #expect(try completions("wstap --read inp") == ["input"])
      #expect(try completions("wstap inp") == ["input"])
      #expect(try completions("wstap --count inp").isEmpty)
    }
  }
}
