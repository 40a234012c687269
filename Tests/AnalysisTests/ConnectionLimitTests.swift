import Capture
import TestSupport
import Testing
import Transport

@testable import Analysis

@Suite("How many connections are known at a time")
struct ConnectionLimitTests {
  typealias Talk = ConversationBuilder

  private static func talk(_ i: Int) -> Talk {
    Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + UInt32(i)), port: 40_000), initial: [UInt32(i) &* 7919, 5])
  }

  private static func options(quiet: Int = 1000, open: Int = 1000, dismissed: Int = 1000) -> AnalyzerOptions {
    var options = AnalyzerOptions()
    options.connections.quiet = quiet
    options.connections.open = open
    options.connections.dismissed = dismissed
    return options
  }

  @Test(
    "half-open connections by the ten thousand leave a thousand behind, and the others are counted", arguments: 0..<3)
  func flood(_ kind: Int) {
    var analyzer = Analyzer(Self.options())
    var collector = RecordCollector()
    for i in 0..<12_000 {
      var talk = Self.talk(i)
      if kind < 2 { talk.packet(.client, .syn) }
      talk.lose(.client, 1)
      if kind > 0 { talk.packet(.server, [.syn, .ack]) }
      analyze(talk.packets, from: UInt64(2 * i + 1), with: &analyzer, into: &collector)
    }
    #expect(analyzer.quiet.count == 1000 && analyzer.flows.count == 0 && analyzer.dismissed.count == 0)
    #expect(analyzer.table.count == 1000)
    #expect(analyzer.summary.tcpConnections == 12_000)
    #expect(analyzer.summary.forgottenConnections == 11_000)
  }

  @Test("a connection that was forgotten before it spoke is decoded all the same")
  func forgottenThenSpeaks() {
    var analyzer = Analyzer(Self.options(quiet: 10))
    var collector = RecordCollector()
    var mine = Talk.opened()
    let opened = mine.packets.count
    analyze(mine.packets, with: &analyzer, into: &collector)
    for i in 0..<50 {
      var talk = Self.talk(i)
      talk.open()
      analyze(talk.packets, from: UInt64(10 + 3 * i), with: &analyzer, into: &collector)
    }
    mine.upgrade()
    mine.frame(.client, .text, "late")
    mine.close(.client)
    analyze(Array(mine.packets[opened...]), from: 1000, with: &analyzer, into: &collector)
    analyzer.finish(into: &collector)
    #expect(collector.texts(.client) == ["late"])
    #expect(collector.ends.count == 1)
    #expect(analyzer.summary.forgottenConnections == 41)
    #expect(analyzer.summary.tcpConnections == 52)
  }

  @Test("connections over the limit are left out and counted, and those before them go on unharmed")
  func open() {
    var analyzer = Analyzer(Self.options(open: 20))
    var collector = RecordCollector()
    var talks = (0..<50).map { Self.talk($0) }
    var number: UInt64 = 1
    for step in 0..<3 {
      for i in talks.indices {
        let before = talks[i].packets.count
        if step == 0 { talks[i].open() }
        if step == 0 { talks[i].upgrade() }
        if step == 1 { talks[i].frame(.server, .text, "hello \(i)") }
        if step == 2 { talks[i].close(.server) }
        analyze(Array(talks[i].packets[before...]), from: number, with: &analyzer, into: &collector)
        number += 20
      }
    }
    var later = Talk.upgraded()
    later.frame(.server, .text, "room again")
    analyze(later.packets, from: number, with: &analyzer, into: &collector)
    analyzer.finish(into: &collector)
    #expect(collector.texts(.server) == (0..<20).map { "hello \($0)" } + ["room again"])
    #expect(collector.diagnostics.map(\.code) == [.tooManyConnections])
    #expect(analyzer.summary.leftOutConnections == 30)
    #expect(analyzer.summary.tcpConnections == 51)
  }

  @Test("of connections without WebSocket, those that still say something are known longest")
  func dismissed() {
    var analyzer = Analyzer(Self.options(dismissed: 100))
    var collector = RecordCollector()
    var busy = Talk.opened()
    busy.say(.client, [0x16, 3, 1])
    analyze(busy.packets, with: &analyzer, into: &collector)
    for i in 0..<1000 {
      var talk = Self.talk(i)
      talk.open()
      talk.say(.client, [0x16, 3, 1])
      analyze(talk.packets, from: UInt64(100 * i), with: &analyzer, into: &collector)
      guard i % 50 == 0 else { continue }
      let before = busy.packets.count
      busy.say(.server, [1, 2, 3])
      analyze(Array(busy.packets[before...]), from: UInt64(100 * i + 50), with: &analyzer, into: &collector)
    }
    #expect(analyzer.dismissed.count == 100 && analyzer.flows.count == 0 && analyzer.quiet.count == 0)
    #expect(analyzer.table.count == 100)
    #expect(analyzer.summary.tcpConnections == 1001)
    #expect(analyzer.summary.otherBytes == 3 * 1001 + 3 * 20)
  }

  @Test("a new connection between the ends of one that is over, was never answered, or is still open")
  func succession() {
    var packets: [CaptureBuilder.Packet] = []
    var clock = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    for i in 0..<40 {
      var talk = Talk(initial: [UInt32(i) &* 1_000_000, UInt32(i) &* 3_000_000], clock: clock)
      switch i % 4 {
      case 0: talk.packet(.client, .syn)
      case 1:
        talk.open()
        talk.say(.client, [0x16, 3, 1])
      case 2:
        talk.open()
        talk.upgrade()
        talk.frame(.client, .text, "\(i)")
      default:
        talk.open()
        talk.reset(.server)
      }
      packets += talk.packets
      clock = talk.clock
    }
    let seen = analyze(packets)
    #expect(seen.texts(.client) == stride(from: 2, to: 40, by: 4).map { "\($0)" })
    #expect(seen.summary?.tcpConnections == 40)
    #expect(seen.ends.count == 10)
  }
}

