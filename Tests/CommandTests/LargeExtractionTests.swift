import Analysis
import Bytes
import Capture
import Export
import Foundation
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("--extract and messages that are not held in memory")
struct LargeExtractionTests {
  /// More than is held, and no two parts of it alike.
  private static let large = (0..<700_000).flatMap { number in
    [
      UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
      UInt8(truncatingIfNeeded: number >> 16),
    ]
  }
  private static let text = Array((#"{"say":""# + String(repeating: "é", count: 600_001) + #""}"#).utf8)

  private static func capture() -> [UInt8] {
    let deflater = Deflater()
    var capture = ServerCapture(compresses: true)
    capture.frame(2, large)
    capture.frame(1, deflater.message(text), isCompressed: true)
    capture.frame(1, Array("small".utf8))
    capture.frame(2, deflater.message(large), isCompressed: true)
    return capture.pcap
  }

  private func names(_ folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
  }

  private func bytes(_ path: String) -> [UInt8]? { FileManager.default.contents(atPath: path).map { [UInt8]($0) } }

  @Test(
    "they are whole, and are called after what they begin with",
    arguments: [[], ["--json"], ["--max-payload", "none"]])
  func whole(options: [String]) throws {
    try withTemporaryFolder { folder in
      let path = try write(Self.capture(), "in.pcap", in: folder)
      let run = try runTool(["--extract", "\(folder)/out", path] + options)
      #expect(
        run.code == 0 && run.error.contains("wrote 4 messages to '\(folder)/out', listed in index.csv"), "\(run.error)")
      #expect(bytes("\(folder)/out/c0001-m000001-server.bin") == Self.large)
      #expect(bytes("\(folder)/out/c0001-m000002-server.json") == Self.text)
      #expect(bytes("\(folder)/out/c0001-m000003-server.txt") == Array("small".utf8))
      #expect(bytes("\(folder)/out/c0001-m000004-server.bin") == Self.large)
      let index = try String(contentsOfFile: "\(folder)/out/index.csv", encoding: .utf8)
      #expect(index.split(separator: "\r\n").dropFirst().allSatisfy { $0.contains(",true,false,") }, "\(index)")
    }
  }

  @Test("one that is not selected leaves no file; a neighbour of one that is has all of it")
  func selected() throws {
    try withTemporaryFolder { folder in
      let path = try write(Self.capture(), "in.pcap", in: folder)
      let small = try runTool(["--extract", "\(folder)/a", "-Y", "length < 100", path])
      #expect(small.code == 0)
      #expect(try names("\(folder)/a") == ["c0001-m000003-server.txt", "index.csv"])
      _ = try runTool(["--extract", "\(folder)/b", "--sender", "client", path])
      #expect(try names("\(folder)/b") == ["index.csv"])
      _ = try runTool(["--extract", "\(folder)/c", "--connection", "2", path])
      #expect(try names("\(folder)/c") == ["index.csv"])
      _ = try runTool(["--extract", "\(folder)/d", "-g", "small", "--context", "1", path])
      #expect(
        try names("\(folder)/d") == [
          "c0001-m000002-server.json", "c0001-m000003-server.txt", "c0001-m000004-server.bin", "index.csv",
        ])
      #expect(bytes("\(folder)/d/c0001-m000002-server.json") == Self.text)
      #expect(bytes("\(folder)/d/c0001-m000004-server.bin") == Self.large)
      _ = try runTool(["--extract", "\(folder)/e", "-Y", #"text contains "éé""#, path])
      #expect(try names("\(folder)/e") == ["c0001-m000002-server.json", "index.csv"])
    }
  }

  @Test("one of which bytes are missing has those that are known, and the index says so")
  func gap() throws {
    var talk = ConversationBuilder.upgraded()
    talk.segmentSize = 50_000
    let frame = frameBytes(0x82, Self.large)
    talk.say(.server, Array(frame[..<1_500_000]))
    talk.lose(.server, 1000)
    talk.say(.server, Array(frame[1_501_000...]))
    talk.close(.server)
    var capture = CaptureBuilder()
    for packet in talk.packets { capture.add(packet.bytes, at: packet.time) }
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap(), "in.pcap", in: folder)
      let run = try runTool(["--extract", "\(folder)/out", path])
      #expect(run.error.contains("wrote 1 message, 1 of them incomplete"), "\(run.error)")
      #expect(bytes("\(folder)/out/c0001-m000001-server.bin") == Array(frame[10..<1_500_000] + frame[1_501_000...]))
      let index = try String(contentsOfFile: "\(folder)/out/index.csv", encoding: .utf8)
      #expect(index.contains(",2100000,2099000,false,false,"), "\(index)")
    }
  }

