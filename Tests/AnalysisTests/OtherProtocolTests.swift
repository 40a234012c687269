import Analysis
import Capture
import TestSupport
import Testing
import Transport

/// Conversations in other protocols (`OtherProtocols/README.md`), captured from somewhere in the middle: none is taken for
/// a WebSocket.
@Suite("Other protocols without their beginning")
struct OtherProtocolTests {
  /// The ends of a conversation that a capture holds.
  enum Way: CaseIterable {
    case both, client, server
  }

  /// The segments with payload of each conversation, by the server's port.
  private static let conversations: [UInt16: [CaptureBuilder.Packet]] = {
    var all: [UInt16: CaptureBuilder] = [:]
    let path = "../Tests/AnalysisTests/OtherProtocols/conversations.pcap.gz"
    guard let file = try? SampleFiles.capture(path) else { return [:] }
    var (reader, position) = (CaptureReader(), 0)
    while let event = try? reader.finish(file.span.bytes, &position) {
      guard case .packet(let packet) = event, packet.data.count > headers else { continue }
      let bytes = Array(file[packet.data])
      let isClient = port(bytes, 20) == clientPort
      all[port(bytes, isClient ? 22 : 20), default: CaptureBuilder()].add(bytes, linkType: packet.linkType)
    }
    return all.mapValues(\.packets)
  }()

  /// IPv4 and TCP without options.
  private static let headers = 40
  private static let clientPort: UInt16 = 40_000

  private static func port(_ bytes: [UInt8], _ offset: Int) -> UInt16 {
    UInt16(bytes[offset]) << 8 | UInt16(bytes[offset + 1])
  }

  private static func isSeen(_ packet: CaptureBuilder.Packet, _ way: Way) -> Bool {
    way == .both || (port(packet.bytes, 20) == clientPort) == (way == .client)
  }

  @Test("the conversations are all there")
  func count() {
    #expect(Self.conversations.count == 121)
  }

  @Test("no conversation holds frames, wherever the capture begins and whichever end it shows", arguments: Way.allCases)
  func noFrames(way: Way) {
    var (cuts, suspected): (UInt64, UInt64) = (0, 0)
    for (port, packets) in Self.conversations {
      for entry in Set([0, 1, packets.count / 4, packets.count / 2]) where entry < packets.count {
        let seen = analyze(packets[entry...].filter { Self.isSeen($0, way) })
        #expect(seen.connections == [], "port \(port), from segment \(entry) on")
        #expect(seen.frames == [], "port \(port), from segment \(entry) on")
        cuts += 1
        suspected += seen.summary?.suspectedConnections ?? 0
      }
    }
    #expect(suspected <= cuts / 10, "few look as if they might")
  }

  @Test("nor does text in Shift_JIS, in which every other byte may be the first of a frame")
  func kana() {
    for seed in UInt64(0)..<120 {
      var random = SeededGenerator(seed: seed)
      var talk = ConversationBuilder()
      for _ in 0..<60 {
        let text = (0..<Int.random(in: 5...60, using: &random)).flatMap { _ -> [UInt8] in
          [0x82, UInt8.random(in: 0x9F...0xF1, using: &random)]
        }
        talk.say(
          Bool.random(using: &random) ? .client : .server, text + (Bool.random(using: &random) ? [0x0D, 0x0A] : []))
      }
      #expect(analyze(talk.packets).connections == [], "seed \(seed)")
    }
  }

  @Test("nor where packets are missing, or cut", arguments: Way.allCases)
  func hurt(way: Way) {
    var random = SeededGenerator.announced(#function)
    for (port, packets) in Self.conversations.sorted(by: { $0.key < $1.key }) {
      let loss = packets.filter { Self.isSeen($0, way) && Int.random(in: 0..<100, using: &random) >= 3 }
      #expect(analyze(loss).connections == [], "port \(port), with loss")
      let cut = packets.filter { Self.isSeen($0, way) }.map { packet in
        var packet = packet
        packet.originalLength = packet.originalLength ?? UInt32(clamping: packet.bytes.count)
        packet.bytes.removeLast(max(packet.bytes.count - 128, 0))
        return packet
      }
      #expect(analyze(cut).connections == [], "port \(port), cut to 128 bytes")
    }
  }

  @Test("1,000 connections of random bytes hold no frames")
  func noise() {
    var random = SeededGenerator.announced(#function)
    var talk = ConversationBuilder()
    var packets: [CaptureBuilder.Packet] = []
    for number in 0..<1000 {
      talk = ConversationBuilder(
        client: Endpoint(PacketBuilder.client.address, port: UInt16(10_000 + number)), clock: talk.clock)
      talk.acknowledges = false
      for _ in 0..<Int.random(in: 2...8, using: &random) {
        talk.say(Bool.random(using: &random) ? .client : .server, random.bytes(1...300))
      }
      packets += talk.packets
    }
    let seen = analyze(packets)
    #expect(seen.connections == [] && seen.frames == [])
  }
}
