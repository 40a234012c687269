import Bytes

extension PacketCursor {
  /// IEEE 802.3 §3: two addresses and a type.
  @inline(__always)
  mutating func ethernet(_ bytes: RawSpan) -> Layer {
    guard has(14) else { return .nothing(.malformed) }
    let type = bytes.u16(start + 12)
    skip(14)
    return type == EtherType.ipv4 ? .ipv4 : .etherType(type)
  }

  /// What an EtherType names. VLAN tags may be stacked to any depth: each takes four bytes.
  mutating func etherType(_ type: UInt16, _ bytes: RawSpan) -> Layer {
    switch type {
    case EtherType.ipv4: return .ipv4
    case EtherType.ipv6: return .ipv6
    // IEEE 802.1Q §9.6: tag control information, then the type of what is tagged. 0x9100 and 0x9200 predate 802.1ad.
    case 0x8100, 0x88a8, 0x9100, 0x9200:
      guard has(4) else { return .nothing(.malformed) }
      let inner = bytes.u16(start + 2)
      skip(4)
      return .etherType(inner)
    case 0x8847, 0x8848: return .mpls
    case 0x8864: return pppoe(bytes)
    case 0x880b: return .ppp
    case 0x6558: return .ethernet  // transparent Ethernet bridging (RFC 1701)
    case ...1500:
      shorten(to: Int(type))
      return llc(bytes)
    default: return .nothing(.notIP)
    }
  }

  /// IEEE 802.2 logical link control, with SNAP (RFC 1042) or around bare IP.
  mutating func llc(_ bytes: RawSpan) -> Layer {
    guard has(3) else { return .nothing(.malformed) }
    let serviceAccessPoints = bytes.u16(start)
    guard bytes.u8(start + 2) == 3 else { return .nothing(.notIP) }
    if serviceAccessPoints == 0x0606 {
      skip(3)
      return .ip
    }
    guard serviceAccessPoints == 0xaaaa else { return .nothing(.notIP) }
    guard has(8) else { return .nothing(.malformed) }
    // An EtherType follows only under these two organisation codes.
    let organisation = bytes.u32(start + 2) & 0xff_ffff
    let type = bytes.u16(start + 6)
    guard organisation == 0 || organisation == 0xf8, type > 1500 else { return .nothing(.notIP) }
    skip(8)
    return .etherType(type)
  }
}

/// The EtherTypes of IP.
enum EtherType {
  static let ipv4: UInt16 = 0x0800
  static let ipv6: UInt16 = 0x86dd
}
