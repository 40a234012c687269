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

@Suite("--format sqlite")
struct DatabaseTests {
  private static let sqlite = OtherProgram("sqlite3")
  private static let comment: Comment = "sqlite3 is not installed"
  private static let python = OtherProgram(pythonWith: "sqlite3")

  /// What `sqlite3` answers, asked for the database at `path`.
  private func ask(_ path: String, _ question: String) throws -> String {
    let run = try #require(Self.sqlite).run([path, question])
    #expect(run.code == 0 && run.error.isEmpty, "\(question): \(run.error)")
    return run.output
  }

  @Test("has a row for each record, and is sound", .enabled(if: sqlite != nil, comment), arguments: SampleFiles.names)
  func rows(sample: String) throws {
    let types = try runTool(["--json", "Samples/\(sample)"]).lines
      .map { try JSONValue(parsing: String($0))["type"]?.string }
    try withTemporaryFolder { (folder: String) throws -> Void in
      let path = "\(folder)/out.db"
      #expect(try runTool(["--format", "sqlite", "-o", path, "Samples/\(sample)"]).output.isEmpty)
      #expect(try ask(path, "PRAGMA integrity_check; PRAGMA user_version;") == "ok\n1\n")
      for (table, type) in [
        ("connections", "connection"), ("frames", "frame"), ("messages", "message"), ("diagnostics", "diagnostic"),
        ("ends", "end"), ("summary", "summary"),
      ] {
        let count = types.filter { $0 == type }.count
        #expect(try ask(path, "SELECT count(*) FROM \(table)") == "\(count)\n", "\(table)")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"], "nothing else is left")
    }
  }

  @Test(
    "says of messages what the JSON output says", .enabled(if: sqlite != nil, comment), arguments: SampleFiles.names)
  func values(sample: String) throws {
    let records = try runTool(["--json", "--only", "message", "Samples/\(sample)"]).lines
      .map { try JSONValue(parsing: String($0)) }
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      _ = try runTool(["--format", "sqlite", "-o", path, "Samples/\(sample)"])
      let rows = try ask(
        path,
        """
        SELECT json_object('connection', connection, 'time', time, 'end_time', end_time, 'sender', sender, 'kind', kind,
          'text', iif(text IS NULL, NULL, hex(CAST(text AS BLOB))), 'length', length, 'wire_length', wire_length, 'last_packet', last_packet, 'url', url,
          'complete', json(iif(complete, 'true', 'false')), 'hex', hex(bytes))
        FROM messages JOIN connections USING (connection) ORDER BY id
        """.replacing(" 'time', time,", with: " 'time', messages.time,"))
      let lines = rows.split(separator: "\n")
      #expect(lines.count == records.count)
      for (line, record) in zip(lines, records) {
        let row = try JSONValue(parsing: String(line))
        for key in [
          "connection", "time", "end_time", "sender", "kind", "length", "wire_length", "last_packet", "complete",
        ] {
          #expect(row[key] == record[key], "\(key): \(line)")
        }
        #expect(row["text"]?.string == record["text"]?.string.map { hexadecimal($0.utf8).uppercased() })
        let bytes = record["base64"]?.string.flatMap { Data(base64Encoded: $0) } ?? Data()
        #expect(row["hex"]?.string?.lowercased() == hexadecimal(bytes))
      }
    }
  }

