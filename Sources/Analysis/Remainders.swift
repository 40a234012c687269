import Transport

/// What is not over when the capture is.
extension Analyzer {
  /// The capture is over: gives out what is incomplete and ends every connection.
  public mutating func finish<S: RecordSink & ~Copyable>(into sink: inout S) {
    for kind in Remainder.Kind.allCases {
      for remainder in remainders(kind) { finish(remainder, into: &sink) }
    }
  }

  /// Something that is not over when the capture is.
  public struct Remainder {
    /// What there may be.
    public enum Kind: CaseIterable {
      /// A SYN of which it is not known whether it begins a connection.
      case opening
      /// A connection.
      case connection
    }

    /// What it is.
    public let kind: Kind
    let index: Int
    /// The first packet of it in the capture.
    public let packet: PacketReference
  }

  /// The capture is over: what must be given to `finish`, one after the other; first all of one kind, then those of the next.
  public mutating func remainders(_ kind: Remainder.Kind) -> [Remainder] {
    summary.fragments = decoder.counters.fragments
    let all =
      switch kind {
      case .opening: waitingOpenings()
      case .connection:
        flows.indices.map { Remainder(kind: kind, index: $0, packet: flows[$0].tcp.firstPacket) }
      }
    return all.sorted { $0.packet.precedes($1.packet) }
  }

  /// Gives out what is incomplete of one of `remainders`, and ends it.
  public mutating func finish<S: RecordSink & ~Copyable>(_ remainder: Remainder, into sink: inout S) {
    let index = remainder.index
    switch remainder.kind {
    case .opening: settleOpening(index, into: &sink)
    case .connection: close(index, .captureEnd, into: &sink)
    }
  }

  /// Whether one of `remainders` is a connection that carries a WebSocket, as far as it is known before `finish`.
  public func isWebSocket(_ remainder: Remainder) -> Bool {
    guard remainder.kind == .connection, case .webSocket = innerStage(remainder.index) else { return false }
    return true
  }
}
