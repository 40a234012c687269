import Bytes
import Capture
import HTTP
import TestSupport
import Testing

@testable import Analysis
@testable import Export
@testable import WebSocket

@Suite("Lines keep to the terminal's width, whatever a capture holds")
struct TextSafetyTests {
  /// Tells a story in which all that can be hostile is.
  private func tell<E: Exporter & ~Copyable>(_ story: inout Story<E>, _ seed: UInt64) {
    var dice = SeededGenerator(seed: seed)
    let bad = String(decoding: hostileBytes(&dice), as: UTF8.self)
    story.exporter.capture(CaptureRecord(files: [.init(path: bad, format: "pcap", linkTypes: [])]))
    story.exporter.connection(hostileConnection(bad, isUpgraded: false))
    story.exporter.connection(hostileConnection(bad, isUpgraded: true))
    for i in 0..<12 {
      let bytes = hostileBytes(&dice)
      let sender: Sender = Bool.random(using: &dice) ? .client : .server
      let opcode: UInt8 = [1, 2, 8, 9, 10, 0, 3].randomElement(using: &dice) ?? 1
      let at = Double(i)
      story.frame(.random(in: 0...15, using: &dice) << 4 | opcode, bytes, sender, at: at, message: UInt64(i & 1)) {
        $0.isComplete = Bool.random(using: &dice)
        $0.capturedLength += Bool.random(using: &dice) ? 0 : 77
        if Bool.random(using: &dice) {
          $0.header.secondByte |= 0x7F
          $0.header.payloadLength = .max
        }
      }
      story.message(bytes, sender, at: at) {
        $0.message.opcode = Bool.random(using: &dice) ? .text : .binary
        $0.message.isValidUTF8 = [true, false, nil].randomElement(using: &dice) ?? nil
        $0.message.isComplete = Bool.random(using: &dice)
        $0.message.isCompressed = Bool.random(using: &dice)
        $0.message.isDamaged = Bool.random(using: &dice)
        $0.message.frameCount = Bool.random(using: &dice) ? 1 : .max
        $0.message.length = .random(in: 0...UInt64.max, using: &dice)
        $0.message.storableLength &+= Bool.random(using: &dice) ? 0 : 5
        $0.message.wireLength = Bool.random(using: &dice) ? 1 : .max
      }
    }
    story.exporter.diagnostic(
      Diagnostic(
        .gap, detail: bad, connection: reference(), sender: .client, packet: packet(.max, at: 1), offset: .max,
        frame: .max))
    story.end {
      $0.clientClose = CloseReason(hostileBytes(&dice).span.bytes)
      $0.client.missingBytes = .max
    }
    story.exporter.summary(SummaryRecord())
  }

  private func hostileConnection(_ bad: String, isUpgraded: Bool) -> ConnectionRecord {
    var record = makeConnection()
    record.outcome = isUpgraded ? .upgraded : .refused
    record.handshake.url = "ws://" + bad
    record.handshake.subprotocol = bad
    record.handshake.extensions = [ExtensionElement("\(bad); \(bad)=1")]
    record.response?.head = HTTPHead(
      .response(version: bad, status: 403, reason: bad), [HeaderField(bad, bad), HeaderField("Long", bad + bad)])
    return record
  }

  private func options(_ width: Int?, _ seed: UInt64, isColored: Bool) -> ExportOptions {
    var options = ExportOptions()
    options.width = width
    options.isColored = isColored
    options.showsHex = seed & 1 == 0
    options.requestedKinds = seed & 2 == 0 ? nil : .all
    return options
  }

  @Test("lines of text fit", arguments: [30, 40, 48, 60, 80, 100, 200], 1...8)
  func text(width: Int, seed: UInt64) {
    var story = Story(TextExporter.self, options(width, seed, isColored: false))
    tell(&story, seed)
    for line in story.lines {
      let columns = columns(of: line)
      #expect(columns.map { $0 <= width } == true, "seed \(seed), width \(width): \(columns ?? -1) \(line)")
    }
  }

