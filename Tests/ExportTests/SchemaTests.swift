import Analysis
import Capture
import Foundation
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Export

/// docs/output.schema.json describes what wstap writes: all of it, and nothing else.
struct SchemaTests {
  static let file = SampleFiles.repository.appending(path: "docs/output.schema.json")

  /// The schema, as a validator that refuses keys which it does not describe.
  static func strict() throws -> JSONSchema {
    JSONSchema(try JSONValue(parsing: try Data(contentsOf: file)), isStrict: true)
  }

  // MARK: The schema itself

  @Test func everyKeyOfTheSchemaIsDescribedInASentence() throws {
    let schema = try Self.strict()
    for definition in schema.root["$defs"]?.members ?? [] {
      for (name, property) in Self.properties(of: definition.value, named: definition.key) {
        let text = property["description"]?.string ?? Self.referenced(property, in: schema)?["description"]?.string
        #expect(text?.hasSuffix(".") == true, "\(name) needs a description that ends with a full stop")
      }
    }
  }

  @Test func objectsSayWhetherKeysMayBeAddedAndRequireOnlyWhatTheyDescribe() throws {
    for definition in try Self.strict().root["$defs"]?.members ?? [] where definition.value["properties"] != nil {
      let keys = definition.value["properties"]?.keys ?? []
      let required = (definition.value["required"]?.elements ?? []).compactMap(\.string)
      #expect(definition.value["additionalProperties"] == .bool(true), "\(definition.key): keys may be added")
      #expect(Set(required).isSubset(of: keys), "\(definition.key)")
      #expect(required == keys.filter { required.contains($0) }, "\(definition.key): required is in the keys' order")
    }
  }

