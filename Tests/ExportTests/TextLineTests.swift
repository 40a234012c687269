import Bytes
import Capture
import Testing
import Transport

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("One line a message")
struct TextLineTests {
  @Test("a conversation reads from top to bottom")
  func conversation() {
    var story = Story(TextExporter.self)
    story.connection(extensions: "permessage-deflate")
    story.text("Hello?", at: 1.234)
    story.text("Hello!", .server, at: 2)
    story.message([0xDE, 0xAD, 0xBE, 0xEF], .server, at: 1002)
    story.frame(0x89, Array("still there?".utf8), .server, at: 2000)
    story.frame(0x8A, [0, 1, 2, 0xFF], at: 2001)
    story.frame(0x88, closeBody(1000, "bye"), at: 12_000)
    story.frame(0x88, [], .server, at: 12_100)
    story.end()
    #expect(
      story.lines == [
        "#1  127.0.0.1:51514 → 127.0.0.1:8080  ws://localhost:8080/chat  permessage-deflate  2026-11-20 02:41:00.123456 UTC",
        "#1    0.001234  +0.001234 → text         6  Hello?",
        "#1    0.002000  +0.000766 ← text         6  Hello!",
        "#1    1.002000  +1.000000 ← binary       4  de ad be ef",
        #"#1    2.000000  +0.998000 ← ping        12  "still there?""#,
        "#1    2.001000  +0.001000 → pong         4  00 01 02 ff",
        #"#1   12.000000  +9.999000 → close        5  1000 normal closure "bye""#,
        "#1   12.100000  +0.100000 ← close        0  no code",
        #"#1   12.300000  +0.200000 ■ client closed: 1000 normal closure 'bye'; 12.3 s; "#
          + "→ 5 messages 120 B, ← 6 messages 1.2 kB",
      ])
  }

  @Test("a refused upgrade says what the server said")
  func refused() {
    var story = Story(TextExporter.self)
    story.connection(2, status: 403, reason: "Forbidden")
    #expect(
      story.lines == [
        "#2  127.0.0.1:51514 → 127.0.0.1:8080  ws://localhost:8080/chat  refused: 403 Forbidden  "
          + "2026-11-20 02:41:00.123456 UTC"
      ])
  }

  @Test("remarks say what the preview cannot")
  func remarks() {
    var story = Story(TextExporter.self)
    let hello = Array("Hello".utf8)
    story.message(hello) { $0.message.frameCount = 3 }
    story.message(hello) {
      $0.message.frameCount = 2
      $0.first = packet(2, at: -1500)
    }
    story.message(hello) {
      $0.message.isCompressed = true
      $0.message.wireLength = 36
    }
    story.message(hello) {
      $0.message.isComplete = false
      $0.message.wireLength = 40
    }
    story.message(hello) { $0.message.storableLength = 100 }
    story.message([0x43, 0xE8]) {
      $0.message.opcode = .text
      $0.message.isValidUTF8 = false
    }
    story.message([]) {
      $0.message.isCompressed = true
      $0.message.isComplete = false
      $0.message.isLengthKnown = false
      $0.message.wireLength = 9
    }
    let tails = story.lines.map { String($0.dropFirst(28)) }
    #expect(
      tails == [
        "text         5  Hello [3 frames]", "text         5  Hello [2 frames in 1.5 s]",
        "text         5  Hello [deflate 36 B]", "text        40  Hello [incomplete: 5 of 40 B captured]",
        "text         5  Hello… [cut]", #"text         2  C\xe8 [not UTF-8]"#,
        "text         ? [deflate 9 B] [incomplete]",
      ])
  }

  @Test("data frames are left to their messages, unless they belong to none or are asked for")
  func dataFrames() {
    var story = Story(TextExporter.self)
    story.frame(0x81, Array("in a message".utf8), message: 1)
    story.frame(0x80, Array("lost".utf8)) {
      $0.isComplete = false
      $0.header.payloadLength = 9
    }
    story.frame(0x83, [1])
    #expect(
      story.lines.map { String($0.dropFirst(28)) } == [
        #"continuation 9  "lost" [incomplete: 4 of 9 B captured]"#, "reserved-3   1  01",
      ])

    var options = ExportOptions()
    options.requestedKinds = [.frame]
    story = Story(TextExporter.self, options)
    story.frame(0x01, Array("Hel".utf8), message: 1)
    story.frame(0x80, Array("lo\n".utf8), message: 1)
    story.frame(0xC1, [0xF2, 0x48], .server, message: 2)
    story.frame(0x30 | 0x82, [0x41], .server, message: 3)
    #expect(
      story.lines.map { String($0.dropFirst(28)) } == [
        "text               3  Hel [not final]", #"continuation       3  lo\n"#, "text               2  f2 48 [rsv1]",
        "binary             1  41 [rsv2] [rsv3]",
      ])
  }

  @Test("diagnostics stand in line, with their rule")
  func diagnostics() {
    var story = Story(TextExporter.self)
    story.exporter.diagnostic(Diagnostic(.fileCut, detail: "at byte 3096"))
    story.connection()
    story.exporter.diagnostic(
      Diagnostic(
        .gap, detail: "1448 bytes", connection: reference(), sender: .client, packet: packet(17, at: 12_345.678),
        offset: 9))
    story.text("Go on.", at: 12_346)
    #expect(
      story.lines.filter { !$0.contains("UTC") } == [
        "! warning capture.cut-off: \(DiagnosticCode.fileCut.sentence): at byte 3096",
        "#1   12.345678            ! warning tcp.gap: bytes of the stream are not in the capture: 1448 bytes "
          + "(client, packet 17, RFC 9293 §3.4)",
        "#1   12.346000 +12.346000 → text         6  Go on.",
      ])
  }

  @Test("packets of several files are told with their file")
  func files() {
    var options = ExportOptions()
    options.hasSeveralFiles = true
    var story = Story(TextExporter.self, options)
    let second = PacketReference(number: 3, file: 1, time: time(1))
    story.exporter.diagnostic(Diagnostic(.fileDamaged, packet: second))
    story.exporter.capture(
      CaptureRecord(files: ["a/one.pcap", "a/two.pcap"].map { .init(path: $0, format: "pcap", linkTypes: []) }))
    story.exporter.diagnostic(Diagnostic(.fileDamaged, packet: second))
    #expect(story.lines.map { String($0.drop { $0 != "(" }) } == ["(packet 3 of file 2)", "(packet 3 of two.pcap)"])
  }

  @Test("hex follows each line if it is asked for")
  func hex() {
    var options = ExportOptions()
    options.showsHex = true
    var story = Story(TextExporter.self, options)
    story.text("A message of 23 bytes.\n")
    story.frame(0x88, closeBody(1000, ""))
    story.message([1]) { $0.message.storableLength = 9 }
    #expect(
      story.lines.filter { $0.hasPrefix("  ") } == [
        "    000000  41 20 6d 65 73 73 61 67  65 20 6f 66 20 32 33 20  A message of 23 ",
        "    000010  62 79 74 65 73 2e 0a                              bytes..",
        "    000000  03 e8                                             ..",
        "    000000  01" + String(repeating: " ", count: 48) + ".",
        "    … 8 more, not kept",
      ])
  }

  @Test("capture and summary get a line each when they are asked for")
  func captureAndSummary() {
    let capture = CaptureRecord(files: [.init(path: "a/one.pcap", format: "pcap", linkTypes: [])])
    var story = Story(TextExporter.self)
    story.exporter.capture(capture)
    story.exporter.summary(SummaryRecord())
    #expect(story.lines == [])
    var options = ExportOptions()
    options.requestedKinds = .all
    story = Story(TextExporter.self, options)
    story.exporter.capture(capture)
    story.exporter.summary(SummaryRecord())
    #expect(story.lines.count == 2)
    #expect(story.lines.first == "capture  a/one.pcap (pcap)")
  }

  @Test("columns grow with numbers and times, and stay grown")
  func growing() {
    var story = Story(TextExporter.self)
    story.connection(1)
    story.text("a", at: 1)
    story.message([0x62], at: 100_000_000) { $0.connection = reference(12_345) }
    story.text("c", at: 100_000_001)
    #expect(
      story.lines.dropFirst() == [
        "#1    0.001000  +0.001000 → text         1  a", "#12345 100000.000000            → text         1  b",
        "#1     100000.001000 +100000.00 → text         1  c",
      ])
  }
}
