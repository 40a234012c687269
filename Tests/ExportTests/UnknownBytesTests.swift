import Analysis
import TestSupport
import Testing
import WebSocket

@testable import Export

@Suite("Bytes of a message that are not known")
struct UnknownBytesTests {
  /// `{"id":···…,"ok":true}`, 16 and then 1,234 bytes of which are unknown.
  private static func hurt(_ record: inout MessageRecord) {
    record.message.isCompressed = true
    record.message.isComplete = false
    record.message.isValidUTF8 = nil
    record.message.wireLength = 20
    record.message.length = 16 + 1234 + 17
    record.message.storableLength = 17
    record.unknown = [6..<22, 27..<1261]
  }
  private static let known = Array(#"{"id":,"ok":true}"#.utf8)

  @Test("text: a dot for each, and a number for many")
  func text() {
    var story = Story(TextExporter.self)
    story.message(Self.known) { Self.hurt(&$0) }
    let line = story.lines.last ?? ""
    #expect(line.contains(#"{"id":················,"ok"···(1,234 unknown)···:true}"#), "\(line)")
    #expect(line.contains("1267  ") && line.contains("[incomplete: 17 of 1267 B known]"), "\(line)")
  }

  @Test("tree: the same, and what was inferred")
  func tree() {
    var story = Story(TreeExporter.self)
    story.message(Self.known) {
      Self.hurt(&$0)
      $0.message.inference = Confidence(bits: 8)
    }
    let text = story.lines.joined(separator: "\n")
    #expect(text.contains("17 of 1267 bytes known, deflated to 20"), "\(text)")
    #expect(text.contains("in part inferred (confidence 0.99"), "\(text)")
    #expect(text.contains("···(1,234 unknown)···:true}"), "\(text)")
  }

  @Test("a hex dump shows known bytes at their places")
  func dump() {
    var story = Story(TreeExporter.self)
    story.message([0xAA, 0xBB, 0xCC]) {
      $0.message.opcode = .binary
      $0.message.isComplete = false
      $0.message.length = 300
      $0.message.storableLength = 3
      $0.unknown = [1..<290, 292..<300]
    }
    let text = story.lines.joined(separator: "\n")
    #expect(text.contains("000000  aa") && text.contains("· 289 unknown"), "\(text)")
    #expect(text.contains("000122  bb cc") && text.contains("· 8 unknown"), "\(text)")
  }

  @Test("what a hex dump leaves out is counted, wherever it ends")
  func dumpCut() {
    let cases: [(most: Int, total: UInt64, last: String)] = [
      (1, 3, "… 2 more"), (2, 9, "… 7 more"), (3, 3, "· 8 unknown"), (3, 5, "… 2 more, not kept"),
    ]
    for (most, total, last) in cases {
      var writer = TerminalWriter(ExportOptions(), drain: { _ in })
      let known: [UInt8] = [0xAA, 0xBB, 0xCC]
      writer.dump(known.span.bytes, around: [1..<290, 292..<300], most: most, total: total)
      let text = writer.bytes.withBytes { String(decoding: $0, as: UTF8.self) }
      #expect(text.split(separator: "\n").last.map { $0.trimmingPrefix("    ") } == last[...], "\(text)")
    }
  }

  @Test("NDJSON: exact length, ranges, and how sure it is")
  func json() throws {
    var story = Story(NDJSONExporter.self)
    story.message(Self.known) {
      Self.hurt(&$0)
      $0.message.inference = Confidence(bits: 8)
    }
    let line = story.lines.last ?? ""
    #expect(
      line.contains(#""length":1267,"complete":false,"unknown":[[6,16],[27,1234]],"text":"{\"id\":,\"ok\":true}""#))
    #expect(line.contains(#""valid_utf8":null"#) && line.contains(#""inferred":true,"confidence":0.99"#), "\(line)")
  }
}
