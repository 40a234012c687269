import Bytes
import Capture
import TestSupport
import Testing

@testable import Transport

@Suite struct IPFragmentLimitTests {
  static let payload = [UInt8](repeating: 5, count: 100)
  static let halves = P.fragments(of: P.tcpDatagram(seq: 9, payload: payload), size: 64).map { P.ethernet($0) }

  /// The first fragment of a datagram from some other host.
  static func stray(from host: UInt32, identification: UInt32 = 1) -> [UInt8] {
    let from = Endpoint(IPAddress(v4: host), port: 1)
    let datagram = P.tcpDatagram(from: from, seq: 9, payload: payload)
    return P.ethernet(P.fragment(of: datagram, 0..<64, more: true, identification: identification))
  }

  @Test("A datagram is given up when its time is over, by the clock of the capture", arguments: [30, 60])
  func age(_ lifetime: Int64) {
    let to6 = P.tcpDatagram(from: P.client6, to: P.server6, seq: 9, payload: Self.payload)
    let halves = lifetime == 30 ? Self.halves : P.fragments(of: to6, size: 64).map { P.ethernet($0) }
    let second: Int64 = 1_000_000_000
    var decoder = PacketDecoder()
    _ = decode(halves[0], nanoseconds: second, by: &decoder)
    #expect(decode(halves[1], nanoseconds: (lifetime + 1) * second, by: &decoder).payload == Self.payload)
    _ = decode(halves[0], nanoseconds: second, by: &decoder)
    #expect(decode(halves[1], nanoseconds: (lifetime + 1) * second + 1, by: &decoder).content == .nothing(.fragment))
    #expect(decoder.counters.fragments == FragmentCounters(completed: 1, incomplete: 2))
    // The second half began anew; time that runs back a little does no harm.
    #expect(decode(halves[0], nanoseconds: lifetime * second, by: &decoder).payload == Self.payload)
    _ = decode(halves[0], nanoseconds: .max, by: &decoder)
    #expect(decode(halves[1], nanoseconds: .min, by: &decoder).payload == [])
    #expect(decoder.counters.fragments == FragmentCounters(completed: 2, incomplete: 3))
  }

