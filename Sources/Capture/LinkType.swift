/// What a captured packet's first byte begins: the LINKTYPE_ registry of tcpdump.org.
public struct LinkType: RawRepresentable, Hashable, Sendable {
  /// The registry's number.
  public var rawValue: UInt16

  /// The link type with the registry's number `rawValue`.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// BSD loopback: a 4-byte address family in the byte order of the capturing host.
  public static let null = LinkType(rawValue: 0)
  /// Ethernet.
  public static let ethernet = LinkType(rawValue: 1)
  /// PPP in HDLC-like framing or with a bare protocol field.
  public static let ppp = LinkType(rawValue: 9)
  /// Raw IP as BSD numbers it: written by programs that did not map their own number to the registry's.
  public static let rawBSD = LinkType(rawValue: 12)
  /// Raw IP as OpenBSD numbers it.
  public static let rawOpenBSD = LinkType(rawValue: 14)
  /// PPP in HDLC-like framing (RFC 1662).
  public static let pppHDLC = LinkType(rawValue: 50)
  /// Raw IP, version told by its first nibble.
  public static let raw = LinkType(rawValue: 101)
  /// OpenBSD loopback: a 4-byte address family in network byte order.
  public static let loop = LinkType(rawValue: 108)
  /// Linux "cooked" capture, version 1.
  public static let linuxSLL = LinkType(rawValue: 113)
  /// Raw IPv4.
  public static let ipv4 = LinkType(rawValue: 228)
  /// Raw IPv6.
  public static let ipv6 = LinkType(rawValue: 229)
  /// Linux netfilter log.
  public static let nflog = LinkType(rawValue: 239)
  /// Linux "cooked" capture, version 2.
  public static let linuxSLL2 = LinkType(rawValue: 276)
}
