import Foundation
import TestSupport
import Testing

/// The Swift code of the guide to the library compiles and does what it says: it is this folder's, word by word.
struct GuideExampleTests {
  @Test func everyProgramInTheGuideIsCompiledHere() throws {
    let examples = try ["GuideExample.swift", "GuideFrameExample.swift"].map(Self.example)
    #expect(examples.allSatisfy { $0.hasPrefix("import ") && $0.split(separator: "\n").count < 40 })
    let blocks = try Self.blocks().filter { $0.hasPrefix("import ") }
    for block in blocks where !examples.contains(block) {
      Issue.record(
        "This block of UseAsALibrary.md is not what Tests/ExportTests/Guide*Example.swift compile:\n\(block)")
    }
    #expect(blocks.count == examples.count, "every example is shown, once")
  }

  @Test func theLibraryExampleTellsWhatWasSaid() throws {
    let lines = try transcript(of: try SampleFiles.capture("browser-chat.pcap"))
    #expect(lines.count == 10)
    #expect(lines.first == #"packet 8, client: {"type":"join","room":"harbour","name":"alice"}"#)
    #expect(throws: (any Error).self) { try transcript(of: Array("no capture at all, but a longer text".utf8)) }
  }

  @Test func theFrameExampleTakesPiecesOfAnySize() {
    // RFC 6455 §5.7: a masked text, a fragment and its continuation with a ping between, and nothing.
    let bytes: [UInt8] =
      [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58] + [0x01, 0x03, 0x48, 0x65, 0x6C]
      + [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F] + [0x80, 0x02, 0x6C, 0x6F] + [0x8A, 0x00]
    let reading = readEveryWay(bytes) { pieces in
      var list = FrameList()
      return pieces.flatMap { list.take($0) }
    }
    #expect(
      reading.whole == [
        "text, 5 bytes: Hello", "text, 3 bytes: Hel", "ping, 5 bytes: Hello", "continuation, 2 bytes: lo",
        "pong, 0 bytes: ",
      ])
    #expect(reading.difference == nil)
  }

  /// What stands between the marks of a file in this folder.
  private static func example(_ name: String) throws -> String {
    let url = SampleFiles.repository.appending(path: "Tests/ExportTests/\(name)")
    let text = try String(contentsOf: url, encoding: .utf8)
    let start = try #require(text.range(of: "// Guide begins.\n"))
    let end = try #require(text.range(of: "// Guide ends.\n"))
    return String(text[start.upperBound..<end.lowerBound])
  }

  /// The Swift blocks of the guide, without their fences.
  private static func blocks() throws -> [String] {
    let text = try String(
      contentsOf: SampleFiles.repository.appending(path: "Documentation/wstap.docc/UseAsALibrary.md"), encoding: .utf8)
    return text.components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
  }
}
