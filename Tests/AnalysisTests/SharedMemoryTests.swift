import Bytes
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Analysis

@Suite("What is held for all connections together")
struct SharedMemoryTests {
  typealias Talk = ConversationBuilder

  private static func options(shared: Int) -> AnalyzerOptions {
    var options = AnalyzerOptions()
    options.connections.sharedBytes = shared
    return options
  }

  private static func talks(_ count: Int, extensions: String = "") -> [Talk] {
    (0..<count).map { i in
      var talk = Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + UInt32(i)), port: 40_000))
      talk.acknowledges = false
      talk.open()
      talk.upgrade(requestFields: extensions, responseFields: extensions)
      return talk
    }
  }

  /// The packets of all, a stretch of each in turn; `marks` says after which of its packets each pauses.
  private static func interleaved(_ talks: [Talk], _ marks: [[Int]]) -> [CaptureBuilder.Packet] {
    var packets: [CaptureBuilder.Packet] = []
    for step in 0...(marks.first?.count ?? 0) {
      for (talk, mark) in zip(talks, marks) {
        let start = step == 0 ? 0 : mark[step - 1]
        packets += talk.packets[start..<(step < mark.count ? mark[step] : talk.packets.count)]
      }
    }
    return packets
  }

  @Test("out of order: the first connections wait for what is missing, later ones go without, and say so")
  func outOfOrder() {
    var talks = Self.talks(6)
    var marks = talks.map { _ in [Int]() }
    for i in talks.indices {
      let lost = talks[i].packets.count
      talks[i].frame(.server, .text, "first of \(i)")
      for _ in 0..<30 { talks[i].frame(.server, .binary, [UInt8](repeating: 7, count: 1000)) }
      marks[i] = [talks[i].packets.count - 1]
      talks[i].packets.append(talks[i].packets.remove(at: lost))
      talks[i].close(.server)
    }
    let seen = analyze(Self.interleaved(talks, marks), Self.options(shared: 80_000))
    #expect(seen.texts(.server).filter { $0.hasPrefix("first") } == ["first of 0", "first of 1"])
    #expect(seen.messages.count { $0.connection.number <= 2 } == 62)
    #expect(seen.summary?.crowdedConnections == 4)
    #expect(seen.diagnostics.filter { $0.code == .memory }.map(\.connection?.number) == [3, 4, 5, 6])
    #expect(seen.ends.count == 6)
    let alone = analyze(talks[1].packets, Self.options(shared: 80_000))
    #expect(alone.messages.map(\.message) == seen.messages.filter { $0.connection.number == 2 }.map(\.message))
    let roomy = analyze(Self.interleaved(talks, marks)).texts(.server).filter { $0.hasPrefix("first") }
    #expect(roomy == (0..<6).map { "first of \($0)" })
  }

  @Test("windows of compression: connections that have one keep it, later ones say that they have none")
  func windows() {
    let offer = "Sec-WebSocket-Extensions: permessage-deflate\n"
    var talks = Self.talks(5, extensions: offer)
    var marks: [[Int]] = []
    for i in talks.indices {
      let deflater = Deflater()
      var mark: [Int] = []
      for text in ["hello \(i)", "hello again \(i)"] {
        talks[i].say(.server, Talk.frame(.text, deflater.message(Array(text.utf8)), rsv1: true))
        mark.append(talks[i].packets.count)
      }
      talks[i].frame(.server, .text, "plain \(i)")
      marks.append(mark)
    }
    let seen = analyze(Self.interleaved(talks, marks), Self.options(shared: 100_000))
    let texts = seen.texts(.server).filter { $0.hasPrefix("hello ") }
    #expect(texts == (0..<5).map { "hello \($0)" } + (0..<2).map { "hello again \($0)" })
    #expect(seen.texts(.server).filter { $0.hasPrefix("plain") }.count == 5)
    #expect(Set(seen.diagnostics.map(\.code)) == [.memory])
    #expect(seen.summary?.crowdedConnections == 3)
    for number: UInt64 in 1...2 {
      #expect(seen.messages.filter { $0.connection.number == number }.allSatisfy { $0.message.isComplete })
    }
    for number: UInt64 in 3...5 {
      let complete = seen.messages.filter { $0.connection.number == number }.map(\.message.isComplete)
      #expect(complete == [true, false, true])
    }
  }

  @Test("messages in parts: what is no more kept is still counted, and nothing wrong is shown")
  func parts() {
    var talks = Self.talks(4)
    var marks: [[Int]] = []
    for i in talks.indices {
      talks[i].segmentSize = 1000
      talks[i].frame(.server, .text, [UInt8](repeating: 0x61, count: 40_000))
      marks.append([talks[i].packets.count - 3])
      talks[i].frame(.server, .text, "whole \(i)")
      talks[i].close(.server)
    }
    let seen = analyze(Self.interleaved(talks, marks), Self.options(shared: 300_000))
    #expect(seen.messages.count { $0.message.length == 40_000 && $0.message.isComplete } == 4)
    #expect(seen.texts(.server).filter { $0.count == 40_000 }.count == 2)
    #expect(seen.texts(.server).filter { $0.isEmpty }.count == 2)
    #expect(seen.texts(.server).filter { $0.hasPrefix("whole") } == (0..<4).map { "whole \($0)" })
    #expect(seen.ends.allSatisfy { $0.serverClose?.code?.rawValue == 1000 })
    #expect(seen.summary?.crowdedConnections == 2)
  }

  @Test("handshakes that send much ahead: those that come too late are left out")
  func handshakes() {
    var talks: [Talk] = []
    for i in 0..<4 {
      var talk = Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + UInt32(i)), port: 40_000))
      talk.acknowledges = false
      talk.open()
      talk.say(.client, Talk.request())
      for _ in 0..<40 { talk.frame(.client, .binary, [UInt8](repeating: 1, count: 1000)) }
      talks.append(talk)
    }
    let marks = talks.map { [$0.packets.count] }
    for i in talks.indices { talks[i].say(.server, Talk.response()) }
    let seen = analyze(Self.interleaved(talks, marks), Self.options(shared: 100_000))
    #expect(seen.connections.map(\.isUpgraded) == [false, false, true, true])
    #expect(seen.messages.count == 80)
    #expect(seen.summary?.crowdedConnections == 2)
  }

  @Test("what connections held is counted back when they end, however they end")
  func countedBack() {
    var random = SeededGenerator.announced("shared memory")
    var analyzer = Analyzer(Self.options(shared: 300_000))
    var collector = RecordCollector()
    for round in 0..<300 {
      var talk = Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + UInt32(round)), port: 40_000))
      talk.acknowledges = false
      talk.open()
      if Int.random(in: 0..<4, using: &random) > 0 { talk.upgrade() }
      for _ in 0..<8 {
        let end: Talk.End = Bool.random(using: &random) ? .client : .server
        switch Int.random(in: 0..<4, using: &random) {
        case 0: talk.lose(end, 100)
        case 1: talk.say(end, Array(Talk.frame(from: end, .text, random.bytes(3000...9000)).dropLast(70)))
        case 2: talk.frame(end, .text, random.bytes(0...9000), isFinal: false)
        default: talk.say(end, Talk.request())
        }
      }
      switch round % 3 {
      case 0: talk.reset(.client)
      case 1:
        talk.finish(.client)
        talk.finish(.server)
      default: break
      }
      analyze(talk.packets, from: UInt64(round * 1000), with: &analyzer, into: &collector)
    }
    #expect(analyzer.heldBytes > 0)
    analyzer.finish(into: &collector)
    #expect(analyzer.heldBytes == 0)
    #expect(analyzer.flows.count == 0)
  }
}
