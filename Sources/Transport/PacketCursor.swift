import Bytes
import Capture

/// What comes next in a packet, from a `PacketCursor`'s `start` on.
enum Layer {
  /// An Ethernet frame, from its destination address on.
  case ethernet
  /// What an EtherType names; up to 1,500 it is the length of an LLC frame (IEEE 802.3 §3.2.6).
  case etherType(UInt16)
  /// A stack of MPLS labels.
  case mpls
  /// A PPP packet, from its address, control or protocol field on.
  case ppp
  /// IP of the version that its first nibble says.
  case ip
  /// IPv4.
  case ipv4
  /// IPv6.
  case ipv6
  /// What an IP protocol number names.
  case inIP(UInt8)
  /// TCP.
  case tcp
  /// The end: part of a datagram, from `start` on.
  case fragment(FragmentHeader)
  /// The end: nothing to see.
  case nothing(Dismissal)
}

/// A place in a packet, moving inwards. Each layer is a method in a file of its own: it reads the header at `start`,
/// moves behind it, and says what comes next.
///
/// Always `start <= end <= wireEnd`.
struct PacketCursor {
  /// Tunnels within tunnels that are followed. Real nesting is two or three deep (an overlay, mirrored in a tunnel).
  static let maximumTunnels: UInt8 = 8

  /// Where the current layer begins, as an offset of the bytes shown.
  private(set) var start: Int
  /// Where its captured bytes end.
  private(set) var end: Int
  /// Where it ended on the wire; past `end` where a snaplen cut the packet.
  private(set) var wireEnd: Int

  /// The innermost IP header's sender.
  var source = IPAddress(v4: 0)
  /// The innermost IP header's receiver.
  var destination = IPAddress(v4: 0)
  /// Where the innermost IP header begins.
  private(set) var datagramStart: Int
  /// Where the number of what is at `start` was found, counted from `datagramStart`.
  private(set) var protocolPosition: Int
  /// How many IP headers were read.
  private(set) var nesting: UInt8
  /// Whether the bytes were put together from fragments.
  let isReassembled: Bool

  init(_ packet: CapturedPacket) {
    start = packet.data.lowerBound
    let length = max(Int(packet.originalLength), packet.data.count) - Int(packet.fcsLength)
    wireEnd = start + max(length, 0)
    end = min(packet.data.upperBound, wireEnd)
    datagramStart = start
    protocolPosition = 0
    nesting = 0
    isReassembled = false
  }

  init(_ datagram: ReassembledDatagram) {
    start = 0
    end = datagram.bytes.count
    wireEnd = end
    datagramStart = 0
    protocolPosition = 0
    nesting = datagram.nesting
    isReassembled = true
  }

  /// Length on the wire from `start` on, in bytes.
  var wireLength: Int { wireEnd - start }

  /// Whether the next `count` bytes were captured.
  func has(_ count: Int) -> Bool { end - start >= count }

  /// Moves `count` bytes on, which were captured.
  mutating func skip(_ count: Int) { start = min(start + count, end) }

  /// Sets the length that a header at `start` states for itself and what it holds. What follows is padding.
  ///
  /// The length may reach past the layer around it: mirrors and taps cut packets and say nothing.
  mutating func setLength(_ length: Int) {
    wireEnd = start + length
    end = min(end, wireEnd)
  }

  /// The same, but only to shorten.
  mutating func shorten(to length: Int) { setLength(min(length, wireLength)) }

  /// Whether all bytes up to `wireEnd` were captured.
  var isWhole: Bool { end == wireEnd }

  /// Notes that an IP header begins here, with a protocol number at `position`; false if it is one too many.
  mutating func enterDatagram(protocolAt position: Int) -> Bool {
    datagramStart = start
    protocolPosition = position
    nesting += 1
    return nesting <= Self.maximumTunnels + 1
  }

  /// Notes that the header at `start` begins with the number of what follows it.
  mutating func enterExtension() { protocolPosition = start - datagramStart }
}
