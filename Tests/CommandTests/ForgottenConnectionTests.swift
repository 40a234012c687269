import Analysis
import Bytes
import Capture
import Export
import TestSupport
import Testing
import Transport

@testable import WSTapCommand

@Suite("Selections and redaction where too many connections are open to remember their handshakes")
struct ForgottenConnectionTests {
  typealias Talk = ConversationBuilder

  /// What a writer was given.
  private final class Seen {
    var connections: [UInt64] = []
    var ends: [UInt64] = []
    var messages: [UInt64] = []
    var details: [String] = []
  }

  private struct Spy: RecordWriter {
    let seen: Seen
    func connection(_ record: ConnectionRecord) { seen.connections.append(record.connection.number) }
    func end(_ record: EndRecord) { seen.ends.append(record.connection.number) }
    func message(_ record: borrowing MessageRecord, content: RawSpan) { seen.messages.append(record.connection.number) }
    func diagnostic(_ record: Diagnostic) { if let detail = record.detail { seen.details.append(detail) } }
    func flush() {}
  }

  /// Two connections that are open at a time, then a third one.
  private static func packets() -> [CaptureBuilder.Packet] {
    var talks = (0..<3).map { number in
      Talk(client: Endpoint(PacketBuilder.client.address, port: UInt16(10_000 + number)))
    }
    for number in talks.indices {
      talks[number].open()
      talks[number].upgrade("/chat?token=topsecret\(number)")
      talks[number].frame(.server, .text, "hello")
      talks[number].close(.server)
    }
    let open = talks[0].packets.prefix(8) + talks[1].packets.prefix(8)
    return Array(open) + talks[0].packets.dropFirst(8) + talks[1].packets.dropFirst(8) + talks[2].packets
  }

  private static func run<W: RecordWriter & ~Copyable>(_ sink: inout W) {
    var analyzer = Analyzer(AnalyzerOptions())
    for (number, packet) in packets().enumerated() {
      let captured = CapturedPacket(
        number: UInt64(number + 1), time: packet.time, linkType: packet.linkType,
        originalLength: UInt32(clamping: packet.bytes.count), data: 0..<packet.bytes.count)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &sink)
    }
    analyzer.finish(into: &sink)
  }

  @Test("the filter knows those before, nothing of the one that comes, and says so")
  func filter() {
    let record = analyze(Self.packets()).connections[0]
    for (memory, wanted) in [(1 << 20, [1, 2, 3]), (record.cost + 500, [1, 3])] as [(Int, [UInt64])] {
      let seen = Seen()
      var settings = SelectionSettings()
      settings.filter = #"host == "server.example.com" && text == "hello""#
      let criteria = Criteria(settings, shown: .all, leavesDataFramesOut: false, memory: memory)
      var selection = RecordSelection(
        AnyRecordWriter(Spy(seen: seen)), criteria, shown: .all, context: nil, introduces: false, SelectionCounts())
      Self.run(&selection)
      #expect(seen.messages == wanted)
      #expect(selection.remarks.isEmpty == (wanted.count == 3))
      if wanted.count < 3 {
        #expect(selection.remarks == ["the filter knew no handshake of 1 connection: too many were open"])
      }
    }
  }

  @Test("a connection that cannot wait to be introduced is written at once, and so is its end")
  func introductions() {
    let records = analyze(Self.packets()).connections
    let seen = Seen()
    var next = AnyRecordWriter(Spy(seen: seen))
    var introductions = Introductions(limit: records[0].cost)
    introductions.keep(records[0], &next)
    introductions.keep(records[1], &next)
    #expect(seen.connections == [2] && introductions.early == 1)
    introductions.introduce(1, to: &next)
    introductions.introduce(2, to: &next)
    #expect(seen.connections == [2, 1])
    let wereWritten = [introductions.end(1), introductions.end(2), introductions.end(1)]
    #expect(wereWritten == [true, true, false])
  }

  @Test("what diagnostics quote is hidden where it is not known what is secret")
  func redaction() throws {
    for memory in [0, 1 << 20] {
      let seen = Seen()
      var redaction = Redaction(
        AnyRecordWriter(Spy(seen: seen)), RedactionRules(hidesTokens: true), showsConnections: true, memory: memory)
      let connections = analyze(Self.packets()).connections
      for connection in connections { redaction.connection(connection) }
      var diagnostic = try #require(Self.diagnostic())
      diagnostic.connection = connections[0].connection
      diagnostic.detail = "it says topsecret0 here"
      redaction.diagnostic(diagnostic)
      let detail = try #require(seen.details.last)
      #expect(!detail.contains("topsecret"))
      #expect(detail.contains("it says") == (memory > 0))
      #expect(redaction.remarks.isEmpty == (memory > 0))
    }
  }

  /// Some diagnostic.
  private static func diagnostic() -> Diagnostic? {
    var talk = Talk.upgraded()
    talk.say(.server, frameBytes(0x83, [1]))
    return analyze(talk.packets).diagnostics.first
  }
}
