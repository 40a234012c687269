import Transport

/// How a TCP connection ended.
struct TCPClosing {
  /// The FINs and the RST, in order of time.
  var endings: [TCPEnding] = []
  /// Who sent the first of them, those included that the capture lacks; nil if that cannot be told.
  var first: Sender?
  /// Whether the first in `endings` was the first of all, so that its time is that of the end.
  var isTimeKnown = true
  /// Who is known to have sent something last that the capture lacks.
  var unseen: Sender?

  /// Whether `sender` has not ended what the other end has.
  func isHalfOpen(_ sender: Sender) -> Bool { !endings.isEmpty && !endings.contains { $0.sender == sender } }
}

extension Analyzer {
  /// How the connection at `index`, whose streams are over, ended; its RST came in `packet`.
  mutating func tcpClosing(
    _ index: Int, _ clientDirection: Direction, _ resetBy: Direction?, _ packet: PacketReference?
  ) -> TCPClosing {
    flows.inPlace(index) { TCPClosing($0.tcp, clientDirection, resetBy, packet) }
  }
}

extension TCPClosing {
  fileprivate init(
    _ tcp: borrowing TCPConnection, _ clientDirection: Direction, _ resetBy: Direction?, _ packet: PacketReference?
  ) {
    endings.reserveCapacity(2)
    for direction in [Direction.forward, .backward] {
      let sender = Sender(direction, client: clientDirection)
      if let fin = tcp.fin(direction) { insert(TCPEnding(kind: .fin, sender: sender, packet: fin)) }
      if let packet, direction == resetBy { insert(TCPEnding(kind: .reset, sender: sender, packet: packet)) }
    }
    first = endings.first?.sender
    if tcp.isAnswerToUnseen, let resetBy { unseen = resetBy == clientDirection ? .server : .client }
    guard let first = endings.first else {
      isTimeKnown = !tcp.lacksFIN(.forward) && !tcp.lacksFIN(.backward)
      return
    }
    let mine = first.sender == .client ? clientDirection : clientDirection.opposite
    // A FIN that the capture lacks came before, or may have.
    if tcp.lacksFIN(mine.opposite), first.kind == .reset || !tcp.finPrecedesLackingOne(mine) { self.first = nil }
    isTimeKnown = self.first != nil && !tcp.lacksFIN(mine)
  }

  /// Adds `ending` behind those of the same time, so that what `TCPConnection.finishedFirst` takes as the first of them stays
  /// first.
  private mutating func insert(_ ending: TCPEnding) {
    let later = endings.firstIndex { $0.packet.time > ending.packet.time }
    endings.insert(ending, at: later ?? endings.count)
  }
}