  @Test("keeps every byte of hostile payloads", .enabled(if: python != nil, "python3 is not installed"))
  func hostile() throws {
    let script = """
      import sqlite3, sys
      database = sqlite3.connect(sys.argv[1])
      for text, data in database.execute("SELECT text, bytes FROM messages ORDER BY id"):
          print((text.encode() if data is None else data).hex())
      print(database.execute("SELECT client_close_reason, server_close_reason FROM ends").fetchall())
      """
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      let capture = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      #expect(try runTool(["--format", "sqlite", "-o", path, "--max-payload", "none", capture]).code == 0)
      let run = try #require(Self.python).run(["-c", script, path])
      let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
      let expected = HostileCapture.payloads.map { hexadecimal($0) }
      #expect(lines.prefix(2 * expected.count).elementsEqual(expected.flatMap { ["\($0)", "\($0)"] }, by: ==))
      #expect(lines.dropFirst(2 * expected.count).first == "[(None, '=bye\\x00\"')]", "\(run.error)")
    }
  }

  @Test("the views answer", .enabled(if: sqlite != nil, comment))
  func views() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      let samples = ["node-ws-json.pcap", "python-websockets-deflate.pcap", "close-1007-bad-utf8.pcap"]
      _ = try runTool(["--format", "sqlite", "-o", path] + samples.map { "Samples/\($0)" })
      #expect(try ask(path, "SELECT content FROM conversation WHERE sender = 'client' LIMIT 1").contains("chess"))
      #expect(try ask(path, "SELECT count(*), sum(client_messages) FROM connection_list") == "3|10\n")
      #expect(try ask(path, "SELECT code FROM problems WHERE severity = 'error'") == "message.invalid-utf8\n")
      #expect(try ask(path, "SELECT count(*) FROM message_compression WHERE connection = 2 AND ratio > 1") == "2\n")
    }
  }

  @Test("tells what messages mean, and pairs replies with their requests", .enabled(if: sqlite != nil, comment))
  func meaning() throws {
    let samples = ["ocpp", "jupyter", "sockjs"].map { "Samples/subprotocols/\($0).pcap" }
    let records = try runTool(["--json", "--only", "message"] + samples).lines
      .map { try JSONValue(parsing: String($0)) }
    try withTemporaryFolder { (folder: String) throws -> Void in
      let path = "\(folder)/out.db"
      _ = try runTool(["--format", "sqlite", "-o", path] + samples)
      let rows = try ask(
        path, "SELECT json_array(view, json(view_json), reply_to) FROM messages ORDER BY id"
      ).split(separator: "\n")
      #expect(rows.count == records.count)
      for (row, record) in zip(rows, records) {
        let row = try #require(try JSONValue(parsing: String(row)).elements)
        #expect(row[0] == record["view"]?["name"] ?? .null)
        if row[1] != .null { #expect(row[1] == record["view"]) }
        if let request = record["view"]?["reply_to"] { #expect(row[2] == request) }
      }
      let pairs = """
        SELECT request_json ->> '$.action', reply_json ->> '$.message_type', latency FROM replies WHERE view = 'ocpp' LIMIT 1
        """
      #expect(try ask(path, pairs) == "BootNotification|CALLRESULT|0.001158\n")
    }
  }

  // MARK: The file

  @Test(
    "another file is overwritten when the database is complete, and not before", .enabled(if: sqlite != nil, comment))
  func overwriting() throws {
    try withTemporaryFolder { folder in
      let path = try write(Array("precious".utf8), "out.db", in: folder)
      chmod(path, 0o600)
      // What another database left beside it would be taken for a part of this one.
      _ = try write([0, 1, 2], "out.db-journal", in: folder)
      #expect(try runTool(["--format", "sqlite", "-o", path, "README.md"]).code == 2)
      #expect(FileManager.default.contents(atPath: path) == Data("precious".utf8))
      #expect(try runTool(["--format", "sqlite", "-o", path, "Samples/vlan.pcap"]).code == 0)
      #expect(try ask(path, "SELECT count(*) > 0 FROM messages") == "1\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600, "who could not read it before cannot do so now")
    }
  }

  @Test(
    "written in its place, another file is overwritten with the first record, and not before",
    .enabled(if: sqlite != nil, comment))
  func overwritingInPlace() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      _ = try runTool(["--format", "sqlite", "-o", path, "Samples/vlan.pcap"])
      let old = FileManager.default.contents(atPath: path)
      chmod(path, 0o600)
      for input in ["\(folder)/typo.pcap", "README.md"] {
        #expect(try runTool(["-l", "--format", "sqlite", "-o", path, input]).code == 2)
        #expect(FileManager.default.contents(atPath: path) == old)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"], "nothing else is left")
      }
      #expect(try runTool(["-l", "--format", "sqlite", "-o", path, "Samples/node-ws-json.pcap"]).code == 0)
      #expect(
        try ask(path, "SELECT count(*) FROM messages; PRAGMA integrity_check; SELECT count(*) FROM wstap")
          == "13\nok\n1\n")
      // No record is wanted that is there: the tables are.
      _ = try runTool(["-l", "--format", "sqlite", "-o", path, "--only", "tls", "Samples/node-ws-json.pcap"])
      #expect(try ask(path, "SELECT count(*) FROM messages") == "0\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"])
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600, "who could not read it before cannot do so now")
    }
  }

  @Test("what cannot be a database is refused, and says why")
  func refused() throws {
    let sample = "Samples/vlan.pcap"
    let without = try runTool(["--format", "sqlite", sample])
    #expect(without.code == 2 && without.error.hasPrefix("wstap: '--format sqlite' needs '-o FILE'\n"))
    try withTemporaryFolder { folder in
      let capture = try write(try SampleFiles.capture("vlan.pcap"), "in.pcap", in: folder)
      for (path, reason) in [
        ("/dev/null", "is no file; a database needs one"), (folder, "is no file; a database needs one"),
        ("\(folder)/none/out.db", "No such file or directory"), (capture, "is a file being read"),
      ] {
        let run = try runTool(["--format", "sqlite", "-o", path, capture])
        #expect(run.code == 2 && run.error.contains(reason), "\(run.error)")
      }
      #expect(FileManager.default.contents(atPath: capture) == Data(try SampleFiles.capture("vlan.pcap")))
      let same = try runTool(["--format", "sqlite", "-o", "\(folder)/x", "-w", "\(folder)/x", capture])
      #expect(same.code == 2 && same.error.contains("choose another file for the packets"))
    }
  }

  @Test("can be read while it is written, and is whole when a signal ends it", .enabled(if: sqlite != nil, comment))
  func readMeanwhile() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      let tool = try RunningTool(["--format", "sqlite", "-o", path, "-l", "-"], input: .pipe)
      try tool.write(try SampleFiles.capture("node-ws-json.pcap"))
      var messages = ""
      for _ in 0..<200 where messages != "13\n" {
        usleep(50_000)
        guard FileManager.default.fileExists(atPath: path) else { continue }
        messages = (try? Self.sqlite?.run([path, "SELECT count(*) FROM messages"]).output) ?? ""
      }
      #expect(messages == "13\n" && tool.isRunning)
      tool.send(SIGINT)
      #expect(try tool.finish().code == 0)
      #expect(
        try ask(path, "PRAGMA integrity_check; SELECT count(*) FROM summary; PRAGMA journal_mode") == "ok\n1\ndelete\n")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"])
    }
  }

  @Test("a signal ends the reading, and the database is whole", .enabled(if: sqlite != nil, comment))
  func interrupted() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.db"
      let tool = try RunningTool(["--format", "sqlite", "-o", path, "-"], input: .pipe)
      try tool.write(try SampleFiles.capture("node-ws-json.pcap"))
      usleep(300_000)
      tool.send(SIGTERM)
      #expect(try tool.finish().error.contains("interrupted"))
      #expect(try ask(path, "PRAGMA integrity_check; SELECT count(*) FROM messages;").hasPrefix("ok\n"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["out.db"])
    }
  }
}

private func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { String(format: "%02x", $0) }.joined()
}
