import Transport
import WebSocket

/// An upgrade that was asked for, and the answer.
struct Upgrade {
  var request: HeadRecord?
  var response: HeadRecord?
  /// The direction in which the client sends.
  var clientDirection: Direction
  /// What is known of where the client's frames begin. Where the request is missing, nothing may be.
  var clientStart = FirstFrame.known
  /// The same for the server's. Where the response is missing, it is not known.
  var serverStart = FirstFrame.known
  /// Why this is taken for an upgrade, where no response says so.
  var inference: Inference?

  /// The packet that completed the handshake, as far as that is known.
  var completion: PacketReference? { response?.packet ?? request?.packet }
}

/// What is known of the place of a sender's first frame in what was held.
enum FirstFrame {
  /// It comes first.
  case known
  /// It comes first, as what it looks like tells.
  case found(PlaceConfidence)
  /// It must be looked for.
  case unknown
}

/// What became of a connection that may carry an opening handshake.
enum HandshakeOutcome {
  /// Not known yet.
  case pending
  /// It carries no WebSocket.
  case dismissed
  /// TLS begins, in a tunnel through a proxy; what was held of each direction belongs to it.
  case secured
  /// More came before the handshake was complete than is held.
  case overflowed
  /// It switched to WebSocket; what was held of each direction follows the handshake.
  case upgraded(Upgrade)
}
