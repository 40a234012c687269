import Bytes
import Capture

extension PacketCursor {
  /// Reads a packet's link layer header. A new link type is a row here and a method in a file of its own.
  ///
  /// Numbers: https://www.tcpdump.org/linktypes.html
  mutating func link(_ type: LinkType, _ bytes: RawSpan) -> Layer {
    switch type.rawValue {
    case 1: ethernet(bytes)
    case 0, 108: loopback(bytes)  // NULL, LOOP
    case 9, 50: ppp(bytes)  // PPP, PPP_HDLC
    case 12, 14, 101: .ip  // RAW, and DLT_RAW of two BSDs, which some writers put into files
    case 113: linuxCooked(bytes)  // LINUX_SLL
    case 276: linuxCooked2(bytes)  // LINUX_SLL2
    case 228: .ipv4
    case 229: .ipv6
    case 239: netfilterLog(bytes)  // NFLOG
    default: .nothing(.unknownLinkType)
    }
  }
}
