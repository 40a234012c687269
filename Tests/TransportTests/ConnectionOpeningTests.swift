import Bytes
import Capture
import TestSupport
import Testing

@testable import Transport

@Suite("Connections that have said nothing yet")
struct ConnectionOpeningTests {
  private static func segment(_ random: inout SeededRandom, from client: Bool, _ isn: [UInt32]) -> TCPSegment {
    let (mine, other) = client ? (0, 1) : (1, 0)
    func odd(_ value: UInt32) -> UInt32 { Int.random(in: 0..<12, using: &random) == 0 ? value &+ 7 : value }
    let ends = client ? (PacketBuilder.client, PacketBuilder.server) : (PacketBuilder.server, PacketBuilder.client)
    var segment = TCPSegment(
      source: ends.0, destination: ends.1, sequence: SequenceNumber(odd(isn[mine])),
      acknowledgment: SequenceNumber(odd(isn[other] &+ 1)), flags: .syn, payload: 0..<0, payloadLength: 0)
    segment.checksum = [.valid, .valid, .unknown, .wrong].randomElement(using: &random) ?? .valid
    switch Int.random(in: 0..<8, using: &random) {
    case 0...1: segment.flags = .syn
    case 2...3: segment.flags = [.syn, .ack]
    case 4...6:
      segment.flags = .ack
      segment.sequence = segment.sequence.advanced(by: 1)
    default:
      segment.flags = [.ack, .psh]
      segment.sequence = segment.sequence.advanced(by: 1)
      segment.payload = 0..<3
      segment.payloadLength = 3
    }
    return segment
  }

  @Test("a connection made of an opening goes on exactly as one that saw all packets itself")
  func sameAsWhole() {
    var random = SeededRandom.announced("connection openings")
    let bytes: [UInt8] = [1, 2, 3]
    var kept = 0
    for round in 0..<20_000 {
      let isn: [UInt32] = [UInt32.max - 1, UInt32(truncatingIfNeeded: random.next())]
      let (key, forward) = FlowKey.of(PacketBuilder.client, PacketBuilder.server)
      var opening: ConnectionOpening?
      var short: TCPConnection?
      var whole: TCPConnection?
      for number in 1...UInt64(12) {
        let isClient = Bool.random(using: &random)
        let segment = Self.segment(&random, from: isClient, isn)
        let direction = isClient ? forward : forward.opposite
        let packet = PacketReference(
          number: number, time: Timestamp(nanoseconds: Int64.random(in: 0...20, using: &random) * 100_000_000))
        if whole == nil {
          guard ConnectionOpening.canBegin(with: segment) else { continue }
          whole = TCPConnection(key: key, firstPacket: packet)
          opening = ConnectionOpening(firstPacket: packet)
        }
        if short == nil, opening?.note(segment, direction, packet) == true {
          kept += 1
          _ = Self.events(&whole, segment, direction, bytes, packet)
          continue
        }
        if short == nil, let opening { short = TCPConnection(key: key, opening: opening) }
        let one = Self.events(&whole, segment, direction, bytes, packet)
        let other = Self.events(&short, segment, direction, bytes, packet)
        #expect(one == other, "round \(round), packet \(number)")
        #expect(whole?.firstPacket == short?.firstPacket && whole?.initiator == short?.initiator)
        if one != other { return }
      }
    }
    #expect(kept > 50_000)
  }

  private static func events(
    _ connection: inout TCPConnection?, _ segment: TCPSegment, _ direction: Direction, _ bytes: [UInt8],
    _ packet: PacketReference
  ) -> [TCPEvent] {
    guard connection != nil else { return [] }
    var events: [TCPEvent] = []
    if let offset = connection?.takeInOrder(segment, direction) {
      return segment.payloadLength > 0 ? [.stream(direction, .bytes(segment.payload, at: offset))] : []
    }
    var step = connection?.arrive(segment, direction, packet) ?? .done
    while let event = connection?.next(segment, direction, bytes.span.bytes, packet, &step, ReassemblyLimits()) {
      events.append(event)
    }
    return events
  }

