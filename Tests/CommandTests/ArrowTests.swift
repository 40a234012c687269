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

@Suite("--format arrow")
struct ArrowTests {
  private static let pyarrow = OtherProgram(pythonWith: "pyarrow")
  private static let polars = OtherProgram(pythonWith: "polars, pyarrow")
  private static let duckdb = OtherProgram(pythonWith: "duckdb, pyarrow")
  private static let comment: Comment = "pyarrow is not installed"

  /// Reads a stream, checks it in full, and compares it with the JSON lines of the same records.
  private static let comparison = """
    import sys, json, base64, datetime, pyarrow.ipc as ipc
    reader = ipc.open_stream(open(sys.argv[1], "rb"))
    rows = []
    for batch in reader:
        batch.validate(full=True)
        rows += batch.to_pylist()
    records = [json.loads(line) for line in open(sys.argv[2])]
    assert len(rows) == len(records), (len(rows), len(records))
    def nanoseconds(text):
        whole = datetime.datetime.fromisoformat(text[:19] + "+00:00")
        return int(whole.timestamp()) * 10**9 + int(text[20:29])
    compared = 0
    for row, record in zip(rows, records):
        for name, value in row.items():
            if name in ("time", "end_time"):
                if value is not None:
                    exact = row[name + "_ns"]
                    assert exact == nanoseconds(record[name]), (name, row, record)
                    micros = int(value.timestamp() // 1) * 10**6 + value.microsecond
                    assert micros == exact // 1000, (name, value, exact)
                else:
                    assert record[name] is None
            elif name == "bytes":
                expected = base64.b64decode(record["base64"]) if "base64" in record else None
                assert value == expected, (name, row, record)
            elif name in ("unknown", "tcp_close", "tls", "offered_protocols", "extensions", "offered_extensions"):
                assert (json.loads(value) if value is not None else None) == record.get(name), (name, row, record)
            elif name in ("file", "last_file"):
                continue
            elif name in ("view", "view_json", "reply_to"):
                view = record.get("view", {})
                assert row["view"] == view.get("name"), (row, record)
                if row["view_json"] is None: assert len(view) < 2, (row, record)
                else: assert json.loads(row["view_json"]) == view, (row, record)
                if "reply_to" in view: assert row["reply_to"] == view["reply_to"], (row, record)
            elif name in record:
                assert value == record[name], (name, row, record)
            else:
                continue
            compared += 1
    print(reader.schema.metadata[b"wstap.table"].decode(), len(rows), compared)
    """

  @Test(
    "is valid, and says what the JSON output says", .enabled(if: pyarrow != nil, comment),
    arguments: ["message", "frame", "connection", "diagnostic", "end", "tls"])
  func values(kind: String) throws {
    let samples = SampleFiles.names.map { "Samples/\($0)" } + ["Samples/subprotocols/stomp-rabbitmq.pcap"]
    try withTemporaryFolder { folder in
      for options in [[], ["--max-payload", "7"]] {
        let arguments = ["--only", kind] + options + samples
        #expect(try runTool(["--format", "arrow", "-o", "\(folder)/out.arrow"] + arguments).code == 0)
        #expect(try runTool(["--json", "-o", "\(folder)/out.ndjson"] + arguments).code == 0)
        let run = try #require(Self.pyarrow).run(["-c", Self.comparison, "\(folder)/out.arrow", "\(folder)/out.ndjson"])
        #expect(run.code == 0 && run.output.hasPrefix("\(kind)"), "\(run.error.suffix(2000))")
      }
    }
  }

  @Test("keeps every byte of hostile payloads", .enabled(if: pyarrow != nil, comment), arguments: ["message", "frame"])
  func hostile(kind: String) throws {
    try withTemporaryFolder { folder in
      let capture = try write(HostileCapture.pcap, "hostile.pcap", in: folder)
      let arguments = ["--only", kind, "--max-payload", "none", capture]
      #expect(try runTool(["--format", "arrow", "-o", "\(folder)/out.arrow"] + arguments).code == 0)
      #expect(try runTool(["--json", "-o", "\(folder)/out.ndjson"] + arguments).code == 0)
      let run = try #require(Self.pyarrow).run(["-c", Self.comparison, "\(folder)/out.arrow", "\(folder)/out.ndjson"])
      #expect(run.code == 0, "\(run.error.suffix(2000))")
    }
  }

