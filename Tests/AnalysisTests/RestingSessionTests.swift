import Bytes
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Analysis

@Suite("Connections that rest while others speak")
struct RestingSessionTests {
  typealias Talk = ConversationBuilder
  typealias Packet = CaptureBuilder.Packet

  /// A sink that wants no frames and messages, so that plain ones are only counted.
  private struct Counter: RecordSink {
    var collector = RecordCollector()
    var kinds: RecordKinds { [.connection, .diagnostic, .end] }
    mutating func connection(_ record: ConnectionRecord) { collector.connection(record) }
    mutating func diagnostic(_ record: Diagnostic) { collector.diagnostic(record) }
    mutating func end(_ record: EndRecord) { collector.end(record) }
  }

  private static func talk(_ number: UInt32, _ random: inout SeededGenerator) -> [Packet] {
    var talk = Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + number), port: 40_000))
    talk.segmentSize = Bool.random(using: &random) ? 1460 : 90
    talk.open()
    let fields = number % 3 == 0 ? "Sec-WebSocket-Extensions: permessage-deflate\n" : ""
    talk.upgrade(requestFields: fields, responseFields: number % 6 == 0 ? fields : "")
    for _ in 0..<40 {
      let end: Talk.End = Bool.random(using: &random) ? .client : .server
      switch Int.random(in: 0..<10, using: &random) {
      case 0: talk.frame(end, .ping, Array("beat".utf8))
      case 1: talk.frame(end, .pong, Array("beat".utf8))
      case 2:
        let bytes = Talk.frame(from: end, .text, Array("one, ".utf8), isFinal: false)
        talk.say(end, bytes)
        talk.say(end, Talk.frame(from: end, .continuation, Array("two".utf8)))
      case 3: talk.frame(end, .text, [0xFF])
      case 4: talk.frame(end, .binary, [UInt8](repeating: 1, count: 3000))
      case 5: talk.frame(end, .continuation, [1])
      default: talk.frame(end, .text, Array("a message of \(number)".utf8))
      }
    }
    if Bool.random(using: &random) { talk.close(end(&random)) }
    return talk.packets.filter { _ in Int.random(in: 0..<60, using: &random) > 0 }
  }

  private static func end(_ random: inout SeededGenerator) -> Talk.End {
    Bool.random(using: &random) ? .client : .server
  }

  private static func analyze<Sink: RecordSink>(_ packets: [Packet], mostAwake: Int?, into sink: inout Sink) -> Analyzer
  {
    var analyzer = Analyzer()
    if let mostAwake { analyzer.sockets = Sessions(MessageLimits(), mostAwake: mostAwake) }
    for (i, packet) in packets.enumerated() {
      let captured = PacketBuilder.captured(packet.bytes, number: UInt64(i + 1), nanoseconds: packet.time.nanoseconds)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &sink)
    }
    return analyzer
  }

  @Test("what is found is the same, whoever rests")
  func same() {
    var random = SeededGenerator.announced("resting")
    for _ in 0..<3 {
      var waiting = (1...12).map { Self.talk($0, &random)[...] }
      var packets: [Packet] = []
      while !waiting.isEmpty {
        let next = Int.random(in: waiting.indices, using: &random)
        packets += waiting[next].prefix(Int.random(in: 1...4, using: &random))
        waiting[next] = waiting[next].dropFirst(4)
        if waiting[next].isEmpty { waiting.remove(at: next) }
      }
      var expected = (RecordCollector(), Counter())
      var all = Self.analyze(packets, mostAwake: nil, into: &expected.0)
      all.finish(into: &expected.0)
      var counting = Self.analyze(packets, mostAwake: nil, into: &expected.1)
      counting.finish(into: &expected.1)
      for mostAwake in [1, 3] {
        var seen = (RecordCollector(), Counter())
        all = Self.analyze(packets, mostAwake: mostAwake, into: &seen.0)
        all.finish(into: &seen.0)
        counting = Self.analyze(packets, mostAwake: mostAwake, into: &seen.1)
        counting.finish(into: &seen.1)
        #expect(seen.0 == expected.0)
        #expect(seen.1.collector == expected.1.collector)
      }
    }
  }

  @Test("those that are between messages rest, and wake when they speak")
  func rest() {
    var packets: [Packet] = []
    for number: UInt32 in 1...10 {
      var talk = Talk(client: Endpoint(IPAddress(v4: 0x0b00_0000 + number), port: 40_000))
      talk.open()
      talk.upgrade()
      talk.frame(.client, .text, "hello")
      talk.frame(.server, .text, "hello", isFinal: number == 1)  // the others are in the middle of a message
      packets += talk.packets
    }
    var sink = RecordCollector()
    var analyzer = Self.analyze(packets, mostAwake: 2, into: &sink)
    #expect(analyzer.sockets.counts == (9, 1))
    analyzer.finish(into: &sink)
    #expect(analyzer.sockets.counts == (0, 0))
    #expect(sink.ends.map(\.server.frames) == [UInt64](repeating: 1, count: 10))
  }
}

private struct Numbers: Vacatable, ExpressibleByArrayLiteral, Equatable {
  var numbers: [Int]
  init(arrayLiteral numbers: Int...) { self.numbers = numbers }
  mutating func vacate() { numbers = [] }
}

@Suite("Places that are used again")
struct SlotsTests {
  @Test("a place that is free serves again, and holds nothing meanwhile")
  func reuse() {
    var slots = Slots<Numbers>()
    let a = slots.insert([1])
    let b = slots.insert([2])
    #expect(slots.indices == [a, b])
    slots.remove(a)
    #expect((slots.isInUse(a), slots.isInUse(b)) == (false, true))
    #expect(slots.indices == [b])
    #expect(slots[a] == [])
    let c = slots.insert([3])
    #expect(c == a)
    slots[c].numbers.append(4)
    #expect(slots[c] == [3, 4])
    #expect(slots.count == 2)
    let isFarInUse = slots.isInUse(9999)
    #expect(!isFarInUse)
  }

  @Test("many values come and go")
  func many() {
    var random = SeededGenerator.announced("slots")
    var slots = Slots<Numbers>(most: 6000)
    var chunked = ChunkedSlots<[Int]>()
    var expected: [Int: Int] = [:]
    for round in 0..<20_000 {
      let isGrowing = round % 8000 < 5000
      if expected.isEmpty || Int.random(in: 0..<10, using: &random) < (isGrowing ? 8 : 2) {
        let index = slots.insert([round])
        let other = chunked.insert([round])
        #expect(other == index)
        #expect(expected[index] == nil)
        #expect(index == 0 || expected[index - 1] != nil, "the lowest free place is taken")
        expected[index] = round
      } else if let index = expected.keys.randomElement(using: &random) {
        slots.remove(index)
        chunked.remove(index)
        expected[index] = nil
      }
    }
    #expect(slots.count == expected.count && chunked.count == expected.count)
    #expect(slots.indices == expected.keys.sorted())
    #expect(chunked.indices == slots.indices)
    for index in [0, 63, 64, 1000, 10_000] {
      let (next, isInUse) = (chunked.next(after: index), chunked.isInUse(index))
      #expect(next == (expected.keys.filter { $0 > index }.min() ?? expected.keys.min()))
      #expect(isInUse == (expected[index] != nil))
    }
    for (index, value) in expected {
      #expect(slots[index] == [value])
      #expect(chunked[index] == [value])
    }
  }
}
