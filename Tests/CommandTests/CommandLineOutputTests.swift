import Foundation
import TestSupport
import Testing

@Suite("The program and its output")
struct CommandLineOutputTests {
  private static let sample = "Samples/browser-chat.pcap"

  @Test("a reader that has seen enough ends the program quietly")
  func closedPipe() throws {
    // More than a pipe holds, so that the program must notice.
    let tool = try RunningTool(["--json", "Samples/masked-lengths.pcap.gz"])
    #expect(tool.readLine()?.hasPrefix(#"{"type":"capture""#) == true)
    try tool.closeOutput()
    let run = try tool.finish()
    #expect(run.code == 0 && run.error.isEmpty)
  }

  @Test("a full disk is an error", .enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "needs /dev/full"))
  func fullDisk() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    for run in [
      try runTool([Self.sample], output: full), try runTool(["-l", Self.sample], output: full),
      try runTool(["-o", "/dev/full", Self.sample]), try runTool(["--help"], output: full),
      try runTool(["--list-diagnostics"], output: full),
    ] {
      #expect(run.code == 2)
      #expect(run.error.contains("failed: No space left on device; the output is incomplete"))
      #expect(!run.error.contains("WebSocket connection"), "no success is claimed")
    }
  }

  @Test("-o writes a file, anew each time, and nothing to standard output")
  func outputFile() throws {
    try withTemporaryFolder { folder in
      let path = try write(Array(repeating: 0x78, count: 9000), "out.txt", in: folder)
      let run = try runTool(["-o", path, Self.sample])
      #expect(run.code == 0 && run.output.isEmpty && run.error.contains("10 messages"))
      #expect(try contents(path) == golden("browser-chat.txt"))
      #expect(try runTool(["-o", "-", Self.sample]).text == golden("browser-chat.txt"))
      #expect(try runTool(["-o", folder, Self.sample]).code == 2, "a folder cannot be written")
    }
  }

  @Test("a capture that is read is never overwritten")
  func outputIsInput() throws {
    try withTemporaryFolder { folder in
      let bytes = try SampleFiles.capture("browser-chat.pcap")
      let path = try write(bytes, "in.pcap", in: folder)
      try FileManager.default.linkItem(atPath: path, toPath: folder + "/link.pcap")
      for output in [path, folder + "/link.pcap"] {
        let run = try runTool([Self.sample, path, "-o", output])
        #expect(run.code == 2 && run.error.contains("is a file being read"))
      }
      let handle = try #require(FileHandle(forUpdatingAtPath: path))
      #expect(try runTool([path], output: handle).code == 2, "nor by the shell's >>")
      #expect(FileManager.default.contents(atPath: path).map { [UInt8]($0) } == bytes)
    }
  }

  @Test("colours: always is always, never is never, and a pipe gets none")
  func colorsInPipe() throws {
    let plain = try golden("browser-chat.txt")
    #expect(try runTool(["--color", "never", Self.sample]).text == plain)
    #expect(try runTool(["--color=auto", Self.sample]).text == plain)
    let colored = try runTool(["--color", "always", Self.sample], environment: ["NO_COLOR": "1"]).text
    #expect(colored.contains("\u{1B}["))
    #expect(colored.replacing(/\u{1B}\[[0-9;]*m/, with: "") == plain)
    #expect(try !runTool(["--json", "--color", "always", Self.sample]).text.contains("\u{1B}"), "JSON has no colours")
  }

  @Test(
    "colours on a terminal: if nobody forbids it",
    arguments: [
      (["TERM": "xterm"], [], true), (["TERM": "xterm", "NO_COLOR": "1"], [], false),
      (["TERM": "xterm", "NO_COLOR": ""], [], true), (["TERM": "dumb"], [], false),
      (["TERM": "xterm"], ["--color=never"], false), (["NO_COLOR": "1"], ["--color=always"], true),
    ] as [([String: String], [String], Bool)])
  func colorsOnTerminal(_ environment: [String: String], _ options: [String], _ isColored: Bool) throws {
    let text = try onTerminal(options + [Self.sample], columns: 100, environment)
    #expect(text.contains("\u{1B}[") == isColored)
    #expect(text.contains("see you on the quay"))
  }

  @Test("lines fit the terminal", arguments: [60, 80, 100] as [UInt16])
  func width(columns: UInt16) throws {
    let text = try onTerminal(["-q", "--color=never", "Samples/node-ws-json.pcap"], columns: columns, [:])
    let widths = text.split(whereSeparator: \.isNewline).map(\.count)
    #expect(widths.count >= 17 && widths.allSatisfy { $0 <= Int(columns) }, "\(text)")
  }

  /// What a terminal shows.
  private func onTerminal(_ arguments: [String], columns: UInt16, _ environment: [String: String]) throws -> String {
    let terminal = try #require(PseudoTerminal(columns: columns))
    let tool = try RunningTool(arguments, output: terminal.programSide, environment: environment)
    return try terminal.text(of: tool)
  }
}
