import Foundation
import TestSupport
import Testing

/// What the messages in `Samples/subprotocols` mean: captures of real peers, each with the views that it must have.
///
/// `UPDATE_GOLDEN=1 swift test --filter SubprotocolSample` accepts what is printed now; look at the difference before committing it.
@Suite("Samples of subprotocols")
struct SubprotocolSampleTests {
  private static let folder = SampleFiles.repository.appending(path: "Samples/subprotocols")
  private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

  private static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
    return files.filter { $0.contains(".pcap") }.sorted()
  }()

  @Test("every message has its view", arguments: names)
  func views(_ name: String) throws {
    let run = try runTool(["--json", "--only", "message", "Samples/subprotocols/\(name)"])
    #expect(run.code == 0, "\(run.error)")
    let found = run.lines.compactMap { Self.view(of: String($0)) }
    #expect(!found.isEmpty)
    let stem = name.split(separator: ".").first.map(String.init) ?? name
    let golden = Self.folder.appending(path: "\(stem).views.ndjson")
    if Self.isUpdating {
      try Data((found.joined(separator: "\n") + "\n").utf8).write(to: golden)
      return
    }
    let expected = try String(contentsOf: golden, encoding: .utf8).split(separator: "\n").map(String.init)
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) { #expect(found == expected) }
  }

  /// The parts of a message's line that are compared, as `jq -c '{connection,message,sender,view}'` prints them: numbers as they are.
  private static func view(of line: String) -> String? {
    func value(_ key: String, until end: String) -> Substring? {
      guard let start = line.range(of: "\"\(key)\":"),
        let stop = line.range(of: end, range: start.upperBound..<line.endIndex)
      else { return nil }
      return line[start.upperBound..<stop.lowerBound]
    }
    guard let connection = value("connection", until: ","), let message = value("message", until: ","),
      let sender = value("sender", until: ",")
    else { return nil }
    let view =
      line.range(of: ",\"view\":{", options: .backwards).flatMap { start in
        line.range(of: ",\"truncated\":", options: .backwards).map {
          line[line.index(start.lowerBound, offsetBy: 8)..<$0.lowerBound]
        }
      } ?? "null"
    return "{\"connection\":\(connection),\"message\":\(message),\"sender\":\(sender),\"view\":\(view)}"
  }

  @Test("what is not looked at need not be written, and changes nothing that is shown", arguments: names)
  func unwritten(_ name: String) throws {
    for format in ["text", "ndjson"] {
      let arguments = ["-q", "--format", format, "--only", "message", "Samples/subprotocols/\(name)"]
      let shown = try runTool(arguments)
      let selected = try runTool(["-Y", "length >= 0"] + arguments)  // a filter may look at anything
      // A connection that is not shown leaves out the time since its handshake.
      func words(_ lines: [Substring]) -> [Substring] {
        lines.map { $0[($0.firstIndex { "→←{".contains($0) } ?? $0.startIndex)...] }
      }
      #expect(!shown.lines.isEmpty && words(shown.lines) == words(selected.lines))
    }
  }

  @Test("the long polling before a WebSocket is found, whatever connection it comes on and whoever decodes that")
  func longPolling() throws {
    let arguments = ["--json", "Samples/subprotocols/socketio-eio4.pcap", "-q", "-j"]
    let one = try runTool(arguments + ["1"])
    let lines = one.lines.filter { $0.contains("\"long_polling\":{\"sid\":\"") }
    #expect(lines.count == 1)
    #expect(lines.first?.contains("\"connection\":2,") == true && lines.first?.contains("\"requests\":1,") == true)
    #expect(try runTool(arguments + ["3"]).output == one.output)
  }

  @Test("each capture is described, and small")
  func folder() throws {
    let readme = try String(contentsOf: Self.folder.appending(path: "README.md"), encoding: .utf8)
    for name in Self.names {
      #expect(readme.contains("`\(name)`"), "\(name) is not in Samples/subprotocols/README.md")
      let size = FileManager.default.contents(atPath: Self.folder.appending(path: name).path())?.count ?? 0
      #expect(size < 64_000)
    }
  }
}
