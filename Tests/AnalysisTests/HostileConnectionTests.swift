import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Analysis

@Suite("Connections made to hurt, and connections in great numbers")
struct HostileConnectionTests {
  typealias Talk = ConversationBuilder

  /// What is left of `count` connections, each of which says what `script` makes it say.
  private func left(of count: Int, _ script: (inout Talk) -> Void) -> (flows: Int, handshakes: Int, sockets: Int) {
    var analyzer = Analyzer()
    var collector = RecordCollector()
    for i in 0..<count {
      var talk = Talk(
        client: Endpoint(IPAddress(v4: 0x0b00_0000 + UInt32(i / 60_000)), port: UInt16(1 + i % 60_000)),
        initial: [UInt32(i), 5])
      script(&talk)
      analyze(talk.packets, from: 1 + 100 * UInt64(i), with: &analyzer, into: &collector)
    }
    return (analyzer.flows.count, analyzer.handshakes.count, analyzer.sockets.count)
  }

  @Test("connections that are over are forgotten, but for the last ones, however they ended and whatever they said")
  func closed() {
    let scripts: [(name: String, script: (inout Talk) -> Void)] = [
      (
        "a port scan",
        {
          $0.packet(.client, .syn); $0.packet(.server, [.rst, .ack], at: 0)
        }
      ),
      (
        "nothing said",
        {
          $0.open(); $0.finish(.client); $0.finish(.server)
        }
      ),
      (
        "reset",
        {
          $0.open(); $0.reset(.client)
        }
      ),
      (
        "HTTP",
        {
          $0.open()
          $0.say(.client, "GET / HTTP/1.0\n\n")
          $0.say(.server, "HTTP/1.0 200 OK\n\nbody")
          $0.finish(.server)
          $0.finish(.client)
        }
      ),
      (
        "no HTTP",
        {
          $0.open(); $0.say(.server, "SSH-2.0-x\n"); $0.finish(.client); $0.finish(.server)
        }
      ),
      (
        "no HTTP, and FIN with it",
        {
          $0.open()
          $0.packet(.client, [.fin, .psh, .ack], [0, 1, 2])
          $0.lose(.client, 4)
          $0.finish(.server)
        }
      ),
      (
        "no HTTP after the other end's FIN",
        {
          $0.open(); $0.finish(.server); $0.say(.client, [0, 1, 2]); $0.finish(.client)
        }
      ),
      (
        "an upgrade refused",
        {
          $0.open(); $0.say(.client, Talk.request()); $0.say(.server, "HTTP/1.1 403 No\n\n"); $0.reset(.server)
        }
      ),
      (
        "an upgrade without an answer",
        {
          $0.open(); $0.say(.client, Talk.request()); $0.reset(.server)
        }
      ),
      (
        "a WebSocket",
        {
          $0.open(); $0.upgrade(); $0.frame(.client, .text, "hello"); $0.close(.client)
        }
      ),
      (
        "a WebSocket, reset",
        {
          $0.open(); $0.upgrade(); $0.lose(.client, 9); $0.frame(.client, .text, "x"); $0.reset(.server)
        }
      ),
    ]
    for (name, script) in scripts {
      // One that was reset may go on, if the RST was forged: for 5 s, or so many packets, of which each has 6 or more.
      let isReset = name == "a WebSocket, reset"
      let left = left(of: isReset ? 15_000 : 3000, script)
      #expect(left.flows <= (isReset ? Int(RecentResets.mostPackets) / 6 : 0), "\(name)")
      #expect(left.handshakes == 0, "\(name)")
      #expect(left.sockets == left.flows, "\(name)")
    }
  }

  @Test("packets of the last time that there is come to an end")
  func lastTime() {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    var packets = talk.packets
    for i in packets.indices.suffix(3) { packets[i].time = Timestamp(nanoseconds: .max) }
    #expect(analyze(packets).texts(.client) == ["hello"])
  }

  @Test("connections that were opened and say nothing cost neither a flow nor a handshake")
  func halfOpen() {
    #expect(left(of: 5000) { $0.packet(.client, .syn) } == (0, 0, 0))
    #expect(left(of: 5000) { $0.open() } == (0, 0, 0))
  }

  @Test("the same ends over and over take one place")
  func reused() {
    var analyzer = Analyzer()
    var collector = RecordCollector()
    for i in 0..<3000 {
      var talk = Talk(
        initial: [UInt32(i) &* 100_000, UInt32(i) &* 7_000], clock: Timestamp(nanoseconds: Int64(i) * 1_000_000_000))
      talk.open()
      talk.upgrade()
      if i % 2 == 0 { talk.reset(.client) }
      analyze(talk.packets, from: 1 + 100 * UInt64(i), with: &analyzer, into: &collector)
    }
    analyzer.finish(into: &collector)
    #expect(analyzer.flows.count <= 2)
    #expect(analyzer.sockets.count == 0)
    #expect(collector.ends.count == 3000)
    #expect(Set(collector.connections.map(\.connection.identifier)).count == 3000)
  }

  @Test("a connection is not forgotten in place of the one whose ends it has taken over")
  func reusedBeforeForgotten() {
    let limit = 100
    var options = AnalyzerOptions()
    options.connections.dismissed = limit
    var analyzer = Analyzer(options)
    var collector = RecordCollector()
    var old = Talk.opened()
    old.reset(.client)
    var reuse = Talk(initial: [900_000, 800_000])
    reuse.open()
    reuse.upgrade()
    analyze(old.packets + reuse.packets, with: &analyzer, into: &collector)
    for i in 0..<limit + 10 {
      var talk = Talk(client: Endpoint(PacketBuilder.client.address, port: UInt16(i + 1)))
      talk.open()
      talk.reset(.server)
      analyze(talk.packets, from: 100 + 10 * UInt64(i), with: &analyzer, into: &collector)
    }
    let before = reuse.packets.count
    reuse.frame(.client, .text, "still here")
    analyze(Array(reuse.packets[before...]), from: 100_000, with: &analyzer, into: &collector)
    #expect(collector.texts(.client) == ["still here"])
  }

