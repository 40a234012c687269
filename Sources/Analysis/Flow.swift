import Transport

/// What a TCP connection is taken for.
enum FlowStage {
  /// Nothing was said yet.
  case quiet
  /// It may carry an opening handshake: index of its `HandshakeSession`.
  case handshake(Int)
  /// It carries a WebSocket: index of its `WebSocketSession`, and the direction in which the client sends.
  case webSocket(Int, clientDirection: Direction)
  /// It carries none, or is over: its place is free, and `DismissedConnections` has what remains.
  case dismissed
}

/// A TCP connection, and what it is taken for.
struct Flow {
  var stage: FlowStage
  /// The latest packet of it.
  var lastPacket: PacketReference
  var tcp: TCPConnection
  /// What it holds, as far as that counts in `Analyzer.heldBytes`.
  var charge = 0
  /// Whether it was held less for, because too much was held for all.
  var isCrowded = false

  /// The fast path of a segment in `packet`: see `TCPConnection.takeInOrder`.
  @inline(__always)
  mutating func takeInOrder(_ segment: TCPSegment, _ direction: Direction, _ packet: PacketReference) -> StreamOffset? {
    lastPacket = packet
    return tcp.takeInOrder(segment, direction)
  }

  /// A connection of nobody.
  static var nothing: Flow {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    let never = PacketReference(number: 0, time: .init(nanoseconds: 0))
    return Flow(
      stage: .dismissed, lastPacket: never, tcp: TCPConnection(key: FlowKey.of(nowhere, nowhere).0, firstPacket: never))
  }
}
