import Analysis
import Capture
import TestSupport
import Testing
import Transport

@Suite("The trail that packets leave")
struct PacketTrailTests {
  /// What is said after each packet of `frames`: whose it is, and what that connection is taken for.
  private static func trail(
    _ frames: [[UInt8]], quiet: Int = 100
  ) -> (steps: [(owner: PacketTrail.Owner, standing: ConnectionStanding?)], trail: PacketTrail?) {
    var options = AnalyzerOptions()
    options.leavesTrail = true
    options.connections.quiet = quiet
    var analyzer = Analyzer(options)
    var sink = RecordCollector()
    let steps = frames.enumerated().map { index, frame in
      let packet = CapturedPacket(
        number: UInt64(index + 1), time: Timestamp(nanoseconds: Int64(index)), linkType: .ethernet,
        originalLength: UInt32(frame.count), data: 0..<frame.count)
      analyzer.tracedPacket(packet, frame.span.bytes, into: &sink)
      let owner = analyzer.trail?.owner ?? .nobody
      guard case .connection(let key, _) = owner else { return (owner, ConnectionStanding?.none) }
      return (owner, analyzer.standing(of: key))
    }
    return (steps, analyzer.trail)
  }

  private static let key = FlowKey.of(PacketBuilder.client, PacketBuilder.server).0

  @Test("leads from the SYN to a connection that has a record, and past its end")
  func webSocket() {
    var talk = ConversationBuilder.upgraded()
    talk.close(.client)
    let (steps, trail) = Self.trail(talk.packets.map(\.bytes))
    #expect(steps.prefix(2).map(\.owner) == [true, true].map { .connection(Self.key, isOpening: $0) })
    #expect(steps.dropFirst(2).allSatisfy { $0.owner == .connection(Self.key, isOpening: false) })
    let standings = steps.map(\.standing)
    #expect(standings.prefix(4).allSatisfy { $0 == .undecided } && standings.dropFirst(6).allSatisfy { $0 == .shown })
    #expect(trail?.found.map(\.key) == [Self.key] && trail?.found.first?.number == 1)
  }

  @Test("leads nowhere where nothing is of interest")
  func others() {
    var talk = ConversationBuilder.opened()
    talk.say(.server, "220 mail.example.com\n")
    talk.say(.client, [UInt8](repeating: 0xA5, count: 3000))
    talk.finish(.client)
    talk.finish(.server)
    let (steps, trail) = Self.trail(talk.packets.map(\.bytes) + [PacketBuilder.ethernet([1, 2, 3], type: 0x0806)])
    #expect(steps.dropLast().last?.standing == .other && steps.last?.owner == .nobody)
    #expect(trail?.found == [])
  }

  @Test("leads from fragments to the connection of their datagram")
  func fragments() {
    let datagram = PacketBuilder.tcpDatagram(seq: 1, payload: [UInt8](repeating: 7, count: 100))
    let pieces = PacketBuilder.fragments(of: datagram, size: 48, identification: 5).map { PacketBuilder.ethernet($0) }
    let (steps, trail) = Self.trail([pieces[0], pieces[2], pieces[1]])
    guard case .fragment(let first) = steps[0].owner else {
      Issue.record("\(steps[0])")
      return
    }
    #expect(first.identification == 5 && steps[1].owner == .fragment(first))
    #expect(steps[2].owner == .connection(Self.key, isOpening: false) && trail?.completed == [first])
  }

  @Test("does not lead to fragments that carry no TCP")
  func otherFragments() {
    let datagram = PacketBuilder.ip(PacketBuilder.udp([UInt8](repeating: 7, count: 100), to: 53), protocol: 17)
    let pieces = PacketBuilder.fragments(of: datagram, size: 48).map { PacketBuilder.ethernet($0) }
    #expect(Self.trail(pieces).steps.allSatisfy { $0.owner == .nobody })
  }

  @Test("tells of which datagrams nothing comes any more")
  func letGo() {
    func pieces(_ datagram: [UInt8], _ number: UInt32) -> [[UInt8]] {
      PacketBuilder.fragments(of: datagram, size: 48, identification: number).map { PacketBuilder.ethernet($0) }
    }
    let wanted = PacketBuilder.tcpDatagram(seq: 1, payload: [UInt8](repeating: 7, count: 100))
    let lone = (1...70 as ClosedRange<UInt32>).map { pieces(wanted, $0)[1] }
    #expect(Self.trail(lone).trail?.letGo.map(\.identification) == [1, 2, 3, 4, 5, 6])
    let other = PacketBuilder.ip(PacketBuilder.udp([UInt8](repeating: 7, count: 100), to: 53), protocol: 17)
    #expect(Self.trail(pieces(other, 9).reversed()).trail?.letGo.map(\.identification) == [9])
    #expect(Self.trail(pieces(wanted, 9)).trail?.letGo == [])
  }

  @Test("tells which connections were forgotten")
  func forgotten() {
    let frames = (0..<5 as Range<UInt16>).map { number in
      PacketBuilder.tcp(from: Endpoint(PacketBuilder.client.address, port: 1000 + number), seq: 1, flags: .syn)
    }
    let (steps, trail) = Self.trail(frames, quiet: 3)
    #expect(steps.allSatisfy { $0.standing == .undecided })
    #expect(trail?.forgotten.map { [$0.first.port, $0.second.port].max() } == [1000, 1001])
  }
}
