import Capture
import TestSupport
import Testing

@testable import Transport

@Suite struct IPHeaderTests {
  static let payload = (0..<50).map { UInt8($0) }

  @Test("IPv4 options, TCP options and IPv6 extension headers are passed over")
  func options() {
    let from4 = P.ip(
      P.segment(seq: 1, payload: Self.payload, options: [2, 4, 5, 0xb4, 4, 2]), protocol: 6,
      options: [7, 7, 4, 0, 0, 0, 0, 0])
    #expect(decode(P.ethernet(from4)).payload == Self.payload)

    let segment = P.segment(from: P.client6, to: P.server6, seq: 1, payload: Self.payload)
    let chain: [UInt8] =
      [60, 0, 5, 2, 0, 0, 1, 0]  // hop-by-hop: router alert; next: destination options
      + [43, 1, 1, 12] + [UInt8](repeating: 0, count: 12)  // destination options: padding; next: routing
      + [51, 2, 4, 0] + [UInt8](repeating: 0, count: 20)  // routing, no segments left; next: authentication
      + [135, 1, 0, 0] + [UInt8](repeating: 0, count: 8)  // authentication; next: mobility
      + [6, 0, 0, 0, 0, 0, 0, 0]
    let from6 = P.ip(
      segment, protocol: 6, from: P.client6.address, to: P.server6.address, options: chain, firstExtension: 0)
    let (content, payload) = decode(P.ethernet(from6))
    #expect(content.segment?.checksum == .valid)
    #expect(payload == Self.payload)
  }

  @Test("Under way, an IPv6 routing header names the receiver", arguments: [UInt8(0), 2, 4])
  func routing(_ type: UInt8) {
    let segment = P.segment(from: P.client6, to: P.server6, seq: 1, payload: Self.payload)
    let hop = IPAddress(high: 0x2001_0db8_0000_0000, low: 99)
    let list = type == 0 ? hop.bytes + P.server6.address.bytes : P.server6.address.bytes + hop.bytes
    let addresses = type == 2 ? P.server6.address.bytes : list
    let header = [6, UInt8(addresses.count / 8), type, 1, 0, 0, 0, 0] + addresses
    let datagram = P.ip(
      segment, protocol: 6, from: P.client6.address, to: hop, options: header, firstExtension: 43)
    let content = decode(P.ethernet(datagram)).content
    #expect(content.segment?.destination == P.server6)
    #expect(content.segment?.checksum == .valid)
  }

  @Test("Padding after the datagram is none of ours, nor is a frame check sequence")
  func padding() {
    let frame = P.tcp(seq: 1) + [UInt8](repeating: 0xaa, count: 6)
    let (content, payload) = decode(frame + [1, 2, 3, 4], fcsLength: 4)
    #expect(payload == [])
    #expect(content.segment?.payloadLength == 0)
    #expect(content.segment?.checksum == .valid)
  }

  @Test("A length of 0 means all that is there, the frame check sequence excepted")
  func segmentationOffload() {
    let payload = [UInt8](repeating: 6, count: 70_000)
    for (from, to, field) in [(P.client, P.server, 2), (P.client6, P.server6, 4)] {
      var datagram = P.tcpDatagram(from: from, to: to, seq: 1, payload: payload, checksum: .pseudoHeader)
      datagram.replaceSubrange(field..<field + 2, with: [0, 0])
      let frame = P.ethernet(datagram)
      #expect(decode(frame).payload == payload)
      #expect(decode(frame + [1, 2, 3, 4], fcsLength: 4).payload == payload)
      let cut = decode(Array(frame.prefix(200)), wireLength: frame.count + 4, fcsLength: 4)
      #expect(cut.content.segment?.payloadLength == 70_000)
      #expect(cut.payload.count == 200 - (frame.count - 70_000))
    }
  }

  @Test("A frame check sequence of which a snaplen left a part is cut off as well")
  func cutFrameCheckSequence() {
    var datagram = P.tcpDatagram(seq: 1, payload: Self.payload)
    datagram.replaceSubrange(2..<4, with: [0, 0])
    let frame = P.ethernet(datagram)
    #expect(decode(frame + [1, 2], wireLength: frame.count + 4, fcsLength: 4).payload == Self.payload)
    #expect(decode([1, 2], fcsLength: 7).content == .nothing(.malformed))
  }

  @Test("Where a mirror cut the frame and said nothing, the datagram's length is believed")
  func silentCut() {
    let frame = Array(P.tcp(seq: 1, payload: Self.payload).dropLast(20))
    let (content, payload) = decode(frame)
    #expect(payload == Array(Self.payload.dropLast(20)))
    #expect(content.segment?.payloadLength == 50)
    #expect(content.segment?.checksum == .unknown)
    #expect(content.segment?.payloadSum == 0)
  }

  @Test("Nothing less than the header's 20 bytes will do; its options may be cut")
  func cutOptions() {
    let frame = P.tcp(seq: 1, payload: Self.payload, options: [UInt8](repeating: 1, count: 12))
    #expect(decode(Array(frame.prefix(53)), wireLength: frame.count).content == .nothing(.malformed))
    for length in 54...66 {
      let segment = decode(Array(frame.prefix(length)), wireLength: frame.count).content.segment
      #expect(segment?.payload.count == 0)
      #expect(segment?.payloadLength == 50)
    }
  }
}
