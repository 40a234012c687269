import Foundation
import TestSupport
import Testing

@Suite("--format csv and tsv")
struct SeparatedTests {
  private static let python = OtherProgram("python3")
  private static let duckdb = OtherProgram(pythonWith: "duckdb")
  private static let pandas = OtherProgram(pythonWith: "pandas")
  private static let chess = "Samples/node-ws-json.pcap"

  /// The lines of a CSV file (RFC 4180), each as its values.
  private func values(_ output: [UInt8]) throws -> [[String]] {
    var (lines, line, value): ([[String]], [String], [UInt8]) = ([], [], [])
    var (isQuoted, index) = (false, 0)
    while index < output.count {
      let byte = output[index]
      index += 1
      if isQuoted {
        if byte != 0x22 {
          value.append(byte)
        } else if index < output.count, output[index] == 0x22 {
          value.append(0x22)
          index += 1
        } else {
          isQuoted = false
        }
      } else if byte == 0x22 {
        try #require(value.isEmpty, "a quote inside a value that has none around it")
        isQuoted = true
      } else if byte == 0x2C || byte == 0x0D {
        line.append(String(decoding: value, as: UTF8.self))
        value = []
        guard byte == 0x0D else { continue }
        try #require(output[index] == 0x0A)
        index += 1
        lines.append(line)
        line = []
      } else {
        value.append(byte)
      }
    }
    try #require(!isQuoted && line.isEmpty && value.isEmpty, "the last line ends")
    return lines
  }

  @Test("each message is a line with the values of the JSON output", arguments: SampleFiles.names)
  func messages(sample: String) throws {
    let columns = [
      "connection", "connection_id", "message", "time", "end_time", "sender", "source", "destination", "first_packet",
      "kind", "frame_count", "compressed", "wire_length", "length", "complete", "text", "valid_utf8",
    ]
    let records = try runTool(["--json", "--only", "message", "Samples/\(sample)"]).lines
      .map { try JSONValue(parsing: String($0)) }
    let run = try runTool([
      "--format", "csv", "--raw-values", "-e", columns.joined(separator: ","), "Samples/\(sample)",
    ])
    let lines = try values(run.output)
    #expect(lines.first == columns && lines.count == records.count + 1)
    for (line, record) in zip(lines.dropFirst(), records) {
      for (column, value) in zip(columns, line) {
        let expected =
          switch record[column] {
          case .string(let text)?: text
          case .number(let digits)?: digits
          case .bool(let bool)?: "\(bool)"
          default: ""
          }
        #expect(value == expected, "\(column)")
      }
    }
  }

  @Test(
    "other kinds of record make tables too", arguments: ["frame", "connection", "diagnostic", "end", "tls"])
  func kinds(kind: String) throws {
    let samples = SampleFiles.names.map { "Samples/\($0)" }
    let run = try runTool(["--format", "csv", "--only", kind] + samples)
    let records = try runTool(["--json", "--only", kind] + samples).lines
    let lines = try values(run.output)
    #expect(lines.count == records.count + 1)
    #expect(lines.allSatisfy { $0.count == lines[0].count })
  }

