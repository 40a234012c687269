import Bytes
import Capture
import Transport
import WebSocket

/// One WebSocket connection after its handshake: two streams of frames, their messages, and how it ends.
///
/// Everything that decoding needs is kept for each sender apart.
struct WebSocketSession {
  /// When the handshake was complete.
  let start: Timestamp
  var shared: SessionShared
  private var client: SenderStream
  private var server: SenderStream

  init(_ record: ConnectionRecord, limits: MessageLimits) {
    let isKnown = record.response != nil
    self.init(
      record.connection, start: record.time, isKnown ? record.handshake.compression : .assumed, isKnown: isKnown, limits
    )
  }

  /// A connection of nobody.
  static var nothing: WebSocketSession {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    let nobody = ConnectionReference(number: 0, identifier: 0, client: nowhere, server: nowhere)
    return WebSocketSession(nobody, start: .init(nanoseconds: 0), nil, isKnown: true, MessageLimits())
  }

  private init(
    _ connection: ConnectionReference, start: Timestamp, _ compression: Compression?, isKnown: Bool,
    _ limits: MessageLimits
  ) {
    self.start = start
    shared = SessionShared(
      limits: limits, lastTime: start, connection: connection, isAgreementKnown: isKnown,
      reporter: Reporter(connection))
    client = SenderStream(.client, compression: compression?.direction(ofClient: true), limits: limits)
    server = SenderStream(.server, compression: compression?.direction(ofClient: false), limits: limits)
  }

  // MARK: What it holds

  /// Bytes of memory that it holds for frames and messages to come, about.
  var heldBytes: Int { client.heldBytes + server.heldBytes }

  /// Holds nothing from here on.
  mutating func holdNothing() {
    client.holdNothing()
    server.holdNothing()
  }

  // MARK: What the streams bring

  /// The next bytes that `sender` sent.
  mutating func take<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    _ workspace: inout Workspace, into sink: inout S
  ) {
    switch sender {
    case .client:
      client.tally.wireBytes += UInt64(bytes.byteCount)
      client.take(bytes, at: offset, packet, &workspace, &shared, into: &sink)
    case .server:
      server.tally.wireBytes += UInt64(bytes.byteCount)
      server.take(bytes, at: offset, packet, &workspace, &shared, into: &sink)
    }
  }

  /// Bytes that `sender` sent are missing.
  mutating func skip<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ gap: StreamGap, _ packet: PacketReference, _ workspace: inout Workspace, into sink: inout S
  ) {
    switch sender {
    case .client: client.skip(gap, packet, &workspace, &shared, into: &sink)
    case .server: server.skip(gap, packet, &workspace, &shared, into: &sink)
    }
  }

  /// Says what is known of where the frames of `sender` begin, before its first bytes; `passed` bytes came before.
  mutating func begin(_ sender: Sender, _ start: FirstFrame, passed: UInt64) {
    switch sender {
    case .client: client.begin(start, passed: passed)
    case .server: server.begin(start, passed: passed)
    }
  }

  /// Gives what is wrong with the handshake.
  mutating func reportHandshake<S: RecordSink & ~Copyable>(_ record: ConnectionRecord, into sink: inout S) {
    guard let packet = record.response?.packet ?? record.request?.packet else { return }
    for (code, detail, sender) in record.handshake.faults {
      shared.reporter.report(code, detail: detail, sender, packet, nil, into: &sink)
    }
  }

  // MARK: The end

  /// Gives out what is incomplete: the frame that `sender` was sending, and its message.
  mutating func flush<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ workspace: inout Workspace, into sink: inout S
  ) {
    switch sender {
    case .client: client.flush(&workspace, &shared, into: &sink)
    case .server: server.flush(&workspace, &shared, into: &sink)
    }
  }

  /// The connection's last record; `flush` both senders first.
  func endRecord(_ cause: EndCause, closedFirst tcpClosedFirst: Sender?) -> EndRecord {
    let isClosed = [client.closing, server.closing].allSatisfy { [.sound, .faulty, .unread].contains($0) }
    let isOpen = cause == .captureEnd && !isClosed
    return EndRecord(
      connection: shared.connection, time: shared.lastTime, duration: shared.lastTime.since(start),
      cause: isClosed ? .closeHandshake : cause, closedFirst: closedFirst ?? unlessClosed(tcpClosedFirst),
      clientClose: client.close, serverClose: server.close, isClean: isOpen ? nil : isClean,
      browserCode: isOpen ? nil : browserCode, client: client.tally, server: server.tally)
  }

  /// Whether both ends sent Close, and the client could take the server's (RFC 6455 §7.1.4, §7.1.7).
  private var isClean: Bool? {
    if server.closing == .faulty || client.closing == .none || server.closing == .none { return false }
    return client.closing == .unknown || [.unknown, .unread].contains(server.closing) ? nil : true
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
    return (first == .client ? server : client).closing == .unknown ? nil : first
  }

  /// `sender`, who ended the TCP connection first, where it is sure that nobody sent a Close frame before.
  private func unlessClosed(_ sender: Sender?) -> Sender? {
    client.closing == .none && server.closing == .none ? sender : nil
  }
}
