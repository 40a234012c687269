import Bytes

extension PacketCursor {
  /// PPP (RFC 1661 §2), with or without the address and control bytes of HDLC-like framing (RFC 1662 §3.1), its
  /// protocol field in two bytes or compressed to one (RFC 1661 §6.5). Also Cisco's HDLC, as LINKTYPE_PPP_HDLC has it.
  mutating func ppp(_ bytes: RawSpan) -> Layer {
    if has(4) {
      switch bytes.u16(start) {
      case 0xff03: skip(2)
      case 0x0f00, 0x8f00:  // Cisco: unicast or multicast, then an EtherType
        let type = bytes.u16(start + 2)
        skip(4)
        return type > 1500 ? .etherType(type) : .nothing(.notIP)
      default: break
      }
    }
    guard has(2) else { return .nothing(.malformed) }
    var number = UInt16(bytes.u8(start))
    // The last byte of a protocol number is odd, all before it are even.
    if number & 1 == 0 {
      number = bytes.u16(start)
      skip(1)
    }
    skip(1)
    switch number {
    case 0x0021: return .ipv4
    case 0x0057: return .ipv6
    case 0x0281, 0x0283: return .mpls
    default: return .nothing(.notIP)
    }
  }

  /// PPPoE in the session stage (RFC 2516 §4): version and type, code, session, length.
  mutating func pppoe(_ bytes: RawSpan) -> Layer {
    guard has(6) else { return .nothing(.malformed) }
    guard bytes.u16(start) == 0x1100 else { return .nothing(.notIP) }
    let length = Int(bytes.u16(start + 4))
    skip(6)
    shorten(to: length)
    return .ppp
  }
}