  @Test("comes in batches of bounded size", .enabled(if: pyarrow != nil, comment))
  func batches() throws {
    var capture = ServerCapture()
    for number in 0..<70_000 { capture.frame(1, Array("\(number)".utf8)) }
    let script = """
      import sys, pyarrow.ipc as ipc
      batches = list(ipc.open_stream(open(sys.argv[1], "rb")))
      for b in batches: b.validate(full=True)
      texts = [t.as_py() for b in batches for t in b.column("text")]
      print(len(batches), max(b.num_rows for b in batches) <= 65536, texts == [str(n) for n in range(70000)])
      """
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "many.pcap", in: folder)
      #expect(try runTool(["--format", "arrow", "-o", "\(folder)/out.arrow", path]).code == 0)
      let run = try #require(Self.pyarrow).run(["-c", script, "\(folder)/out.arrow"])
      #expect(run.output == "2 True True\n", "\(run)")
    }
  }

  @Test("polars reads it", .enabled(if: polars != nil, "polars is not installed"))
  func readByPolars() throws {
    let script = """
      import sys, polars
      table = polars.read_ipc_stream(sys.argv[1])
      print(table.group_by("sender").len().sort("sender").rows(), table.schema["time"], table["length"].sum())
      """
    let output = try read(by: Self.polars, script)
    #expect(output.hasPrefix("[('client', 6), ('server', 7)] Datetime(time_unit='us', time_zone='UTC')"))
  }

  @Test("DuckDB reads it, and makes Parquet of it", .enabled(if: duckdb != nil, "duckdb is not installed"))
  func readByDuckDB() throws {
    let script = """
      import sys, duckdb, pyarrow as pa
      messages = pa.ipc.open_stream(pa.memory_map(sys.argv[1])).read_all()
      path = sys.argv[1] + ".parquet"
      duckdb.sql(f"COPY messages TO '{path}'")
      print(duckdb.sql(f"SELECT sender, count(*) FROM '{path}' GROUP BY 1 ORDER BY 1").fetchall())
      """
    #expect(try read(by: Self.duckdb, script) == "[('client', 6), ('server', 7)]\n")
  }

  private func read(by program: OtherProgram?, _ script: String) throws -> String {
    try withTemporaryFolder { folder in
      let arguments = ["--format", "arrow", "-o", "\(folder)/out.arrow", "Samples/node-ws-json.pcap"]
      #expect(try runTool(arguments).code == 0)
      let run = try #require(program).run(["-c", script, "\(folder)/out.arrow"])
      #expect(run.code == 0, "\(run.error)")
      return run.output
    }
  }

  @Test("is whole when a signal ends the reading, or when there is nothing", .enabled(if: pyarrow != nil, comment))
  func ends() throws {
    let script = """
      import sys, pyarrow.ipc as ipc
      bytes = open(sys.argv[1], "rb").read()
      print(ipc.open_stream(bytes).read_all().num_rows, bytes[-8:] == b"\\xff\\xff\\xff\\xff\\0\\0\\0\\0")
      """
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.arrow"
      let tool = try RunningTool(["--format", "arrow", "-l", "-o", path, "-"], input: .pipe)
      try tool.write(try SampleFiles.capture("node-ws-json.pcap"))
      usleep(500_000)
      tool.send(SIGINT)
      #expect(try tool.finish().code == 0)
      #expect(try #require(Self.pyarrow).run(["-c", script, path]).output == "13 True\n")
      #expect(try runTool(["--format", "arrow", "--only", "tls", "-o", path, "Samples/vlan.pcap"]).output.isEmpty)
      #expect(try #require(Self.pyarrow).run(["-c", script, path]).output == "0 True\n")
    }
  }

  @Test("several kinds of record are refused, and so is a terminal")
  func refused() throws {
    let run = try runTool(["--format", "arrow", "--only", "frame,message", "Samples/vlan.pcap"])
    #expect(run.code == 2 && run.error.hasPrefix("wstap: '--format arrow' has room for one type of record"))
    guard let terminal = PseudoTerminal(columns: 80) else { return }
    let tool = try RunningTool(["--format", "arrow", "Samples/vlan.pcap"], output: terminal.programSide)
    #expect(try terminal.text(of: tool).isEmpty)
  }
}
