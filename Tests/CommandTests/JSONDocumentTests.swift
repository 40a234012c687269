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

@Suite("--format json")
struct JSONDocumentTests {
  private static let pandas = OtherProgram(pythonWith: "pandas")
  private static let jq = OtherProgram("jq")

  @Test("is one array of the records that --json prints, a line each", arguments: SampleFiles.names)
  func sameRecords(sample: String) throws {
    for options in [[], ["--only", "message"], ["--only", "tls"]] {
      let document = try runTool(["--format", "json", "Samples/\(sample)"] + options)
      let lines = try runTool(["--json", "Samples/\(sample)"] + options)
      let records = try #require(try JSONValue(parsing: document.output).elements)
      #expect(try records == lines.lines.map { try JSONValue(parsing: String($0)) })
      #expect(document.code == lines.code && document.error == lines.error)
      #expect(document.lines.count == records.count + (records.isEmpty ? 1 : 2))
    }
  }

  @Test("is whole whatever payloads hold")
  func hostile() throws {
    try withTemporaryFolder { folder in
      let path = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      let document = try JSONValue(parsing: try runTool(["--format", "json", "--only", "message", path]).output)
      let payloads = try #require(document.elements).map { record in
        record["text"]?.string.map { Array($0.utf8) }
          ?? record["base64"]?.string.flatMap { Data(base64Encoded: $0) }
          .map { [UInt8]($0) }
      }
      #expect(payloads.count == 2 * HostileCapture.payloads.count)
      for (index, payload) in payloads.enumerated() {
        #expect(payload == Array(HostileCapture.payloads[index / 2].prefix(65_536)))
      }
    }
  }

  @Test("is whole when a signal ends the reading", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let tool = try RunningTool(["--format", "json", "-l", "-"], input: .pipe)
    try tool.write(try SampleFiles.capture("node-ws-json.pcap"))
    var lines = ["\(try #require(tool.readLine()))"]
    while lines.count < 8, let line = tool.readLine() { lines.append(line) }
    tool.send(signal)
    let run = try tool.finish()
    let text = lines.map { "\($0)\n" }.joined() + run.text
    let records = try #require(try JSONValue(parsing: text).elements)
    #expect(records.last?["type"]?.string == "summary" && run.error.contains("interrupted"))
    #expect(run.code == 0)
  }

  @Test("is not begun where nothing can be read")
  func nothingRead() throws {
    let run = try runTool(["--format", "json", "README.md"])
    #expect(run.code == 2 && run.output.isEmpty)
  }

  @Test("jq reads it", .enabled(if: jq != nil, "jq is not installed"))
  func readByJQ() throws {
    let query = #"[.[] | select(.type == "message") | .sender] | group_by(.) | map([.[0], length]) | tostring"#
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.json"
      #expect(try runTool(["--format", "json", "-o", path, "Samples/node-ws-json.pcap"]).code == 0)
      let run = try #require(Self.jq).run(["-r", query, path])
      #expect(run.output == "[[\"client\",6],[\"server\",7]]\n" && run.code == 0, "\(run.error)")
    }
  }

  @Test("pandas reads it", .enabled(if: pandas != nil, "pandas is not installed"))
  func readByPandas() throws {
    let script = """
      import pandas, sys
      table = pandas.read_json(sys.argv[1])
      table["time"] = pandas.to_datetime(table["time"])
      print(table.groupby("sender").size().to_dict(), table.time.dtype)
      """
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.json"
      let arguments = ["--format", "json", "--only", "message", "-o", path, "Samples/node-ws-json.pcap"]
      #expect(try runTool(arguments).code == 0)
      let run = try #require(Self.pandas).run(["-c", script, path])
      #expect(run.output.hasPrefix("{'client': 6, 'server': 7} datetime64[") && run.code == 0, "\(run)")
    }
  }
}
