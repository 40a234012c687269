import Capture
import TestSupport
import Testing

@testable import Transport

@Suite struct IPFragmentTests {
  static let payload = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 7) }

  /// A datagram of each family; its payload is 120 bytes.
  static let datagrams = [
    P.tcpDatagram(seq: 9, payload: payload),
    P.tcpDatagram(from: P.client6, to: P.server6, seq: 9, payload: payload),
  ]

  /// All orders of the numbers below `count`.
  static func orders(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return orders(count - 1).flatMap { order in
      (0...order.count).map { Array(order[..<$0]) + [count - 1] + order[$0...] }
    }
  }

  @Test("Fragments make the same segment in whatever order they arrive", arguments: datagrams)
  func anyOrder(_ datagram: [UInt8]) {
    let fragments = P.fragments(of: datagram, size: 32).map { P.ethernet($0) }
    #expect(fragments.count == 4)
    let expected = decode(P.ethernet(datagram)).content.segment
    for order in Self.orders(4) {
      var decoder = PacketDecoder()
      for number in order.dropLast() {
        #expect(decode(fragments[number], by: &decoder).content == .nothing(.fragment))
      }
      let (content, payload) = decode(fragments[order[3]], by: &decoder)
      var segment = content.segment
      #expect(segment?.payload.count == 100)
      if let range = expected?.payload { segment?.payload = range }
      #expect(segment == expected, "\(order)")
      #expect(payload == Self.payload, "\(order)")
      #expect(decoder.counters.fragments == FragmentCounters(completed: 1))
      #expect(decoder.counters.dismissed[.fragment] == 3)
    }
  }

  @Test("The whole datagram is as it was before it was fragmented", arguments: datagrams)
  func mended(_ datagram: [UInt8]) {
    var original = datagram
    if original[0] >> 4 == 4 {
      original.replaceSubrange(4..<6, with: [0x12, 0x34])
      original.replaceSubrange(6..<8, with: [0, 0])
    }
    var decoder = PacketDecoder()
    for fragment in P.fragments(of: original, size: 64) {
      let packet = P.captured(fragment, linkType: .raw)
      if case .datagram(var whole) = decoder.next(packet, fragment.span.bytes) {
        // The header's own checksum is left alone; nobody asks for it.
        if original[0] >> 4 == 4 { whole.bytes.replaceSubrange(10..<12, with: original[10..<12]) }
        #expect(whole.bytes == original)
      }
    }
    #expect(decoder.counters.fragments.completed == 1)
  }

  @Test("Copies and equal overlaps change nothing", arguments: datagrams)
  func duplicates(_ datagram: [UInt8]) {
    let ranges = [0..<40, 0..<40, 16..<64, 80..<104, 72..<96, 88..<120, 0..<104, 64..<72]
    for order in [ranges, ranges.reversed()] {
      var decoder = PacketDecoder()
      var payloads: [[UInt8]] = []
      for range in order {
        let packet = P.ethernet(P.fragment(of: datagram, range, more: range.upperBound < 120))
        let (content, payload) = decode(packet, by: &decoder)
        if content.segment?.checksum == .valid { payloads.append(payload) }
      }
      #expect(payloads == [Self.payload])
      #expect(decoder.counters.fragments.conflicts == 0)
    }
  }

  @Test("Where fragments differ, the first one wins, and it is counted", arguments: datagrams)
  func conflicts(_ datagram: [UInt8]) {
    var forged = datagram
    for index in forged.indices.suffix(60) { forged[index] ^= 0xff }  // from offset 60 of 120 on
    func packet(_ datagram: [UInt8], _ range: Range<Int>) -> [UInt8] {
      P.ethernet(P.fragment(of: datagram, range, more: range.upperBound < 120))
    }
    // The truth has the odd blocks, the forgery comes over all; then the truth fills what is left.
    var decoder = PacketDecoder()
    _ = decode(packet(datagram, 56..<64), by: &decoder)
    _ = decode(packet(datagram, 72..<80), by: &decoder)
    _ = decode(packet(forged, 48..<96), by: &decoder)
    _ = decode(packet(datagram, 88..<120), by: &decoder)
    let (content, payload) = decode(packet(datagram, 0..<56), by: &decoder)
    var expected = Self.payload
    for offset in [64..<72, 80..<96].joined() { expected[offset - 20] ^= 0xff }
    #expect(payload == expected)
    #expect(content.segment?.checksum == .wrong)
    #expect(decoder.counters.fragments.conflicts == 2)
  }

  @Test("A datagram has one end", arguments: datagrams)
  func twoEnds(_ datagram: [UInt8]) {
    var decoder = PacketDecoder()
    for (range, more) in [(64..<120, false), (64..<104, false), (112..<120, true), (64..<88, false)] {
      let packet = P.ethernet(P.fragment(of: datagram, range, more: more))
      #expect(decode(packet, by: &decoder).content == .nothing(.fragment))
    }
    #expect(decoder.counters.fragments.conflicts == 2)
    #expect(decode(P.ethernet(P.fragment(of: datagram, 0..<64, more: true)), by: &decoder).payload == Self.payload)

    // An end before bytes that are there is no end.
    _ = decode(P.ethernet(P.fragment(of: datagram, 64..<112, more: true)), by: &decoder)
    _ = decode(P.ethernet(P.fragment(of: datagram, 64..<88, more: false)), by: &decoder)
    _ = decode(P.ethernet(P.fragment(of: datagram, 112..<120, more: false)), by: &decoder)
    #expect(decode(P.ethernet(P.fragment(of: datagram, 0..<64, more: true)), by: &decoder).payload == Self.payload)
    #expect(decoder.counters.fragments.conflicts == 3)
  }

  @Test("Datagrams are told apart by identification, addresses and protocol")
  func keys() {
    let other = P.tcpDatagram(to: Endpoint(IPAddress(v4: 0x0a00_0003), port: 80), seq: 9, payload: Self.payload)
    let carrier = P.ip([UInt8](repeating: 0x11, count: 120), protocol: 47)
    var decoder = PacketDecoder()
    let halves = [(Self.datagrams[0], 1), (Self.datagrams[0], 2), (other, 1), (carrier, 1)].map { datagram, number in
      P.fragments(of: datagram, size: 64, identification: UInt32(number)).map { P.ethernet($0) }
    }
    for half in halves { #expect(decode(half[1], by: &decoder).content == .nothing(.fragment)) }
    for half in halves.prefix(3) { #expect(decode(half[0], by: &decoder).payload == Self.payload) }
    #expect(decoder.counters.fragments == FragmentCounters(completed: 3, incomplete: 1))
  }

  @Test("A datagram as long as can be is put together, a longer one is not")
  func longest() {
    let payload = [UInt8](repeating: 3, count: 65_535 - 20 - 20)
    let datagram = P.tcpDatagram(seq: 1, payload: payload)
    var decoder = PacketDecoder()
    let fragments = P.fragments(of: datagram, size: 1480)
    for fragment in fragments.dropLast() { _ = decode(P.ethernet(fragment), by: &decoder) }
    // The sum is right, though no frame is as long: it was not the receiver that put it together.
    let (content, whole) = decode(P.ethernet(fragments[fragments.count - 1]), by: &decoder)
    #expect(whole == payload)
    #expect(content.segment?.checksum == .valid)
    var forged = fragments[0]
    forged.replaceSubrange(6..<8, with: [0x1f, 0xff])
    #expect(decode(P.ethernet(forged), by: &decoder).content == .nothing(.malformed))
  }

  @Test("A fragment in between whose length is no multiple of eight is no fragment", arguments: datagrams)
  func uneven(_ datagram: [UInt8]) {
    #expect(decode(P.ethernet(P.fragment(of: datagram, 0..<33, more: true))).content == .nothing(.malformed))
    #expect(decode(P.ethernet(P.fragment(of: datagram, 8..<8, more: true))).content == .nothing(.malformed))
    #expect(decode(P.ethernet(P.fragment(of: datagram, 8..<33, more: false))).content == .nothing(.fragment))
  }

  @Test("IPv6: a fragment that is the whole passes through; headers before and behind are no hindrance")
  func extensionHeaders() {
    let segment = P.segment(from: P.client6, to: P.server6, seq: 9, payload: Self.payload)
    let (from, to) = (P.client6.address, P.server6.address)
    let atomic: [UInt8] = [6, 0, 0, 0, 0, 0, 0, 1]
    let whole = P.ip(segment, protocol: 6, from: from, to: to, options: atomic, firstExtension: 44)
    #expect(decode(P.ethernet(whole)).content.segment?.checksum == .valid)

    // Hop-by-hop options, then the fragment header, then destination options that are fragmented as well.
    let carried = [6, 0, 1, 4, 0, 0, 0, 0] + segment
    let hopByHop: [UInt8] = [44, 0, 1, 4, 0, 0, 0, 0]
    var decoder = PacketDecoder()
    var payload: [UInt8] = []
    for (offset, more) in [(64, false), (0, true)] {
      let part = Array(more ? carried[..<64] : carried[64...])
      let header = [60, 0] + P.be16(UInt16(offset + (more ? 1 : 0))) + P.be32(7)
      let packet = P.ip(part, protocol: 6, from: from, to: to, options: hopByHop + header, firstExtension: 0)
      payload = decode(P.ethernet(packet), by: &decoder).payload
    }
    #expect(payload == Self.payload)
  }

  @Test("IPv6: what is carried, the first fragment says")
  func nextHeader() {
    let fragments = P.fragments(of: Self.datagrams[1], size: 64)
    var last = fragments[1]
    last[40] = 0xfd
    for order in [[fragments[0], last], [last, fragments[0]]] { #expect(Self.lastPayload(order) == Self.payload) }
  }

  @Test("A tunnel's fragments, and fragments in a tunnel, and both")
  func tunnels() {
    for datagram in Self.datagrams {
      for carrier in [P.vxlan(P.ethernet(datagram)), P.gre(datagram), P.ipip(datagram)] {
        #expect(Self.lastPayload(P.fragments(of: carrier, size: 48)) == Self.payload)
        #expect(Self.lastPayload(P.fragments(of: carrier, size: 48).reversed()) == Self.payload)
      }
      let inner = P.fragments(of: datagram, size: 64).map { P.vxlan(P.ethernet($0)) }
      #expect(Self.lastPayload(inner) == Self.payload)
      let both = inner.enumerated().flatMap { number, carrier in
        P.fragments(of: carrier, size: 40, identification: UInt32(number))
      }
      #expect(Self.lastPayload(both) == Self.payload)
      #expect(Self.lastPayload(both.reversed()) == Self.payload)
    }
  }

  @Test("Tunnels are counted across reassembly, so that no nesting is followed without end")
  func nesting() {
    var packets = [P.tcpDatagram(seq: 9, payload: Self.payload)]
    for level in 0..<10 {
      packets = packets.flatMap { P.fragments(of: P.ipip($0), size: 2048, identification: UInt32(level)) }
    }
    #expect(decode(P.ethernet(packets[0])).content == .nothing(.nestedTooDeep))
    var carrier = P.tcpDatagram(seq: 9, payload: Self.payload)
    var early: [[UInt8]] = []
    for level in 0..<10 {
      let halves = P.fragments(of: P.ipip(carrier), size: 80, identification: UInt32(level))
      early += halves.dropFirst()
      carrier = halves[0]
    }
    var decoder = PacketDecoder()
    for half in early { #expect(decode(P.ethernet(half), by: &decoder).content == .nothing(.fragment)) }
    #expect(decode(P.ethernet(carrier), by: &decoder).content == .nothing(.nestedTooDeep))
  }

  @Test("Of a fragment that a snaplen cut, nothing is kept")
  func cut() {
    let packets = P.fragments(of: Self.datagrams[0], size: 64).map { P.ethernet($0) }
    var decoder = PacketDecoder()
    let content = decode(Array(packets[0].dropLast()), wireLength: packets[0].count, by: &decoder).content
    #expect(content == .nothing(.fragment))
    #expect(decode(packets[1], by: &decoder).content == .nothing(.fragment))
    #expect(decoder.counters.fragments == FragmentCounters(incomplete: 1, cut: 1))
    #expect(decode(packets[0], by: &decoder).payload == Self.payload)
  }

  private static func lastPayload(_ datagrams: [[UInt8]]) -> [UInt8]? {
    var decoder = PacketDecoder()
    return datagrams.map { decode(P.ethernet($0), by: &decoder).payload }.last
  }
}
