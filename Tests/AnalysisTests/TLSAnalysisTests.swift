import Analysis
import Capture
import TLS
import TestSupport
import Testing

@Suite("WebSockets inside TLS")
struct TLSAnalysisTests {
  private static let name = "tls13-key-log"

  /// The packets of the sample.
  private static func packets() throws -> (file: [UInt8], packets: [CapturedPacket]) {
    let file = try SampleFiles.capture("\(name).pcap")
    var reader = CaptureReader()
    var position = 0
    var packets: [CapturedPacket] = []
    while let event = try reader.finish(file.span.bytes, &position) {
      if case .packet(let packet) = event { packets.append(packet) }
    }
    return (file, packets)
  }

  /// What is made of the sample's packets with these indices, in this order, if its secrets come before the packet that is
  /// shown as number `secretsAt`, or at the end.
  private static func analyzed(
    _ order: [Int]? = nil, secretsAt place: Int = 0, limit: Int? = nil, of client: String = ""
  ) throws -> RecordCollector {
    let (file, packets) = try packets()
    var options = AnalyzerOptions()
    if let limit { options.tls.heldBytes = limit }
    var analyzer = Analyzer(options)
    analyzer.expectsSecrets = true
    var collector = RecordCollector()
    let order = order ?? Array(packets.indices)
    for (i, index) in order.enumerated() {
      if i == place { learn(&analyzer, &collector, of: client) }
      analyzer.packet(packets[index], file.span.bytes, into: &collector)
    }
    if place >= order.count { learn(&analyzer, &collector, of: client) }
    analyzer.finish(into: &collector)
    return collector
  }

  private static func learn(_ analyzer: inout Analyzer, _ collector: inout RecordCollector, of end: String) {
    analyzer.keyLog = SampleFiles.keyLog(name, startingWith: end)
    analyzer.retryTLS(into: &collector)
  }

  /// Frames and messages, without what depends on when they were told.
  private static func content(_ collector: RecordCollector) -> [CollectedRecord] {
    collector.records.filter {
      switch $0 {
      case .frame, .message, .end, .connection: true
      default: false
      }
    }
  }

  @Test("the same comes out whenever the secrets come")
  func lateSecrets() throws {
    let expected = Self.content(try Self.analyzed())
    #expect(expected.count == 12)
    for place in 0...(try Self.packets().packets.count) {
      #expect(Self.content(try Self.analyzed(secretsAt: place)) == expected, "before packet \(place + 1)")
    }
  }

  @Test("secrets that come after more than is held are too late, and nothing is made up")
  func tooLate() throws {
    let collector = try Self.analyzed(secretsAt: 20, limit: 600)
    #expect(collector.connections.isEmpty)
    #expect(collector.records.allSatisfy { if case .summary = $0 { true } else { false } } || collector.records.isEmpty)
  }

  @Test("whatever packet is missing, what is shown was said")
  func missingPackets() throws {
    let whole = try Self.analyzed()
    func texts(_ collector: RecordCollector) -> [[UInt8]] {
      collector.records.compactMap {
        if case .message(let record, let content) = $0, record.message.isComplete, record.inference == nil {
          content
        } else {
          nil
        }
      }
    }
    let said = texts(whole)
    #expect(said.count == 4)
    let count = try Self.packets().packets.count
    var found = 0
    for missing in 0..<count {
      let collector = try Self.analyzed((0..<count).filter { $0 != missing })
      let these = texts(collector)
      #expect(these.allSatisfy { said.contains($0) }, "without packet \(missing + 1)")
      found += these.count
    }
    // Most packets hold nothing, or one message.
    #expect(found >= count * 4 - 40, "\(found)")
  }

  @Test("packets may come in another order")
  func order() throws {
    var random = SeededGenerator.announced("order of packets")
    let count = try Self.packets().packets.count
    func said(_ collector: RecordCollector) -> [[String]] { [collector.texts(.client), collector.texts(.server)] }
    let expected = said(try Self.analyzed())
    for _ in 0..<20 {
      var order = Array(0..<count)
      // Neighbours change places, but for the first three: a connection begins with its SYN.
      var i = 3
      while i + 1 < count {
        if Bool.random(using: &random) {
          order.swapAt(i, i + 1)
          i += 1
        }
        i += 1
      }
      #expect(said(try Self.analyzed(order)) == expected, "\(order)")
    }
  }

  @Test("the secrets of the client alone show what it said, whenever the server is given up")
  func clientOnly() throws {
    let count = try Self.packets().packets.count
    let whole = try Self.analyzed()
    for place in [0, 10, count] {
      let collector = try Self.analyzed(secretsAt: place, of: "CLIENT_")
      #expect(collector.texts(.client) == whole.texts(.client) && !whole.texts(.client).isEmpty)
      #expect(collector.texts(.server).isEmpty)
    }
  }
}
