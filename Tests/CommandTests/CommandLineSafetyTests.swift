import Foundation
import TestSupport
import Testing

@Suite("The program and hostile captures")
struct CommandLineSafetyTests {
  /// Clears a screen, sets a title, makes a link; the same in C1 controls; and what has no business in a line.
  private static let escapes =
    "\u{1B}[2J\u{1B}]0;owned\u{7}\u{1B}]8;;http://x\u{1B}\\\u{9B}31m\u{9D}\u{7F}\r\n\0\u{8}\u{202E}\u{2028}"

  @Test("no payload drives the terminal", arguments: [["-x"], ["--format", "tree"], [], ["--max-payload", "none"]])
  func escapes(options: [String]) throws {
    let payload = Array(Self.escapes.utf8)
    var capture = ServerCapture()
    for opcode in [1, 2, 3, 9, 10] as [UInt8] { capture.frame(opcode, payload) }
    capture.frame(1, payload + [0xFF, 0xC2])  // not UTF-8
    capture.frame(8, [0x03, 0xE8] + payload)
    try withTemporaryFolder { folder in
      let path = try write(capture.pcap, "escapes.pcap", in: folder)
      let run = try runTool(options + [path])
      #expect(run.code == 0 && run.text.contains(#"\u{1b}[2J"#))
      #expect(!holdsControls(run.text) && !holdsControls(run.error))
      #expect(!run.text.unicodeScalars.contains { ["\u{202E}", "\u{2028}"].contains($0) })
    }
  }

  @Test("a file with a fault in every block does not flood the output")
  func manyFaults() throws {
    var bytes: [UInt8] = [0x0A, 0x0D, 0x0D, 0x0A, 28, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0]
    bytes += [UInt8](repeating: 0xFF, count: 8) + [28, 0, 0, 0]
    // A packet of an interface that is not described.
    for _ in 0..<3000 {
      bytes += [6, 0, 0, 0, 32, 0, 0, 0, 7, 0, 0, 0] + [UInt8](repeating: 0, count: 16) + [32, 0, 0, 0]
    }
    try withTemporaryFolder { folder in
      let path = try write(bytes, "faults.pcapng", in: folder)
      let lines = try runTool(["--json", "--only", "diagnostic", path]).lines
      #expect(lines.count == 1001 && lines.last?.contains(#""code":"diagnostic.limit""#) == true)
    }
  }

  @Test(
    "200 MB of zeros in 200 KB take little memory, and it is said what was left out",
    .enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"), "memory is read from /proc"),
    arguments: [[], ["--max-payload", "none"]])
  func deflateBomb(options: [String]) throws {
    let mebibytes = 200
    // A block of zeros looks the same wherever it stands among zeros.
    let block = Deflater(level: 9).flushed([UInt8](repeating: 0, count: 1 << 20))
    let bomb = Array(repeatElement(block, count: mebibytes).joined()).dropLast(4)
    var capture = ServerCapture(compresses: true)
    capture.frame(2, Array(bomb), isCompressed: true)
    #expect(capture.pcap.count < 300_000)

    let tool = try RunningTool(["--json", "--only", "diagnostic,message", "-l", "-"] + options, input: .pipe)
    try tool.write(capture.pcap)
    var lines = [try #require(tool.readLine())]
    if !options.isEmpty { lines.append(try #require(tool.readLine())) }
    // It waits for more of the capture now, so that it can be asked.
    let peak = try #require(tool.peakMemory)
    #expect(peak < 64 << 20)
    #expect(lines.last?.contains(#""length":\#(mebibytes << 20),"complete":true"#) == true)
    #expect(lines.last?.hasSuffix(#""truncated":true}"#) == true)
    if !options.isEmpty { #expect(lines[0].contains("16777216 of 209715200 bytes are kept")) }
    #expect(try tool.finish().code == 0)
  }
}
