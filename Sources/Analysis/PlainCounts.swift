import Bytes
import Capture
import Transport
import WebSocket

/// What came of plain messages of one sender and was not yet added to its `SenderStream`.
///
/// Where nobody wants records, such messages are counted here, in the `Flow`, so that a packet of them does not touch the
/// session at all. `WebSocketSession.absorb` adds it all up before anything else happens to the session.
///
/// It is small: where a number would become too large, or time goes back, the packet is left to the session.
struct PlainCounts {
  /// The packet that brought bytes last, which is also the latest of them.
  private(set) var lastPacket = PacketReference(number: 0, time: .init(nanoseconds: .min))
  private(set) var frames: UInt32 = 0
  private(set) var payloadBytes: UInt32 = 0
  private(set) var wireBytes: UInt32 = 0

  /// Counts `bytes` if they are nothing but such messages; else nothing is done.
  @inline(__always)
  mutating func take(
    _ bytes: RawSpan, isFromClient: Bool, _ packet: PacketReference, _ workspace: inout Workspace
  ) -> Bool {
    let (sum, isOver) = wireBytes.addingReportingOverflow(UInt32(clamping: bytes.byteCount))
    guard !isOver, packet.time >= lastPacket.time else { return false }
    var position = 0
    let run = PlainMessages.run(bytes, &position, isFromClient: isFromClient, &workspace)
    guard position == bytes.byteCount else { return false }
    // Neither is more than there are bytes.
    frames &+= UInt32(truncatingIfNeeded: run.frames)
    payloadBytes &+= UInt32(truncatingIfNeeded: run.payloadBytes)
    wireBytes = sum
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
    shared.lastTime = max(shared.lastTime, counts.lastPacket.time)
    tally.wireBytes += UInt64(counts.wireBytes)
    count(UInt64(counts.frames), UInt64(counts.payloadBytes), at: counts.lastPacket.time, &shared)
  }
}
