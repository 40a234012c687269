import Capture
import Transport
import WebSocket

/// How a connection ended, from what its two streams came to (RFC 6455 §7.1).
extension WebSocketSession {
  /// Gives the pongs that answer no ping, where it is sure that the capture lacks no ping: the first of each sender.
  mutating func reportPongs<S: RecordSink & ~Copyable>(into sink: inout S) {
    for pinger in [Sender.client, .server] where knowsAll(from: pinger) && shared.pings[pinger]?.isBlurred == false {
      guard let (first, count) = shared.pings.finish(pinger) else { continue }
      shared.reporter.report(
        .unsolicitedPong, detail: count > 1 ? "the first of \(count)" : nil, pinger.peer, first.packet, first.offset,
        frame: first.frame, into: &sink)
    }
  }

  /// Whether every frame of `sender` was read.
  private func knowsAll(from sender: Sender) -> Bool {
    shared.isFromStart && (sender == .client ? client.isWhole : server.isWhole)
  }

  /// The connection's last record; `flush` both senders first.
  ///
  /// - Parameters:
  ///   - closing: how TCP ended.
  ///   - captureEnd: the latest time of a packet of the capture.
  func endRecord(_ cause: EndCause, _ closing: TCPClosing, captureEnd: Timestamp) -> EndRecord {
    let isClosed = client.hasSaidClose && server.hasSaidClose
    let isOpen = cause == .captureEnd && !isClosed
    return EndRecord(
      connection: shared.connection, time: shared.lastTime, duration: shared.lastTime.since(shared.start),
      cause: isClosed ? .closeHandshake : cause, closedFirst: closedFirst ?? unlessClosed(closing.first),
      clientClose: client.close, serverClose: server.close, isClean: isOpen ? nil : isClean,
      browserCode: isOpen ? nil : browserCode, tcpEndings: closing.endings,
      idle: idle(closing, openUntil: cause == .captureEnd ? captureEnd : nil),
      client: total(.client, mayGoOn: isOpen && closing.isHalfOpen(.client)),
      server: total(.server, mayGoOn: isOpen && closing.isHalfOpen(.server)))
  }

  private func idle(_ closing: TCPClosing, openUntil captureEnd: Timestamp?) -> Int64? {
    guard !client.mayMissLast, !server.mayMissLast, !client.lacksLastEnd, !server.lacksLastEnd else { return nil }
    guard shared.closedFirst != nil || closing.isTimeKnown else { return nil }
    let end = shared.closedFirst?.time ?? captureEnd ?? closing.endings.first?.packet.time ?? shared.lastTime
    return max(0, end.since(shared.lastMessageTime))
  }

  /// What `sender` sent, with what is known at the end only.
  ///
  /// - Parameter mayGoOn: whether it may yet answer the other end, which has finished.
  private func total(_ sender: Sender, mayGoOn: Bool) -> SenderTally {
    var tally = sender == .client ? client.total(mayGoOn: mayGoOn) : server.total(mayGoOn: mayGoOn)
    let pings = shared.pings[sender]
    guard knowsAll(from: .client), knowsAll(from: .server), pings?.isBlurred != true else { return tally }
    tally.unansweredPings = pings?.unanswered ?? 0
    tally.firstUnansweredPing = pings?.firstUnanswered?.packet.time
    return tally
  }

  /// Whether both ends sent Close, and the client could take the server's (RFC 6455 §7.1.4, §7.1.7).
  private var isClean: Bool? {
    if server.closing == .faulty || client.closing == .none || server.closing == .none { return false }
    return client.closing == .unknown || server.closing == .unknown || server.closing == .unread ? nil : true
  }

  /// RFC 6455 §7.1.5 as the client sees it; a Close that breaks a rule fails the connection (§7.1.7).
  private var browserCode: CloseCode? {
    switch server.closing {
    case .sound: server.close?.code ?? .noStatusReceived
    case .faulty, .none: .abnormalClosure
    case .unread, .unknown: nil
    }
  }

  /// Who sent the first Close frame; nil if nobody is known to have, or if the other end may have been first.
  private var closedFirst: Sender? {
    guard let first = shared.closedFirst?.sender else { return nil }
    return (first == .client ? server.closing : client.closing) == .unknown ? nil : first
  }

  /// `sender`, who ended the TCP connection first, where it is sure that nobody sent a Close frame before.
  private func unlessClosed(_ sender: Sender?) -> Sender? {
    client.closing == .none && server.closing == .none ? sender : nil
  }
}

extension SenderStream {
  /// Whether every frame was read, where all that was sent after the handshake is in the capture.
  fileprivate var isWhole: Bool { tally.missingBytes == 0 && !hasLostStep }

  /// Whether it is known to have sent a Close frame.
  fileprivate var hasSaidClose: Bool {
    switch closing {
    case .sound, .faulty, .unread: true
    case .none, .unknown: false
    }
  }

  /// What it sent, but for what both senders together tell.
  fileprivate func total(mayGoOn: Bool) -> SenderTally {
    let closing = closing
    var tally = tally
    tally.lastTime = lastPacket?.time
    tally.hasSentClose = closing == .unknown || mayGoOn && closing == .none ? nil : closing != .none
    tally.cutOff = cutOff
    return tally
  }
}
