import Bytes
import Capture
import Transport
import WebSocket

/// One WebSocket connection after its handshake: two streams of frames, their messages, and how it ends.
///
/// Everything that decoding needs is kept for each sender apart.
struct WebSocketSession {
  var shared: SessionShared
  var client: SenderStream
  var server: SenderStream

  init(_ record: ConnectionRecord, limits: MessageLimits) {
    let isKnown = record.response != nil
    let extensions = record.extensions
    var compression: Compression? = isKnown ? nil : .assumed
    var hasOtherExtensions = !isKnown
    if isKnown, !extensions.isEmpty {
      compression = extensions.lazy.compactMap { Compression($0) }.first
      hasOtherExtensions = extensions.contains { Compression($0) == nil }
    }
    shared = SessionShared(
      limits: limits, start: record.time, isAgreementKnown: isKnown, hasOtherExtensions: hasOtherExtensions,
      isFromStart: record.start == .handshake, reporter: Reporter(record.connection), lastTime: record.time,
      lastMessageTime: record.time)
    client = SenderStream(.client, compression: compression?.direction(ofClient: true), limits: limits)
    server = SenderStream(.server, compression: compression?.direction(ofClient: false), limits: limits)
  }

  /// A session that goes on with this state.
  init(_ shared: SessionShared, client: SenderStream, server: SenderStream) {
    self.shared = shared
    self.client = client
    self.server = server
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

  /// The next bytes that `sender` sent. Whether anything may be held now that is not counted yet.
  @inline(__always)
  mutating func take<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    _ workspace: inout Workspace, into sink: inout S
  ) -> Bool {
    switch sender {
    case .client:
      client.tally.wireBytes += UInt64(bytes.byteCount)
      client.take(bytes, at: offset, packet, &workspace, &shared, into: &sink)
    case .server:
      server.tally.wireBytes += UInt64(bytes.byteCount)
      server.take(bytes, at: offset, packet, &workspace, &shared, into: &sink)
    }
    return shared.mayHold
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

  /// Says what is known of where the frames of `sender` begin, before its first bytes; `passed` bytes came before, and
  /// `missed` that the capture lacks and that were reported.
  mutating func begin<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ start: FirstFrame, passed: UInt64, missed: UInt64, _ packet: PacketReference,
    into sink: inout S
  ) {
    switch sender {
    case .client: client.begin(start, passed: passed, missed: missed)
    case .server: server.begin(start, passed: passed, missed: missed)
    }
    guard passed > 0 else { return }
    shared.reporter.report(.undecoded, detail: "\(passed) bytes", sender, packet, 0, into: &sink)
  }

  /// Gives what is wrong with the handshake.
  mutating func reportHandshake<S: RecordSink & ~Copyable>(_ record: ConnectionRecord, into sink: inout S) {
    shared.reporter.report(HandshakeJudge.faults(record), of: record, into: &sink)
  }

  // MARK: The end

  /// The capture lacks what `sender` sent last.
  mutating func lackLast(_ sender: Sender) {
    switch sender {
    case .client: client.mayMissLast = true
    case .server: server.mayMissLast = true
    }
  }

  /// Gives out what is incomplete: the frame that `sender` was sending, and its message.
  mutating func flush<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ workspace: inout Workspace, into sink: inout S
  ) {
    switch sender {
    case .client: client.flush(&workspace, &shared, into: &sink)
    case .server: server.flush(&workspace, &shared, into: &sink)
    }
  }
}