  @Test("lines of trees fit", arguments: [60, 80, 100, 200], 1...8)
  func tree(width: Int, seed: UInt64) {
    var story = Story(TreeExporter.self, options(width, seed, isColored: false))
    tell(&story, seed)
    for line in story.lines {
      let columns = columns(of: line)
      #expect(columns.map { $0 <= width } == true, "seed \(seed), width \(width): \(columns ?? -1) \(line)")
    }
  }

  @Test("colours change nothing but colours", arguments: [nil, 60, 100], 1...8)
  func colours(width: Int?, seed: UInt64) {
    var plain = Story(TextExporter.self, options(width, seed, isColored: false))
    var coloured = Story(TextExporter.self, options(width, seed, isColored: true))
    var plainTree = Story(TreeExporter.self, options(width, seed, isColored: false))
    var colouredTree = Story(TreeExporter.self, options(width, seed, isColored: true))
    tell(&plain, seed)
    tell(&coloured, seed)
    tell(&plainTree, seed)
    tell(&colouredTree, seed)
    for (plain, coloured) in [(plain.text, coloured.text), (plainTree.text, colouredTree.text)] {
      #expect(plain?.contains("\u{1B}") == false)
      #expect(coloured?.contains("\u{1B}") == true)
      #expect(coloured.map { withoutColours($0) } == plain, "seed \(seed)")
      // Each style ends before its record does.
      let last = coloured?.split(separator: "\u{1B}[").last
      #expect(last?.hasPrefix("0m") == true, "seed \(seed)")
    }
  }

  @Test("a preview keeps its least columns, and what must be known is never left out")
  func leastColumns() {
    var options = ExportOptions()
    options.width = 60
    var story = Story(TextExporter.self, options)
    story.message(Array(String(repeating: "x", count: 100).utf8)) {
      $0.message.isComplete = false
      $0.message.wireLength = 1_000
    }
    story.message(Array(String(repeating: "x", count: 100).utf8)) { $0.message.frameCount = 9 }
    #expect(
      story.lines == [
        "#1   0.000000            → text    1000  xxxxxxxxxxxxxxxxxx…",
        "                        [incomplete: 100 of 1000 B captured]",
        "#1   0.000000  +0.000000 → text     100  xxxxxxxxxxxxxxxxxx…",
      ])
  }

  @Test("a body breaks at spaces, and words that are too long break too")
  func words() {
    var options = ExportOptions()
    options.width = 60
    options.showsWholeMessages = true
    var story = Story(TextExporter.self, options)
    story.text(
      "The ferry leaves at ten past four, on the quay, where the carrot cake is. " + String(repeating: "x", count: 70))
    #expect(
      story.lines.dropFirst() == [
        "    The ferry leaves at ten past four, on the quay, where ",
        "    the carrot cake is. " + String(repeating: "x", count: 36), "    " + String(repeating: "x", count: 34),
      ])
  }

  @Test("where lines are short, a preview has its own, and so has what a message is")
  func narrow() {
    for (width, head) in [(40, ["#1   0.001000 → text      11"]), (20, ["#1   0.001000", " → text      11"])] {
      var options = ExportOptions()
      options.width = width
      var story = Story(TextExporter.self, options)
      story.text("Hello there")
      story.frame(0x8A, [], at: 1)
      #expect(
        story.lines == head.map { $0.replacing("0.001", with: "0.000") } + ["    Hello there"]
          + head.map { $0.replacing("text      11", with: "pong       0").replacing("0.001", with: "0.000") },
        "\(story.lines)")
    }
  }

  @Test("a very long message costs one line")
  func longMessage() {
    var story = Story(TextExporter.self)
    story.message([UInt8](repeating: 0x61, count: 1_000_000))
    #expect(story.lines.map { columns(of: $0) } == [160])
  }
}
