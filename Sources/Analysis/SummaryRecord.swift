import TLS
import Transport

/// What was read, found and left out.
public struct SummaryRecord: Equatable, Sendable {
  /// Packets read.
  public var packets: UInt64 = 0
  /// Packet bytes captured.
  public var bytes: UInt64 = 0
  /// TCP connections seen.
  public var tcpConnections: UInt64 = 0
  /// Of these, those that had said nothing yet when they were forgotten (`ConnectionLimits.quiet`).
  public var forgottenConnections: UInt64 = 0
  /// Of these, those that were left out because too many were open (`ConnectionLimits.open`).
  public var leftOutConnections: UInt64 = 0
  /// Of these, those that less was held for, because too much was held for all (`ConnectionLimits.sharedBytes`).
  public var crowdedConnections: UInt64 = 0
  /// WebSocket connections.
  public var connections: UInt64 = 0
  /// Upgrades that were asked for and refused.
  public var refused: UInt64 = 0
  /// Upgrades that were asked for, and whose answer the capture does not hold.
  public var unanswered: UInt64 = 0
  /// TCP connections with an HTTP head that the capture holds in part, in which an upgrade may have been asked for.
  public var cutHandshakes: UInt64 = 0
  /// TCP connections that look like WebSockets, though not surely, of which the capture lacks the opening handshake. Other
  /// protocols of types and lengths look like that too.
  public var suspectedConnections: UInt64 = 0
  /// The lowest port of a server of these.
  public var suspectedPort: UInt16?
  /// TLS connections.
  public var tls = TLSCounts()
  /// Frames.
  public var frames: UInt64 = 0
  /// Messages.
  public var messages: UInt64 = 0
  /// Notes, warnings and errors.
  public var diagnostics: [Severity: UInt64] = [:]
  /// Packets without a TCP segment, by reason.
  public var dismissedPackets: [Dismissal: UInt64] = [:]
  /// What became of IP fragments.
  public var fragments = FragmentCounters()
  /// TCP payload bytes of connections that carry no WebSocket, or before the upgrade.
  public var otherBytes: UInt64 = 0
  /// TCP payload bytes after an upgrade or, where that was not seen, from where frames were found.
  public var webSocketBytes: UInt64 = 0
  /// Bytes of WebSocket connections that the capture lacks.
  public var missingBytes: UInt64 = 0
  /// Captured bytes of WebSocket connections in which no sure frame was found.
  public var undecodedBytes: UInt64 = 0
  /// Bytes of the input that are no packets because the file is damaged or cut.
  public var damagedBytes: UInt64 = 0
  /// Input files that could not be read, or not to their ends.
  public var unreadFiles: UInt64 = 0
  /// Packets that were dropped while the capture was made, as it says itself; nil if it does not say.
  public var drops: UInt64?
  /// Whether a signal ended the reading, so that there may be more in the input.
  public var isInterrupted = false

  /// Nothing was read.
  public init() {}
}

/// TLS connections, and what became of them.
public struct TLSCounts: Equatable, Sendable {
  /// All that began with a hello.
  public var connections: UInt64 = 0
  /// Those of which something was decrypted.
  public var decrypted: UInt64 = 0
  /// Of the others, why nothing was, as far as it is known.
  public var obstacles: [TLSObstacle: UInt64] = [:]

  /// The reasons in a fixed order, those with the same word together.
  public var byReason: [(slug: String, count: UInt64)] {
    Dictionary(obstacles.map { ($0.key.slug, $0.value) }, uniquingKeysWith: +).sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }

  /// Adds a connection that `obstacle` keeps from being decrypted.
  mutating func add(_ obstacle: TLSObstacle) {
    connections += 1
    obstacles[obstacle, default: 0] += 1
  }

  /// Adds those of another share.
  public mutating func add(_ other: TLSCounts) {
    connections += other.connections
    decrypted += other.decrypted
    obstacles.merge(other.obstacles, uniquingKeysWith: +)
  }
}