  /// Gives messages to an extraction.
  private struct Sink: RecordSink {
    let extraction: Extraction
    func piece(_ piece: borrowing MessagePiece, content: RawSpan) { extraction.take(piece, content) }
    func message(_ record: borrowing MessageRecord, content: RawSpan) { extraction.take(record, content) }
  }

  @Test("compressed messages that inflate too far are cut, and it is said; others are not")
  func bomb() throws {
    let deflater = Deflater()
    var capture = ServerCapture(compresses: true)
    let bomb = [UInt8](repeating: 0, count: 3_000_000)
    capture.frame(2, deflater.message(bomb), isCompressed: true)
    capture.frame(2, deflater.message(bomb), isCompressed: true)
    capture.frame(2, bomb)
    capture.frame(1, deflater.message(Array("still here".utf8)), isCompressed: true)
    var options = AnalyzerOptions()
    options.messages.stored = Extraction.heldBytes
    options.messages.givesPieces = true
    try withTemporaryFolder { folder in
      let extraction = try Extraction("\(folder)/out", budget: InflationBudget(slack: 4_000_000))
      var sink = Sink(extraction: extraction)
      var analyzer = Analyzer(options)
      var reader = CaptureReader()
      var position = 0
      let pcap = capture.pcap
      while let event = try reader.finish(pcap.span.bytes, &position) {
        if case .packet(let packet) = event { analyzer.packet(packet, pcap.span.bytes, into: &sink) }
      }
      analyzer.finish(into: &sink)
      try extraction.close()
      #expect(bytes("\(folder)/out/c0001-m000001-server.bin") == bomb)
      let second = bytes("\(folder)/out/c0001-m000002-server.bin")?.count ?? 0
      #expect(second >= 1_000_000 && second < 1_400_000, "\(second)")
      #expect(bytes("\(folder)/out/c0001-m000003-server.bin") == bomb)
      #expect(bytes("\(folder)/out/c0001-m000004-server.txt") == Array("still here".utf8))
      #expect(extraction.summary.contains("wrote 4 messages, 1 of them incomplete"))
      #expect(extraction.summary.contains("1 message cut: compressed ones inflate to more than 64 times"))
      let index = try String(contentsOfFile: "\(folder)/out/index.csv", encoding: .utf8)
      #expect(index.contains(",3000000,\(second),true,true,"), "\(index)")
    }
  }

  @Test("what cannot be redacted whole is cut where it was looked through")
  func redaction() throws {
    let rules = RedactionRules(members: ["say"])
    let deflater = Deflater()
    var capture = ServerCapture(compresses: true)
    capture.frame(1, deflater.message(Self.text), isCompressed: true)
    var options = AnalyzerOptions()
    options.messages.stored = 1000
    options.messages.givesPieces = true
    try withTemporaryFolder { folder in
      for (name, rules, count) in [("a", rules, 1000), ("b", RedactionRules(hidesTokens: true), Self.text.count)] {
        let extraction = try Extraction("\(folder)/\(name)", hidesContent: true)
        let writer = AnyRecordWriter(
          ExtractingWriter(extraction: extraction, printed: [], next: AnyRecordWriter(NoWriter())))
        var sink = RecordFilter(Redaction(writer, rules, showsConnections: true))
        var analyzer = Analyzer(options)
        var reader = CaptureReader()
        var position = 0
        let pcap = capture.pcap
        while let event = try reader.finish(pcap.span.bytes, &position) {
          if case .packet(let packet) = event { analyzer.packet(packet, pcap.span.bytes, into: &sink) }
        }
        analyzer.finish(into: &sink)
        try extraction.close()
        let file = try #require(try names("\(folder)/\(name)").first)
        let written = try #require(bytes("\(folder)/\(name)/\(file)"))
        #expect(written.count == count)
        #expect(written.contains(0xC3) == (name == "b"))
      }
    }
  }

  /// Writes nothing.
  private struct NoWriter: RecordWriter {
    func flush() {}
  }
}
