import Bytes

extension PacketCursor {
  /// LINKTYPE_LINUX_SLL: packet type, device type, address length, address (8), protocol.
  mutating func linuxCooked(_ bytes: RawSpan) -> Layer {
    guard has(16) else { return .nothing(.malformed) }
    let device = bytes.u16(start + 2)
    let type = bytes.u16(start + 14)
    skip(16)
    return cooked(type, device, bytes)
  }

  /// LINKTYPE_LINUX_SLL2: protocol, reserved (2), interface (4), device type, packet type (1), address length (1),
  /// address (8).
  mutating func linuxCooked2(_ bytes: RawSpan) -> Layer {
    guard has(20) else { return .nothing(.malformed) }
    let type = bytes.u16(start)
    let device = bytes.u16(start + 8)
    skip(20)
    return cooked(type, device, bytes)
  }

  /// The protocol is an EtherType, or one of Linux's own numbers below 0x600, of which 4 is LLC. For netlink (device
  /// type 824) it is something else.
  private mutating func cooked(_ type: UInt16, _ device: UInt16, _ bytes: RawSpan) -> Layer {
    if type == 4, device != 824 { return llc(bytes) }
    return type < 0x600 || device == 824 ? .nothing(.notIP) : .etherType(type)
  }
}
