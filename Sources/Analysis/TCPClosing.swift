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
  func tcpClosing(
    _ index: Int, _ clientDirection: Direction, _ resetBy: Direction?, _ packet: PacketReference?
  ) -> TCPClosing {
    let tcp = flows[index].tcp
    var endings: [TCPEnding] = []
    for direction in [Direction.forward, .backward] {
      let sender = Sender(direction, client: clientDirection)
      if let fin = tcp.fin(direction) { endings.append(TCPEnding(kind: .fin, sender: sender, packet: fin)) }
      if let packet, direction == resetBy { endings.append(TCPEnding(kind: .reset, sender: sender, packet: packet)) }
    }
    // Stable, so that what `TCPConnection.finishedFirst` takes as the first of equal times stays first.
    endings = endings.enumerated().sorted { ($0.element.packet.time, $0.offset) < ($1.element.packet.time, $1.offset) }
      .map(\.element)
    var closing = TCPClosing(endings: endings, first: endings.first?.sender)
    if tcp.isAnswerToUnseen, let resetBy { closing.unseen = resetBy == clientDirection ? .server : .client }
    guard let first = endings.first else {
      closing.isTimeKnown = !tcp.lacksFIN(.forward) && !tcp.lacksFIN(.backward)
      return closing
    }
    let mine = first.sender == .client ? clientDirection : clientDirection.opposite
    // A FIN that the capture lacks came before, or may have.
    if tcp.lacksFIN(mine.opposite), first.kind == .reset || !tcp.finPrecedesLackingOne(mine) { closing.first = nil }
    closing.isTimeKnown = closing.first != nil && !tcp.lacksFIN(mine)
    return closing
  }
}
