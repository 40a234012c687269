import Analysis
import Bytes
import Capture
import TestSupport
import Testing
import Transport

@Suite("What a capture says depends on the bytes, not on how they were written down")
struct InvarianceTests {
  typealias Talk = ConversationBuilder
  typealias Packet = CaptureBuilder.Packet

  /// What the two ends say, one after the other.
  private static let lines: [(Talk.End, [UInt8])] = [
    (.client, Talk.lines("GET /before HTTP/1.1\nHost: x\n\n")),
    (.server, Talk.lines("HTTP/1.1 200 OK\nContent-Length: 6\n\nbefore")),
    (.client, Talk.lines(Talk.request("/first"))),
    (.server, Talk.lines("HTTP/1.1 401 Unauthorized\nTransfer-Encoding: chunked\n\n2\nno\n0\n\n")),
    (.client, Talk.lines(Talk.request("/second")) + Talk.frame(from: .client, .text, Array("too early".utf8))),
    (.server, Talk.lines(Talk.response()) + Talk.frame(.text, Array("welcome".utf8))),
    (.client, Talk.frame(from: .client, .text, Array("Grüße, ".utf8), isFinal: false)),
    (.server, Talk.frame(.binary, [1, 2, 3], isFinal: false) + Talk.frame(.ping, Array("?".utf8))),
    (.client, Talk.frame(from: .client, .pong, Array("?".utf8))),
    (.client, Talk.frame(from: .client, .continuation, Array("Welt".utf8))),
    (.server, Talk.frame(.continuation, [UInt8](repeating: 4, count: 300))),
    (.client, Talk.frame(from: .client, .binary, [UInt8](repeating: 5, count: 200)) + Talk.frame(from: .client, .text)),
    (.server, Talk.frame(.text, Array("goodbye".utf8))),
    (.client, Talk.frame(from: .client, .close, Talk.closeBody(1001, "leaving"))),
    (.server, Talk.frame(.close, Talk.closeBody(1001))),
  ]

