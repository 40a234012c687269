import Capture
import TestSupport
import Transport

/// Connections of all kinds between the same two hosts, packet by packet in turn; those that have a record are wanted.
struct MixedCapture {
  /// What the packets are wrapped in.
  enum Wrapping: CaseIterable {
    case nothing, vlan, vxlan, fragments, fragmentedVXLAN, fragmentsInGRE
  }

  /// The capture as a pcap file.
  var pcap: [UInt8] { capture.pcap() }
  /// The packets that a cut has to hold, in order.
  private(set) var wanted: [[UInt8]] = []
  private var capture = CaptureBuilder()
  private let wrapping: Wrapping
  private var identification: UInt32 = 1

  /// Connections whose packets are mixed in an order that `random` chooses.
  init(_ wrapping: Wrapping, using random: inout SeededGenerator) {
    self.wrapping = wrapping
    var lanes = Self.lanes()
    while let lane = lanes.indices.filter({ !lanes[$0].isEmpty }).randomElement(using: &random) {
      let (packet, isWanted) = lanes[lane].removeFirst()
      for bytes in wrap(packet) {
        capture.add(bytes)
        if isWanted { wanted.append(bytes) }
      }
    }
  }

  private mutating func wrap(_ frame: [UInt8]) -> [[UInt8]] {
    identification += 1
    let datagram = Array(frame[14...])
    func fragments(_ datagram: [UInt8]) -> [[UInt8]] {
      let size = 64  // all but bare acknowledgments
      return PacketBuilder.fragments(of: datagram, size: size, identification: identification)
    }
    switch wrapping {
    case .nothing: return [frame]
    case .vlan: return [PacketBuilder.vlan(datagram)]
    case .vxlan: return [PacketBuilder.ethernet(PacketBuilder.vxlan(frame))]
    case .fragments: return fragments(datagram).map { PacketBuilder.ethernet($0) }
    case .fragmentedVXLAN: return fragments(PacketBuilder.vxlan(frame)).map { PacketBuilder.ethernet($0) }
    case .fragmentsInGRE: return fragments(datagram).map { PacketBuilder.ethernet(PacketBuilder.gre($0)) }
    }
  }

  // MARK: Connections

  private typealias Lane = [(packet: [UInt8], isWanted: Bool)]

  /// One lane for each pair of ends.
  private static func lanes() -> [Lane] {
    var lanes: [Lane] = []
    for number in 0..<3 as Range<UInt16> {
      let port = 10_000 + 10 * number
      lanes += [
        lane(chat(port), true), lane(webPages(port + 1), false), lane(refused(port + 2), true),
        lane(unanswered(port + 3), true), lane(otherProtocol(port + 4), false),
        lane(webPages(port + 5), false) + lane(chat(port + 5, initial: [9_000_000, 8_000_000]), true),
        lane(chat(port + 6), true) + lane(webPages(port + 6, initial: [9_000_000, 8_000_000]), false),
        lane(chatAfterPages(port + 7), true), lane(silent(port + 8), false),
        lane(midway(port + 9), true),
      ]
    }
    return lanes
  }

  private static func lane(_ talk: ConversationBuilder, _ isWanted: Bool) -> Lane {
    talk.packets.map { ($0.bytes, isWanted) }
  }

  private static func begin(_ port: UInt16, _ initial: [UInt32] = [1000, 70_000]) -> ConversationBuilder {
    var talk = ConversationBuilder(client: Endpoint(PacketBuilder.client.address, port: port), initial: initial)
    talk.open()
    return talk
  }

  private static func chat(_ port: UInt16, initial: [UInt32] = [1000, 70_000]) -> ConversationBuilder {
    var talk = begin(port, initial)
    talk.upgrade()
    talk.frame(.client, .text, "good morning, whoever you are")
    talk.frame(.server, .text, String(repeating: "it is cold out here. ", count: 100))
    talk.close(.client)
    return talk
  }

  private static func webPages(_ port: UInt16, initial: [UInt32] = [1000, 70_000]) -> ConversationBuilder {
    var talk = begin(port, initial)
    addPages(&talk)
    talk.finish(.client)
    talk.finish(.server)
    return talk
  }

  private static func addPages(_ talk: inout ConversationBuilder) {
    for page in 1...3 {
      talk.say(.client, "GET /\(page) HTTP/1.1\nHost: example.com\n\n")
      talk.say(.server, "HTTP/1.1 200 OK\nContent-Length: 2000\n\n")
      talk.say(.server, [UInt8](repeating: 0x61, count: 2000))
    }
  }

  private static func chatAfterPages(_ port: UInt16) -> ConversationBuilder {
    var talk = begin(port)
    addPages(&talk)
    talk.upgrade()
    talk.frame(.server, .text, "at last")
    talk.reset(.server)
    return talk
  }

  private static func refused(_ port: UInt16) -> ConversationBuilder {
    var talk = begin(port)
    talk.say(.client, ConversationBuilder.request())
    talk.say(.server, "HTTP/1.1 403 Forbidden\nContent-Length: 0\n\n")
    talk.finish(.server)
    talk.finish(.client)
    return talk
  }

  private static func unanswered(_ port: UInt16) -> ConversationBuilder {
    var talk = begin(port)
    talk.say(.client, ConversationBuilder.request())
    talk.finish(.client)
    talk.finish(.server)
    return talk
  }

  private static func otherProtocol(_ port: UInt16) -> ConversationBuilder {
    var talk = begin(port)
    talk.say(.server, "SSH-2.0-OpenSSH_9.2\n")
    talk.say(.client, "SSH-2.0-OpenSSH_9.2\n")
    for _ in 0..<5 { talk.say(.client, [0, 0, 1, 44, 6, 20] + [UInt8](repeating: 0xA5, count: 300)) }
    talk.finish(.client)
    talk.finish(.server)
    return talk
  }

  /// Opened, and never anything more.
  private static func silent(_ port: UInt16) -> ConversationBuilder { begin(port) }

  /// A connection whose beginning is not in the capture.
  private static func midway(_ port: UInt16) -> ConversationBuilder {
    var talk = begin(port)
    talk.packets = []
    for number in 1...12 {
      talk.frame(.client, .text, "question number \(number), which is not a short one")
      talk.frame(.server, .text, "answer number \(number), which is even longer than that was")
    }
    talk.close(.server)
    return talk
  }
}
