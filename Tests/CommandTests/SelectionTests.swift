import Foundation
import TestSupport
import Testing

@Suite("Which records are shown: -Y, -g and what goes with them")
struct SelectionTests {
  private static let chat = "Samples/browser-chat.pcap"

  private func json(_ arguments: String...) throws -> [JSONValue] {
    try runTool(["--json", "-q"] + arguments).lines.map { try JSONValue(parsing: String($0)) }
  }

  private func types(_ records: [JSONValue]) -> [String] { records.compactMap { $0["type"]?.string } }

  @Test("records that a filter accepts are those of the whole output that it is true of")
  func filter() throws {
    let all = try runTool(["--json", Self.chat]).lines
    let some = try runTool(["--json", "-Y", "length > 50 and sender == server", Self.chat])
    let wanted = try all.filter { line in
      let record = try JSONValue(parsing: String(line))
      if ["capture", "summary"].contains(record["type"]?.string) { return true }
      return record["length"]?.double ?? 0 > 50 && record["sender"]?.string == "server"
    }
    #expect(some.lines == wanted && some.code == 0)
    #expect(some.error.contains("wstap: selected 6 of 26 records"))
  }

  @Test("the types of records that --only leaves out are known to the filter all the same")
  func only() throws {
    let records = try json("--only", "end", "-Y", #"url contains "/chat" and request.header["Host"]"#, Self.chat)
    #expect(types(records) == ["end"])
    #expect(types(try json("--only", "message", "-Y", #"url contains "nowhere""#, Self.chat)) == [])
    #expect(
      types(try json("--only", "message,summary", "-Y", "json.room", Self.chat)) == ["message", "message", "summary"])
  }

