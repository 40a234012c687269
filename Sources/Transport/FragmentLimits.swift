/// What a `PacketDecoder` keeps of IP fragments, so that hostile ones cost neither memory nor time.
///
/// Fragments are held by pair of addresses and, in IPv4, protocol; a fragment says no more about its connection. What
/// arrives for one pair does not push out what is held for another: a pair that has too many unfinished datagrams loses
/// its own oldest, and age is judged when a fragment of the same datagram arrives. Only when the total below is
/// reached does one pair feel the others: the datagram that began first is let go, of whichever pair. So who floods the
/// capture with fragments hurts only a datagram between whose first and last fragment all of the flood's share falls;
/// fragments of a datagram are sent back to back. (Were new fragments refused instead, a flood would silence everybody
/// for as long as its fragments are held.)
///
/// Only fragments of TCP and of tunnels are held, others at most until the first one of the datagram says what they are.
public struct FragmentLimits: Equatable, Sendable {
  /// Unfinished datagrams of one pair. 64, as one sender's fragments of more datagrams are not interleaved but lost;
  /// Linux gives up on a datagram after 64 later ones of its pair (`ipfrag_max_dist`).
  public var datagramsPerPair = 64
  /// Bytes held in total, with 512 bytes a datagram and 12 bytes a piece for keeping them; so it bounds the number of
  /// datagrams as well. 32 MiB: five hundred of the longest datagrams at a time, 65,536 of the shortest, eight times
  /// what Linux allows itself. Growing arrays may take up to twice as much.
  public var bytes = 32 << 20
  /// Nanoseconds of capture time after which an unfinished IPv4 datagram is given up. 30 s, as in Linux: RFC 791
  /// §3.2 suggests 15 s, and the 16-bit identifications come round again soon on a fast link (RFC 6864 §1).
  public var lifetimeIPv4: Int64 = 30_000_000_000
  /// The same for IPv6, with its 32-bit identifications. 60 s (RFC 8200 §4.5).
  public var lifetimeIPv6: Int64 = 60_000_000_000

  /// The limits that suit a capture of any size.
  public static let `default` = FragmentLimits()

  /// The default limits, to be changed where needed.
  public init() {}
}

/// What became of IP fragments. Those that turn out to carry no TCP are not counted.
public struct FragmentCounters: Equatable, Sendable {
  /// Datagrams put together.
  public var completed: UInt64 = 0
  /// Datagrams of which not all was seen: let go for their age or for `datagramsPerPair`, or still waiting.
  public var incomplete: UInt64 = 0
  /// Of these, those let go because their pair had `datagramsPerPair` newer ones, or because the total was reached.
  public var crowdedOut: UInt64 = 0
  /// Fragments refused because they alone are more than the total.
  public var refused: UInt64 = 0
  /// Fragments of no use, because a snaplen cut them.
  public var cut: UInt64 = 0
  /// Fragments that contradict earlier ones of their datagram, in bytes or in its length. The earlier ones won.
  public var conflicts: UInt64 = 0

  /// These counts; by default nothing was seen.
  public init(
    completed: UInt64 = 0, incomplete: UInt64 = 0, crowdedOut: UInt64 = 0, refused: UInt64 = 0, cut: UInt64 = 0,
    conflicts: UInt64 = 0
  ) {
    self.completed = completed
    self.incomplete = incomplete
    self.crowdedOut = crowdedOut
    self.refused = refused
    self.cut = cut
    self.conflicts = conflicts
  }
}
