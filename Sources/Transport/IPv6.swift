import Bytes

extension PacketCursor {
  /// IPv6 (RFC 8200 §3).
  mutating func ipv6(_ bytes: RawSpan) -> Layer {
    guard enterDatagram(protocolAt: 6) else { return .nothing(.nestedTooDeep) }
    guard has(40), bytes.u8(start) >> 4 == 6 else { return .nothing(.malformed) }
    // 0: a jumbogram (RFC 2675 §2), or segmentation is left to the network card. Either way all that is there.
    let payloadLength = Int(bytes.u16(start + 4))
    if payloadLength != 0 { setLength(40 + payloadLength) }
    source = IPAddress(high: bytes.u64(start + 8), low: bytes.u64(start + 16))
    destination = IPAddress(high: bytes.u64(start + 24), low: bytes.u64(start + 32))
    let next = bytes.u8(start + 6)
    skip(40)
    return .inIP(next)
  }

  /// What only IPv6 knows: headers between its own and the transport's (RFC 8200 §4).
  mutating func extensionHeader(_ number: UInt8, _ bytes: RawSpan) -> Layer {
    guard number == 44 || IPProtocol.isExtension(number) else { return .nothing(.notTCP) }
    guard has(8) else { return .nothing(.malformed) }
    let next = bytes.u8(start)
    if number == 44 { return fragmentHeader(next, bytes) }
    let length = (Int(bytes.u8(start + 1)) + 1) * 8
    guard has(length) else { return .nothing(.malformed) }
    if number == 43 { readRoute(bytes, length) }
    enterExtension()
    skip(length)
    return .inIP(next)
  }

  /// The fragment header (RFC 8200 §4.5). One that is first and last at once says nothing (RFC 6946).
  private mutating func fragmentHeader(_ next: UInt8, _ bytes: RawSpan) -> Layer {
    let field = bytes.u16(start + 2)
    let identification = bytes.u32(start + 4)
    let headerLength = start - datagramStart
    guard field & 0xfff9 != 0 else {
      enterExtension()
      skip(8)
      return .inIP(next)
    }
    skip(8)
    return fragment(
      FragmentHeader(
        identification: identification, protocolNumber: next, offset: Int(field & 0xfff8), isLast: field & 1 == 0,
        headerLength: headerLength))
  }

  /// The routing header (RFC 8200 §4.4): while segments are left, the last one is the receiver, for TCP's checksum as
  /// for its peer (RFC 8200 §8.1).
  private mutating func readRoute(_ bytes: RawSpan, _ length: Int) {
    guard length >= 24, bytes.u8(start + 3) > 0 else { return }
    let last: Int
    switch bytes.u8(start + 2) {
    case 0: last = start + 8 + (length - 24) / 16 * 16  // deprecated by RFC 5095
    case 2: last = start + 8  // RFC 6275 §6.4: the home address
    case 4: last = start + 8  // RFC 8754 §2: the list runs backwards
    default: return
    }
    destination = IPAddress(high: bytes.u64(last), low: bytes.u64(last + 8))
  }
}
