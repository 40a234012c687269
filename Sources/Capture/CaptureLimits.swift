/// What a `CaptureReader` will hold on to, whatever a file claims.
public struct CaptureLimits: Equatable, Sendable {
  /// The longest record or block that is looked into, in bytes; longer ones are skipped with a fault.
  ///
  /// The caller's buffer may grow to this. 16 MiB: the longest packets known (USB, Linux "BIG TCP") stay far below, as
  /// do key logs of 80,000 sessions, and a hostile length cannot make a reader allocate 4 GiB.
  public var record: Int
  /// The most interfaces remembered in one pcapng section.
  ///
  /// 65,536: the obsolete Packet Block counts no further, and a file made of interface blocks only stays harmless.
  public var interfaces: Int

  /// Limits of these sizes.
  public init(record: Int = 16 << 20, interfaces: Int = 65_536) {
    self.record = max(record, 64)
    self.interfaces = interfaces
  }

  /// 16 MiB a record, 65,536 interfaces a section.
  public static let `default` = CaptureLimits()
}
