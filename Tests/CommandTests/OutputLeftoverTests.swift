import Foundation
import TestSupport
import Testing

@Suite("What comes to nothing leaves nothing behind")
struct OutputLeftoverTests {
  private static let refusals: [[String]] = [
    ["-o", "OUT", "README.md"], ["--json", "-l", "-o", "OUT", "README.md"], ["-w", "OUT", "README.md"],
    ["-w", "OUT", "--ring", "size=1k", "README.md"], ["-o", "OUT", "missing.pcap"],
    ["-o", "OUT", "-w", "OUT", "Samples/vlan.pcap"], ["-o", "OUT", "--extract", "README.md/no", "Samples/vlan.pcap"],
    ["-o", "OUT", "-w", "README.md/no", "Samples/vlan.pcap"], ["--format", "har", "-o", "OUT", "README.md"],
  ]

  @Test("a refusal leaves no empty file where none was", arguments: refusals)
  func refused(arguments: [String]) throws {
    try withTemporaryFolder { folder in
      let run = try runTool(arguments.map { $0 == "OUT" ? "\(folder)/out" : $0 })
      #expect(run.code == 2)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("it leaves a file that was there as it was", arguments: [Array("before".utf8), []])
  func kept(before: [UInt8]) throws {
    try withTemporaryFolder { folder in
      let path = try write(before, "out", in: folder)
      #expect(try runTool(["-o", path, "README.md"]).code == 2)
      #expect(FileManager.default.contents(atPath: path) == Data(before))
    }
  }

  @Test("an output that is empty because nothing was found is there")
  func nothingFound() throws {
    try withTemporaryFolder { folder in
      let run = try runTool(["-o", "\(folder)/out", "--only", "end", "--connection", "99", "Samples/vlan.pcap"])
      #expect(run.code == 1)
      #expect(FileManager.default.contents(atPath: "\(folder)/out") == Data())
    }
  }
}