  @Test("what remains of a connection tells its successor from its own SYN")
  func remains() {
    var rig = ConnectionRig()
    rig.handshake()
    rig.send(.client, 0, "hello")
    let remains = ConnectionRemains(rig.connection)
    let (key, direction) = FlowKey.of(PacketBuilder.client, PacketBuilder.server)
    let time = Timestamp(nanoseconds: rig.clock + 1)
    #expect(remains.key == key)
    func syn(_ sequence: UInt32, _ flags: TCPFlags = .syn, _ checksum: TCPChecksum = .valid) -> Bool {
      let segment = TCPSegment(
        source: PacketBuilder.client, destination: PacketBuilder.server, sequence: SequenceNumber(sequence),
        flags: flags, checksum: checksum, payload: 0..<0, payloadLength: 0)
      let isSucceeded = remains.isSucceeded(by: segment, direction, at: time)
      #expect(isSucceeded == rig.connection.isSucceeded(by: segment, direction, at: time), "\(segment)")
      return isSucceeded
    }
    #expect(!syn(rig.initial[0]))
    #expect(syn(rig.initial[0] &+ 1))
    #expect(syn(77))
    #expect(!syn(77, .ack))
    #expect(!syn(77, .syn, .wrong))
    #expect(
      ConnectionRemains(key).isSucceeded(
        by: TCPSegment(
          source: PacketBuilder.client, destination: PacketBuilder.server, sequence: SequenceNumber(1), flags: .syn,
          payload: 0..<0, payloadLength: 0), direction, at: time))
    rig.fin(.client, 5)
    rig.fin(.server, 0, ack: 6)
    let ended = ConnectionRemains(rig.connection)
    let again = TCPSegment(
      source: PacketBuilder.client, destination: PacketBuilder.server, sequence: SequenceNumber(rig.initial[0]),
      flags: .syn, payload: 0..<0, payloadLength: 0)
    #expect(!ended.isSucceeded(by: again, direction, at: time), "its own, written down late")
    #expect(ended.isSucceeded(by: again, direction, at: Timestamp(nanoseconds: rig.clock + 1)))
  }

  // MARK: Round trips

  /// What is known of the round trip after these segments: `>S` SYN, `<S` SYN/ACK, `>A` ACK, `>D` ACK with data, each at its
  /// time in milliseconds.
  private static func roundTrip(_ segments: [(String, Int64)]) -> [Int64?] {
    let (key, forward) = FlowKey.of(PacketBuilder.client, PacketBuilder.server)
    var opening: ConnectionOpening?
    var connection: TCPConnection?
    for (i, (kind, time)) in segments.enumerated() {
      let isClient = kind.hasPrefix(">")
      let isSYN = kind.hasSuffix("S")
      let ends = isClient ? (PacketBuilder.client, PacketBuilder.server) : (PacketBuilder.server, PacketBuilder.client)
      let length = kind.hasSuffix("D") ? 3 : 0
      var segment = TCPSegment(
        source: ends.0, destination: ends.1, sequence: SequenceNumber((isClient ? 100 : 900) + (isSYN ? 0 : 1)),
        acknowledgment: SequenceNumber(isClient ? 901 : 101), flags: isSYN ? .syn : .ack, payload: 0..<length,
        payloadLength: length)
      if kind == "<S" { segment.flags.insert(.ack) }
      segment.checksum = .valid
      let direction = isClient ? forward : forward.opposite
      let packet = PacketReference(number: UInt64(i + 1), time: Timestamp(nanoseconds: time * 1_000_000))
      if opening == nil { opening = ConnectionOpening(firstPacket: packet) }
      if connection == nil, opening?.note(segment, direction, packet) == false {
        opening?.noteTime(segment, direction, packet)
        connection = opening.map { TCPConnection(key: key, opening: $0) }
      }
    }
    let times = connection?.roundTrip ?? opening?.roundTrip ?? TCPRoundTrip()
    return [times.server, times.client].map { $0.map { $0 / 1_000_000 } }
  }

  @Test("tell the round trip: SYN to SYN/ACK, and SYN/ACK to ACK, which may carry data")
  func roundTrips() {
    #expect(Self.roundTrip([(">S", 10), ("<S", 30), (">A", 35)]) == [20, 5])
    #expect(Self.roundTrip([(">S", 10), ("<S", 30), (">D", 35)]) == [20, 5])
    #expect(Self.roundTrip([(">S", 10), ("<S", 30), (">A", 35), (">A", 60), (">D", 70)]) == [20, 5])
    #expect(Self.roundTrip([(">S", 10), ("<S", 30)]) == [20, nil])
    #expect(Self.roundTrip([(">S", 10), ("<S", 30), ("<D", 32)]) == [20, nil])
    // What was sent again may be answered for either time (RFC 6298 §3).
    #expect(Self.roundTrip([(">S", 10), (">S", 1010), ("<S", 1030), (">A", 1035)]) == [nil, 5])
    #expect(Self.roundTrip([(">S", 10), ("<S", 30), ("<S", 1030), (">A", 1035)]) == [20, nil])
    // What comes again at once was captured twice.
    #expect(Self.roundTrip([(">S", 10), (">S", 10), ("<S", 30), ("<S", 31), (">A", 35), (">A", 36)]) == [20, 5])
    // The capture lacks the SYN, or wrote things down in a wrong order.
    #expect(Self.roundTrip([("<S", 30), (">A", 35)]) == [nil, nil])
    #expect(Self.roundTrip([(">S", 30), ("<S", 10), (">A", 35)]) == [nil, 25])
  }
}
