import Bytes
import HTTP
import Transport

/// Connections of which the user says that they are WebSockets.
extension Analyzer {
  /// Takes a connection for a WebSocket that has one of the assumed ports, and in which `bytes` of `direction` begin no head.
  mutating func assume(_ index: Int, _ session: Int, _ direction: Direction, _ bytes: RawSpan) {
    guard handshakes[session].isSilent(direction), !HTTPHead.begins(bytes), let client = assumedClient(index) else {
      return
    }
    handshakes[session].assume(
      client, clientStart: firstFrame(index, session, client),
      serverStart: firstFrame(index, session, client.opposite))
  }

  /// The direction in which the client of an assumed WebSocket sends: to the assumed port.
  private func assumedClient(_ index: Int) -> Direction? {
    let tcp = flows[index].tcp
    let client = [Direction.forward, .backward].filter {
      options.assumedPorts.contains(tcp.key.source($0.opposite).port)
    }
    return client.count == 2 ? tcp.initiator ?? client[0] : client.first
  }

  /// Where all that was sent is there, the first byte begins the first frame, as far as anyone may be believed.
  private func firstFrame(_ index: Int, _ session: Int, _ direction: Direction) -> FirstFrame {
    let tcp = flows[index].tcp
    let isKnown =
      tcp.isStarted(direction) ? tcp.startIsKnown(direction) : tcp.startIsKnown(direction.opposite)
    return isKnown && !handshakes[session].hasGaps[Int(direction.rawValue)]
      ? .found(PlaceConfidence(first: .least, rest: .least)) : .unknown
  }
}
