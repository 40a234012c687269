import Bytes
import Capture
import TestSupport
import Testing

@testable import Transport

/// A way to carry an IP datagram.
struct PacketWrap: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var linkType: LinkType
  var around: @Sendable ([UInt8]) -> [UInt8]

  init(_ name: String, _ linkType: UInt16 = 1, _ around: @escaping @Sendable ([UInt8]) -> [UInt8]) {
    testDescription = name
    self.linkType = LinkType(rawValue: linkType)
    self.around = around
  }

  /// Those that tshark reads as well.
  static let common = links + tunnels

  static let all = common + rare

  static let links: [PacketWrap] = [
    PacketWrap("Ethernet") { P.ethernet($0) },
    PacketWrap("VLAN") { P.vlan($0) },
    PacketWrap("QinQ") { P.vlan($0, tags: [0x88a8, 0x8100]) },
    PacketWrap("MPLS") { P.mpls($0) },
    PacketWrap("MPLS, one label") { P.mpls($0, labels: 1) },
    PacketWrap("PPPoE") { P.pppoe($0) },
    PacketWrap("LLC and SNAP") { P.snap($0) },
    PacketWrap("padded Ethernet") { P.ethernet($0) + [UInt8](repeating: 0xee, count: 30) },
    PacketWrap("cooked", 113) { P.sll($0) },
    PacketWrap("cooked, version 2", 276) { P.sll2($0) },
    PacketWrap("NULL, little-endian", 0) { P.null($0, .little) },
    PacketWrap("NULL, big-endian", 0) { P.null($0, .big) },
    PacketWrap("LOOP", 108) { P.null($0, .big, family6: 24) },
    PacketWrap("RAW", 101) { $0 },
    PacketWrap("PPP, framed", 9) { P.ppp($0) },
    PacketWrap("PPP, bare", 9) { P.ppp($0, framed: false) },
    PacketWrap("PPP in HDLC", 50) { P.ppp($0) },
    PacketWrap("NFLOG, little-endian", 239) { P.nflog($0, .little) },
  ]

  static let tunnels: [PacketWrap] = [
    PacketWrap("VXLAN") { P.ethernet(P.vxlan(P.ethernet($0))) },
    PacketWrap("VXLAN on Linux's port") { P.ethernet(P.vxlan(P.vlan($0), port: 8472)) },
    PacketWrap("GENEVE with Ethernet") { P.ethernet(P.geneve(P.ethernet($0))) },
    PacketWrap("GENEVE with IP and options") {
      P.ethernet(P.geneve($0, type: $0[0] >> 4 == 6 ? 0x86dd : 0x800, options: [1, 2, 3, 1, 9, 9, 9, 9]))
    },
    PacketWrap("GRE") { P.ethernet(P.gre($0)) },
    PacketWrap("GRE with key and sequence number") { P.ethernet(P.gre($0, flags: 3)) },
    PacketWrap("GRE with Ethernet") { P.ethernet(P.gre(P.ethernet($0), type: 0x6558)) },
    PacketWrap("ERSPAN type II") {
      P.ethernet(P.gre([0x10, 0, 0, 0, 0, 0, 0, 0] + P.ethernet($0), type: 0x88be, flags: 1))
    },
    PacketWrap("IP in IPv4") { P.ethernet(P.ipip($0)) },
    PacketWrap("IP in IPv6") { P.ethernet(P.ipip($0, from: P.client6.address, to: P.server6.address)) },
  ]

  /// Those that it does not read, reads otherwise, or would have to be told about.
  static let rare: [PacketWrap] = [
    PacketWrap("VLAN tags of all kinds") { P.vlan($0, tags: [0x9200, 0x9100, 0x88a8, 0x8100, 0x8100]) },
    PacketWrap("VLAN with LLC") { P.vlanWithLength($0) },
    PacketWrap("LLC around bare IP") { P.ethernet([6, 6, 3] + $0, type: UInt16($0.count + 3)) },
    PacketWrap("cooked with LLC", 113) { Array(P.sll([])[..<14]) + [0, 4] + P.snap($0)[14...] },
    PacketWrap("MPLS pseudowire with control word") { P.mpls([0, 0, 0, 0] + P.ethernet($0)) },
    PacketWrap("MPLS pseudowire") { P.mpls(P.ethernet($0)) },
    PacketWrap("MPLS pseudowire to an address of zeros") { P.mpls([0, 0, 0, 0, 0, 1] + P.ethernet($0)[6...]) },
    PacketWrap("NULL, as on FreeBSD", 0) { P.null($0, .little, family6: 28) },
    PacketWrap("NULL, as on Windows", 0) { P.null($0, .little, family6: 23) },
    PacketWrap("NULL, as on Linux", 0) { P.null($0, .little, family6: 10) },
    PacketWrap("RAW, as BSD numbers it", 12) { $0 },
    PacketWrap("RAW, as OpenBSD numbers it", 14) { $0 },
    PacketWrap("PPP, compressed", 9) { P.ppp($0, framed: false, compressed: true) },
    PacketWrap("PPP, framed and compressed", 50) { P.ppp($0, compressed: true) },
    PacketWrap("Cisco HDLC", 50) { [0x0f, 0] + P.ethernet($0)[12...] },
    PacketWrap("NFLOG, big-endian", 239) { P.nflog($0, .big) },
    PacketWrap("GRE with a checksum") { P.ethernet(P.gre($0, flags: 0xb)) },
    PacketWrap("ERSPAN type I") { P.ethernet(P.gre(P.ethernet($0), type: 0x88be)) },
    PacketWrap("ERSPAN type III") {
      P.ethernet(P.gre([0x20] + [UInt8](repeating: 0, count: 11) + P.ethernet($0), type: 0x22eb, flags: 1))
    },
    PacketWrap("ERSPAN type III with subheader") {
      P.ethernet(
        P.gre(
          [0x20] + [UInt8](repeating: 0, count: 10) + [1] + P.be32(7) + P.be32(8) + P.ethernet($0),
          type: 0x22eb, flags: 1))
    },
    PacketWrap("ERSPAN type III around IP") {
      P.ethernet(P.gre([0x20] + [UInt8](repeating: 0, count: 9) + [0x08, 0] + $0, type: 0x22eb, flags: 1))
    },
    PacketWrap("authentication header") { P.ethernet(P.authenticated($0)) },
    PacketWrap("eight tunnels") { P.ethernet((0..<8).reduce($0) { inner, _ in P.ipip(inner) }) },
  ]
}

