import Transport
import WebSocket

/// What an `Analyzer` keeps and trusts.
public struct AnalyzerOptions: Equatable, Sendable {
  /// How much of payloads and messages is kept.
  public var messages = MessageLimits()
  /// How long missing bytes are waited for.
  public var reassembly = ReassemblyLimits()
  /// How much of IP fragments is kept.
  public var fragments = FragmentLimits()
  /// How many connections are followed.
  public var connections = ConnectionLimits()
  /// What is kept of TLS connections.
  public var tls = TLSOptions()
  /// Whether segments are taken whatever their checksum says.
  public var ignoresChecksums = false

  /// Ports of which the user says that WebSocket is spoken there, also where the capture holds no handshake.
  public var assumedPorts: Set<UInt16> = []

  /// Which connections are taken; nil: all.
  public var share: ConnectionShare?

  /// Whether `Analyzer.trail` tells whose the packets are that were given to `tracedPacket`.
  public var leavesTrail = false

  /// The defaults.
  public init() {}
}