  @Test func wordsInTheSchemaAreThoseOfTheProgram() throws {
    let schema = try Self.strict()
    func words(_ record: String, _ key: String) -> [String] {
      (schema.definition(record)?["properties"]?[key]?["enum"]?.elements ?? []).compactMap(\.string)
    }
    func keys(_ key: String) -> [String] {
      schema.definition("summary")?["properties"]?[key]?["properties"]?.keys ?? []
    }
    let ends: [EndCause] = [.closeHandshake, .fin, .reset, .replaced, .captureEnd]
    #expect(
      schema.root["oneOf"]?.elements?.compactMap { $0["$ref"]?.string }
        == RecordKinds.names.map { "#/$defs/\($0.name)" })
    #expect(words("frame", "opcode_name") == (0...15).map { "\(Opcode(rawValue: UInt8($0)).name)" })
    #expect(words("end", "ended_by") == ends.map { "\($0.name)" })
    #expect(words("diagnostic", "severity") == Severity.allCases.map { "\($0.name)" })
    #expect(keys("diagnostics") == Severity.allCases.map { "\($0.name)" })
    #expect(keys("skipped_packets") == Dismissal.allCases.map(\.name))
  }

  // MARK: What is written

  @Test(arguments: SampleFiles.names)
  func whatIsWrittenForASampleFits(name: String) throws {
    try Self.expectFit(try Output(samples: name))
  }

  @Test func whatIsWrittenForSeveralFilesFits() throws {
    let output = try Output(samples: "rolled-1.pcap", "rolled-2.pcap")
    try Self.expectFit(output)
    #expect(output.all("frame").allSatisfy { $0["file"] != nil && $0["last_file"] != nil })
    #expect(output.all("frame").last?["file"]?.integer == 1)
  }

  @Test(arguments: HostileConversations.all.keys.sorted())
  func whatIsWrittenForHostileInputFits(name: String) throws {
    try Self.expectFit(try Output(hostile: name))
    try Self.expectFit(try Output(hostile: name, stored: 3))
    try Self.expectFit(try Output(hostile: name, stored: 0))
  }

  @Test func everyKeyOfTheSchemaIsWrittenSomewhere() throws {
    let schema = try Self.strict()
    var outputs = try SampleFiles.names.map { try Output(samples: $0) }
    outputs.append(try Output(samples: "rolled-1.pcap", "rolled-2.pcap"))
    outputs.append(try Output(samples: "cut-short.pcap", "capture-gap.pcap"))
    for name in HostileConversations.all.keys { outputs.append(try Output(hostile: name)) }
    let polled = try SampleFiles.capture("subprotocols/socketio-eio4.pcap")
    let chat = try SampleFiles.capture("browser-chat.pcap")
    outputs.append(try Output(of: [("chat.pcap", chat), ("polled.pcap", polled)]))
    var crowded = AnalyzerOptions()
    crowded.connections.open = 0
    let refused = HostileConversations.all["refused"]?().capture.pcap() ?? []
    outputs.append(try Output(of: [("c.pcap", refused)], crowded))
    var listing = AnalyzerOptions()
    listing.tls.listsConnections = true
    let secured = ["tls13-secrets-inside.pcapng", "tls13-key-log.pcap"]
    let listed = try Output(of: try secured.map { ($0, try SampleFiles.capture($0)) }, listing)
    #expect(listed.all("tls").count == 2)
    try Self.expectFit(listed)
    outputs.append(listed)
    for record in outputs.flatMap(\.records) { _ = schema.problems(in: record, as: record.type) }
    let described = (schema.root["$defs"]?.members ?? []).flatMap { Self.properties(of: $0.value, named: $0.key) }
    #expect(Set(described.map(\.name)).subtracting(schema.seenKeys) == [])
  }

  // MARK: What must not be written

  @Test func whatBreaksTheContractDoesNotFit() throws {
    let output = try Output(samples: "close-1007-bad-utf8.pcap")
    let schema = try Self.strict()
    func fits(_ type: String, _ change: (inout [JSONValue.Member]) -> Void) throws -> Bool {
      var members = try #require(output.all(type).first?.members)
      change(&members)
      return schema.problems(in: .object(members)).isEmpty
    }
    #expect(try fits("frame") { _ in })
    #expect(try !fits("frame") { $0.append(.init(key: "colour", value: .null)) })
    #expect(try !fits("frame") { $0.append(.init(key: "base64", value: .string(""))) }, "text and base64")
    #expect(try !fits("frame") { $0.removeAll { $0.key == "text" } }, "neither")
    #expect(try !fits("frame") { $0.append(.init(key: "close", value: .null)) })
    #expect(try !fits("frame") { $0.append(.init(key: "file", value: .number("0"))) }, "file without last_file")
    #expect(try !fits("message") { $0.removeAll { $0.key == "valid_utf8" } })
    #expect(try !fits("message") { $0[0].value = .string("letter") })
    for key in try #require(output.all("frame").first).keys {
      #expect(try !fits("frame") { $0.removeAll { $0.key == key } }, "without \(key)")
      #expect(
        try !fits("frame") { $0[$0.firstIndex { $0.key == key } ?? 0].value = .array([]) }, "\(key) of another type")
    }
  }

  @Test func aReaderThatFollowsTheContractTakesNewKeys() throws {
    let open = JSONSchema(try Self.strict().root, isStrict: false)
    var members = try #require(try Output(samples: "vlan.pcap").all("frame").first?.members)
    members.append(.init(key: "colour", value: .string("blue")))
    #expect(open.problems(in: .object(members)) == [])
  }

  // MARK: Tools

  static func expectFit(_ output: Output, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let schema = try strict()
    for (line, record) in output.records.enumerated() {
      #expect(schema.problems(in: record) == [], "line \(line + 1), \(record.type)", sourceLocation: sourceLocation)
    }
  }

  /// The properties of `schema` and of the objects inside it, each with the name that `JSONSchema.seenKeys` has for it.
  static func properties(of schema: JSONValue, named name: String) -> [(name: String, schema: JSONValue)] {
    (schema["properties"]?.members ?? []).flatMap { member in
      let path = "\(name).\(member.key)"
      return [(path, member.value)] + properties(of: member.value, named: path)
    }
  }

  static func referenced(_ property: JSONValue, in schema: JSONSchema) -> JSONValue? {
    property["$ref"]?.string.flatMap { $0.split(separator: "/").last }.flatMap { schema.definition(String($0)) }
  }
}
