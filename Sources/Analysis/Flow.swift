import Transport

/// What a TCP connection is taken for.
enum FlowStage {
  /// Nothing was said yet.
  case quiet
  /// It may carry an opening handshake: index of its `HandshakeSession`.
  case handshake(Int)
  /// It is encrypted: index of its `TLSFlow`, which has what the plaintext is taken for.
  case tls(Int)
  /// It carries a WebSocket: index of its `WebSocketSession`, and the direction in which the client sends.
  case webSocket(Int, clientDirection: Direction)
  /// It carries none, or is over: its place is free, and `DismissedConnections` has what remains.
  case dismissed
}

/// A TCP connection, and what it is taken for.
struct Flow {
  // What every packet touches stands together: all but the end of `tcp`.
  /// Plain messages in each direction that the session does not know of yet.
  private var plain = InlineArray<2, PlainCounts>(repeating: PlainCounts())
  var stage: FlowStage
  /// Whether the next bytes in each direction may be counted in `plain`.
  private var isPlainOpen = InlineArray<2, Bool>(repeating: false)
  /// Whether it was held less for, because too much was held for all.
  var isCrowded = false
  /// Whether there is a record of it.
  var isShown = false
  /// The latest packet of it.
  var lastPacket: PacketReference
  var tcp: TCPConnection
  /// What it holds, as far as that counts in `Analyzer.heldBytes`.
  var charge = 0

  init(stage: FlowStage, lastPacket: PacketReference, tcp: TCPConnection) {
    self.stage = stage
    self.lastPacket = lastPacket
    self.tcp = tcp
  }

  /// Whether its place is free.
  var isDismissed: Bool {
    if case .dismissed = stage { true } else { false }
  }

  /// What `takeInOrder` comes to.
  enum InOrder {
    /// The segment's bytes were all counted in `plain`.
    case counted
    /// The segment's bytes come next, at this offset.
    case bytes(at: StreamOffset)
  }

  /// The fast path of a segment in `packet`: see `TCPConnection.takeInOrder`.
  ///
  /// - Parameter isCounting: whether nobody wants records of frames and messages.
  @inline(__always)
  mutating func takeInOrder(
    _ segment: TCPSegment, _ direction: Direction, _ bytes: RawSpan, _ packet: PacketReference, isCounting: Bool,
    _ workspace: inout Workspace
  ) -> InOrder? {
    lastPacket = packet
    guard let offset = tcp.takeInOrder(segment, direction) else { return nil }
    let i = Int(direction.rawValue)
    guard isCounting, isPlainOpen[i], segment.payloadLength > 0, case .webSocket(_, let client) = stage,
      plain[i].take(bytes.extracting(segment.payload), isFromClient: direction == client, packet, &workspace)
    else { return .bytes(at: offset) }
    return .counted
  }

  /// Says of which sender, the client and the server, plain messages may be counted.
  mutating func openPlain(_ client: Direction, _ mayCount: (client: Bool, server: Bool)) {
    isPlainOpen[Int(client.rawValue)] = mayCount.client
    isPlainOpen[Int(client.opposite.rawValue)] = mayCount.server
  }

  /// Hands over what was counted, and counts no more; nil if there is nothing.
  mutating func takePlain() -> InlineArray<2, PlainCounts>? {
    guard isPlainOpen[0] || isPlainOpen[1] else { return nil }
    defer {
      plain = InlineArray(repeating: PlainCounts())
      isPlainOpen = InlineArray(repeating: false)
    }
    return plain
  }
}

extension Flow: Vacatable {
  mutating func vacate() {
    stage = .dismissed
    tcp.vacate()
  }
}
