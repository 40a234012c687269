import Bytes
import Capture
import Testing
import Transport

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("Blocks of a tree that are no frames")
struct TreeRecordTests {
  @Test("a handshake, line by line")
  func connection() {
    var story = Story(TreeExporter.self)
    story.connection(extensions: "permessage-deflate; server_max_window_bits=12; client_no_context_takeover")
    #expect(
      story.lines == [
        "Connection #1 · 127.0.0.1:51514 → 127.0.0.1:8080 · 0.000000 s",
        "  time       2026-11-20 02:41:00.123456 UTC",
        "  url        ws://localhost:8080/chat",
        "  extension  permessage-deflate, server_max_window_bits 12, client_no_context_takeover",
        "  accept     fits the key",
        "  request    packet 4",
        "    GET /chat HTTP/1.1",
        "    Host: localhost:8080",
        "    Upgrade: websocket",
        "    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "    Sec-WebSocket-Protocol: chat.v1",
        "  response   packet 6",
        "    HTTP/1.1 101 Switching Protocols",
        "    Upgrade: websocket",
        "    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "    Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=12; client_no_context_takeover",
      ])
  }

  @Test("a refused upgrade, with no sign of an accept value")
  func refused() {
    var story = Story(TreeExporter.self)
    story.connection(status: 403, reason: "Forbidden")
    #expect(story.lines.contains("  outcome    refused: 403 Forbidden"))
    #expect(!story.lines.contains { $0.hasPrefix("  accept") })
  }

  @Test("long header lines go on in the next line, whole")
  func folding() {
    var options = ExportOptions()
    options.width = 60
    var story = Story(TreeExporter.self, options)
    story.connection(url: "/" + String(repeating: "long/", count: 20))
    let request = story.lines.drop { !$0.hasPrefix("    GET") }.prefix(3)
    let whole = request.map { $0.drop { $0 == " " } }.joined()
    #expect(whole == "GET /\(String(repeating: "long/", count: 20)) HTTP/1.1")
    #expect(request.allSatisfy { $0.count <= 60 })
  }

  @Test("a message of several frames names its first; a message alone names itself")
  func messages() {
    var story = Story(TreeExporter.self)
    story.frame(0x80, Array("lo".utf8), .server, number: 4, message: 2)
    story.message(Array("Hello\nyou".utf8), .server, number: 2, frame: 4) {
      $0.firstFrame = 2
      $0.first = packet(9, at: 0)
      $0.message.frameCount = 2
      $0.message.isCompressed = true
      $0.message.wireLength = 7
    }
    story.message([1, 0xFF], .server, number: 3, frame: 9)
    #expect(
      story.lines.drop { !$0.hasPrefix("  completes") } == [
        "  completes message 2: text, 9 bytes, deflated to 7, 2 frames since frame 2 (packet 9)",
        #"    Hello\n"#,
        "    you",
        "",
        "Message 3 of #1 · server → client · packet 12 · 0.000000 s",
        "  binary, 2 bytes, frame 9",
        "    000000  01 ff                                             ..",
      ])
  }

  @Test("incomplete messages say so")
  func incomplete() {
    var story = Story(TreeExporter.self)
    story.frame(0x81, Array("lo".utf8), .server, message: 1)
    story.message(Array("lo".utf8), .server) {
      $0.message.isComplete = false
      $0.message.length = 40
    }
    for length in [2, 9] as [UInt64] {
      story.message(Array("lo".utf8), .server, number: 3, frame: 3) {
        $0.message.isComplete = false
        $0.message.isLengthKnown = false
        $0.message.length = length
      }
    }
    story.message(Array("lo".utf8), .server, number: 2, frame: 2) {
      $0.message.isComplete = false
      $0.message.isCompressed = true
      $0.message.isDamaged = true
      $0.message.isLengthKnown = false
      $0.message.wireLength = 7
      $0.message.storableLength = 3
    }
    #expect(
      story.lines.filter { $0.contains("incomplete") } == [
        "  ends, incomplete, message 1: text, 2 of 40 bytes captured, 1 frame",
        "  incomplete: text, 2 bytes or more, frame 3",
        "  incomplete: text, 2 of 9 bytes or more captured, frame 3",
        "  incomplete: text, 2 bytes or more, deflated to 7, damaged, frame 2",
      ])
    #expect(story.lines.last == "    … 1 more, not kept")
  }

  @Test("binary content is not shown twice")
  func once() {
    var story = Story(TreeExporter.self)
    story.frame(0x82, [1, 2, 0xFF], .server, message: 1)
    story.message([1, 2, 0xFF], .server)
    #expect(story.lines.filter { $0.contains("01 02 ff") }.count == 1)
  }

  @Test("diagnostics stand with what they are about")
  func diagnostics() {
    func fault(_ frame: UInt64?) -> Diagnostic {
      Diagnostic(.rsvSet, connection: reference(), sender: .client, packet: packet(17, at: 1), offset: 6, frame: frame)
    }
    var story = Story(TreeExporter.self)
    story.connection()
    story.exporter.diagnostic(fault(nil))
    story.exporter.diagnostic(fault(1))
    story.frame(0xC1, [])
    story.exporter.diagnostic(fault(1))
    story.exporter.diagnostic(fault(2))
    story.frame(0x89, [], number: 3)
    let sentence = "! error frame.rsv-set: a reserved bit is set that no extension gives a meaning"
    let faults = story.lines.filter { $0.contains("!") }
    #expect(
      faults == [
        "  \(sentence) (client, packet 17, RFC 6455 §5.2)",
        "\(sentence) (#1, frame 1, client, packet 17, offset 6, RFC 6455 §5.2)",
        "  \(sentence) (client, packet 17, RFC 6455 §5.2)",
        "\(sentence) (#1, frame 2, client, packet 17, offset 6, RFC 6455 §5.2)",
      ])
    // An empty line after the connection, none between a fault and its frame, one each around a fault of no frame shown.
    let outline = story.lines.map { $0.isEmpty ? "" : $0.contains("!") ? "!" : "x" }
    let blocks = outline.split(separator: "").map { $0.filter { $0 == "!" }.count }
    #expect(blocks == [1, 2, 1, 0])
  }

  @Test("the end, with what a browser would say")
  func end() {
    var story = Story(TreeExporter.self)
    story.connection()
    story.end { end in
      end.tcpEndings = [
        TCPEnding(kind: .fin, sender: .server, packet: packet(30, at: 12_300)),
        TCPEnding(kind: .reset, sender: .client, packet: packet(31, at: 12_301)),
      ]
      end.idle = 1_500_000_000
      end.server.unansweredPings = 2
    }
    #expect(
      story.block("End") == [
        "End of #1 · 12.300000 s · after 12.3 s",
        #"  how        client closed: 1000 normal closure 'bye', 1.5 s after the last message"#,
        "  CloseEvent wasClean true, code 1000 normal closure",
        "  TCP        FIN from the server in packet 30, RST from the client in packet 31",
        "  idle       1.5 s",
        "  client     5 messages in 6 frames, 120 bytes of payload, 160 with headers",
        "  server     6 messages in 7 frames, 1234 bytes of payload, 1250 with headers, 2 pings unanswered",
      ])
  }

  @Test("capture and summary are there if they are asked for")
  func captureAndSummary() {
    let capture = CaptureRecord(files: [.init(path: "a.pcap", format: "pcap", linkTypes: [.ethernet])])
    var story = Story(TreeExporter.self)
    story.exporter.capture(capture)
    story.exporter.summary(SummaryRecord())
    #expect(story.lines == [])
    var options = ExportOptions()
    options.requestedKinds = .all
    story = Story(TreeExporter.self, options)
    story.exporter.capture(capture)
    story.exporter.summary(SummaryRecord())
    #expect(story.block("Capture") == ["Capture", "  file       a.pcap (pcap, link type 1)"])
    #expect(story.block("Summary").count == 5)
  }
}
