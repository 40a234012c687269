import Bytes

extension PacketCursor {
  /// LINKTYPE_NULL and LINKTYPE_LOOP: a four-byte address family.
  ///
  /// NULL has it in the byte order of the capturing host, which the file does not tell; the families are small numbers,
  /// so that only one order makes sense.
  mutating func loopback(_ bytes: RawSpan) -> Layer {
    guard has(4) else { return .nothing(.malformed) }
    let value = bytes.u32(start)
    skip(4)
    switch min(value, value.byteSwapped) {
    case 2: return .ipv4
    // AF_INET6 of Linux, Windows, OpenBSD and NetBSD, FreeBSD, Darwin.
    case 10, 23, 24, 28, 30: return .ipv6
    default: return .nothing(.notIP)
    }
  }
}
