/// How many connections an `Analyzer` follows, and how much it holds for them, so that memory is bounded whatever a capture
/// holds.
///
/// Each kind of connection has room of its own, so that one kind never takes that of another.
public struct ConnectionLimits: Equatable, Sendable {
  /// Connections that were opened (SYN, SYN/ACK, ACK) and have said nothing yet. When so many others were opened since, one
  /// is forgotten; if it speaks later, it counts as a connection whose start was not seen. 125,000, at 110 bytes each: a
  /// connection that is going to speak does so before the fastest scan has opened so many others.
  public var quiet = 125_000
  /// Connections that have said something, until they are over or are known to carry no WebSocket. Connections beyond that
  /// are left out. 250,000: more than one host serves, at 0.7 to 2 KB each.
  public var open = 250_000
  /// Connections that are over or carry no WebSocket, and are still known, so that their further segments begin nothing.
  /// Those that were idle longest are forgotten first. 65,536, at 72 bytes each: when so many others have ended, last
  /// segments have long come.
  public var dismissed = 65_536
  /// Bytes that each open connection may hold in any case: data out of order, a handshake, a message that is not complete.
  public var ownBytes = 4096
  /// Bytes that all open connections together may hold beyond those. When they do, nothing more is held for a connection
  /// that asks for more, and it alone is told of (`limit.memory`). 2 GiB: twenty thousand compressed connections, whose
  /// windows take 40 KB a direction; a direction that lost compressed data takes some 700 KB until its window is whole
  /// again. No ordinary capture comes near.
  public var sharedBytes = 2 << 30
  /// Bytes out of order, a direction, while it is not known whether a connection carries a WebSocket. 1 MiB: an opening
  /// handshake is short, and what other traffic loses does not matter.
  public var undecidedBytes = 1 << 20

  /// The defaults.
  public init() {}

  /// The limits of each of `count` analyzers that share the connections of a capture.
  public func shared(by count: Int) -> ConnectionLimits {
    var limits = self
    limits.quiet = max(quiet / count, 1)
    limits.open = max(open / count, 1)
    limits.dismissed = max(dismissed / count, 1)
    limits.sharedBytes = sharedBytes / count
    return limits
  }
}
