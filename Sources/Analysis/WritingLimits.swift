/// How much is held to write packets of connections that may turn out to carry a WebSocket.
public struct WritingLimits: Equatable, Sendable {
  /// Bytes of packets that wait, with 64 bytes a packet for keeping it (64 MiB). Where it is reached, what waits longest is
  /// written, wanted or not. While the buffer grows it may take twice as much.
  public var waiting = 1 << 26
  /// Bytes of one connection, or of the fragments of one datagram (512 KiB): its oldest packets are let go, but for those that
  /// opened it.
  public var waitingOfOne = 1 << 19
  /// Packets that opened a connection, and are not let go.
  public var pinned = 8
  /// Nanoseconds for which a packet waits: after that it is written, wanted or not. By default for ever, for captures that are
  /// there already.
  public var patience = Int64.max
  /// Nanoseconds for which a packet that is captured live waits, if it goes into a file (60 s).
  public static let filePatience: Int64 = 60_000_000_000
  /// The same if it goes into a pipe, as who reads along does not want to wait for others (10 s).
  public static let pipePatience: Int64 = 10_000_000_000
  /// What keeping a packet costs, in bytes.
  public static let overhead = 64
  /// Bytes of the blocks that each file of a ring begins with (16 MiB): headers, interfaces, secrets and names. If these are
  /// more, secrets and names stand in one file only; if the interfaces alone are, the last file goes on.
  public static let preamble = 1 << 24

  /// Limits of these sizes.
  public init(
    waiting: Int = 1 << 26, waitingOfOne: Int = 1 << 19, pinned: Int = 8, patience: Int64 = .max
  ) {
    self.waiting = waiting
    self.waitingOfOne = waitingOfOne
    self.pinned = pinned
    self.patience = patience
  }
}
