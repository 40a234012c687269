import Bytes

extension PacketCursor {
  /// IP of either version, told by the first nibble.
  mutating func ip(_ bytes: RawSpan) -> Layer {
    guard has(1) else { return .nothing(.malformed) }
    switch bytes.u8(start) >> 4 {
    case 4: return .ipv4
    case 6: return .ipv6
    default: return .nothing(.notIP)
    }
  }

  /// IPv4 (RFC 791 §3.1). The header's checksum is not checked: network cards fill it in after the capture, and TCP's
  /// covers the addresses.
  @inline(__always)
  mutating func ipv4(_ bytes: RawSpan) -> Layer {
    guard enterDatagram(protocolAt: 9) else { return .nothing(.nestedTooDeep) }
    guard has(20) else { return .nothing(.malformed) }
    let first = bytes.u8(start)
    let headerLength = Int(first & 0xf) * 4
    let totalLength = Int(bytes.u16(start + 2))
    guard first >> 4 == 4, headerLength >= 20, has(headerLength) else { return .nothing(.malformed) }
    // 0: segmentation is left to the network card, and the datagram may be longer than the field can say.
    if totalLength != 0 {
      guard totalLength >= headerLength else { return .nothing(.malformed) }
      setLength(totalLength)
    }
    source = IPAddress(v4: bytes.u32(start + 12))
    destination = IPAddress(v4: bytes.u32(start + 16))
    let number = bytes.u8(start + 9)
    let fragment = bytes.u16(start + 6) & 0x3fff
    skip(headerLength)
    if fragment == 0 { return .inIP(number) }
    return self.fragment(
      FragmentHeader(
        identification: UInt32(bytes.u16(datagramStart + 4)), protocolNumber: number,
        offset: Int(fragment & 0x1fff) * 8, isLast: fragment & 0x2000 == 0, headerLength: headerLength))
  }

  /// What an IP protocol number names, in either version.
  @inline(__always)
  mutating func inIP(_ number: UInt8, _ bytes: RawSpan) -> Layer {
    switch number {
    case IPProtocol.tcp: return .tcp
    case IPProtocol.udp: return udp(bytes)
    case IPProtocol.gre: return gre(bytes)
    case IPProtocol.ipv4: return .ipv4
    case IPProtocol.ipv6: return .ipv6
    case IPProtocol.authentication: return authenticationHeader(bytes)
    default: return source.isV6 ? extensionHeader(number, bytes) : .nothing(.notTCP)
    }
  }

  /// The authentication header (RFC 4302 §2.2); its length counts words of four bytes, less two.
  private mutating func authenticationHeader(_ bytes: RawSpan) -> Layer {
    guard has(12) else { return .nothing(.malformed) }
    let next = bytes.u8(start)
    let length = (Int(bytes.u8(start + 1)) + 2) * 4
    guard length >= 12, has(length) else { return .nothing(.malformed) }
    enterExtension()
    skip(length)
    return .inIP(next)
  }
}

/// The protocol numbers that are looked into, from IANA's registry.
enum IPProtocol {
  static let ipv4: UInt8 = 4
  static let tcp: UInt8 = 6
  static let udp: UInt8 = 17
  static let ipv6: UInt8 = 41
  static let gre: UInt8 = 47
  static let authentication: UInt8 = 51

  /// Whether a datagram with `number` may hold TCP, at once or in a tunnel.
  static func mayCarryTCP(_ number: UInt8, isV6: Bool) -> Bool {
    switch number {
    case tcp, udp, gre, ipv4, ipv6, authentication: true
    default: isV6 && isExtension(number)
    }
  }

  /// Whether `number` is an IPv6 extension header of the usual form (RFC 6564 §4): what follows it, and its length in
  /// units of eight bytes, less one. Hop-by-hop options, routing, destination options, mobility, HIP, Shim6.
  static func isExtension(_ number: UInt8) -> Bool {
    switch number {
    case 0, 43, 60, 135, 139, 140: true
    default: false
    }
  }
}
