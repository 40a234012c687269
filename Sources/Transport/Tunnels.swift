import Bytes

extension PacketCursor {
  /// UDP (RFC 768), looked into for tunnels only. Its checksum is not checked: that of the TCP segment within is.
  mutating func udp(_ bytes: RawSpan) -> Layer {
    guard has(8) else { return .nothing(.malformed) }
    let port = bytes.u16(start + 2)
    let length = Int(bytes.u16(start + 4))
    guard TunnelPort.contains(port) else { return .nothing(.notTCP) }
    if length >= 8 { shorten(to: length) }
    skip(8)
    return port == TunnelPort.geneve ? geneve(bytes) : vxlan(bytes)
  }

  /// VXLAN (RFC 7348 §5): flags, of which I says that the network identifier is valid, and that identifier.
  private mutating func vxlan(_ bytes: RawSpan) -> Layer {
    guard has(8) else { return .nothing(.malformed) }
    guard bytes.u8(start) & 0x08 != 0 else { return .nothing(.notTCP) }
    skip(8)
    return .ethernet
  }

  /// GENEVE (RFC 8926 §3.4): version and length of the options in words, flags, EtherType, network identifier, options.
  private mutating func geneve(_ bytes: RawSpan) -> Layer {
    guard has(8) else { return .nothing(.malformed) }
    let first = bytes.u8(start)
    let type = bytes.u16(start + 2)
    let length = 8 + Int(first & 0x3f) * 4
    guard first >> 6 == 0 else { return .nothing(.notTCP) }
    guard has(length) else { return .nothing(.malformed) }
    skip(length)
    return type > 1500 ? .etherType(type) : .nothing(.notIP)
  }

  /// GRE (RFC 2784, with key and sequence number of RFC 2890), and ERSPAN in it.
  mutating func gre(_ bytes: RawSpan) -> Layer {
    guard has(4) else { return .nothing(.malformed) }
    let flags = bytes.u16(start)
    let type = bytes.u16(start + 2)
    // Version 1 is PPTP's, with compressed or encrypted PPP; the routing bit died with RFC 1701.
    guard flags & 0x4007 == 0 else { return .nothing(.notTCP) }
    let length = 4 * (1 + (flags & 0xb000).nonzeroBitCount)
    guard has(length) else { return .nothing(.malformed) }
    skip(length)
    switch type {
    case 0x88be: return mirror(bytes, headerLength: flags & 0x1000 == 0 ? 0 : 8)  // types I and II
    case 0x22eb: return mirror(bytes, headerLength: 12)  // type III
    default: return type > 1500 ? .etherType(type) : .nothing(.notIP)
    }
  }

  /// ERSPAN (draft-foschiano-erspan-03 §4): a mirrored Ethernet frame. Type III may hold another eight bytes, and may
  /// hold bare IP.
  private mutating func mirror(_ bytes: RawSpan, headerLength: Int) -> Layer {
    guard has(headerLength) else { return .nothing(.malformed) }
    let last = headerLength == 12 ? bytes.u16(start + 10) : 0
    skip(headerLength)
    if last & 1 != 0 {
      guard has(8) else { return .nothing(.malformed) }
      skip(8)
    }
    switch last >> 10 & 0x1f {
    case 0: return .ethernet
    case 2: return .ip
    default: return .nothing(.notIP)
    }
  }
}

/// The UDP ports behind which a tunnel is looked for.
enum TunnelPort {
  static let vxlan: UInt16 = 4789
  /// VXLAN in Linux, where no other port is asked for.
  static let vxlanLinux: UInt16 = 8472
  static let geneve: UInt16 = 6081

  /// Whether `port` is one of them.
  static func contains(_ port: UInt16) -> Bool { port == vxlan || port == vxlanLinux || port == geneve }
}
