import Bytes
import Capture
import Transport

/// Makes packets for tests, byte by byte and independent of the code that decodes them.
///
/// `tcp(from:to:seq:…)` is a whole Ethernet frame. Its parts are there too, to be put together otherwise:
/// `segment` goes into `ip`, `ip` into a link layer (`ethernet`, `sll`, …) or a tunnel (`vxlan`, `gre`, …).
public enum PacketBuilder {
  /// 10.0.0.1:49152, a client for tests.
  public static let client = Endpoint(IPAddress(v4: 0x0a00_0001), port: 49_152)
  /// 10.0.0.2:80, a server for tests.
  public static let server = Endpoint(IPAddress(v4: 0x0a00_0002), port: 80)
  /// [2001:db8::1]:49152, a client for tests.
  public static let client6 = Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: 1), port: 49_152)
  /// [2001:db8::2]:80, a server for tests.
  public static let server6 = Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: 2), port: 80)

  /// What to write into a TCP header's checksum field.
  public enum Checksum: Sendable, CaseIterable {
    /// The sum that RFC 9293 §3.1 asks for.
    case right
    /// That sum with one bit flipped.
    case wrong
    /// Nothing, as some offloading drivers leave it.
    case zero
    /// The pseudo-header's sum, uncomplemented, as Linux leaves it to the network card.
    case pseudoHeader
    /// The same without the segment's length, as segmentation offload leaves it.
    case pseudoHeaderWithoutLength
  }

  // MARK: - TCP and IP

  /// An Ethernet frame with one TCP segment in IPv4 or IPv6, as the addresses say.
  public static func tcp(
    from source: Endpoint = client, to destination: Endpoint = server, seq: UInt32, ack: UInt32 = 0,
    flags: TCPFlags = .ack, payload: [UInt8] = [], options: [UInt8] = [], checksum: Checksum = .right
  ) -> [UInt8] {
    ethernet(
      tcpDatagram(
        from: source, to: destination, seq: seq, ack: ack, flags: flags, payload: payload, options: options,
        checksum: checksum))
  }

  /// The same segment in an IP datagram without a link layer.
  public static func tcpDatagram(
    from source: Endpoint = client, to destination: Endpoint = server, seq: UInt32, ack: UInt32 = 0,
    flags: TCPFlags = .ack, payload: [UInt8] = [], options: [UInt8] = [], checksum: Checksum = .right
  ) -> [UInt8] {
    let segment = segment(
      from: source, to: destination, seq: seq, ack: ack, flags: flags, payload: payload, options: options,
      checksum: checksum)
    return ip(segment, protocol: 6, from: source.address, to: destination.address)
  }

  /// A TCP header and payload. `options` are padded to a multiple of four bytes with end-of-list.
  public static func segment(
    from source: Endpoint = client, to destination: Endpoint = server, seq: UInt32, ack: UInt32 = 0,
    flags: TCPFlags = .ack, payload: [UInt8] = [], options: [UInt8] = [], checksum: Checksum = .right
  ) -> [UInt8] {
    let padded = options + [UInt8](repeating: 0, count: (4 - options.count % 4) % 4)
    let words = UInt8(truncatingIfNeeded: 5 + padded.count / 4)
    var segment = be16(source.port) + be16(destination.port) + be32(seq) + be32(ack)
    segment += [words << 4, flags.rawValue] + be16(0xffff) + [0, 0, 0, 0] + padded + payload
    let addresses = source.address.bytes + destination.address.bytes
    let length = be32(UInt32(truncatingIfNeeded: segment.count))
    let field: UInt16 =
      switch checksum {
      case .right: ~sum(addresses + [0, 6] + length + segment)
      case .wrong: ~sum(addresses + [0, 6] + length + segment) ^ 0x0400
      case .zero: 0
      case .pseudoHeader: sum(addresses + [0, 6] + length)
      case .pseudoHeaderWithoutLength: sum(addresses + [0, 6])
      }
    segment.replaceSubrange(16..<18, with: be16(field))
    return segment
  }

  /// An IPv4 or IPv6 datagram, as the addresses say. `options` are IPv4 options in multiples of four bytes, or IPv6
  /// extension headers, the first of which has the number `firstExtension` and the last of which names `protocol`.
  public static func ip(
    _ payload: [UInt8], protocol number: UInt8, from source: IPAddress = client.address,
    to destination: IPAddress = server.address, identification: UInt16 = 0, options: [UInt8] = [],
    firstExtension: UInt8? = nil
  ) -> [UInt8] {
    if source.isV6 {
      let length = UInt16(truncatingIfNeeded: options.count + payload.count)
      return [0x60, 0, 0, 0] + be16(length) + [firstExtension ?? number, 64] + source.bytes + destination.bytes
        + options
        + payload
    }
    let length = 20 + options.count + payload.count
    var header = [0x45 + UInt8(truncatingIfNeeded: options.count / 4), 0] + be16(UInt16(truncatingIfNeeded: length))
    header += be16(identification) + [0x40, 0, 64, number, 0, 0] + source.bytes + destination.bytes + options
    header.replaceSubrange(10..<12, with: be16(~sum(header)))
    return header + payload
  }

  /// A UDP datagram's header and payload, without a checksum.
  public static func udp(_ payload: [UInt8], from source: UInt16 = 50_000, to destination: UInt16) -> [UInt8] {
    be16(source) + be16(destination) + be16(UInt16(truncatingIfNeeded: 8 + payload.count)) + [0, 0] + payload
  }

  // MARK: - Fragments

  /// The fragment of `datagram` that carries `range` of its payload; `range` starts at a multiple of eight.
  public static func fragment(
    of datagram: [UInt8], _ range: Range<Int>, more: Bool, identification: UInt32 = 0x1234
  ) -> [UInt8] {
    let offset = UInt16(truncatingIfNeeded: range.lowerBound)
    if isV6(datagram) {
      var header = Array(datagram[..<40])
      let extra = [header[6], 0] + be16(offset | (more ? 1 : 0)) + be32(identification)
      header.replaceSubrange(4..<6, with: be16(UInt16(truncatingIfNeeded: 8 + range.count)))
      header[6] = 44
      return header + extra + datagram[40...][(40 + range.lowerBound)..<(40 + range.upperBound)]
    }
    let headerLength = Int(datagram[0] & 0xf) * 4
    var header = Array(datagram[..<headerLength])
    header.replaceSubrange(2..<4, with: be16(UInt16(truncatingIfNeeded: headerLength + range.count)))
    header.replaceSubrange(4..<6, with: be16(UInt16(truncatingIfNeeded: identification)))
    header.replaceSubrange(6..<8, with: be16(offset / 8 | (more ? 0x2000 : 0)))
    header.replaceSubrange(10..<12, with: [0, 0])
    header.replaceSubrange(10..<12, with: be16(~sum(header)))
    return header + datagram[(headerLength + range.lowerBound)..<(headerLength + range.upperBound)]
  }

  /// `datagram` in fragments of at most `size` payload bytes, a multiple of eight.
  public static func fragments(
    of datagram: [UInt8], size: Int, identification: UInt32 = 0x1234
  ) -> [[UInt8]] {
    let length = datagram.count - (isV6(datagram) ? 40 : Int(datagram[0] & 0xf) * 4)
    return stride(from: 0, to: length, by: size).map { start in
      let end = min(start + size, length)
      return fragment(of: datagram, start..<end, more: end < length, identification: identification)
    }
  }

  // MARK: - Link layers

  /// An Ethernet frame; the type says what `payload` is: by default IPv4 or IPv6, whichever it begins.
  public static func ethernet(_ payload: [UInt8], type: UInt16? = nil) -> [UInt8] {
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1] + be16(type ?? etherType(payload)) + payload
  }

  /// An Ethernet frame with VLAN tags of these protocol identifiers, outermost first.
  public static func vlan(_ payload: [UInt8], tags: [UInt16] = [0x8100]) -> [UInt8] {
    var inner = be16(etherType(payload)) + payload
    for (number, tag) in tags.enumerated().reversed() {
      inner = be16(tag) + be16(UInt16(truncatingIfNeeded: 100 + number)) + inner
    }
    return Array(ethernet([], type: 0)[..<12]) + inner
  }

  /// An Ethernet frame with an MPLS stack of `labels` labels.
  public static func mpls(_ payload: [UInt8], labels: Int = 2) -> [UInt8] {
    let stack = (1...labels).flatMap { be32(UInt32(truncatingIfNeeded: $0 << 12) | ($0 == labels ? 0x140 : 0x40)) }
    return ethernet(stack + payload, type: 0x8847)
  }

  /// An Ethernet frame with a PPPoE session packet.
  public static func pppoe(_ payload: [UInt8]) -> [UInt8] {
    let inner = pppProtocol(payload) + payload
    return ethernet([0x11, 0, 0, 7] + be16(UInt16(truncatingIfNeeded: inner.count)) + inner, type: 0x8864)
  }

  /// An IEEE 802.3 frame with a length, LLC and SNAP.
  public static func snap(_ payload: [UInt8]) -> [UInt8] {
    let inner = [0xaa, 0xaa, 3, 0, 0, 0] + be16(etherType(payload)) + payload
    return ethernet(inner, type: UInt16(truncatingIfNeeded: inner.count))
  }

  /// A Linux cooked packet, version 1.
  public static func sll(_ payload: [UInt8]) -> [UInt8] {
    [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + be16(etherType(payload)) + payload
  }

  /// A Linux cooked packet, version 2.
  public static func sll2(_ payload: [UInt8]) -> [UInt8] {
    be16(etherType(payload)) + [0, 0, 0, 0, 0, 3, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + payload
  }

  /// A BSD loopback packet; the family is 2 or `family6`, in the byte order `order`.
  public static func null(_ payload: [UInt8], _ order: ByteOrder, family6: UInt32 = 30) -> [UInt8] {
    let family = be32(isV6(payload) ? family6 : 2)
    return (order == .big ? family : family.reversed()) + payload
  }

  /// A PPP packet, with or without address and control bytes, with the protocol in one or two bytes.
  public static func ppp(_ payload: [UInt8], framed: Bool = true, compressed: Bool = false) -> [UInt8] {
    (framed ? [0xff, 3] : []) + pppProtocol(payload).dropFirst(compressed ? 1 : 0) + payload
  }

  /// A Linux netfilter log packet whose attributes' lengths have the byte order `order`.
  public static func nflog(_ payload: [UInt8], _ order: ByteOrder) -> [UInt8] {
    func attribute(_ type: UInt16, _ value: [UInt8]) -> [UInt8] {
      let words = [UInt16(truncatingIfNeeded: 4 + value.count), type].map(be16)
      let header = words.flatMap { order == .big ? $0 : $0.reversed() }
      return header + value + [UInt8](repeating: 0, count: (4 - value.count % 4) % 4)
    }
    let family: UInt8 = isV6(payload) ? 10 : 2
    return [family, 0, 0, 5] + attribute(1, [8, 0, 1, 0]) + attribute(10, [0x61, 0]) + attribute(9, payload)
  }

  // MARK: - Tunnels: IP datagrams around frames or datagrams

  /// VXLAN (RFC 7348) around an Ethernet frame.
  public static func vxlan(_ frame: [UInt8], port: UInt16 = 4789) -> [UInt8] {
    ip(udp([8, 0, 0, 0, 0, 0, 42, 0] + frame, to: port), protocol: 17)
  }

  /// GENEVE (RFC 8926) around what `type` says, by default an Ethernet frame; `options` in multiples of four bytes.
  public static func geneve(_ payload: [UInt8], type: UInt16 = 0x6558, options: [UInt8] = []) -> [UInt8] {
    let header = [UInt8(truncatingIfNeeded: options.count / 4), 0] + be16(type) + [0, 0, 42, 0] + options
    return ip(udp(header + payload, to: 6081), protocol: 17)
  }

  /// GRE (RFC 2784, RFC 2890) around what `type` says, by default IP; `flags` are the C (8), K (2) and S (1) bits.
  public static func gre(_ payload: [UInt8], type: UInt16? = nil, flags: UInt8 = 0) -> [UInt8] {
    let words = [8, 2, 1].filter { flags & $0 != 0 }.count
    let header = [flags << 4, 0] + be16(type ?? etherType(payload)) + [UInt8](repeating: 0, count: 4 * words)
    return ip(header + payload, protocol: 47)
  }

  /// IP in IP (RFC 2003, RFC 2473, RFC 4213) between the given addresses.
  public static func ipip(
    _ payload: [UInt8], from source: IPAddress = client.address, to destination: IPAddress = server.address
  ) -> [UInt8] {
    ip(payload, protocol: isV6(payload) ? 41 : 4, from: source, to: destination)
  }

  // MARK: - Around packets

  /// The description of a packet whose bytes are all of `bytes`; `wireLength` says how long it was, if it was cut.
  public static func captured(
    _ bytes: [UInt8], number: UInt64 = 1, nanoseconds: Int64 = 0, linkType: LinkType = .ethernet,
    wireLength: Int? = nil, fcsLength: UInt8 = 0
  ) -> CapturedPacket {
    CapturedPacket(
      number: number, time: Timestamp(nanoseconds: nanoseconds), linkType: linkType, fcsLength: fcsLength,
      originalLength: UInt32(clamping: wireLength ?? bytes.count), data: 0..<bytes.count)
  }

  /// The two bytes of `value` in network byte order.
  public static func be16(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xff)] }

  /// The four bytes of `value` in network byte order.
  public static func be32(_ value: UInt32) -> [UInt8] {
    be16(UInt16(value >> 16)) + be16(UInt16(value & 0xffff))
  }

  /// The one's-complement sum of RFC 1071, written down as it is defined.
  public static func sum(_ bytes: [UInt8]) -> UInt16 {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() {
      sum += index % 2 == 0 ? UInt32(byte) << 8 : UInt32(byte)
      sum = (sum & 0xffff) + (sum >> 16)
    }
    return UInt16(sum)
  }

  private static func isV6(_ datagram: [UInt8]) -> Bool { (datagram.first ?? 0) >> 4 == 6 }
  private static func etherType(_ datagram: [UInt8]) -> UInt16 { isV6(datagram) ? 0x86dd : 0x0800 }
  private static func pppProtocol(_ datagram: [UInt8]) -> [UInt8] { [0, isV6(datagram) ? 0x57 : 0x21] }
}

extension IPAddress {
  /// Its 4 or 16 bytes in network byte order.
  public var bytes: [UInt8] {
    let words = isV6 ? [UInt32(high >> 32), UInt32(high & 0xffff_ffff), UInt32(low >> 32)] : []
    return (words + [UInt32(low & 0xffff_ffff)]).flatMap(PacketBuilder.be32)
  }
}
