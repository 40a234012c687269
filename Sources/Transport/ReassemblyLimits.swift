/// How much and how long a `StreamReassembler` waits for missing bytes.
public struct ReassemblyLimits: Equatable, Sendable {
  /// Bytes kept out of order, a direction. 4 MiB: a 100 ms path at 300 Mbit/s, with one loss at its start.
  public var heldBytes = 4 << 20
  /// Segments kept out of order, a direction. 4,096: what `heldBytes` holds of full-size segments; it bounds the cost of
  /// sorting one in.
  public var heldSegments = 4096
  /// Once missing bytes are acknowledged, so many further packets of the connection may pass before they are given up. A
  /// capture that merely wrote packets down in a wrong order is off by a few.
  public var patiencePackets: UInt32 = 64
  /// They are given up earlier if this time has passed as well, in nanoseconds, and `patienceLeast` packets.
  public var patienceTime: Int64 = 500_000_000
  /// See `patienceTime`. Bytes that were acknowledged only so many packets ago wait on.
  public var patienceLeast: UInt32 = 8
  /// After this time, in nanoseconds, two packets are enough: on a connection that says something now and then, nobody
  /// should wait for its next eight packets.
  public var patienceMost: Int64 = 2_000_000_000
  /// How many packets of the connection may pass until a stream without SYN begins with the first byte captured; fewer if
  /// `patienceTime` has passed. Its SYN, or bytes before those, may have been written down a few packets late.
  public var patienceForStart: UInt32 = 16
  /// How far ahead of the stream a segment may lie, in bytes: the largest window (RFC 7323 §2.3).
  public var window = 1 << 30

  /// Bytes of segments with a wrong checksum that are kept, a direction. 256 KiB: 64 of the usual size and more, or four of
  /// the longest.
  public static let doubtfulBytes = 256 * 1024

  /// Bytes of segments that come at or behind a FIN that are kept, a direction, in case the FIN is none of its sender; those
  /// that waited when it came are kept too. 256 KiB: more than a sender sends before it is answered, as a rule.
  public static let behindFINBytes = 256 * 1024

  /// The defaults.
  public init() {}
}
