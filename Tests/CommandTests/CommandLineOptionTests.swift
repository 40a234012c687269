import Foundation
import TestSupport
import Testing

@Suite("The program's options, each in use")
struct CommandLineOptionTests {
  private static let chat = "Samples/browser-chat.pcap"

  /// A name for files in a folder of its own.
  private static let ringPath: String = {
    let folder = FileManager.default.temporaryDirectory.appending(path: "wstap-ring-\(UUID().uuidString)")
    try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder.appending(path: "out.pcapng").path()
  }()

  /// A folder that is not there yet.
  private static let extractionPath =
    FileManager.default.temporaryDirectory.appending(path: "wstap-extract-\(UUID().uuidString)").path()

  /// For every option of the help: how it is used, and what must then be on standard output.
  static let uses: [String: (arguments: [String], output: String)] = [
    "--read": (["-r", chat], "see you on the quay"),
    "--no-checksums": (["--no-checksums", chat], "see you on the quay"),
    "--only": (["--only", "end", "--json", chat], #"{"type":"end","connection":1"#),
    "--connection": (["--connection", "1", chat], "see you on the quay"),
    "--display-filter": (["-Y", "close.code == 1000", chat], "see you on the quay"),
    "--search": (["-g", "on the quay", chat], "see you on the quay"),
    "--ignore-case": (["-g", "QUAY", "--ignore-case", chat], "see you on the quay"),
    "--context": (["-Y", "type == end", "--context", "1", chat], "see you on the quay"),
    "--sender": (["--sender", "server", chat], "see you on the quay"),
    "--from": (["--from", "+1s", chat], "see you on the quay"),
    "--until": (["--until", "2027-01-01", chat], "see you on the quay"),
    "--hide-control": (["--hide-control", chat], "Ten past four, on the quay"),
    "--list-fields": (["--list-fields"], "websocket.payload.close.status_code"),
    "--format": (["--format", "tree", chat], ".... 0001 opcode    1 text"),
    "--json": (["--json", chat], #"{"type":"capture","schema":1"#),
    "--follow": (["--follow", "1", chat], "\n    {\"type\": \""),
    "--view": (["--view", "json", "--json", chat], #""view":{"name":"json"}"#),
    "--no-view": (["--no-view", "--json", chat], #""valid_utf8":true,"truncated":false}"#),
    "--redact": (["--redact", "json.text", "--json", chat], "\"text\\\":\\\"***"),
    "--stats": (["--stats", chat], "ping of server to pong"),
    "--extract": (["--extract", extractionPath, "--format", "text", chat], "see you on the quay"),
    "--fields": (["--format", "csv", "-e", "sender,json.type", chat], "client,join\r\n"),
    "--raw-values": (["--format", "tsv", "--raw-values", chat], "Carrot cake?"),
    "--hex": (["-x", chat], "000000  7b 22 74 79 70 65 22 3a"),
    "--output": (["-o", "-", chat], "see you on the quay"),
    "--write-file": (["-w", "-", chat], "wstap 0."),
    "--write": (["-w", "-", "--write", "websocket", chat], "wstap 0."),
    "--ring": (["-w", ringPath, "--ring", "size=1M", "--format", "text", chat], "see you on the quay"),
    "--line-buffered": (["-l", chat], "see you on the quay"),
    "--color": (["--color", "always", chat], "\u{1B}["),
    "--quiet": (["-q", chat], "see you on the quay"),
    "--count": (["-c", "12", chat], "still open when the capture ended"),
    "--keylog": (
      ["--keylog", "Samples/tls13-key-log.keys", "Samples/tls13-key-log.pcap"], "wss://127.0.0.1:8443/chat"
    ),
    "--rsa-key": (["--rsa-key", "Tests/Fixtures/tls/server.pem", chat], "see you on the quay"),
    "--tls": (["--tls", "Samples/tls13-key-log.pcap"], "not decrypted: there are no keys"),
    "--jobs": (["-j", "2", "--json", chat], #"{"type":"capture","schema":1"#),
    "--max-payload": (["--max-payload", "5", "--json", chat], #""text":"{\"typ","valid_utf8":true,"truncated":true"#),
    "--fail-on": (["--fail-on", "note", chat], "see you on the quay"),
    "--assume-websocket": (["--assume-websocket", "8080", "Samples/joined-midway.pcap"], "joined midway  assumed"),
    "--numeric": (["-n", chat], "127.0.0.1:8080"),
    "--list-diagnostics": (["--list-diagnostics"], "frame.not-masked"),
    "--generate": (["--generate", "man"], ".Dt WSTAP 1"),
    "--help": (["-h"], "Usage: wstap [OPTION]... FILE..."),
    "--version": (["--version"], "wstap "),
  ]

  @Test("every option of -h has a use here, and works", arguments: uses.keys.sorted())
  func use(option: String) throws {
    let use = try #require(Self.uses[option])
    let run = try runTool(use.arguments)
    #expect(run.code == 0 && run.text.contains(use.output), "\(run.text.prefix(500)) \(run.error)")
  }

  @Test("no option is forgotten")
  func all() throws {
    let help = try runTool(["-h"])
    let options = help.lines.filter { $0.hasPrefix("  ") }.compactMap { $0.firstMatch(of: /--[a-z-]+/)?.output }
    #expect(options.map(String.init).sorted() == (Self.uses.keys + LiveCommandTests.options).sorted())
    #expect(help.error.isEmpty)
  }

  // MARK: Which records

  @Test("that frames and messages are only counted changes nothing of what else is told", arguments: SampleFiles.names)
  func counted(sample: String) throws {
    let types = ["capture", "connection", "diagnostic", "end", "summary"]
    let all = try runTool(["--json", "Samples/\(sample)"]).lines
    let counted = try runTool(["--json", "--only", types.joined(separator: ","), "Samples/\(sample)"]).lines
    #expect(counted == all.filter { line in types.contains { line.hasPrefix(#"{"type":"\#($0)""#) } })
  }

  @Test("--only shows these types and no others")
  func only() throws {
    let types = ["capture", "connection", "frame", "message", "diagnostic", "end", "summary"]
    let all = try runTool(["--json", "Samples/capture-gap.pcap"]).lines
    for type in types {
      let run = try runTool(["--json", "--only", type, "Samples/capture-gap.pcap"])
      #expect(run.lines == all.filter { $0.hasPrefix(#"{"type":"\#(type)""#) } && !run.lines.isEmpty)
    }
    #expect(try runTool(["--json", "--only", types.joined(separator: ","), "Samples/capture-gap.pcap"]).lines == all)
    let several = try runTool(["--json", "--only", "end", "--only", "capture", "Samples/capture-gap.pcap"])
    #expect(several.lines.count == 2)
  }

  @Test("--connection shows these connections and no others, and the code tells whether there were any")
  func connection() throws {
    let sample = "Samples/pcapng-two-interfaces.pcapng"
    let both = try runTool(["--json", sample]).lines
    for number in 1...2 {
      let run = try runTool(["--json", "--connection", "\(number)", sample])
      #expect(run.lines == both.filter { !$0.contains(#""connection":\#(3 - number),"#) })
    }
    #expect(try runTool(["--json", "--connection", "1,2", sample]).lines == both)
    let none = try runTool(["--connection", "3", sample])
    #expect(none.code == 1 && none.output.isEmpty)
  }

  @Test("-c stops after so many packets, as if the capture ended there")
  func count() throws {
    let run = try runTool(["-c", "12", "--json", Self.chat])
    #expect(run.lines.last?.contains(#""packets":12,"#) == true)
    #expect(run.text.contains(#""ended_by":"capture-end""#))
    #expect(try runTool(["-c", "3", Self.chat]).code == 1, "no handshake in three packets")
    #expect(try runTool(["-c", "1000", Self.chat]).text == golden("browser-chat.txt"))
  }

  @Test("--max-payload cuts what is shown, not what is measured")
  func maxPayload() throws {
    let sample = "Samples/big-upload.pcap.zst"
    for (limit, kept, isCut) in [
      ("0", 0, true), ("16", 16, true), ("64k", 65_536, true), ("80000", 80_000, false), ("none", 80_000, false),
    ] {
      let run = try runTool(["--json", "--only", "message", "--max-payload", limit, sample])
      let message = try JSONValue(parsing: String(try #require(run.lines.dropFirst().first)))
      #expect(message["length"]?.double == 80_000 && message["truncated"]?.bool == isCut)
      let bytes = try #require(message["base64"]?.string.flatMap { Data(base64Encoded: $0) })
      #expect(bytes.count == kept, "--max-payload \(limit)")
    }
  }

  // MARK: What is said, and the exit code

  @Test("--fail-on makes diagnostics of that severity count", arguments: ["note", "warning", "error"])
  func failOn(severity: String) throws {
    let codes = try ["browser-chat", "capture-gap", "close-1007-bad-utf8"].map { sample in
      try runTool(["--fail-on", severity, "Samples/\(sample).pcap"]).code
    }
    #expect(codes == (severity == "error" ? [0, 0, 1] : [0, 1, 1]))
  }

  @Test("--fail-on counts what --connection shows, and the capture's own; --only does not matter")
  func failOnShown() throws {
    func code(_ arguments: String...) throws -> Int32 { try runTool(["--fail-on", "error"] + arguments).code }
    let faults = "Samples/handshake-faults.pcap"  // of the first three connections, the last is upgraded
    #expect(try code(faults) == 1)
    #expect(try code("--connection", "3", faults) == 1)
    #expect(try code("--only", "message", faults) == 1)
    #expect(try code("--connection", "1", "Samples/quiet-ends.pcap", faults) == 0)
    #expect(try runTool(["--fail-on", "warning", "--connection", "1", "Samples/cut-short.pcap"]).code == 1)
  }

  @Test("what the capture says of drops is told once an interface, and in the summary")
  func drops() throws {
    let run = try runTool(["--json", "--only", "diagnostic,summary", "Samples/capture-drops.pcapng"])
    let records = try run.lines.map { try JSONValue(parsing: String($0)) }
    #expect(records.map { $0["type"]?.string } == ["diagnostic", "summary"])
    #expect(records.first?["code"]?.string == "capture.drops")
    #expect(
      records.first?["message"]?.string?.hasSuffix(
        "interface mirror0: 12 by the interface, 340 by the operating system")
        == true)
    #expect(records.last?["drops"]?.integer == 352)
    #expect(run.error.contains("352 packets dropped while the capture was made"))
    let none = try runTool(["--json", "--only", "diagnostic,summary", "Samples/pcapng-two-interfaces.pcapng"])
    #expect(none.lines.count == 1)
    let silent = try runTool(["--json", "--only", "summary", Self.chat])
    #expect(try JSONValue(parsing: String(try #require(silent.lines.first)))["drops"] == .null)
  }

  @Test(
    "the exit code tells whether a connection was found",
    arguments: [("browser-chat", 0), ("refused-403", 1), ("tls13-key-log", 1)])
  func exitCode(sample: String, code: Int32) throws {
    #expect(try runTool(["Samples/\(sample).pcap"]).code == code)
  }

  @Test("-q leaves standard error to errors")
  func quiet() throws {
    #expect(try runTool(["-q", "Samples/cut-short.pcap"]).error.isEmpty)
    #expect(
      try runTool([Self.chat]).error
        == "wstap: 1 WebSocket connection, 10 messages in 14 frames; read 33 packets, 1 TCP connection\n")
    let run = try runTool(["-q", "missing.pcap", Self.chat])
    #expect(run.code == 2 && run.error.split(separator: "\n").count == 1)
  }

  @Test(
    "a wrong command line is answered with what to type instead",
    arguments: [
      (["--formt", "text"], "did you mean '--format'?"), (["--format", "jsn"], "invalid value 'jsn'"),
      (["--only", "frames"], "did you mean 'frame'?"), (["-c"], "needs a value"), (["-c", "0"], "1 or more"),
      (["-c", "-1"], "1 or more"), (["--connection", "one"], "1 or more"),
      (["--max-payload", "64q"], "such as 4096, 64k"),
      (["--quiet=yes"], "takes no value"), (["-", "-"], "only once"), ([], "no capture file given"),
    ] as [([String], String)])
  func usage(_ arguments: [String], _ answer: String) throws {
    let run = try runTool(arguments)
    #expect(run.code == 2 && run.output.isEmpty)
    #expect(run.error.contains(answer) && run.error.contains("Try 'wstap -h'"))
  }

  @Test("--list-diagnostics lists each of them once, on a line of its own")
  func listDiagnostics() throws {
    let lines = try runTool(["--list-diagnostics"]).lines
    let rows = lines.compactMap {
      $0.wholeMatch(of: /([a-z]+\.[a-z0-9-]+) +(?:note|warning|error) +(?:-|RFC [0-9]+ §[0-9.]+) +[A-Za-z].*/)
    }
    #expect(rows.count == lines.count && rows.count > 25)
    #expect(Set(rows.map(\.output.1)).count == rows.count)
  }

  @Test("what is generated is complete", arguments: ["man", "bash", "zsh", "fish"])
  func generate(kind: String) throws {
    let text = try runTool(["--generate", kind]).text
    for option in Self.uses.keys {
      // roff writes a minus sign as \-.
      #expect(text.replacing("\\-", with: "-").contains(option.dropFirst(2)), "\(option)")
    }
  }
}
