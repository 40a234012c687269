import Transport

/// The end of each connection.
extension Analyzer {
  /// Gives out what the streams of a connection still hold.
  mutating func flush<S: RecordSink & ~Copyable>(_ index: Int, into sink: inout S) {
    if flows.inPlace(index, { $0.isDismissed || $0.tcp.isAllGiven }) { return }
    var isOpen: InlineArray<2, Bool> = [true, true]
    while let direction = flows.inPlace(index, { $0.tcp.earlier(of: isOpen) }) {
      if let event = flows.inPlace(index, { $0.tcp.finish(direction) }) {
        handle(index, direction, event, [UInt8]().span.bytes, flows[index].lastPacket, into: &sink)
      } else {
        isOpen[Int(direction.rawValue)] = false
      }
    }
  }

  mutating func end<S: RecordSink & ~Copyable>(
    _ index: Int, _ cause: EndCause, resetBy: Direction?, _ packet: PacketReference? = nil, into sink: inout S
  ) {
    switch flows[index].stage {
    case .dismissed:
      return
    case .quiet:
      retire(index)
    case .handshake(let session):
      handshakes[session].conclude()
      advance(index, session, into: &sink)  // dismisses it, or finds a WebSocket, or TLS that is to be listed
      switch flows[index].stage {
      case .webSocket, .tls: end(index, cause, resetBy: resetBy, packet, into: &sink)
      case .quiet, .handshake, .dismissed: break
      }
    case .tls(let t):
      guard uncover(index, t, into: &sink) else { return }
      end(index, cause, resetBy: resetBy, packet, into: &sink)
    case .webSocket(let socket, let clientDirection):
      absorb(index, socket, clientDirection)
      let connection = sockets[socket].shared.connection
      sockets[socket].shared.lastTime = max(sockets[socket].shared.lastTime, flows[index].tcp.lastTime)
      sockets[socket].flush(.client, &workspace, into: &sink)
      sockets[socket].flush(.server, &workspace, into: &sink)
      let closing = sink.kinds.contains(.end) ? tcpClosing(index, clientDirection, resetBy, packet) : nil
      endSession(socket, cause, closing, into: &sink)
      retire(index, connection)
    }
  }

  /// - Parameter closing: how TCP ended; nil if nobody wants the record that says it.
  private mutating func endSession<S: RecordSink & ~Copyable>(
    _ socket: Int, _ cause: EndCause, _ closing: TCPClosing?, into sink: inout S
  ) {
    if let sender = closing?.unseen { sockets[socket].lackLast(sender) }
    sockets[socket].reportPongs(into: &sink)
    let (client, server) = sockets.inPlace(socket) { ($0.client.tally, $0.server.tally) }
    summary.frames += client.frames + server.frames
    summary.messages += client.messages + server.messages
    summary.undecodedBytes += client.undecodedBytes + server.undecodedBytes
    if let closing { sink.end(sockets[socket].endRecord(cause, closing, captureEnd: lastTime)) }
    sockets.remove(socket)
  }
}
