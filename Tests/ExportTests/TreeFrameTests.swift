import Bytes
import Capture
import Testing
import Transport

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("A frame, bit by bit")
struct TreeFrameTests {
  @Test("a masked text frame and its message")
  func masked() {
    var story = Story(TreeExporter.self)
    story.connection(extensions: "permessage-deflate")
    let hello = Array("Hello world!".utf8)
    story.frame(0x81, hello, at: 1.234, number: 3, message: 2)
    story.message(hello, at: 1.234, number: 2, frame: 3)
    #expect(
      story.block("Frame") == [
        "Frame 3 of #1 · client → server · packet 12 · offset 6 · 0.001234 s",
        "  81         1... .... FIN       final fragment",
        "             .0.. .... RSV1      not compressed",
        "             ..0. .... RSV2",
        "             ...0 .... RSV3",
        "             .... 0001 opcode    1 text",
        "  8c         1... .... MASK      masked",
        "             .000 1100 length    12 (7-bit form)",
        "  37 fa 21 3d          key       37fa213d",
        "  payload    12 bytes",
        "    masked  7f 9f 4d 51 58 da 56 52  45 96 45 1c",
        "    000000  48 65 6c 6c 6f 20 77 6f  72 6c 64 21              Hello world!",
        "  completes message 2: text, 12 bytes, 1 frame",
        "    Hello world!",
      ])
  }

  @Test("the three forms of the length")
  func lengths() {
    var story = Story(TreeExporter.self)
    story.frame(0x82, [UInt8](repeating: 0x41, count: 256), .server)
    #expect(
      story.lines[5...8] == [
        "             .... 0010 opcode    2 binary", "  7e         0... .... MASK      not masked",
        "             .111 1110 length    126: 16 bits follow", "  01 00                length    256",
      ])
    story = Story(TreeExporter.self)
    story.frame(0x82, [UInt8](repeating: 0x41, count: 65_536), .server)
    #expect(
      story.lines[6...10] == [
        "  7f         0... .... MASK      not masked", "             .111 1111 length    127: 64 bits follow",
        "  00 00 00 00", "  00 01 00 00          length    65536", "  payload    65536 bytes",
      ])
    #expect(story.lines.last == "    … 65280 more")
  }

  @Test("RSV1 says compressed only where that was agreed upon")
  func compression() {
    func meanings(_ extensions: String?, isKnown: Bool = true, _ firstBytes: [UInt8]) -> [String] {
      var story = Story(TreeExporter.self)
      if isKnown { story.connection(extensions: extensions) }
      for byte in firstBytes { story.frame(byte, [], .server) }
      return story.lines.filter { $0.contains("RSV1") }.map { String($0.dropFirst(33)) }
    }
    #expect(meanings(nil, [0x81, 0xC1]) == ["", "set without meaning"])
    #expect(meanings("permessage-deflate", [0x81, 0xC1]) == ["not compressed", "compressed"])
    #expect(
      meanings("permessage-deflate", [0x41, 0x89, 0xC9, 0x00, 0x80, 0x81]) == [
        "compressed", "", "set without meaning", "compressed from the start", "compressed from the start",
        "not compressed",
      ])
    #expect(meanings("permessage-deflate", [0x01, 0xC0]) == ["not compressed", "set without meaning"])
    #expect(meanings("x-webkit-deflate-frame", [0x41, 0xC0, 0x80]) == ["compressed", "compressed", "not compressed"])
    #expect(meanings(nil, isKnown: false, [0x81, 0xC1]) == ["", "compressed, if agreed upon"])
  }

  @Test("a close frame's code and reason")
  func close() {
    var story = Story(TreeExporter.self)
    story.frame(0x88, closeBody(1011, "db \u{1B}[31mdown"), .server)
    story.frame(0x88, [], .server)
    let rows = story.lines.filter { $0.hasPrefix("  close") || $0.hasPrefix("  reason") }
    #expect(rows == ["  close      1011 internal error", #"  reason     "db \u{1b}[31mdown""#, "  close      no code"])
  }

  @Test("what is odd about a frame is said")
  func odd() {
    var story = Story(TreeExporter.self)
    story.frame(0x33, [1], .server) {
      $0.last = packet(15, at: 2)
      $0.isComplete = false
      $0.header.payloadLength = 9
    }
    #expect(
      story.lines == [
        "Frame 1 of #1 · server → client · packets 12–15 · offset 6 · 0.000000 s",
        "  33         0... .... FIN       more fragments follow",
        "             .0.. .... RSV1",
        "             ..1. .... RSV2      set without meaning",
        "             ...1 .... RSV3      set without meaning",
        "             .... 0011 opcode    3 reserved",
        "  01         0... .... MASK      not masked",
        "             .000 0001 length    9 (7-bit form)",
        "  payload    1 of 9 bytes captured",
        "    000000  01                                                .",
      ])
  }

  @Test("long payloads are cut, unless all of them is asked for")
  func long() {
    let bytes = [UInt8](repeating: 0, count: 1000)
    var story = Story(TreeExporter.self)
    story.frame(0x82, bytes, .server)
    #expect(story.lines.filter { $0.hasPrefix("    0") }.count == 16)
    #expect(story.lines.last == "    … 744 more")
    var options = ExportOptions()
    options.showsHex = true
    story = Story(TreeExporter.self, options)
    story.frame(0x82, bytes, .server) { $0.capturedLength = 1024 }
    #expect(story.lines.filter { $0.hasPrefix("    0") }.count == 63)
    #expect(story.lines.last == "    … 24 more, not kept")
  }
}
