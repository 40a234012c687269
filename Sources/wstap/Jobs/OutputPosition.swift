import Transport

/// What brought a piece of output, in the order in which a single job would write the pieces.
struct OutputPosition: Comparable, Sendable {
  private var phase: UInt8
  private var major: UInt64
  private var minor: UInt64

  /// What came before the packet `number`, counted from 1 over all inputs: faults of the files.
  static func before(packet number: UInt64) -> Self { Self(phase: 0, major: number, minor: 0) }

  /// The packet `number`.
  static func packet(_ number: UInt64) -> Self { Self(phase: 0, major: number, minor: 1) }

  /// What is said of the files when all packets were read.
  static let afterPackets = Self(phase: 1, major: 0, minor: 0)

  /// The end of a connection that was open when the capture ended.
  static func finish(_ firstPacket: PacketReference) -> Self {
    Self(phase: 2, major: UInt64(firstPacket.file), minor: firstPacket.number)
  }

  /// Behind everything.
  static let end = Self(phase: 3, major: 0, minor: 0)

  static func < (a: Self, b: Self) -> Bool { (a.phase, a.major, a.minor) < (b.phase, b.major, b.minor) }
}