  @Test("rows are what has all columns, unless --only says it")
  func inferredKind() throws {
    func first(_ arguments: [String]) throws -> [String]? {
      try values(try runTool(["--format", "csv"] + arguments + [Self.chess]).output).dropFirst().first
    }
    #expect(try first(["-e", "message", "-e", "sender,json.do"]) == ["1", "client", "create"])
    #expect(try first(["-e", "frame,opcode"]) == ["1", "1"])
    #expect(try first(["-e", "ended_by,server_close.code"]) == ["close-handshake", "1000"])
    #expect(try first(["-e", "url,message"]) == ["ws://127.0.0.1:8080/lobby", "1"])
    let asked = ["--only", "connection", "-e", #"request.header["Host"],upgraded"#]
    #expect(try first(asked) == ["127.0.0.1:8080", "true"])
  }

  @Test("no value is a formula, and none is lost")
  func formulas() throws {
    try withTemporaryFolder { folder in
      let path = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      let arguments = ["--format", "csv", "--max-payload", "none", "-e", "kind,text,payload", path]
      let raw = try values(try runTool(["--raw-values"] + arguments).output).dropFirst()
      let safe = try values(try runTool(arguments).output).dropFirst()
      #expect(raw.count == 2 * HostileCapture.payloads.count && safe.count == raw.count)
      for (index, (raw, safe)) in zip(raw, safe).enumerated() {
        let payload = HostileCapture.payloads[index / 2]
        #expect(raw[2] == Data(payload).base64EncodedString() && safe[2] == raw[2])
        let text = raw[0] == "text" ? String(validating: payload, as: UTF8.self) ?? "" : ""
        #expect(Array(raw[1].utf8) == Array(text.utf8))
        let isFormula = text.utf8.first.map { "=+-@\t\r".utf8.contains($0) } == true
        #expect(safe[1] == (isFormula ? "'\(text)" : text))
        #expect(!["=", "@", "\t", "\r", "\n"].contains { safe[1].hasPrefix($0) })
      }
    }
  }

  @Test("numbers stay numbers, whatever their sign")
  func numbers() throws {
    var capture = ServerCapture()
    let texts = ["-5", "-1.5e-3", "-", "-1-1", "-5;cmd", "+5", "＝1"]
    for text in texts { capture.frame(1, Array(text.utf8)) }
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "numbers.pcap", in: folder)
      let lines = try values(try runTool(["--format", "csv", "-e", "text", path]).output)
      #expect(lines.map(\.[0]) == ["text", "-5", "-1.5e-3", "'-", "'-1-1", "'-5;cmd", "'+5", "'＝1"])
    }
  }

  @Test("a record of tsv is one line, whatever it holds")
  func tabs() throws {
    try withTemporaryFolder { folder in
      let path = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      let run = try runTool(["--format", "tsv", "--raw-values", "--max-payload", "none", "-e", "kind,text", path])
      let lines = run.output.split(separator: 0x0A, omittingEmptySubsequences: false).dropFirst().dropLast()
      #expect(lines.count == 2 * HostileCapture.payloads.count)
      for (index, line) in lines.enumerated() {
        let parts = line.split(separator: 0x09, omittingEmptySubsequences: false)
        try #require(parts.count == 2)
        let payload = HostileCapture.payloads[index / 2]
        let isText = parts[0].elementsEqual("text".utf8) && String(validating: payload, as: UTF8.self) != nil
        #expect(unescaped(parts[1]) == (isText ? payload : []))
      }
    }
  }

  private func unescaped(_ text: some Sequence<UInt8>) -> [UInt8] {
    var (bytes, isEscaped): ([UInt8], Bool) = ([], false)
    for byte in text {
      if isEscaped {
        bytes.append(["t": 9, "n": 10, "r": 13, "0": 0][Character(Unicode.Scalar(byte)), default: byte])
        isEscaped = false
      } else if byte == 0x5C {
        isEscaped = true
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  @Test("what is wrong with columns is said")
  func errors() throws {
    for (arguments, message) in [
      (["-e", "opcod"], "there is no field 'opcod', --list-fields lists them; did you mean 'opcode'?"),
      (["-e", "opcode,kind"], "records of type message have no 'opcode', which is a field of frame"),
      (["--only", "summary"], "'--format csv' has no table for records of type summary"),
      (["--only", "frame,message"], "'--format csv' has room for one type of record"),
      (["-e", "text,,time"], "invalid value 'text,,time' for '-e'"),
    ] {
      let run = try runTool(["--format", "csv"] + arguments + [Self.chess])
      #expect(run.code == 2 && run.output.isEmpty && run.error.contains(message), "\(run.error)")
    }
    #expect(try runTool(["-e", "text", Self.chess]).error.hasPrefix("wstap: '-e' needs '--format csv'"))
  }

  @Test("columns of the connection are known under a selection too")
  func selection() throws {
    let run = try runTool([
      "--format", "csv", "-Y", "sender == client", "-e", "url,json.type", "Samples/browser-chat.pcap",
    ])
    let lines = try values(run.output)
    #expect(lines.dropFirst().first == ["ws://127.0.0.1:8080/chat", "join"])
    #expect(lines.count == 6 && run.error.contains("selected 5 of 10 records"), "\(run.error)")
  }

  @Test("a terminal is not driven")
  func terminal() throws {
    guard let terminal = PseudoTerminal(columns: 80) else { return }
    var capture = ServerCapture()
    capture.frame(1, Array("\u{1B}[2J\u{9B}31m\u{202E}".utf8))
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "escapes.pcap", in: folder)
      let tool = try RunningTool(["-q", "--format", "csv", "-e", "text", path], output: terminal.programSide)
      let text = try terminal.text(of: tool)
      #expect(text.contains(#"\u{1b}[2J"#) && !text.contains("\u{1B}"))
    }
  }

  // MARK: Those who read it

  @Test("Python's csv reads it", .enabled(if: python != nil, "python3 is not installed"))
  func readByPython() throws {
    let script = """
      import csv, sys
      rows = list(csv.DictReader(open(sys.argv[1], newline="", encoding="utf-8")))
      print(len(rows), rows[0]["text"] == sys.argv[2], {len(row) for row in rows})
      """
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.csv"
      _ = try runTool(["--format", "csv", "-o", path, Self.chess])
      let run = try #require(Self.python).run(["-c", script, path, #"{"do":"create","game":"chess","minutes":3}"#])
      #expect(run.output == "13 True {11}\n", "\(run)")
    }
  }

  @Test("pandas reads it", .enabled(if: pandas != nil, "pandas is not installed"))
  func readByPandas() throws {
    let script = """
      import pandas, sys
      for path, options in ((sys.argv[1], {}), (sys.argv[2], {"sep": "\\t", "quoting": 3})):
          table = pandas.read_csv(path, parse_dates=["time"], **options)
          print(table.groupby("sender").length.sum().to_dict(), str(table.time.dtype)[:10])
      """
    try withTemporaryFolder { folder in
      let paths = ["csv", "tsv"].map { "\(folder)/out.\($0)" }
      for (format, path) in zip(["csv", "tsv"], paths) {
        _ = try runTool(["--format", format, "-o", path, Self.chess])
      }
      let run = try #require(Self.pandas).run(["-c", script] + paths)
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 2 && lines.first == lines.last && lines.first?.hasSuffix("datetime64") == true, "\(run)")
    }
  }

  @Test("DuckDB reads it", .enabled(if: duckdb != nil, "duckdb is not installed"))
  func readByDuckDB() throws {
    let script = """
      import duckdb, sys
      print(duckdb.sql(f"SELECT sender, count(*) FROM read_csv('{sys.argv[1]}') GROUP BY 1 ORDER BY 1").fetchall())
      """
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.csv"
      _ = try runTool(["--format", "csv", "-o", path, Self.chess])
      let run = try #require(Self.duckdb).run(["-c", script, path])
      #expect(run.output == "[('client', 6), ('server', 7)]\n", "\(run)")
    }
  }
}
