import TestSupport
import Testing

@Suite("A report instead of records")
struct StatisticsCommandTests {
  /// What `--json` says, as far as the report should say it too.
  private struct Counts: Equatable {
    var messages = [0, 0] as [UInt64]
    var frames = [0, 0] as [UInt64]
    var contentBytes = [0, 0] as [UInt64]
    var payloadBytes = [0, 0] as [UInt64]
    var sizes: [[UInt64]] = [[], []]
    var diagnostics: [String: UInt64] = [:]
    var connections: [UInt64?] = []
    var faults: [UInt64?: UInt64] = [:]

    init(_ lines: [Substring]) throws {
      for record in try lines.map({ try JSONValue(parsing: $0.utf8) }) {
        let sender = record["sender"]?.string == "server" ? 1 : 0
        switch record["type"]?.string {
        case "connection": connections.append(record["connection"]?.integer)
        case "frame":
          frames[sender] += 1
          payloadBytes[sender] += record["captured_length"]?.integer ?? 0
        case "message":
          messages[sender] += 1
          contentBytes[sender] += record["length"]?.integer ?? 0
          if let length = record["length"]?.integer { sizes[sender].append(length) }
        case "diagnostic":
          diagnostics[record["code"]?.string ?? "", default: 0] += 1
          if record["severity"]?.string != "note" { faults[record["connection"]?.integer, default: 0] += 1 }
        default: break
        }
      }
    }
  }

  @Test("files that could not be read, and a selection, are told")
  func parts() throws {
    let chat = "Samples/browser-chat.pcap"
    let text = try runTool(["--stats", "-q", chat, "missing.pcap", "--sender", "client"])
    #expect(text.lines.contains("health       1 input file not read, or not to the end") && text.code == 2)
    #expect(text.lines.contains { $0.hasPrefix("selection ") } && !text.text.contains("nothing is missing"))
    for (arguments, unread, isSelection) in [
      ([chat], 0, false), ([chat, "missing.pcap"], 1, false), (["-Y", "json", chat], 0, true),
      (["--connection", "1", chat], 0, true),
    ] as [([String], UInt64, Bool)] {
      let run = try runTool(["--stats", "--json", "-q"] + arguments)
      let report = try JSONValue(parsing: #require(run.lines.first).utf8)
      #expect(report["health"]?["unread_files"]?.integer == unread)
      #expect(report["selection"] == .bool(isSelection))
    }
  }

  @Test("counts what the records say", arguments: SampleFiles.names)
  func sameAsRecords(_ sample: String) throws {
    let counts = try Counts(runTool(["--json", "Samples/\(sample)"]).lines)
    let run = try runTool(["--stats", "--json", "Samples/\(sample)"])
    let report = try JSONValue(parsing: #require(run.lines.first).utf8)
    #expect(run.lines.count == 1 && report["type"]?.string == "statistics")
    for (i, name) in ["client", "server"].enumerated() {
      let sent = try #require(report[name])
      #expect(sent["messages"]?.integer == counts.messages[i])
      #expect(sent["frames"]?.integer == counts.frames[i])
      #expect(sent["content_bytes"]?.integer == counts.contentBytes[i])
      #expect(sent["payload_bytes"]?.integer == counts.payloadBytes[i])
      let sizes = try #require(sent["message_sizes"])
      let sorted = counts.sizes[i].sorted()
      #expect(sizes["min"]?.integer == sorted.first && sizes["max"]?.integer == sorted.last)
      #expect(sizes["p50"]?.integer == (sorted.isEmpty ? nil : sorted[(sorted.count + 1) / 2 - 1]))
    }
    let listed = report["connections"]?.elements?.map { $0["connection"]?.integer } ?? []
    #expect(listed == counts.connections)
    for connection in report["connections"]?.elements ?? [] {
      #expect(connection["faults"]?.integer == counts.faults[connection["connection"]?.integer] ?? 0)
    }
    var codes: [String: UInt64] = [:]
    for each in report["diagnostics"]?.elements ?? [] { codes[each["code"]?.string ?? ""] = each["count"]?.integer }
    #expect(codes == counts.diagnostics)
  }

  @Test("is a text otherwise, with what a person looks for")
  func text() throws {
    let run = try runTool(["--stats", "Samples/browser-chat.pcap"])
    #expect(run.code == 0)
    for words in [
      "1 WebSocket of 1 over TCP", "ws://127.0.0.1:8080/chat", "client closed: 1000", "ping of server to pong",
    ] {
      #expect(run.text.contains(words), "\(words)")
    }
    #expect(try runTool(["--stats", "-q", "Samples/browser-chat.pcap", "--connection", "2"]).code == 1)
  }

  @Test("pairs requests with their replies as views tell them, in any protocol; without views it says that it cannot")
  func views() throws {
    let stomp = "Samples/subprotocols/stomp-rabbitmq.pcap"
    let text = try runTool(["--stats", "-q", stomp]).text
    for words in [
      "\nViews\n", "stomp", "Requests, to their replies", "CONNECT", "unanswered", "request of client to reply",
    ] {
      #expect(text.contains(words), "\(words)")
    }
    let line = try #require(runTool(["--stats", "--json", "-q", stomp]).lines.first)
    let report = try JSONValue(parsing: line.utf8)
    let methods = try #require(report["methods"]?.elements)
    #expect(methods.allSatisfy { $0["view"]?.string == "stomp" } && methods.first?["method"]?.string == "CONNECT")
    func sum(_ name: String) -> UInt64 { methods.reduce(0) { $0 + ($1[name]?.integer ?? 0) } }
    #expect(sum("unanswered_requests") == report["latency"]?["unanswered_requests"]?.integer)
    #expect(sum("error_replies") == report["latency"]?["error_replies"]?.integer && sum("error_replies") > 0)
    #expect(report["views"]?.elements?.first?["view"]?.string == "stomp")
    let none = try #require(runTool(["--stats", "--json", "-q", "--no-view", stomp]).lines.first)
    let blind = try JSONValue(parsing: none.utf8)
    #expect(blind["methods"] == .null && blind["views"] == .null)
    #expect(blind["latency"]?["unanswered_requests"] == .null && blind["latency"]?["error_replies"] == .null)
    #expect(try runTool(["--stats", "-q", "--no-view", stomp]).text.contains("with --no-view"))
  }
}
