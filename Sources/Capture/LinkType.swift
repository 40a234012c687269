/// What a captured packet's first byte begins: the LINKTYPE_ registry of tcpdump.org.
public struct LinkType: RawRepresentable, Hashable, Sendable {
  /// The registry's number.
  public var rawValue: UInt16

  /// The link type with the registry's number `rawValue`.
  @inlinable
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// BSD loopback: a 4-byte address family in the byte order of the capturing host.
  @inlinable public static var null: LinkType { LinkType(rawValue: 0) }
  /// Ethernet.
  @inlinable public static var ethernet: LinkType { LinkType(rawValue: 1) }
  /// PPP in HDLC-like framing or with a bare protocol field.
  @inlinable public static var ppp: LinkType { LinkType(rawValue: 9) }
  /// Raw IP as BSD numbers it: written by programs that did not map their own number to the registry's.
  @inlinable public static var rawBSD: LinkType { LinkType(rawValue: 12) }
  /// Raw IP as OpenBSD numbers it.
  @inlinable public static var rawOpenBSD: LinkType { LinkType(rawValue: 14) }
  /// PPP in HDLC-like framing (RFC 1662).
  @inlinable public static var pppHDLC: LinkType { LinkType(rawValue: 50) }
  /// Raw IP, version told by its first nibble.
  @inlinable public static var raw: LinkType { LinkType(rawValue: 101) }
  /// OpenBSD loopback: a 4-byte address family in network byte order.
  @inlinable public static var loop: LinkType { LinkType(rawValue: 108) }
  /// Linux "cooked" capture, version 1.
  @inlinable public static var linuxSLL: LinkType { LinkType(rawValue: 113) }
  /// Raw IPv4.
  @inlinable public static var ipv4: LinkType { LinkType(rawValue: 228) }
  /// Raw IPv6.
  @inlinable public static var ipv6: LinkType { LinkType(rawValue: 229) }
  /// Linux netfilter log.
  @inlinable public static var nflog: LinkType { LinkType(rawValue: 239) }
  /// Linux "cooked" capture, version 2.
  @inlinable public static var linuxSLL2: LinkType { LinkType(rawValue: 276) }
}
