import Bytes
import TLS
import Transport

/// What a TLS connection is decrypted with, and what is kept of it meanwhile.
public struct TLSOptions: Equatable, Sendable {
  /// Bytes of a direction that wait at most for a secret, or for the other direction. 1 MiB: a secret that is written down
  /// a second late costs nothing.
  public var heldBytes = 1 << 20
  /// The same for all connections together. 64 MiB: a capture may have thousands of which nobody has the secrets.
  public var waitingBytes = 64 << 20
  /// Connections that are over and wait for their secrets, at most. 4,096: they take the place of open ones.
  public var endedConnections = 4096
  /// Whether there are records of connections that are not WebSockets, or not decrypted.
  public var listsConnections = false
  /// Whose secrets are gathered, to be written with the packets (`Analyzer.takeSecrets`).
  public var gathersSecrets = Gathering.none

  /// Whose secrets are gathered.
  public enum Gathering: Sendable {
    /// Nobody's.
    case none
    /// Those of connections that have a record.
    case shown
    /// Those of all connections, but for what stands in the capture.
    case all
  }

  /// The defaults.
  public init() {}
}

/// A TLS connection: what is encrypted, and what its plaintext is taken for. An object, as its parts are large and are looked
/// at for every packet.
final class TLSFlow {
  // Only the analyzer has it, and does one thing at a time; so nothing is checked at run time.
  let connection = TLSConnection()
  /// What the plaintext is taken for.
  @exclusivity(unchecked) var inner: FlowStage
  /// What waits of each direction.
  @exclusivity(unchecked) var held: InlineArray<2, HeldChunks> = [HeldChunks(), HeldChunks()]
  /// Which packets brought the record in progress.
  @exclusivity(unchecked) var marks: InlineArray<2, PacketMarks> = [PacketMarks(), PacketMarks()]
  /// Bytes of plaintext so far, missing ones included.
  @exclusivity(unchecked) var plain: InlineArray<2, UInt64> = [0, 0]
  /// Bytes over TCP so far.
  @exclusivity(unchecked) var bytes: InlineArray<2, UInt64> = [0, 0]
  /// Bytes that are held, as far as they count in `Analyzer.waitingTLSBytes`.
  @exclusivity(unchecked) var charge = 0
  /// What it held when that was last counted.
  @exclusivity(unchecked) var counted = 0
  /// How many secrets there were when each direction was last shown something.
  @exclusivity(unchecked) var generations: InlineArray<2, Int> = [0, 0]
  /// `TLSConnection.secretsGeneration` when the key log last learned of it.
  @exclusivity(unchecked) var learned = 0
  /// The packet of the first record that was not authentic, or behind which no authentic one was found.
  @exclusivity(unchecked) var failure: PacketReference?
  /// How many secrets there were when its own were last gathered.
  @exclusivity(unchecked) var gathered = (log: 0, own: 0)
  /// Whether the TCP connection is over, and it waits for its secrets all the same.
  @exclusivity(unchecked) var isEnded = false
  /// Whether it is over for the analysis, and its bytes are only counted.
  @exclusivity(unchecked) var isOnlyCounted = false
  /// What is to be told of it, should it turn out to be a WebSocket; the first few only.
  @exclusivity(unchecked) var remarks: [TLSRemark] = []
  static let mostRemarks = 16

  /// A connection whose plaintext is taken for `inner`.
  init(inner: FlowStage) { self.inner = inner }

  /// Whether `bytes`, the first of a direction, begin a TLS connection (RFC 8446 §5.1): a record with a hello.
  static func begins(_ bytes: RawSpan, startIsKnown: Bool) -> Bool {
    guard bytes.byteCount > 0, bytes.u8(0) == 22 else { return false }
    if startIsKnown { return bytes.byteCount < 2 || bytes.u8(1) == 3 }
    return bytes.byteCount >= 6 && bytes.u8(1) == 3 && bytes.u8(2) <= 4 && (1...2).contains(bytes.u8(5))
  }

  private static let size = 2048

  /// Bytes of memory that it takes, about.
  var heldBytes: Int {
    Self.size + connection.heldBytes + held[0].cost + held[1].cost + marks[0].cost + marks[1].cost
  }
}

/// Something to be told of a TLS connection.
struct TLSRemark {
  var code: DiagnosticCode
  var detail: String?
  var direction: Direction
  var packet: PacketReference
  /// In the plaintext of its sender.
  var offset: StreamOffset
}

/// Which packets brought the bytes of a stretch of a TCP stream.
struct PacketMarks {
  /// Where the bytes of each packet begin.
  private var marks: [(start: StreamOffset, packet: PacketReference)] = []

  var cost: Int { marks.capacity * MemoryLayout<(StreamOffset, PacketReference)>.stride }

  /// The bytes from `start` on came in `packet`.
  mutating func append(_ start: StreamOffset, _ packet: PacketReference) { marks.append((start, packet)) }

  /// Nothing before `start` is of interest any more; nothing at all if there is no start.
  mutating func forget(before start: StreamOffset?) {
    guard !marks.isEmpty else { return }
    guard let start else {
      // Who sends much goes on with it; who says little shall take little.
      marks.removeAll(keepingCapacity: marks.count > 4)
      return
    }
    guard marks.count > 1 else { return }
    let first = marks.lastIndex { $0.start <= start } ?? 0
    if first > 0 { marks.removeFirst(first) }
  }

  /// The packet of the byte at `offset`, and where the bytes of the next one begin; nil if no mark is before it.
  ///
  /// - Parameter index: where it was found; if it is there already, that of a byte before this one.
  func packet(at offset: StreamOffset, _ index: inout Int?) -> (PacketReference, end: StreamOffset)? {
    guard var i = index ?? marks.firstIndex(where: { $0.start <= offset }) else { return nil }
    while i + 1 < marks.count, marks[i + 1].start <= offset { i += 1 }
    index = i
    return (marks[i].packet, i + 1 < marks.count ? marks[i + 1].start : .max)
  }
}

/// A TLS connection, where such are listed: whether or not it could be decrypted.
public struct TLSConnectionRecord: Equatable, Sendable {
  /// Its identifier, as of connections that carry WebSockets; nil where it is not known which end is the client.
  public var identifier: UInt64?
  /// The end that sent the ClientHello; where none was seen, the one that opened the TCP connection, or has the higher port.
  public var client: Endpoint
  /// The other end.
  public var server: Endpoint
  /// Its first packet.
  public var first: PacketReference
  /// The time of its last packet.
  public var last: PacketReference
  /// What its handshake says.
  public var information: TLSInformation
  /// Bytes that the client sent over TCP.
  public var clientBytes: UInt64
  /// Bytes that the server sent over TCP.
  public var serverBytes: UInt64
  /// Number of its WebSocket connection; nil if none was found in it.
  public var connection: ConnectionReference?
}