  @Test("without a match, the exit status is 1; a wrong filter is a wrong command line")
  func status() throws {
    let none = try runTool(["-Y", "length > 1MB", Self.chat])
    #expect(none.code == 1 && none.output.isEmpty && none.error.contains("selected 0 of 16 records"))
    #expect(try runTool(["-g", "nowhere", Self.chat]).code == 1)
    #expect(try runTool(["-Y", "length == 47", "--fail-on", "error", Self.chat]).code == 0)
    let wrong = try runTool(["-Y", "lenght > 5", Self.chat])
    #expect(wrong.code == 2 && wrong.output.isEmpty)
    #expect(
      wrong.error == """
        wstap: '-Y': there is no field 'lenght'; did you mean 'length'?
          lenght > 5
          ^^^^^^
        Try 'wstap --list-fields' for the fields; docs/filter.md has the language.

        """)
    let regex = try runTool(["-g", "a(b", Self.chat])
    #expect(regex.code == 2 && regex.error.contains("  a(b\n     ^\n"))
    #expect(try runTool(["-Y", "fin", "-Y", "fin", Self.chat]).error.contains("only once"))
    #expect(try runTool(["--context", "1", Self.chat]).error.contains("'--context' needs '-Y FILTER'"))
    #expect(try runTool(["--ignore-case", Self.chat]).error.contains("'--ignore-case' needs '-g REGEX'"))
    #expect(try runTool(["--from", "noon", Self.chat]).error.contains("2026-11-20T02:41:00Z"))
  }

  @Test("text shows frames where the filter is about them, and times as it does without a filter")
  func text() throws {
    let all = try runTool([Self.chat]).lines
    let messages = try runTool(["-Y", "type == message", Self.chat]).lines
    #expect(messages.first.map { all[1].hasPrefix($0.prefix(14)) } == true, "times count from the first connection")
    let frames = try runTool(["-Y", "websocket.opcode == 1", Self.chat]).lines
    #expect(frames.count == 9 && frames.allSatisfy { $0.contains(" text ") })
  }

  @Test("-g searches messages after inflating, and control frames; in frames only where messages are not shown")
  func search() throws {
    let found = try json("-g", "qu[a]y", Self.chat).filter { $0["type"]?.string != "summary" }.dropFirst()
    #expect(found.map { $0["type"]?.string } == ["message", "message", "frame", "frame"])
    #expect(found.allSatisfy { $0["text"]?.string?.contains("quay") == true })
    #expect(try json("-g", "QUAY", Self.chat).count == 2, "case matters")
    #expect(try json("-g", "QUAY", "--ignore-case", Self.chat).count == 6)
    #expect(try json("--only", "frame", "-g", "quay", Self.chat).count == 2, "compressed frames are not inflated")
    #expect(
      try json("--only", "message", "-g", #"^\x89PNG"#, Self.chat).isEmpty, "bytes that are no UTF-8 match nothing")
    #expect(try json("--only", "message", "-g", "PNG", Self.chat).count == 1)
  }

  @Test("matches are marked in coloured text, and never cut off")
  func highlight() throws {
    let coloured = try runTool(["--color", "always", "-g", "quay", Self.chat])
    #expect(coloured.text.contains("on the \u{1B}[1;7mquay\u{1B}[0m?") && coloured.lines.count == 4)
    #expect(coloured.text.contains("see you on the \u{1B}[1;7mquay"), "in the reason of a close frame")
    let plain = try runTool(["-g", "quay", Self.chat])
    #expect(!plain.text.contains("\u{1B}"))
    let long = try runTool(["-g", "minutes\":41", "Samples/subprotocol-graphql.pcap"])
    #expect(long.lines.count == 1 && long.text.contains(#""minutes":41"#))
    let hidden = try runTool(["-g", "arrivals.*minutes", "--max-payload", "none", "Samples/subprotocol-graphql.pcap"])
    #expect(hidden.lines.allSatisfy { $0.contains("arrivals") }, "the line begins shortly before the match")
  }

  @Test("--context shows neighbours of the same connection, each once")
  func context() throws {
    let all = try json("--only", "message", Self.chat)
    for count in [1, 2, 5, 100] {
      let some = try json("--only", "message", "-Y", "message in {4 6}", "--context", "\(count)", Self.chat)
      let wanted = all.enumerated().filter { i, _ in abs(i - 3) <= count || abs(i - 5) <= count }.map(\.element)
      #expect(some == wanted, "--context \(count)")
    }
    let two = "Samples/pcapng-two-interfaces.pcapng"
    let found = try json("--only", "message", "-Y", "connection == 2 and message == 1", "--context", "1", two)
    #expect(!found.isEmpty && found.allSatisfy { $0["connection"]?.integer == 2 })
  }

  @Test("--sender, --from, --until and --hide-control")
  func others() throws {
    let client = try json("--sender", "client", Self.chat)
    #expect(
      client.allSatisfy { $0["sender"] == nil || $0["sender"]?.string == "client" } && types(client).contains("end"))
    let early = try json("--only", "message", "--until", "+1s", Self.chat)
    let late = try json("--only", "message", "--from", "+1s", Self.chat)
    let all = try json("--only", "message", Self.chat)
    #expect(early.count == 3 && early + late == all)
    let absolute = try json("--only", "message", "--from", "2026-11-20T04:52:03Z", Self.chat)
    #expect(absolute == late)
    #expect(try json("--from", "2026-11-21", "--only", "frame", Self.chat).isEmpty)
    let data = try json("--only", "frame", "--hide-control", Self.chat)
    #expect(data.count == 10 && data.allSatisfy { $0["opcode"]?.integer ?? 8 < 8 })
    #expect(try runTool(["--hide-control", "-q", Self.chat]).lines.count == 12)
  }

  @Test("what --max-payload leaves out is not searched, and that is said")
  func partly() throws {
    let run = try runTool(["-g", "quay", "--max-payload", "20", Self.chat])
    #expect(run.error.contains("payloads searched only as far as stored (--max-payload, 20 bytes)"))
    for arguments in [["-g", "quay", Self.chat], ["-Y", "length > 5", "--max-payload", "20", Self.chat]] {
      let whole = try runTool(arguments)
      #expect(!whole.error.contains("searched only"))
    }
    #expect(
      try runTool(["-Y", "text contains 'quay'", "--max-payload", "20", Self.chat]).error.contains("searched only"))
  }

  @Test("captures from a pipe, other formats, several jobs, and packets written beside give the same selection")
  func elsewhere() throws {
    let bytes = try Data(contentsOf: SampleFiles.repository.appending(path: Self.chat))
    let file = try runTool(["--json", "-q", "-Y", "json.type", Self.chat])
    let jobs = try runTool(["--json", "-q", "-j", "2", "-Y", "json.type", Self.chat])
    #expect(file.output == jobs.output && file.lines.count > 10)
    let piped = try runTool(
      ["-q", "-Y", "json.type == 'join'", "-"], input: .file(SampleFiles.repository.appending(path: Self.chat).path()))
    #expect(piped.lines.count == 1)
    #expect(try runTool(["--format", "tree", "-q", "-Y", "opcode == 9", Self.chat]).text.contains("opcode    9 ping"))
    let written = try runTool(["-q", "-w", "-", "-o", "/dev/null", "-Y", "opcode == 9", Self.chat])
    #expect(written.output.count > bytes.count, "a filter of records selects no packets")
  }

  @Test("formats that put records into their connections get the connections of what is selected, and no others")
  func introductions() throws {
    let two = "Samples/pcapng-two-interfaces.pcapng"
    let har = try JSONValue(
      parsing: try runTool(["--format", "har", "-q", "-Y", "connection == 2 and kind == text", two]).output)
    let entries = try #require(har["log"]?["entries"]?.elements)
    #expect(entries.count == 1 && entries[0]["_webSocketMessages"]?.elements?.isEmpty == false)
    let json = try json("-Y", "connection == 2 and kind == text", two)
    #expect(!types(json).contains("connection") && !types(json).contains("end"))
  }

  @Test("--list-fields lists every field, one a line, and two where that is too wide")
  func fields() throws {
    let run = try runTool(["--list-fields"])
    #expect(run.lines.contains { $0.hasPrefix("length ") && $0.contains("integer") && $0.contains("frame, message") })
    #expect(
      run.lines.contains { $0.hasPrefix("json.PATH ") } && run.lines.contains { $0.hasPrefix("websocket.opcode ") })
    #expect(run.lines.count > 150)
  }

  @Test("a filter that asks for frames by their type shows them in text too")
  func framesByType() throws {
    let run = try runTool(["-q", "-Y", #"type == frame and text contains "e4""#, "Samples/node-ws-json.pcap"])
    #expect(run.code == 0 && run.lines.count == 1 && run.text.contains(#""play":"e4""#), "\(run.text)")
  }
}
