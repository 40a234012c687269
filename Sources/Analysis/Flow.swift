import Transport

/// What a TCP connection is taken for.
enum FlowStage {
  /// Nothing was said yet.
  case quiet
  /// It may carry an opening handshake: index of its `HandshakeSession`.
  case handshake(Int)
  /// It carries a WebSocket: index of its `WebSocketSession`, and the direction in which the client sends.
  case webSocket(Int, clientDirection: Direction)
  /// It carries none, or is over.
  case dismissed
}

/// A TCP connection, and what it is taken for.
struct Flow {
  var stage: FlowStage
  /// The latest packet of it, before it was dismissed.
  var lastPacket: PacketReference
  var tcp: TCPConnection
  /// FIN in each direction, so that a dismissed connection can be forgotten.
  var finished: (Bool, Bool) = (false, false)
  /// Whether it waits to be forgotten.
  var isLeaving = false

  /// A connection of nobody.
  static var nothing: Flow {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    let never = PacketReference(number: 0, time: .init(nanoseconds: 0))
    return Flow(
      stage: .dismissed, lastPacket: never, tcp: TCPConnection(key: FlowKey.of(nowhere, nowhere).0, firstPacket: never))
  }
}

/// Connections that are over stay known for a while, so that their last segments do not pass for new connections; then they
/// are forgotten, in the order in which they ended.
struct Farewell {
  /// How many stay known. 8,192, at half a kilobyte each: last segments follow within a round trip or a few
  /// retransmissions, and in a few seconds not many more connections end even on a busy server.
  static let limit = 8192

  private var queue: [(index: Int, packet: PacketReference)] = []
  private var head = 0

  /// The connection at `index`, first seen in `packet`, is over. Gives one to be forgotten.
  mutating func add(_ index: Int, _ packet: PacketReference) -> (index: Int, packet: PacketReference)? {
    queue.append((index, packet))
    guard queue.count - head > Self.limit else { return nil }
    defer {
      head += 1
      if head > Self.limit {
        queue.removeFirst(head)
        head = 0
      }
    }
    return queue[head]
  }
}
