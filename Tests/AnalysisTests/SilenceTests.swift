import Analysis
import Capture
import TestSupport
import Testing
import Transport

/// Live, the capture lacks a packet and then nothing comes: what is there is shown all the same.
@Suite("Silence after a missing packet")
struct SilenceTests {
  /// Of a long frame of the server's the capture lacks a segment in the middle; then there is another frame; then nothing.
  private func talk(acknowledges: Bool = true) -> (packets: [CaptureBuilder.Packet], end: Timestamp) {
    var talk = ConversationBuilder.upgraded()
    talk.frame(.server, .text, "one")
    talk.acknowledges = acknowledges
    let long = ConversationBuilder.frame(from: .server, .binary, [UInt8](repeating: 7, count: 3000))
    talk.say(.server, Array(long[..<1000]))
    talk.lose(.server, 1000)
    talk.say(.server, Array(long[2000...]))
    talk.frame(.server, .text, "three")
    return (talk.packets, talk.clock)
  }

  private func later(_ time: Timestamp, milliseconds: Int64) -> Timestamp {
    Timestamp(nanoseconds: time.nanoseconds + milliseconds * 1_000_000)
  }

  @Test("two seconds after its receiver has acknowledged them, missing bytes are given up without another packet")
  func acknowledged() {
    let (packets, end) = talk()
    var analyzer = Analyzer()
    var collector = RecordCollector()
    analyze(packets, with: &analyzer, into: &collector)
    #expect(collector.messages.count == 1)
    analyzer.wait(until: later(end, milliseconds: 1900), into: &collector)
    #expect(collector.messages.count == 1, "the missing segment may be late")
    analyzer.wait(until: later(end, milliseconds: 2100), into: &collector)
    #expect(collector.messages.map(\.message.length) == [3, 3000, 5])
    #expect(collector.slugs == ["tcp.gap"])
    analyzer.wait(until: later(end, milliseconds: 60_000), into: &collector)
    analyzer.finish(into: &collector)
    #expect(collector.slugs == ["tcp.gap"], "said once")
  }

  @Test("a gap from about when the capture dropped packets says so, and no other one")
  func drops() {
    for (noticed, says) in [(500, true), (-900, true), (5000, false), (-5000, false)] as [(Int64, Bool)] {
      let (packets, end) = talk()
      var analyzer = Analyzer()
      var collector = RecordCollector()
      var drops = DropTimes()
      drops.note(later(end, milliseconds: noticed - 60_000))
      drops.note(later(end, milliseconds: noticed))
      analyzer.noteDrops(drops)
      analyze(packets, with: &analyzer, into: &collector)
      analyzer.finish(into: &collector)
      #expect(collector.diagnostics.first?.message.hasSuffix("; the capture dropped packets then") == says)
    }
  }

  @Test("what was not acknowledged was lost on the way, and will be sent again: that is waited for")
  func notAcknowledged() {
    let (packets, end) = talk(acknowledges: false)
    var analyzer = Analyzer()
    var collector = RecordCollector()
    analyze(packets, with: &analyzer, into: &collector)
    analyzer.wait(until: later(end, milliseconds: 60_000), into: &collector)
    #expect(collector.messages.count == 1)
    analyzer.finish(into: &collector)
    #expect(collector.messages.map(\.message.length) == [3, 3000, 5])
  }

  @Test("where nothing is missing, waiting changes nothing", arguments: SampleFiles.names)
  func nothingMissing(name: String) throws {
    guard !name.contains("gap"), !name.contains("lost"), !name.contains("cut"), !name.contains("midway") else { return }
    let capture = try SampleFiles.capture(name)
    func analyzed(waiting: Bool) throws -> RecordCollector {
      var analyzer = Analyzer()
      var collector = RecordCollector()
      var (reader, position) = (CaptureReader(), 0)
      while let event = try reader.finish(capture.span.bytes, &position) {
        guard case .packet(let packet) = event else { continue }
        if waiting { analyzer.wait(until: packet.time, into: &collector) }
        analyzer.packet(packet, capture.span.bytes, into: &collector)
      }
      analyzer.finish(into: &collector)
      return collector
    }
    #expect(try analyzed(waiting: true) == analyzed(waiting: false))
  }

  @Test("a connection that was reset and goes on no more is over after five seconds")
  func reset() {
    var talk = ConversationBuilder.upgraded()
    talk.frame(.client, .text, "one")
    talk.reset(.server)
    var analyzer = Analyzer()
    var collector = RecordCollector()
    analyze(talk.packets, with: &analyzer, into: &collector)
    analyzer.wait(until: later(talk.clock, milliseconds: 4900), into: &collector)
    #expect(collector.ends.isEmpty)
    analyzer.wait(until: later(talk.clock, milliseconds: 5100), into: &collector)
    #expect(collector.ends.map(\.cause) == [.reset])
    #expect(analyzer.openConnections == 0)
  }
}
