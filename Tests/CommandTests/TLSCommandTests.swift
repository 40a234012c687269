import Foundation
import TestSupport
import Testing

@Suite("TLS on the command line")
struct TLSCommandTests {
  private static let capture = "Samples/tls13-key-log.pcap"
  private static let keys = "Samples/tls13-key-log.keys"

  /// Writes `text` into a file of its own, and gives its path.
  private func file(_ text: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID()).keys")
    try Data(text.utf8).write(to: file)
    return file.path()
  }

  private func lines() throws -> [String] {
    let url = SampleFiles.repository.appending(path: Self.keys)
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { String($0) }
  }

  @Test("without keys, the summary says what to do, and --tls lists the connection and the reason")
  func noKeys() throws {
    let run = try runTool([Self.capture])
    #expect(run.code == 1 && run.output.isEmpty)
    #expect(run.error.contains("1 TLS connection not decrypted") && run.error.contains("--keylog"))
    let list = try runTool(["--json", "--tls", "--only", "tls", Self.capture])
    #expect(list.code == 0 && list.lines.count == 1)
    let record = try JSONValue(parsing: String(try #require(list.lines.first)))
    #expect(record["type"]?.string == "tls" && record["connection"] == .null)
    #expect(record["tls"]?["version"]?.string == "1.3")
    #expect(record["tls"]?["decrypted"] == .bool(false) && record["tls"]?["reason"]?.string == "no-keys")
  }

  @Test("with keys, --tls says which WebSocket is in a connection")
  func listed() throws {
    let run = try runTool(["--json", "--tls", "--only", "tls,connection", "--keylog", Self.keys, Self.capture])
    let records = try run.lines.map { try JSONValue(parsing: String($0)) }
    #expect(records.map { $0["type"]?.string } == ["connection", "tls"])
    #expect(records.map { $0["connection_id"]?.string }.count == 2)
    #expect(records[0]["connection_id"] == records[1]["connection_id"] && records[1]["connection"]?.integer == 1)
    #expect(records[0]["scheme"]?.string == "wss" && records[0]["url"]?.string?.hasPrefix("wss://") == true)
    #expect(records[0]["tls"] == records[1]["tls"])
  }

  @Test("several key logs are one; lines that are none are warnings with their numbers")
  func severalLogs() throws {
    let lines = try lines()
    let first = try file(lines.prefix(3).joined(separator: "\n") + "\nthis is no line\n")
    let second = try file(lines.dropFirst(3).joined(separator: "\r\n"))
    let run = try runTool(["--json", "--keylog", first, "--keylog", second, Self.capture])
    #expect(run.code == 0)
    let records = try run.lines.map { try JSONValue(parsing: String($0)) }
    let faults = records.filter { $0["type"]?.string == "diagnostic" }
    #expect(faults.map { $0["code"]?.string } == ["tls.key-log-line"])
    #expect(faults.first?["message"]?.string?.contains("line 4 ") == true)
    #expect(records.count { $0["type"]?.string == "message" } == 4)
    let secrets = lines.compactMap { $0.split(separator: " ").last.map { String($0) } }.filter { $0.count > 60 }
    #expect(!secrets.contains { run.text.contains($0) || run.error.contains($0) }, "secrets are not printed")
  }

  @Test("the same with several jobs")
  func jobs() throws {
    let one = try runTool(["--json", "--tls", "--jobs", "1", "--keylog", Self.keys, Self.capture])
    let three = try runTool(["--json", "--tls", "--jobs", "3", "--keylog", Self.keys, Self.capture])
    #expect(one.output == three.output && one.error == three.error)
  }

  @Test("a key log that is not there, and a key that is none, end the run")
  func missing() throws {
    let run = try runTool(["--keylog", "missing.keys", Self.capture])
    #expect(run.code == 2 && run.error.contains("missing.keys"))
    let key = try runTool(["--rsa-key", Self.keys, Self.capture])
    #expect(key.code == 2 && key.error.contains("private key"))
  }

  @Test("a key log may come through a pipe, which is waited for, and that is said")
  func pipe() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID()).pipe").path()
    #expect(mkfifo(path, 0o600) == 0)
    let lines = try lines()
    let writer = Thread {
      Thread.sleep(forTimeInterval: 1.5)
      guard let pipe = FileHandle(forWritingAtPath: path) else { return }
      for line in lines {
        pipe.write(Data((line + "\n").utf8))
        Thread.sleep(forTimeInterval: 0.01)
      }
    }
    writer.start()
    let run = try runTool(["--json", "--only", "message", "--keylog", path, Self.capture])
    #expect(run.code == 0 && run.lines.count == 4)
    #expect(run.error.hasPrefix("wstap: waits for somebody to write the key log"))
  }

  @Test("a key log that cannot be read is an error with its reason")
  func unreadable() throws {
    let folder = try runTool(["--keylog", "Samples", Self.capture])
    #expect(folder.code == 2 && folder.error.contains("directory"))
    let none = try runTool(["--keylog", "/nonexistent", Self.capture])
    #expect(none.code == 2 && none.error.contains("No such file"))
  }

  @Test("--only tls lists connections without --tls as well; a TLS connection makes the exit code 0")
  func onlyTLS() throws {
    for options in [["--only", "tls"], ["--tls"], ["--tls", "--only", "tls"]] {
      let run = try runTool(["--json"] + options + [Self.capture])
      #expect(run.code == 0 && run.lines.count { $0.contains(#""type":"tls""#) } == 1)
    }
  }

  @Test("a connection that began before the capture is listed with its reason, however little of it is there")
  func beganBefore() throws {
    let (file, starts) = try packets()
    for range in [9..<23, 11..<15, 13..<17] {
      let bytes = file[..<24] + file[starts[range.lowerBound]..<starts[range.upperBound]]
      let path = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID()).pcap")
      try Data(bytes).write(to: path)
      defer { try? FileManager.default.removeItem(at: path) }
      let run = try runTool(["--json", "--only", "tls", "--keylog", Self.keys, path.path()])
      let record = try JSONValue(parsing: String(try #require(run.lines.first)))
      #expect(run.lines.count == 1 && record["tls"]?["reason"]?.string == "no-client-hello")
      #expect(record["client_bytes"]?.integer ?? 0 > 50 && record["server_bytes"]?.integer ?? 0 > 50)
      #expect(record["server"]?.string?.hasSuffix(":8443") == true)
      let plain = try runTool([path.path()])
      #expect(plain.code == 1 && plain.error.contains("1 TLS connection not decrypted: the ClientHello is not"))
    }
  }

  /// The capture, and where the records of its packets begin, and the last one ends.
  private func packets() throws -> (file: [UInt8], starts: [Int]) {
    let file = [UInt8](try Data(contentsOf: SampleFiles.repository.appending(path: Self.capture)))
    // A header of 16 bytes, then as many as its third word says.
    var starts = [24]
    while let start = starts.last, start + 16 <= file.count {
      starts.append(start + 16 + Int(file[start + 8]) + Int(file[start + 9]) << 8)
    }
    return (file, starts)
  }

  @Test("a record that fails is told with its packet, and what comes behind it is shown")
  func damaged() throws {
    var (file, starts) = try packets()
    file[starts[14] - 1] ^= 1  // the end of packet 14, which holds a message of the client
    let path = FileManager.default.temporaryDirectory.appending(path: "wstap-\(UUID()).pcap")
    try Data(file).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let run = try runTool(["--json", "--tls", "--keylog", Self.keys, path.path()])
    let records = try run.lines.map { try JSONValue(parsing: String($0)) }
    let fault = records.first { $0["code"]?.string == "tls.bad-record" }
    #expect(fault?["packet"]?.integer == 14)
    let tls = records.first { $0["type"]?.string == "tls" }?["tls"]
    #expect(tls?["decrypted"] == .bool(false) && tls?["reason"]?.string == "bad-records")
    #expect(tls?["explanation"]?.string == "records failed authentication, the first in packet 14")
    #expect(records.count { $0["type"]?.string == "message" } >= 3)
  }
}
