import Bytes

/// Where a fragment belongs.
struct FragmentHeader {
  /// Tells the datagrams of one pair of addresses apart; 16 bits in IPv4.
  var identification: UInt32
  /// What the datagram carries, as this fragment says.
  var protocolNumber: UInt8
  /// Where the fragment's bytes begin in what the datagram carries; a multiple of 8 below 65,536.
  var offset: Int
  /// Whether the datagram ends with this fragment.
  var isLast: Bool
  /// Length of the IP header, without the fragment header of IPv6.
  var headerLength: Int
}

extension PacketCursor {
  /// The fragment `header`, whose bytes begin here, unless it is none.
  ///
  /// All but the last fragment come in units of eight bytes (RFC 791 §3.2; RFC 8200 §4.5 has others discarded), and no
  /// datagram is longer than its length field can say.
  func fragment(_ header: FragmentHeader) -> Layer {
    let fixedHeader = source.isV6 ? 40 : 0
    let lengthField = header.headerLength - fixedHeader + header.offset + wireLength
    guard wireLength > 0, header.isLast || wireLength % 8 == 0, lengthField <= 0xffff else {
      return .nothing(.malformed)
    }
    return .fragment(header)
  }

  /// Whether a datagram that carries `number`, beginning here, may hold TCP: if it is UDP, its port must be a tunnel's.
  func mayCarryTCP(_ number: UInt8, _ bytes: RawSpan) -> Bool {
    guard number == IPProtocol.udp, has(4) else { return IPProtocol.mayCarryTCP(number, isV6: source.isV6) }
    return TunnelPort.contains(bytes.u16(start + 2))
  }
}