  private static func conversation(port: UInt16 = 49_152, segmentSize: Int = 1460) -> [Packet] {
    var talk = Talk(
      client: Endpoint(PacketBuilder.client.address, port: port), initial: [UInt32.max - 300, UInt32(port)],
      clock: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(port)))
    talk.segmentSize = segmentSize
    talk.open()
    for (end, bytes) in lines { talk.say(end, bytes) }
    talk.finish(.server)
    talk.finish(.client)
    return talk.packets
  }

  private static func stories(_ packets: [Packet], withTimes hasTimes: Bool = true) -> [UInt64: ConnectionStory] {
    ConnectionStory.all(analyze(packets).records, withTimes: hasTimes)
  }

  /// `packets`, each moved by less than `window` places.
  private static func shuffled(_ packets: [Packet], window: Int, _ random: inout SeededGenerator) -> [Packet] {
    let keys = packets.indices.map { $0 + Int.random(in: 0..<window, using: &random) }
    return packets.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { packets[$0] }
  }

  @Test("the conversation is understood to begin with")
  func understood() throws {
    let seen = analyze(Self.conversation())
    #expect(seen.connections.map(\.isUpgraded) == [false, true])
    #expect(seen.texts(.client) == ["too early", "Grüße, Welt", String(repeating: "\u{5}", count: 200), ""])
    #expect(seen.texts(.server).count == 3)
    #expect(seen.slugs == ["handshake.early-data"])
    #expect(seen.ends.first?.cause == .closeHandshake)
    #expect(Self.stories(Self.conversation()).count == 1)
  }

  @Test("two runs give the same records")
  func twice() {
    #expect(analyze(Self.conversation()) == analyze(Self.conversation()))
  }

  @Test("packets in a wrong order, within a window of 8")
  func wrongOrder() {
    var random = SeededGenerator.announced("wrongOrder")
    for segmentSize in [1460, 100, 20] {
      let packets = Self.conversation(segmentSize: segmentSize)
      let expected = Self.stories(packets)
      for round in 0..<60 {
        let stories = Self.stories(Self.shuffled(packets, window: Int.random(in: 2...8, using: &random), &random))
        #expect(stories == expected, "segments of \(segmentSize) bytes, round \(round)")
      }
    }
  }

  @Test("packets in a wrong order, and some of them lost")
  func wrongOrderAndLoss() {
    var random = SeededGenerator.announced("wrongOrderAndLoss")
    var gaps = 0
    for round in 0..<150 {
      var packets = Self.conversation(segmentSize: 50)
      // After the handshake: before it, a loss decides what is found.
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        packets.remove(at: Int.random(in: 40..<packets.count - 5, using: &random))
      }
      let expected = Self.stories(packets)
      let stories = Self.stories(Self.shuffled(packets, window: Int.random(in: 2...8, using: &random), &random))
      #expect(stories == expected, "round \(round)")
      gaps += expected.values.count { !$0.diagnostics.isEmpty }
    }
    #expect(gaps > 50, "what was lost was worth something")
  }

  @Test("packets captured twice, as on two interfaces")
  func duplicates() {
    var random = SeededGenerator.announced("duplicates")
    for segmentSize in [1460, 50] {
      let packets = Self.conversation(segmentSize: segmentSize)
      let expected = Self.stories(packets)
      for _ in 0..<30 {
        let doubled = packets.flatMap { packet in
          [Packet](repeating: packet, count: Int.random(in: 1...3, using: &random))
        }
        #expect(Self.stories(doubled) == expected)
        #expect(Self.stories(Self.shuffled(doubled, window: 8, &random)) == expected)
      }
    }
  }

  @Test("segments of any size")
  func segmentSizes() {
    let expected = Self.stories(Self.conversation(), withTimes: false)
    for size in Array(1...40) + [64, 100, 200, 333] {
      #expect(Self.stories(Self.conversation(segmentSize: size), withTimes: false) == expected, "\(size) bytes")
    }
  }

  @Test("segments cut at any one byte")
  func everyCut() {
    let expected = Self.stories(Self.conversation(), withTimes: false)
    for (index, line) in Self.lines.enumerated() {
      for cut in 1..<line.1.count {
        var talk = Talk(
          initial: [UInt32.max - 300, 49_152], clock: Timestamp(nanoseconds: 1_700_000_000_000_049_152))
        talk.open()
        for (i, (end, bytes)) in Self.lines.enumerated() {
          if i == index { talk.say(end, Array(bytes[..<cut])) }
          talk.say(end, i == index ? Array(bytes[cut...]) : bytes)
        }
        talk.finish(.server)
        talk.finish(.client)
        #expect(Self.stories(talk.packets, withTimes: false) == expected, "line \(index), cut at \(cut)")
      }
    }
  }

  @Test("pcap or pcapng, of either byte order")
  func formats() throws {
    var builder = CaptureBuilder()
    for packet in Self.conversation() { builder.add(packet.bytes, at: packet.time) }
    let expected = analyze(builder.packets)
    for order in [ByteOrder.little, .big] {
      #expect(try analyze(files: [builder.pcap(order: order)]) == expected)
      #expect(try analyze(files: [builder.pcapng(order: order)]) == expected)
    }
  }

  @Test("one file or two, cut anywhere")
  func twoFiles() throws {
    let packets = Self.conversation()
    let expected = Self.stories(packets)
    for cut in 0...packets.count {
      var files = [CaptureBuilder(), CaptureBuilder()]
      for (i, packet) in packets.enumerated() { files[i < cut ? 0 : 1].add(packet.bytes, at: packet.time) }
      let seen = try analyze(files: files.map { $0.pcap() })
      #expect(ConnectionStory.all(seen.records) == expected)
      #expect(seen.frames.map(\.first.number).allSatisfy { $0 <= UInt64(max(cut, packets.count - cut)) })
    }
  }

  @Test("alone or among other connections")
  func interleaved() throws {
    var random = SeededGenerator.announced("interleaved")
    let ports: [UInt16] = [49_152, 1, 2, 50_000, 65_535]
    var expected: [UInt64: ConnectionStory] = [:]
    for port in ports { expected.merge(Self.stories(Self.conversation(port: port, segmentSize: 100))) { $1 } }
    #expect(expected.count == ports.count)
    for _ in 0..<10 {
      var queues = ports.map { Self.conversation(port: $0, segmentSize: 100)[...] }
      var packets: [Packet] = []
      while let index = queues.indices.filter({ !queues[$0].isEmpty }).randomElement(using: &random) {
        packets += queues[index].popFirst().map { [$0] } ?? []
      }
      let stories = Self.stories(packets)
      for (identifier, story) in expected { #expect(stories[identifier] == story) }
      #expect(stories.count == expected.count)
    }
  }

  @Test("either direction seen first: the identifier is the same")
  func identifier() {
    let packets = Self.conversation()
    var swapped = packets
    swapped.swapAt(0, 1)
    let one = analyze(packets).connections.map(\.connection.identifier)
    #expect(analyze(swapped).connections.map(\.connection.identifier) == one)
  }
}
