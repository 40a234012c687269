import Transport

/// What brought a piece of output, in the order in which a single job would write the pieces.
struct OutputPosition: Comparable, Sendable {
  private var phase: UInt8
  private var major: UInt64
  private var minor: UInt64

  /// What came before the packet `number`, counted from 1 over all inputs: faults of the files.
  static func before(packet number: UInt64) -> Self { Self(phase: 0, major: number, minor: 0) }

  /// The end of a connection that has not gone on since the packet number `reset` until the packet `number`.
  static func reset(_ reset: UInt64, before number: UInt64) -> Self { Self(phase: 0, major: number, minor: reset) }

  /// The packet `number`.
  static func packet(_ number: UInt64) -> Self { Self(phase: 0, major: number, minor: .max) }

  /// What is said of the files when all packets were read.
  static let afterPackets = Self(phase: 1, major: 0, minor: 0)

  /// The end of something that began with `packet` and was not over when the capture was.
  static func finish(_ packet: PacketReference, isOpening: Bool) -> Self {
    Self(phase: isOpening ? 2 : 3, major: UInt64(packet.file), minor: packet.number)
  }

  /// Behind everything.
  static let end = Self(phase: 4, major: 0, minor: 0)

  static func < (a: Self, b: Self) -> Bool { (a.phase, a.major, a.minor) < (b.phase, b.major, b.minor) }
}
