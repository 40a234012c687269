import Foundation
import TestSupport
import Testing

@Suite("Secrets that the program writes into a capture")
struct WrittenSecretsTests {
  /// Captures with TLS, and their key logs.
  private static let samples = ["tls13-key-log", "tls12-cbc", "tls13-browser"]

  /// The lines of key logs that the file at `path` holds.
  private static func secrets(_ path: String) throws -> [String] {
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)).map { $0 < 0x80 ? $0 : 0x20 }, as: UTF8.self)
    let words = text.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")) }
    return words.indices.filter { words[$0].hasSuffix("RANDOM") || words[$0].contains("_SECRET") }
      .map { words[$0...].prefix(3).joined(separator: " ") }
  }

  private static func messages(_ arguments: [String]) throws -> [String?] {
    try runTool(["--json", "-q", "--only", "message"] + arguments).lines.map {
      try JSONValue(parsing: String($0))["text"]?.string
    }
  }

  /// All key logs, in one file.
  private static func allKeys(_ folder: String) throws -> String {
    let texts = try samples.map {
      try String(contentsOf: SampleFiles.repository.appending(path: "Samples/\($0).keys"), encoding: .utf8)
    }
    let path = "\(folder)/all.keys"
    try texts.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  @Test("are those that are needed, and enough to read it", arguments: samples, ["all", "websocket"])
  func needed(sample: String, which: String) throws {
    try withTemporaryFolder { folder in
      let (capture, path) = ("Samples/\(sample).pcap", "\(folder)/out.pcapng")
      let keys = try Self.allKeys(folder)
      let run = try runTool(["--keylog", keys, "-w", path, "--write", which, capture])
      #expect(run.error.contains("with the secrets of 1 TLS connection"))
      let expected = try Self.messages(["--keylog", keys, capture])
      #expect(try Self.messages([path]) == expected && !expected.isEmpty)
      let secrets = try Self.secrets(path)
      #expect(Set(secrets.map { $0.split(separator: " ")[1] }).count == 1)
      #expect(secrets.count == Set(secrets).count, "each is written once")
      if let count = try Self.framesOfTshark(path) { #expect(count >= expected.count) }

      // A copy of the copy: they are not written a second time.
      let again = "\(folder)/again.pcapng"
      _ = try runTool(["--keylog", keys, "-w", again, "--write", which, path])
      #expect(try Self.secrets(again).sorted() == secrets.sorted())
    }
  }

  @Test("are, with packets of WebSockets only, not those of other connections that the capture holds")
  func selected() throws {
    try withTemporaryFolder { folder in
      let both = "\(folder)/both.pcapng"
      let keys = try Self.allKeys(folder)
      let inputs = ["Samples/tls13-key-log.pcap", "Samples/tls12-cbc.pcap"]
      _ = try runTool(["--keylog", keys, "-w", both] + inputs)
      #expect(Set(try Self.secrets(both).map { $0.split(separator: " ")[1] }).count == 2)
      let one = "\(folder)/one.pcapng"
      _ = try runTool(["-w", one, "--write", "websocket", "--connection", "2", both])
      #expect(Set(try Self.secrets(one).map { $0.split(separator: " ")[1] }).count == 1)
      #expect(try Self.messages([one]) == Self.messages(["--connection", "2", both]))
      let none = "\(folder)/none.pcapng"
      _ = try runTool(["-w", none, "--write", "websocket", "--connection", "3", both])
      #expect(try Self.secrets(none).isEmpty)
    }
  }

  @Test("are there in each file of a ring that needs them")
  func ring() throws {
    try withTemporaryFolder { folder in
      let (capture, keys) = ("Samples/tls13-browser.pcap", "Samples/tls13-browser.keys")
      _ = try runTool(["--keylog", keys, "-w", "\(folder)/r.pcapng", "--ring", "size=2kB", capture])
      let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { "\(folder)/\($0)" }
      #expect(files.count > 1)
      #expect(try Self.messages(files) == Self.messages(["--keylog", keys, capture]))
      #expect(try Self.secrets(files[files.count - 1]).isEmpty == false)
    }
  }

  /// How many frames of WebSockets tshark finds; nil where there is none.
  private static func framesOfTshark(_ path: String) throws -> Int? {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["tshark", "-r", path, "-T", "fields", "-e", "websocket.opcode", "-E", "occurrence=a"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return nil }
    return text.split { $0 == "\n" || $0 == "," }.count
  }
}
