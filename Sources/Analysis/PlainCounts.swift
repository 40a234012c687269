import Bytes
import Capture
import Transport
import WebSocket

/// What came of plain messages of one sender and was not yet added to its `SenderStream`.
///
/// Where nobody wants records, such messages are counted here, in the `Flow`, so that a packet of them does not touch the
/// session at all. `WebSocketSession.absorb` adds it all up before anything else happens to the session.
struct PlainCounts {
  /// Whether the sender's next bytes may be counted here.
  var isOpen = false
  var frames: UInt64 = 0
  var payloadBytes: UInt64 = 0
  var wireBytes: UInt64 = 0
  /// The latest time of a packet of them.
  var lastTime = Timestamp(nanoseconds: .min)
  /// The packet that brought bytes last.
  var lastPacket = PacketReference(number: 0, time: .init(nanoseconds: 0))

  /// Counts `bytes` if they are nothing but such messages; else nothing is done.
  mutating func take(
    _ bytes: RawSpan, isFromClient: Bool, _ packet: PacketReference, _ workspace: inout Workspace
  ) -> Bool {
    var position = 0
    let run = PlainMessages.run(bytes, &position, isFromClient: isFromClient, &workspace)
    guard position == bytes.byteCount else { return false }
    frames &+= run.frames
    payloadBytes &+= run.payloadBytes
    wireBytes &+= UInt64(truncatingIfNeeded: bytes.byteCount)
    if packet.time > lastTime { lastTime = packet.time }
    lastPacket = packet
    return true
  }
}

extension WebSocketSession {
  /// Adds what was counted of `sender`.
  mutating func absorb(_ counts: PlainCounts, _ sender: Sender) {
    guard counts.frames > 0 else { return }
    switch sender {
    case .client: client.absorb(counts, &shared)
    case .server: server.absorb(counts, &shared)
    }
  }

  /// Whether the next bytes of `sender` may be counted as plain messages apart.
  func mayCount(_ sender: Sender) -> Bool {
    shared.closedFirst == nil && (sender == .client ? client.isPlain : server.isPlain)
  }
}

extension SenderStream {
  fileprivate mutating func absorb(_ counts: PlainCounts, _ shared: inout SessionShared) {
    lastPacket = counts.lastPacket
    shared.lastTime = max(shared.lastTime, counts.lastTime)
    tally.wireBytes += counts.wireBytes
    count(counts.frames, counts.payloadBytes, at: counts.lastTime, &shared)
  }
}