typealias P = PacketBuilder

extension PacketBuilder {
  fileprivate static func vlanWithLength(_ datagram: [UInt8]) -> [UInt8] {
    let frame = snap(datagram)
    return frame[..<12] + [0x81, 0, 0, 1] + frame[12...]
  }

  /// `datagram` with an authentication header between IP and TCP (RFC 4302 §2).
  fileprivate static func authenticated(_ datagram: [UInt8]) -> [UInt8] {
    let isV6 = datagram[0] >> 4 == 6
    let (header, carried) = (datagram[..<(isV6 ? 40 : 20)], datagram[(isV6 ? 40 : 20)...])
    let authentication: [UInt8] = [6, 4, 0, 0] + be32(1) + be32(2) + [UInt8](repeating: 0xab, count: 12)
    var result = Array(header + authentication + carried)
    result[isV6 ? 6 : 9] = 51
    let field = be16(UInt16(result.count - (isV6 ? 40 : 0)))
    result.replaceSubrange(isV6 ? 4..<6 : 2..<4, with: field)
    return result
  }
}

/// What `bytes` decode to, fragments of fragments included, with the payload.
func decode(
  _ bytes: [UInt8], _ linkType: LinkType = .ethernet, wireLength: Int? = nil, fcsLength: UInt8 = 0,
  nanoseconds: Int64 = 0, by decoder: inout PacketDecoder
) -> (content: PacketContent, payload: [UInt8]) {
  let packet = P.captured(
    bytes, nanoseconds: nanoseconds, linkType: linkType, wireLength: wireLength, fcsLength: fcsLength)
  var shown = bytes
  var content = decoder.next(packet, bytes.span.bytes)
  while case .datagram(let datagram) = content {
    shown = datagram.bytes
    content = decoder.next(datagram: datagram, time: packet.time)
  }
  guard case .segment(let segment) = content else { return (content, []) }
  return (content, Array(shown[segment.payload]))
}

/// The same by a new decoder.
func decode(
  _ bytes: [UInt8], _ linkType: LinkType = .ethernet, wireLength: Int? = nil, fcsLength: UInt8 = 0
) -> (content: PacketContent, payload: [UInt8]) {
  var decoder = PacketDecoder()
  return decode(bytes, linkType, wireLength: wireLength, fcsLength: fcsLength, by: &decoder)
}

extension PacketContent {
  var segment: TCPSegment? {
    if case .segment(let segment) = self { segment } else { nil }
  }
}

@Suite struct PacketDecoderLinkTests {
  static let payload = Array("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n".utf8)

  @Test("However it is wrapped, the segment is the same", arguments: PacketWrap.all)
  func wrapped(_ wrap: PacketWrap) throws {
    for (from, to) in [(P.client, P.server), (P.client6, P.server6)] {
      let datagram = P.tcpDatagram(
        from: from, to: to, seq: 0xffff_fffe, ack: 77, flags: [.ack, .psh], payload: Self.payload)
      let packet = wrap.around(datagram)
      let (content, payload) = decode(packet, wrap.linkType)
      let segment = try #require(content.segment, "\(content)")
      let sum = P.sum(Self.payload)
      let expected = TCPSegment(
        source: from, destination: to, sequence: .init(0xffff_fffe), acknowledgment: .init(77), flags: [.ack, .psh],
        checksum: .valid, payloadSum: sum, payload: segment.payload, payloadLength: Self.payload.count)
      #expect(segment == expected)
      #expect(payload == Self.payload)
    }
  }

