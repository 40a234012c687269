/// What a packet turned out to carry.
public enum PacketContent: Equatable, Sendable {
  /// A TCP segment; its payload is a range of the bytes that were decoded.
  case segment(TCPSegment)
  /// The packet completed an IP datagram from fragments. Decode its bytes with `next(datagram:time:)`.
  case datagram(ReassembledDatagram)
  /// Nothing for us, and why.
  case nothing(Dismissal)
}

/// Why a packet holds no TCP segment.
public enum Dismissal: UInt8, Sendable, CaseIterable {
  /// A link type that is not decoded.
  case unknownLinkType
  /// Neither IPv4 nor IPv6: ARP, LLDP, a keep-alive of the link …
  case notIP
  /// IP, but neither TCP nor a tunnel that is decoded.
  case notTCP
  /// An IP fragment that completes nothing yet.
  case fragment
  /// A header that contradicts itself or is cut off.
  case malformed
  /// Tunnels within tunnels, more than `PacketDecoder` follows.
  case nestedTooDeep
}

/// An IP datagram put together from fragments.
public struct ReassembledDatagram: Equatable, Sendable {
  /// The whole datagram, from its IP header on; the header is the first fragment's, with lengths mended.
  public var bytes: [UInt8]
  /// How many IP headers the fragments stood behind, in tunnels.
  var nesting: UInt8 = 0
}

/// What a `PacketDecoder` made of its packets.
public struct PacketCounters: Equatable, Sendable {
  /// Packets that hold, or complete, a TCP segment.
  public var segments: UInt64 = 0
  /// Packets that hold none, by reason.
  public var dismissed = DismissalCounters()
  /// What became of IP fragments.
  public var fragments = FragmentCounters()
}

/// Packets without a TCP segment, by reason.
public struct DismissalCounters: Equatable, Sendable {
  private var counts = [UInt64](repeating: 0, count: Dismissal.allCases.count)

  /// How many packets were dismissed for `reason`.
  public subscript(reason: Dismissal) -> UInt64 { counts[Int(reason.rawValue)] }

  mutating func add(_ reason: Dismissal) { counts[Int(reason.rawValue)] &+= 1 }
}
