import Bytes

extension PacketCursor {
  /// A label stack (RFC 3032 §2.1). Nothing says what it carries: IP if it looks so (RFC 4928 §3), else an Ethernet
  /// pseudowire (RFC 4448 §4).
  mutating func mpls(_ bytes: RawSpan) -> Layer {
    var isBottom = false
    while !isBottom {
      guard has(4) else { return .nothing(.malformed) }
      isBottom = bytes.u8(start + 2) & 1 == 1
      skip(4)
    }
    guard has(1) else { return .nothing(.malformed) }
    switch bytes.u8(start) >> 4 {
    case 4: return .ipv4
    case 6: return .ipv6
    default: return pseudowire(bytes)
    }
  }

  /// An Ethernet frame, behind a control word (four bytes, the first nibble 0) or not. A frame's address may look like
  /// a control word; where its type is one we know, it is a frame.
  private mutating func pseudowire(_ bytes: RawSpan) -> Layer {
    guard has(14) else { return .nothing(.notIP) }
    let hasControlWord = bytes.u8(start) >> 4 == 0 && !Self.isLikelyType(bytes.u16(start + 12))
    if hasControlWord { skip(4) }
    return .ethernet
  }

  private static func isLikelyType(_ type: UInt16) -> Bool {
    switch type {
    case EtherType.ipv4, EtherType.ipv6, 0x0806, 0x8100, 0x88a8, 0x8847, 0x8864: true
    default: false
    }
  }
}
