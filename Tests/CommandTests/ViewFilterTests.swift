import TestSupport
import Testing

/// Filters and columns over what messages mean must say what the JSON output says.
@Suite("Filters over views")
struct ViewFilterTests {
  private static let samples = [
    "stomp-rabbitmq", "mqtt-mosquitto", "wamp-msgpack", "socketio-eio4", "sockjs", "graphql", "ocpp", "signalr",
    "phoenix",
  ]

  private static func messages(_ sample: String) throws -> [JSONValue] {
    let path = "Samples/subprotocols/\(sample).pcap"
    return try runTool(["--json", "-q", "--only", "message", path]).lines.map { try JSONValue(parsing: $0.utf8) }
  }

  private func count(_ filter: String, _ sample: String) throws -> Int {
    let run = try runTool(
      ["--json", "-q", "--only", "message", "-Y", filter, "Samples/subprotocols/\(sample).pcap"])
    #expect(run.code <= 1, "\(filter): \(run.error)")
    return run.lines.count
  }

  /// The units of a view: itself, those of `more`, and those that they carry.
  private func units(_ view: JSONValue?) -> [(name: String, unit: JSONValue)] {
    guard let view, let name = view["name"]?.string else { return [] }
    return ([view] + (view["more"]?.elements ?? [])).flatMap { unit in
      [(name: name, unit: unit)] + units(unit["carries"])
    }
  }

  @Test("choose the messages that have the value, in any of their units", arguments: samples)
  func values(_ sample: String) throws {
    var random = SeededGenerator.announced("filters over views of \(sample)")
    let messages = try Self.messages(sample)
    let all = messages.map { units($0["view"]) }
    let fields = all.joined().flatMap { unit in
      (unit.unit.members ?? []).compactMap { member in
        member.value.string.map { (view: unit.name, key: member.key, value: $0) }
      }
    }.filter { field in
      field.key != "name" && !field.value.isEmpty && !field.value.contains { $0 == "\"" || $0 == "\\" || !$0.isASCII }
        && !field.value.utf8.contains { $0 < 0x20 }
    }
    for _ in 0..<6 {
      guard let field = fields.randomElement(using: &random) else { break }
      let name = "\(field.view).\(field.key)"
      func values(_ units: [(name: String, unit: JSONValue)]) -> [JSONValue] {
        units.filter { $0.name == field.view }.compactMap { $0.unit[field.key] }
      }
      let has = all.map { values($0).contains(.string(field.value)) }.count { $0 }
      let hasAny = all.map { !values($0).isEmpty }.count { $0 }
      let quoted = "\"\(field.value)\""
      #expect(try count("\(name) == \(quoted)", sample) == has, "\(name) \(quoted)")
      #expect(try count("\(name) in {\"?\", \(quoted)}", sample) == has, "\(name) \(quoted)")
      #expect(try count(name, sample) == hasAny, "\(name)")
      #expect(try count("\(name) != \(quoted)", sample) == hasAny - has, "\(name) \(quoted)")
      let prefix = String(field.value.prefix(3))
      let containing = all.map { values($0).contains { $0.string?.contains(prefix) == true } }.count { $0 }
      #expect(try count("\(name) contains \"\(prefix)\"", sample) >= containing, "\(name) \(prefix)")
    }
  }

  @Test("know the names of views, those that are carried too, and how long replies took", arguments: samples)
  func names(_ sample: String) throws {
    let views = try Self.messages(sample).map { units($0["view"]) }
    for name in Set(views.joined().map(\.name)) {
      let expected = views.count { $0.contains { $0.name == name } }
      #expect(try count("view == \"\(name)\"", sample) == expected)
      if name != "json" { #expect(try count(name, sample) == expected) }
      #expect(try count("not view == \"\(name)\"", sample) == views.count - expected)
    }
    let latencies = views.map { $0.compactMap { $0.unit["latency"]?.double } }
    #expect(try count("view.latency >= 0", sample) == latencies.count { !$0.isEmpty })
    #expect(try count("view.latency > 1ms", sample) == latencies.count { $0.contains { $0 > 0.001 } })
    #expect(try count("view.latency > 1000us", sample) == latencies.count { $0.contains { $0 > 0.001 } })
    let replies = views.map { $0.compactMap { $0.unit["reply_to"]?.integer } }
    #expect(try count("view.latency", sample) == latencies.count { !$0.isEmpty })
    #expect(try count("view.reply_to", sample) <= replies.count { !$0.isEmpty })
  }

  @Test(
    "examples",
    arguments: [
      ("stomp.command == \"SEND\"", 5), ("stomp.more[*].command == \"SEND\"", 1), ("stomp.more", 1),
      ("stomp.command in {\"SEND\", \"ACK\"}", 7), ("stomp.command matches \"^S\"", 7), ("not stomp", 0),
      ("stomp.headers[\"content-length\"] > 5", 7), ("upper(view.line) contains \"SEND\"", 6),
      ("len(view.line) > 0", 33),
      ("stomp.headers.destination contains \"tide\" and sender == client", 4), ("view.reply_to == 1", 4),
    ])
  func examples(_ filter: String, _ expected: Int) throws {
    #expect(try count(filter, "stomp-rabbitmq") == expected, "\(filter)")
  }

  @Test(
    "of fields that no view has are errors, with the likeliest name",
    arguments: [
      ("stomp.comand", "did you mean 'stomp.command'?"), ("view.latenzy > 1", "did you mean 'view.latency'?"),
      ("stom.command", "did you mean 'stomp.command'?"), ("upper(stomp.command) == \"A\"", "functions are for fields"),
    ])
  func mistakes(_ filter: String, _ words: String) throws {
    let run = try runTool(["-Y", filter, "Samples/subprotocols/stomp-rabbitmq.pcap"])
    #expect(run.code == 2 && run.error.contains(words), "\(run.error)")
  }

  @Test("columns have the values of all units")
  func columns() throws {
    let run = try runTool([
      "-q", "--format", "tsv", "--only", "message", "-e", "message,view,stomp.command,view.latency,stomp.nothing",
      "Samples/subprotocols/stomp-rabbitmq.pcap",
    ])
    #expect(run.code == 2 && run.error.contains("stomp.nothing"))
    let lines = try runTool([
      "-q", "--format", "tsv", "--only", "message", "-e", "message,view,stomp.command,view.latency",
      "Samples/subprotocols/stomp-rabbitmq.pcap",
    ]).lines
    #expect(lines[1] == "1\tstomp\tCONNECT\t" && lines[2] == "2\tstomp\tCONNECTED\t0.006569")
    #expect(lines[3] == "3\tstomp\tSUBSCRIBE,SEND\t")
  }
}