  @Test("A pair with too many unfinished datagrams loses its own oldest, and nobody else's")
  func crowd() {
    var limits = FragmentLimits()
    limits.datagramsPerPair = 4
    var decoder = PacketDecoder(limits: limits)
    _ = decode(Self.halves[0], by: &decoder)
    for number in 0..<100 { _ = decode(Self.stray(from: 77, identification: UInt32(number)), by: &decoder) }
    #expect(decoder.counters.fragments == FragmentCounters(incomplete: 101, crowdedOut: 96))
    #expect(decode(Self.halves[1], by: &decoder).payload == Self.payload)

    let rest = { (number: UInt32) in
      let from = Endpoint(IPAddress(v4: 77), port: 1)
      return P.ethernet(
        P.fragment(
          of: P.tcpDatagram(from: from, seq: 9, payload: Self.payload), 64..<120, more: false, identification: number))
    }
    for number: UInt32 in 96..<100 { #expect(decode(rest(number), by: &decoder).payload == Self.payload) }
    #expect(decode(rest(95), by: &decoder).payload == [])
    #expect(decoder.counters.fragments == FragmentCounters(completed: 5, incomplete: 97, crowdedOut: 96))
  }

  @Test("When the total is reached, the oldest makes room, so that a flood silences nobody")
  func total() {
    var limits = FragmentLimits()
    limits.bytes = 100_000
    var store = FragmentStore(limits: limits)
    for host: UInt32 in 1...10_000 {
      #expect(Self.add(Self.stray(from: host), 0, to: &store) == nil)
      #expect(store.heldBytes <= 100_000)
      if host % 100 == 0 {
        #expect(Self.add(Self.halves[0], 0, to: &store) == nil)
        #expect(Self.add(Self.stray(from: 20_000 + host), 0, to: &store) == nil)
        #expect(Self.add(Self.halves[1], 0, to: &store) != nil)
      }
    }
    #expect(store.counters.completed == 100 && store.counters.refused == 0)
    #expect(store.counters.incomplete == 10_100)
    let held = store.counters.incomplete - store.counters.crowdedOut
    #expect(held > 150 && held < 200)
    limits.bytes = 600
    var narrow = FragmentStore(limits: limits)
    #expect(Self.add(Self.stray(from: 1), 0, to: &narrow) == nil)
    #expect(narrow.counters == FragmentCounters(refused: 1))
  }

  @Test("What completes frees its room")
  func noLeak() {
    var limits = FragmentLimits()
    limits.bytes = 10_000
    var store = FragmentStore(limits: limits)
    _ = Self.add(Self.stray(from: 3), 0, to: &store)
    for _ in 0..<10_000 {
      #expect(Self.add(Self.halves[0], 0, to: &store) == nil)
      #expect(Self.add(Self.halves[1], 0, to: &store) != nil)
    }
    #expect(store.counters == FragmentCounters(completed: 10_000, incomplete: 1))
    #expect(store.heldBytes < 1_000)
  }

  @Test("Fragments of UDP are let go as soon as the port says that it is no tunnel")
  func udp() {
    let datagram = P.ip(P.udp([UInt8](repeating: 1, count: 3_000), to: 53), protocol: 17)
    var store = FragmentStore(limits: .default)
    for number: UInt32 in 0..<1_000 {
      let fragments = P.fragments(of: datagram, size: 1_480, identification: number).map { P.ethernet($0) }
      for fragment in number % 2 == 0 ? fragments : fragments.reversed() {
        #expect(Self.add(fragment, 0, to: &store) == nil)
      }
      #expect(store.heldBytes == 0)
    }
    #expect(store.counters == FragmentCounters())
  }

  @Test("Other protocols' fragments are not held; in IPv6, not once the first one is there")
  func otherProtocols() {
    for from in [P.client.address, P.client6.address] {
      let datagram = P.ip([UInt8](repeating: 1, count: 3_000), protocol: 1, from: from, to: from)
      var store = FragmentStore(limits: .default)
      for fragment in P.fragments(of: datagram, size: 1_480) {
        #expect(Self.add(P.ethernet(fragment), 0, to: &store) == nil)
        #expect(store.heldBytes <= PartialDatagram.overhead)
      }
      #expect(store.heldBytes == 0 && store.counters == FragmentCounters())
    }
  }

  @Test("Hostile fragments by the hundred thousand leave memory where it was told to stay", arguments: [1, 2, 3])
  func hostile(_ kind: Int) {
    var random = SeededRandom.announced("hostile fragments of kind \(kind)")
    var limits = FragmentLimits()
    limits.bytes = 1 << 20
    var decoder = PacketDecoder(limits: limits)
    var bytes = P.fragment(of: P.ip([UInt8](repeating: 0xcc, count: 2_048), protocol: 6), 0..<2_048, more: true)
    for _ in 0..<200_000 {
      let word = random.next()
      // One datagram of tiny pieces; long pieces over each other; everything at once.
      let length = kind == 1 ? 8 : kind == 2 ? 2_048 : Int(word >> 40 & 0xff) * 8
      let offset = UInt16(truncatingIfNeeded: word) & (kind == 2 ? 0x0fff : 0x1fff)
      bytes.replaceSubrange(2..<4, with: P.be16(UInt16(20 + length)))
      bytes.replaceSubrange(6..<8, with: P.be16(offset | 0x2000))
      if kind == 3 {
        bytes.replaceSubrange(4..<6, with: P.be16(UInt16(truncatingIfNeeded: word >> 16)))
        bytes[15] = UInt8(truncatingIfNeeded: word >> 32)
        bytes[100] = UInt8(truncatingIfNeeded: word >> 48)
      }
      let packet = CapturedPacket(
        number: 1, time: Timestamp(nanoseconds: Int64(bitPattern: kind == 3 ? word : 0)), linkType: .raw,
        originalLength: UInt32(20 + length), data: 0..<20 + length)
      _ = decoder.next(packet, bytes.span.bytes)
    }
    #expect(decoder.heldFragmentBytes <= 1 << 20)
  }

  private static func add(_ frame: [UInt8], _ nanoseconds: Int64, to store: inout FragmentStore) -> [UInt8]? {
    var cursor = PacketCursor(P.captured(frame))
    let bytes = frame.span.bytes
    var layer = cursor.ethernet(bytes)
    switch layer {
    case .ipv4: layer = cursor.ipv4(bytes)
    case .etherType: layer = cursor.ipv6(bytes)
    default: break
    }
    if case .inIP(let number) = layer { layer = cursor.inIP(number, bytes) }
    guard case .fragment(let header) = layer else {
      Issue.record("no fragment")
      return nil
    }
    return store.add(header, cursor, bytes, Timestamp(nanoseconds: nanoseconds))?.bytes
  }
}
