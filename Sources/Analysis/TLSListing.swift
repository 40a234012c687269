import TLS
import Transport

/// Records of TLS connections, decrypted or not, where such are listed.
extension Analyzer {
  /// Counts the connection at `index`, if its bytes are TLS records behind a handshake that the capture lacks. True where such
  /// are listed: then it is followed, to be listed when it ends.
  mutating func listUndecryptable(_ index: Int, _ session: Int) -> Bool {
    guard currentTLS == nil, handshakes[session].midstream.first?.looksLikeTLS == true else { return false }
    guard options.tls.listsConnections else {
      summary.tls.add(.noClientHello)
      return false
    }
    handshakes.remove(session)
    let flow = TLSFlow(inner: .quiet)
    flow.connection.abandon(.noClientHello)
    flow.isOnlyCounted = true
    for direction in [Direction.forward, .backward] {
      flow.bytes[Int(direction.rawValue)] = flows[index].tcp.delivered(direction)
    }
    summary.tls.connections += 1
    flows[index].stage = .tls(tls.insert(flow))
    return true
  }

  /// The direction in which the client sends. Where no hello tells it, that of the first SYN; where there is none, that to the lower
  /// port.
  private func clientDirection(_ index: Int, _ connection: TLSConnection) -> Direction {
    if let client = connection.client { return client == Int(Direction.backward.rawValue) ? .backward : .forward }
    let tcp = flows[index].tcp
    if let initiator = tcp.initiator { return initiator }
    return tcp.key.source(.forward).port < tcp.key.source(.backward).port ? .backward : .forward
  }

  /// Gives the record of a TLS connection that ends, where such are listed.
  mutating func list<S: RecordSink & ~Copyable>(_ index: Int, _ t: Int, into sink: inout S) {
    guard options.tls.listsConnections else { return }
    let flow = tls[t]
    var connection: ConnectionReference?
    if case .webSocket(let socket, _) = flow.inner { connection = sockets[socket].shared.connection }
    let tcp = flows[index].tcp
    let client = clientDirection(index, flow.connection)
    var information = flow.connection.information
    information.failurePacket = flow.failure?.number
    let identifier = flow.connection.client.map { _ in
      stableIdentifier(tcp.key.source(client), tcp.key.source(client.opposite), firstPacket: tcp.firstPacket.time)
    }
    sink.tls(
      TLSConnectionRecord(
        identifier: identifier, client: tcp.key.source(client), server: tcp.key.source(client.opposite),
        first: tcp.firstPacket, last: flows[index].lastPacket, information: information,
        clientBytes: flow.bytes[Int(client.rawValue)], serverBytes: flow.bytes[Int(client.opposite.rawValue)],
        connection: connection))
  }
}