@Suite("Stores of connections")
struct ConnectionStoreTests {
  private static func key(_ i: Int) -> FlowKey {
    FlowKey.of(Endpoint(IPAddress(v4: UInt32(i)), port: 1), Endpoint(IPAddress(v4: .max), port: 2)).0
  }

  private static func packet(_ i: Int) -> PacketReference {
    PacketReference(number: UInt64(i), time: Timestamp(nanoseconds: 0))
  }

  @Test("quiet connections are forgotten in the order in which they began, whatever has gone in between")
  func quiet() {
    var random = SeededGenerator.announced("quiet connections")
    for limit in [1, 7, 16, 100] {
      var store = QuietConnections(limit: limit)
      var model: [(number: Int, key: FlowKey)] = []
      var begun: [FlowKey] = []
      for i in 0..<5000 {
        if Bool.random(using: &random), let victim = model.indices.randomElement(using: &random) {
          #expect(store[model[victim].number].firstPacket.number == model[victim].number.magnitude + 1)
          store.remove(model[victim].number)
          model.remove(at: victim)
        }
        begun.append(Self.key(i))
        let (number, forgotten) = store.insert(
          .init(key: Self.key(i), opening: ConnectionOpening(firstPacket: Self.packet(i + 1))))
        if let forgotten {
          #expect(forgotten == model.first?.key)
          model.removeFirst()
        }
        model.append((number, Self.key(i)))
        #expect(store.count == model.count && store.count <= limit)
      }
    }
  }

  @Test("what is dismissed stays until there is too much, and longer if it says something")
  func dismissed() {
    var store = DismissedConnections(limit: 4)
    for i in 0..<4 { #expect(store.insert(ConnectionRemains(Self.key(i))) == (i, nil)) }
    store.note(0, goesOn: true)
    store.note(1, goesOn: true)
    store.note(1, goesOn: false)
    #expect(store.insert(ConnectionRemains(Self.key(4))) == (1, Self.key(1)))
    store.remove(3)
    #expect(store.count == 3)
    #expect(store.insert(ConnectionRemains(Self.key(5))) == (3, nil))
    #expect(store.insert(ConnectionRemains(Self.key(6))) == (2, Self.key(2)))
    #expect(store.insert(ConnectionRemains(Self.key(7))) == (3, Self.key(5)))
    #expect(store.insert(ConnectionRemains(Self.key(8))) == (0, Self.key(0)))
  }
}
