import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("--format har")
struct HARTests {
  /// The JSON schemas of Debian's node-har-schema.
  private static let schemas = "/usr/share/nodejs/har-schema/lib"
  private static let validator =
    FileManager.default.fileExists(atPath: schemas) ? OtherProgram(pythonWith: "jsonschema, referencing") : nil
  private static let haralyzer = OtherProgram(pythonWith: "haralyzer")

  private static let validation = """
    import sys, json, glob, os
    from jsonschema import Draft6Validator, FormatChecker
    from referencing import Registry, Resource
    from referencing.jsonschema import DRAFT6
    registry = Registry()
    for path in glob.glob(sys.argv[2] + "/*.json"):
        resource = Resource.from_contents(json.load(open(path)), default_specification=DRAFT6)
        name = os.path.basename(path)
        registry = registry.with_resource(name, resource).with_resource(name + "#", resource)
    schema = json.load(open(sys.argv[2] + "/har.json"))
    archive = json.load(open(sys.argv[1]))
    for error in Draft6Validator(schema, registry=registry, format_checker=FormatChecker()).iter_errors(archive):
        print(list(error.absolute_path), error.message[:300])
    """

  @Test(
    "is valid by the schema of HAR 1.2",
    .enabled(if: validator != nil, "node-har-schema or Python's jsonschema is not installed"))
  func valid() throws {
    try withTemporaryFolder { folder in
      let hostile = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      for inputs in [SampleFiles.names.map { "Samples/\($0)" }, [hostile]] {
        #expect(try runTool(["--format", "har", "-o", "\(folder)/out.har"] + inputs).code == 0)
        let run = try #require(Self.validator).run(["-c", Self.validation, "\(folder)/out.har", Self.schemas])
        #expect(run.code == 0 && run.output.isEmpty, "\(run)")
      }
    }
  }

  @Test("haralyzer opens it", .enabled(if: haralyzer != nil, "haralyzer is not installed"))
  func readByHaralyzer() throws {
    let script = """
      import sys, json, haralyzer
      archive = haralyzer.HarParser(json.load(open(sys.argv[1])))
      for entry in archive.pages[0].entries if archive.pages else archive.har_data["entries"]:
          entry = haralyzer.HarEntry(entry) if isinstance(entry, dict) else entry
          print(entry.request.method, entry.request.url, entry.response.status, entry.startTime.year)
      """
    try withTemporaryFolder { folder in
      _ = try runTool(["--format", "har", "-o", "\(folder)/out.har", "Samples/refused-then-accepted.pcap"])
      let run = try #require(Self.haralyzer).run(["-c", script, "\(folder)/out.har"])
      let url = "GET ws://127.0.0.1:8080/private"
      #expect(run.output == "\(url) 401 2026\n\(url) 101 2026\n", "\(run)")
    }
  }

  /// The entries of an archive.
  private func entries(_ output: [UInt8]) throws -> [JSONValue] {
    try #require(try JSONValue(parsing: output)["log"]?["entries"]?.elements)
  }

  @Test("has an entry for each connection, and in it each message", arguments: SampleFiles.names)
  func messages(sample: String) throws {
    let records = try runTool(["--json", "Samples/\(sample)"]).lines.map { try JSONValue(parsing: String($0)) }
    func all(_ type: String) -> [JSONValue] { records.filter { $0["type"]?.string == type } }
    let entries = try entries(try runTool(["--format", "har", "Samples/\(sample)"]).output)
    #expect(entries.count == all("connection").count)
    for entry in entries {
      let number = entry["_connection"]
      let connection = all("connection").first { $0["connection"] == number }
      #expect(entry["_resourceType"]?.string == "websocket")
      #expect(entry["_client"]?.string == connection?["client"]?.string)
      let port = entry["connection"]?.string
      #expect(port.map { connection?["server"]?.string?.hasSuffix(":\($0)") == true } == true)
      // The developer tools add it to the size of the head.
      #expect(entry["response"]?["bodySize"]?.double == (entry["response"]?["status"]?.double == 101 ? 0 : -1))
      if let url = connection?["url"]?.string { #expect(entry["request"]?["url"]?.string == url) }
      let wanted = all("message").filter { $0["connection"] == number }
      let found = try #require(entry["_webSocketMessages"]?.elements)
      #expect(found.count == wanted.count)
      for (message, record) in zip(found, wanted) {
        #expect(message["type"]?.string == (record["sender"]?.string == "client" ? "send" : "receive"))
        #expect(message["opcode"]?.double == (record["kind"]?.string == "text" ? 1 : 2))
        #expect(message["data"]?.string == record["text"]?.string ?? record["base64"]?.string)
        let isWhole = record["complete"]?.bool == true && record["truncated"]?.bool == false
        #expect((message["_incomplete"] == nil) == isWhole)
        #expect(message["_view"] == record["view"])
      }
    }
  }

  @Test("lists frames, control frames included, if they are asked for")
  func frames() throws {
    let run = try runTool(["--format", "har", "--only", "frame", "Samples/fragmented-with-ping.pcap"])
    let opcodes = try entries(run.output).first?["_webSocketMessages"]?.elements?.compactMap { $0["opcode"]?.double }
    #expect(Set(opcodes ?? []).isSuperset(of: [0, 1, 8, 9, 10]))
  }

  @Test("an archive of no connection is one, and so is one that a signal ends")
  func ends() throws {
    #expect(try entries(try runTool(["--format", "har", "-c", "1", "Samples/vlan.pcap"]).output).isEmpty)
    let tool = try RunningTool(["--format", "har", "-l", "-"], input: .pipe)
    try tool.write(try SampleFiles.capture("node-ws-json.pcap").dropLast(200))
    usleep(300_000)
    tool.send(SIGINT)
    let messages = try entries(try tool.finish().output).first?["_webSocketMessages"]?.elements
    #expect(messages.map { $0.count > 8 } == true)
  }

  @Test("what waits for the end of a connection is bounded: the connection goes on in another entry")
  func bounded() throws {
    var capture = ServerCapture()
    let payload = [UInt8](repeating: 0x61, count: 65_000)
    for _ in 0..<1100 { capture.frame(1, payload) }
    let run = try withTemporaryFolder { folder in
      try runTool(["--format", "har", try write(capture.pcap, "large.pcap", in: folder)])
    }
    let entries = try entries(run.output)
    #expect(
      entries.compactMap { $0["comment"]?.string } == [
        "part 1; the connection goes on in a later entry", "part 2, the last one",
      ])
    #expect(Set(entries.compactMap { $0["request"]?["url"]?.string }) == ["ws://example.org/chat"])
    #expect(entries.compactMap { $0["_webSocketMessages"]?.elements?.count }.reduce(0, +) == 1100)
  }
}