  @Test("thousands of one-byte pieces that wait for an answer are given out in their order")
  func heldPieces() {
    var talk = Talk.opened()
    talk.acknowledges = false
    talk.segmentSize = 1
    talk.say(.client, Talk.request("/first"))
    let body =
      Talk.lines(Talk.request("/second")) + Talk.frame(from: .client, .text, [UInt8](repeating: 0x61, count: 900))
    talk.say(.client, body)
    talk.say(.server, "HTTP/1.1 403 Forbidden\nContent-Length: 0\n\n")
    talk.say(.server, Talk.response())
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [false, true])
    #expect(seen.texts(.client) == [String(repeating: "a", count: 900)])
  }

  @Test("pieces that wait cost a bounded amount, however small they are")
  func heldCost() {
    var held = HeldChunks()
    let packet = PacketReference(number: 1, time: Timestamp(nanoseconds: 0))
    for i in 0..<UInt64(1000) { held.append(.bytes([1], i), packet) }
    held.append(.end, packet)
    #expect(held.cost > 100_000)
    while let chunk = held.popFirst() {
      guard case .bytes(let bytes, let offset) = chunk.content, offset % 2 == 0 else { continue }
      held.putBack(HeldChunk(content: .bytes(bytes, offset + 1), packet: packet))
    }
    #expect(held.cost == 0)
    #expect(held.isEmpty)
  }

  @Test("a session in one-byte segments, in order and in reverse")
  func oneByteSegments() {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    talk.segmentSize = 1
    let start = talk.packets.count
    for i in 0..<100 { talk.frame(.client, .text, "message \(i)") }
    let expected = (0..<100).map { "message \($0)" }
    #expect(analyze(talk.packets).texts(.client) == expected)
    let reversed = talk.packets[..<start] + talk.packets[start...].reversed()
    #expect(analyze(Array(reversed)).texts(.client) == expected)
  }

  @Test("noise on known connections crashes nothing and invents no connection")
  func noise() {
    var random = SeededGenerator.announced("noise")
    for _ in 0..<200 {
      var talk = Talk.upgraded()
      for _ in 0..<30 {
        let end: Talk.End = Bool.random(using: &random) ? .client : .server
        switch Int.random(in: 0..<6, using: &random) {
        case 0: talk.say(end, random.bytes(0...40))
        case 1: talk.frame(end, Opcode(rawValue: UInt8.random(in: 0...15, using: &random)), random.bytes(0...200))
        case 2: talk.lose(end, Int.random(in: 0...50, using: &random))
        case 3: talk.packet(end, TCPFlags(rawValue: UInt8.random(in: 0...63, using: &random)), random.bytes(0...9))
        case 4: talk.packet(end, .ack, random.bytes(0...9), at: talk.next[end.rawValue] &- 20)
        default: talk.say(end, Talk.frame(from: end, .binary, random.bytes(0...300)).dropLast(3).map { $0 })
        }
      }
      let seen = analyze(talk.packets)
      #expect(seen.connections.count { $0.isUpgraded } == 1)
      #expect(seen.ends.count == 1)
      let end = seen.ends.first
      #expect(end?.client.frames == UInt64(seen.frames.count { $0.sender == .client }))
      #expect(end?.server.messages == UInt64(seen.messages.count { $0.sender == .server }))
    }
  }
}

@Suite("Choosing records")
struct RecordFilterTests {
  private func filtered(_ kinds: RecordKinds, _ connections: Set<UInt64>? = nil) -> (RecordCollector, UInt64) {
    var packets: [CaptureBuilder.Packet] = []
    for port: UInt16 in [1, 2] {
      var talk = ConversationBuilder(client: Endpoint(PacketBuilder.client.address, port: port))
      talk.open()
      talk.upgrade()
      talk.frame(.client, .text, "hello")
      talk.frame(.server, .text, [0xFF])
      packets += talk.packets
    }
    var analyzer = Analyzer()
    var filter = RecordFilter(RecordCollector(), kinds: kinds, connections: connections)
    for (i, packet) in packets.enumerated() {
      let captured = PacketBuilder.captured(packet.bytes, number: UInt64(i + 1), nanoseconds: packet.time.nanoseconds)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &filter)
    }
    analyzer.finish(into: &filter)
    filter.summary(analyzer.summary)
    return (filter.next, filter.wantedConnections)
  }

  @Test("by kind: the others are counted all the same")
  func kinds() {
    let (seen, wanted) = filtered([.message, .summary])
    #expect(seen.messages.count == 4)
    #expect(seen.records.count == 5)
    #expect(wanted == 2)
    #expect(seen.summary?.frames == 4)
    #expect(seen.summary?.diagnostics == [.error: 2])
  }

  @Test("by connection")
  func connections() {
    let (seen, wanted) = filtered(.all, [2])
    #expect(seen.connections.map(\.connection.number) == [2])
    #expect(seen.messages.map(\.connection.number) == [2, 2])
    #expect(seen.ends.count == 1)
    #expect(wanted == 1)
    #expect(seen.summary?.messages == 4)
  }
}
