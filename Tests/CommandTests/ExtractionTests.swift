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

@Suite("--extract")
struct ExtractionTests {
  /// The lines of an index, each as its columns by name.
  private func index(_ folder: String, _ name: String = "index.csv") throws -> [[String: String]] {
    let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    let lines = text.split(separator: "\r\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let names = try #require(lines.first).map(String.init)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(names, $0.map(String.init))) }
  }

  private func contents(_ folder: String, _ name: String?) -> Data? {
    name.flatMap { FileManager.default.contents(atPath: "\(folder)/\($0)") }
  }

  @Test("each message has a file with its content, and a line in the index", arguments: SampleFiles.names)
  func files(sample: String) throws {
    let limits = ["--max-payload", "none"]
    let records = try runTool(["--json", "--only", "message", "Samples/\(sample)"] + limits).lines
      .map { try JSONValue(parsing: String($0)) }
    try withTemporaryFolder { folder in
      let target = "\(folder)/out"
      let run = try runTool(["--extract", target, "Samples/\(sample)"])
      #expect(run.output.isEmpty)
      let lines = try index(target)
      #expect(lines.count == records.count)
      for (line, record) in zip(lines, records) {
        let bytes = record["text"]?.string.map { Data($0.utf8) } ?? Data(base64Encoded: record["base64"]?.string ?? "")
        #expect(contents(target, line["file"]) == bytes, "\(line)")
        for key in ["connection", "message", "length", "first_packet", "last_packet"] {
          #expect(line[key].flatMap { Double($0) } == record[key]?.double, "\(key)")
        }
        for key in ["connection_id", "time", "sender", "kind"] { #expect(line[key] == record[key]?.string) }
        #expect(line["complete"] == "\(record["complete"]?.bool == true)")
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: target)
      #expect(Set(names) == Set(lines.compactMap { $0["file"] } + ["index.csv"]))
    }
  }

  @Test("names tell connection, message, sender, and what the content is")
  func names() throws {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2]
    let contents: [(opcode: UInt8, bytes: [UInt8], ending: String)] = [
      (1, Array(#"{"a":[1,2]}"#.utf8), "json"), (2, Array(" [1]\n".utf8), "json"), (1, Array("{not json}".utf8), "txt"),
      (1, Array("<script>alert(1)</script>".utf8), "txt"), (2, png, "png"), (2, [0xFF, 0xD8, 0xFF, 0xE0], "jpg"),
      (2, [0, 1, 2], "bin"), (2, [], "bin"), (1, [0x41, 0xFF], "bin"), (1, Array("MESSAGE\n\n\0".utf8), "txt"),
      (2, Array("%PDF-1.7".utf8), "pdf"), (2, [0x1F, 0x8B, 0x08, 0], "gz"), (1, Array("12".utf8), "txt"),
    ]
    var capture = ServerCapture()
    for content in contents { capture.frame(content.opcode, content.bytes) }
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "in.pcap", in: folder)
      #expect(try runTool(["--extract", "\(folder)/out", path]).code == 0)
      for (number, content) in contents.enumerated() {
        let digits = "\(number + 1)"
        let name = "c0001-m\(String(repeating: "0", count: 6 - digits.count))\(digits)-server.\(content.ending)"
        #expect(self.contents("\(folder)/out", name) == Data(content.bytes), "\(name)")
      }
    }
  }

  @Test("nothing is ever overwritten, nor written through a link")
  func overwriting() throws {
    try withTemporaryFolder { folder in
      let target = "\(folder)/out"
      let arguments = ["--extract", target, "Samples/vlan.pcap"]
      #expect(try runTool(arguments).code == 0)
      let before = try FileManager.default.contentsOfDirectory(atPath: target)
      let first = try #require(before.first { $0.hasPrefix("c0001-m000001") })
      try Data("mine".utf8).write(to: URL(filePath: "\(target)/\(first)"))
      let victim = try write(Array("victim".utf8), "victim", in: folder)
      let link = "\(target)/\(first.replacing(".", with: "~2."))"
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: victim)
      #expect(try runTool(arguments).code == 0)
      #expect(contents(target, first) == Data("mine".utf8))
      #expect(FileManager.default.contents(atPath: victim) == Data("victim".utf8))
      let second = try index(target, "index~2.csv")
      #expect(second.first?["file"] == first.replacing(".", with: "~3."))
      #expect(second.dropFirst().allSatisfy { $0["file"]?.contains("~2.") == true })
      #expect(try FileManager.default.contentsOfDirectory(atPath: target).count == 2 * before.count + 1)
    }
  }

  @Test("messages are whole unless a limit is given, and records are printed if they are asked for")
  func limits() throws {
    try withTemporaryFolder { folder in
      let sample = "Samples/big-upload.pcap.zst"
      let whole = try runTool(["--extract", "\(folder)/a", sample])
      #expect(whole.output.isEmpty && whole.error.contains("wrote 3 messages to '\(folder)/a', listed in index.csv"))
      #expect(try index("\(folder)/a").contains { $0["length"] == "80000" && $0["bytes"] == "80000" })
      let cut = try runTool(["--extract", "\(folder)/b", "--max-payload", "10", "--json", "--only", "end", sample])
      #expect(cut.lines.count == 1 && cut.text.contains(#""type":"end""#))
      #expect(try index("\(folder)/b").contains { $0["length"] == "80000" && $0["bytes"] == "10" })
      #expect(cut.error.contains("of them incomplete"))
    }
  }

  @Test("a message that is cut, also inside of a character, is called after what it begins with")
  func cut() throws {
    var capture = ServerCapture()
    capture.frame(1, Array(#"{"say":"ééééééééé"}"#.utf8))
    capture.frame(1, Array("ééééééééé".utf8))
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "in.pcap", in: folder)
      #expect(try runTool(["--extract", "\(folder)/out", "--max-payload", "11", path]).code == 0)
      let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out").sorted()
      #expect(names == ["c0001-m000001-server.json", "c0001-m000002-server.txt", "index.csv"])
    }
  }

  @Test("a folder that cannot be written into is named, with the reason")
  func errors() throws {
    try withTemporaryFolder { folder in
      let file = try write([1], "file", in: folder)
      for (path, reason) in [(file, "Not a directory"), ("\(folder)/no/where", "No such file or directory")] {
        let run = try runTool(["--extract", path, "Samples/vlan.pcap"])
        #expect(run.code == 2 && run.error.contains("cannot write to '\(path)': \(reason)"), "\(run.error)")
      }
      #expect(try runTool(["--extract", "\(folder)/new", "README.md"]).code == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/new").isEmpty)
    }
  }

  @Test("a signal ends the reading, and the index is whole")
  func interrupted() throws {
    try withTemporaryFolder { folder in
      let tool = try RunningTool(["--extract", "\(folder)/out", "-"], input: .pipe)
      try tool.write(try SampleFiles.capture("node-ws-json.pcap"))
      usleep(300_000)
      tool.send(SIGINT)
      #expect(try tool.finish().code == 0)
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/out")
      #expect(try index("\(folder)/out").count == files.count - 1)
    }
  }
}