  @Test("A packet's bytes may stand anywhere in the bytes shown")
  func inTheMiddle() {
    let packet = P.tcp(seq: 1, payload: Self.payload)
    let bytes = [UInt8](repeating: 0xff, count: 13) + packet + [UInt8](repeating: 0xff, count: 5)
    var description = P.captured(packet)
    description.data = 13..<13 + packet.count
    var decoder = PacketDecoder()
    let segment = decoder.next(description, bytes.span.bytes).segment
    #expect(segment?.payload == 13 + 54..<13 + packet.count)
    #expect(segment?.checksum == .valid)
  }

  @Test("IPv4 and IPv6 as link types hold nothing else", arguments: [(228, P.client, 229), (229, P.client6, 228)])
  func rawVersions(_ own: Int, _ from: Endpoint, _ other: Int) {
    let to = from.address.isV6 ? P.server6 : P.server
    let datagram = P.tcpDatagram(from: from, to: to, seq: 5, payload: Self.payload)
    #expect(decode(datagram, LinkType(rawValue: UInt16(own))).payload == Self.payload)
    #expect(decode(datagram, LinkType(rawValue: UInt16(other))).content == .nothing(.malformed))
  }

  @Test("What is not for us is told apart")
  func dismissals() {
    let udp = P.ip(P.udp([1, 2, 3], to: 53), protocol: 17)
    let cases: [([UInt8], UInt16, Dismissal)] = [
      (P.tcp(seq: 1), 147, .unknownLinkType),
      (P.ethernet([0, 1, 8, 0], type: 0x0806), 1, .notIP),  // ARP
      (P.ethernet([0x42, 0x42, 3, 0, 0, 0, 0, 0], type: 8), 1, .notIP),  // spanning tree
      (P.ethernet([0xaa, 0xaa, 3, 0, 0, 12, 0x20, 0], type: 8), 1, .notIP),  // Cisco discovery
      (P.ethernet([0x11, 9, 0, 0, 0, 0], type: 0x8863), 1, .notIP),  // PPPoE discovery
      (P.ethernet([0x11, 9, 0, 0, 0, 0], type: 0x8864), 1, .notIP),
      (P.ethernet([0, 0, 0, 1], type: 0x05ff), 1, .notIP),  // neither length nor type
      ([0xff, 3, 0xc0, 0x21, 1, 1, 0, 4], 9, .notIP),  // PPP's link control
      ([3, 0, 0, 0, 0, 0, 0, 0], 0, .notIP),
      ([0x15] + [UInt8](repeating: 0, count: 30), 101, .notIP),
      (P.ethernet(udp), 1, .notTCP),
      (P.ethernet(P.ip([8, 0, 0, 0], protocol: 1)), 1, .notTCP),
      (P.ethernet(P.ip(P.udp([0, 0, 0, 0, 0, 0, 0, 0], to: 4789), protocol: 17)), 1, .notTCP),  // no network
      (P.ethernet(P.ip(P.udp([0x40, 0, 0, 0, 0, 0, 0, 0], to: 6081), protocol: 17)), 1, .notTCP),  // version 1
      (P.ethernet(P.gre(udp, type: 0x0800)), 1, .notTCP),
      (P.ethernet(P.gre([0, 0], type: 0x880b)), 1, .notIP),
      (P.ethernet(P.ip([0x20, 1, 0x88, 0x0b, 0, 0, 0, 0], protocol: 47)), 1, .notTCP),  // PPTP
      (P.ethernet(P.ip([], protocol: 59, from: P.client6.address, to: P.server6.address)), 1, .notTCP),
      (P.ethernet((0..<9).reduce(P.tcpDatagram(seq: 1)) { inner, _ in P.ipip(inner) }), 1, .nestedTooDeep),
      (P.ethernet([0x44] + P.tcpDatagram(seq: 1)[1...]), 1, .malformed),  // header of 16 bytes
      (P.ethernet(P.ip([UInt8](repeating: 0x40, count: 20), protocol: 6)), 1, .malformed),  // likewise in TCP
      (P.ethernet(P.ip([UInt8](repeating: 0xf0, count: 20), protocol: 6)), 1, .malformed),  // past its end
      ([], 1, .malformed),
    ]
    var decoder = PacketDecoder()
    var expected = [Dismissal: UInt64]()
    for (bytes, linkType, reason) in cases {
      let content = decode(bytes, LinkType(rawValue: linkType), by: &decoder).content
      #expect(content == .nothing(reason), "\(bytes) as \(linkType)")
      expected[reason, default: 0] += 1
    }
    #expect(decode(P.tcp(seq: 1), by: &decoder).content.segment != nil)
    for reason in Dismissal.allCases { #expect(decoder.counters.dismissed[reason] == expected[reason] ?? 0) }
    #expect(decoder.counters.segments == 1)
  }
}
