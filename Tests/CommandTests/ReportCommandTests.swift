import Foundation
import TestSupport
import Testing

@Suite("The program and reports")
struct ReportCommandTests {
  private let sample = SampleFiles.repository.appending(path: "Samples/browser-chat.pcap").path()

  @Test(
    "a report is not written on a terminal",
    .enabled(if: access("/dev/ptmx", R_OK | W_OK) == 0, "there are no pseudo-terminals"))
  func terminal() throws {
    let terminal = try #require(PseudoTerminal(columns: 80))
    let tool = try RunningTool(["--format", "html", sample], output: terminal.programSide)
    #expect(try terminal.text(of: tool) == "")
    let run = try tool.finish()
    #expect(run.code == 2)
    #expect(run.error.contains("html is not for a terminal; name a file with -o"))
  }

  @Test("into a file or a pipe it is the same page, with what was read, whatever records were asked for")
  func output() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/report.html"
      let run = try runTool(["--format", "html", "-o", file, sample])
      #expect(run.code == 0 && run.output.isEmpty)
      let written = try Data(contentsOf: URL(filePath: file))
      #expect([UInt8](written) == (try runTool(["--format", "html", sample])).output)
      #expect(written.starts(with: Data("<!doctype html>\n".utf8)))
      let few = try runTool(["--format", "html", "--only", "diagnostic", sample])
      #expect(few.text.contains("data-block=\"records\"") && few.text.hasSuffix("</script>\n"))
    }
  }

  @Test("what cannot be read leaves the report of yesterday as it is")
  func unreadable() throws {
    try withTemporaryFolder { folder in
      let file = folder + "/report.html"
      try Data("yesterday".utf8).write(to: URL(filePath: file))
      #expect(try runTool(["--format", "html", "-o", file, folder + "/none.pcap"]).code == 2)
      #expect(contents(file) == "yesterday")
    }
  }
}
