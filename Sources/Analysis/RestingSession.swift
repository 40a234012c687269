import Capture
import Transport
import WebSocket

/// A `WebSocketSession` between frames and messages, in few bytes: nothing of it is left out but memory to be used again.
struct RestingSession {
  private var start: Timestamp
  private var lastTime: Timestamp
  private var lastMessageTime: Timestamp
  private var frameCount: UInt64
  private var messageCount: UInt64
  private var pings: PingWatches
  private var reporter: Reporter
  private var isAgreementKnown: Bool
  private var isFromStart: Bool
  private var hasOtherExtensions: Bool
  private var client: RestingSender
  private var server: RestingSender

  /// What is to be kept of `session`; nil if that is more than this can hold.
  init?(_ session: borrowing WebSocketSession) {
    guard session.shared.closedFirst == nil, !session.shared.mayHold, let client = RestingSender(session.client),
      let server = RestingSender(session.server)
    else { return nil }
    self.client = client
    self.server = server
    start = session.shared.start
    lastTime = session.shared.lastTime
    lastMessageTime = session.shared.lastMessageTime
    frameCount = session.shared.frameCount
    messageCount = session.shared.messageCount
    pings = session.shared.pings
    pings.trim()
    reporter = session.shared.reporter
    isAgreementKnown = session.shared.isAgreementKnown
    isFromStart = session.shared.isFromStart
    hasOtherExtensions = session.shared.hasOtherExtensions
  }

  /// The session that goes on where the other one rested.
  func session(_ limits: MessageLimits) -> WebSocketSession {
    var shared = SessionShared(
      limits: limits, start: start, isAgreementKnown: isAgreementKnown, isFromStart: isFromStart, reporter: reporter,
      lastTime: lastTime, lastMessageTime: lastMessageTime)
    shared.hasOtherExtensions = hasOtherExtensions
    shared.pings = pings
    shared.frameCount = frameCount
    shared.messageCount = messageCount
    return WebSocketSession(
      shared, client: client.stream(.client, limits), server: server.stream(.server, limits))
  }
}

/// A `SenderStream` between frames and messages.
private struct RestingSender {
  private var frames: UInt64
  private var messages: UInt64
  private var payloadBytes: UInt64
  private var wireBytes: UInt64
  private var missingBytes: UInt64
  private var undecodedBytes: UInt64
  private var lastPacket: PacketReference?
  private var compression: DirectionCompression?
  private var isPlain: Bool
  private var lacksLastEnd: Bool
  private var isNotable: Bool
  private var mayMissLast: Bool
  private var mayMissFirstFragment: Bool
  private var hasLostStep: Bool

  /// Nil if frames are being looked for, or were found by inference; where a frame or message is in progress; after a Close
  /// frame; where there is something to remark; and while there is state of zlib.
  init?(_ stream: borrowing SenderStream) {
    guard stream.decoder.isBetweenFrames, !stream.hasClosed, stream.inference == nil, stream.seeking.isEmpty,
      stream.noted.isEmpty, !stream.holdsNothing, stream.messages.isAsNew
    else { return nil }
    frames = stream.tally.frames
    messages = stream.tally.messages
    payloadBytes = stream.tally.payloadBytes
    wireBytes = stream.tally.wireBytes
    missingBytes = stream.tally.missingBytes
    undecodedBytes = stream.tally.undecodedBytes
    lastPacket = stream.lastPacket
    compression = stream.messages.compression
    isPlain = stream.isPlain
    lacksLastEnd = stream.lacksLastEnd
    isNotable = stream.isNotable
    mayMissLast = stream.mayMissLast
    mayMissFirstFragment = stream.mayMissFirstFragment
    hasLostStep = stream.hasLostStep
  }

  func stream(_ sender: Sender, _ limits: MessageLimits) -> SenderStream {
    var stream = SenderStream(sender, compression: compression, limits: limits)
    stream.tally.frames = frames
    stream.tally.messages = messages
    stream.tally.payloadBytes = payloadBytes
    stream.tally.wireBytes = wireBytes
    stream.tally.missingBytes = missingBytes
    stream.tally.undecodedBytes = undecodedBytes
    stream.lastPacket = lastPacket
    stream.isPlain = isPlain
    stream.lacksLastEnd = lacksLastEnd
    stream.isNotable = isNotable
    stream.mayMissLast = mayMissLast
    stream.mayMissFirstFragment = mayMissFirstFragment
    stream.hasLostStep = hasLostStep
    return stream
  }
}
