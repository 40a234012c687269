import Bytes
import Capture
import Transport
import WebSocket

/// The fast path of a sender's frames: messages without compression, each of one frame that keeps to all rules and lies in
/// one piece. They leave nothing behind in the stream but counts, so that a packet of them touches little memory.
extension SenderStream {
  /// Whether the next bytes may begin such a frame: nothing is open, doubtful, or to be looked at more closely. `isPlain`
  /// keeps the answer.
  @inline(__always)
  var mayComePlain: Bool {
    decoder.isBetweenFrames && !isNotable && !mayMissFirstFragment && inference == nil && !messages.isInsideMessage
  }

  /// Takes such messages as long as they come, where nobody wants their records.
  mutating func countPlain(
    _ bytes: RawSpan, _ position: inout Int, _ packet: PacketReference, _ workspace: inout Workspace,
    _ shared: inout SessionShared
  ) {
    let run = PlainMessages.run(bytes, &position, isFromClient: sender == .client, &workspace)
    if run.frames > 0 { count(run.frames, run.payloadBytes, at: packet.time, &shared) }
  }

  /// The same, with their records.
  mutating func givePlain<S: RecordSink & ~Copyable>(
    _ bytes: RawSpan, at offset: StreamOffset, _ position: inout Int, _ packet: PacketReference,
    _ workspace: inout Workspace, _ shared: inout SessionShared, _ kinds: RecordKinds, into sink: inout S
  ) {
    var end = position
    while let header = PlainMessages.next(bytes, &end, isFromClient: sender == .client) {
      let start = end &- Int(truncatingIfNeeded: header.payloadLength)
      let payload = bytes.extracting(Range(uncheckedBounds: (start, end)))
      let place = offset &+ UInt64(truncatingIfNeeded: position)
      if header.isMasked, payload.byteCount > 0 {
        let unmasked = workspace.unmask(payload, header.maskingKey)
        let isGiven = give(
          header, at: place, unmasked.span.bytes.extracting(0..<payload.byteCount), packet, &shared, kinds, into: &sink)
        workspace.reuse(unmasked)
        guard isGiven else { return }
      } else {
        guard give(header, at: place, payload, packet, &shared, kinds, into: &sink) else { return }
      }
      position = end
    }
  }

  /// Gives such a frame and its message; false, and nothing is done, if it is text that is no UTF-8, or has to be given in
  /// pieces.
  @inline(__always)
  private mutating func give<S: RecordSink & ~Copyable>(
    _ header: FrameHeader, at offset: StreamOffset, _ payload: RawSpan, _ packet: PacketReference,
    _ shared: inout SessionShared, _ kinds: RecordKinds, into sink: inout S
  ) -> Bool {
    let isText = header.opcode.rawValue == Opcode.text.rawValue
    if isText, !payload.isASCII(), !UTF8Validator.isValid(payload) { return false }
    if payload.byteCount > shared.limits.stored, shared.limits.givesPieces { return false }
    count(1, header.payloadLength, at: packet.time, &shared)
    let stored = payload.extracting(0..<min(payload.byteCount, shared.limits.stored))
    if kinds.contains(.frame) {
      let record = FrameRecord(
        connection: shared.connection, number: shared.frameCount, sender: sender, header: header, first: packet,
        last: packet, offset: offset, capturedLength: header.payloadLength, isComplete: true,
        message: shared.messageCount, inference: nil)
      sink.frame(record, payload: stored)
    }
    if kinds.contains(.message) {
      let record = MessageRecord(
        connection: shared.connection, number: shared.messageCount, sender: sender, first: packet, last: packet,
        firstFrame: shared.frameCount, lastFrame: shared.frameCount,
        message: Message(whole: header, isValidUTF8: isText ? true : nil))
      sink.message(record, content: stored)
    }
    return true
  }

  /// Counts so many of them, with so many bytes of payload.
  @inline(__always)
  mutating func count(
    _ frames: UInt64, _ payloadBytes: UInt64, at time: Timestamp, _ shared: inout SessionShared
  ) {
    tally.frames &+= frames
    tally.messages &+= frames
    tally.payloadBytes &+= payloadBytes
    lacksLastEnd = false
    shared.frameCount &+= frames
    shared.messageCount &+= frames
    shared.noteMessage(at: time)
  }
}

/// Finds such messages in bytes that begin with a frame.
enum PlainMessages {
  /// How many come in a row from `position` on, which moves behind the last, and how long their payloads are.
  @inline(__always)
  static func run(
    _ bytes: RawSpan, _ position: inout Int, isFromClient: Bool, _ workspace: inout Workspace
  ) -> (frames: UInt64, payloadBytes: UInt64) {
    var frames: UInt64 = 0
    var payloadBytes: UInt64 = 0
    var end = position
    while let header = next(bytes, &end, isFromClient: isFromClient) {
      if header.opcode.rawValue == Opcode.text.rawValue {
        let start = end &- Int(truncatingIfNeeded: header.payloadLength)
        let payload = bytes.extracting(Range(uncheckedBounds: (start, end)))
        guard payload.isASCII(unmaskedWith: header.maskingKey) || workspace.isUTF8(payload, header.maskingKey) else {
          break
        }
      }
      frames &+= 1
      payloadBytes &+= header.payloadLength
      position = end
    }
    return (frames, payloadBytes)
  }

  /// The header of the frame at `position`, behind which `position` moves, if it is one. Its content may still be no UTF-8.
  @inline(__always)
  static func next(_ bytes: RawSpan, _ position: inout Int, isFromClient: Bool) -> FrameHeader? {
    var end = position
    guard let header = FrameDecoder().nextWhole(bytes, &end), header.firstByte == 0x81 || header.firstByte == 0x82,
      header.isMasked == isFromClient, header.isLengthMinimal
    else { return nil }
    position = end
    return header
  }
}

extension FrameHeader {
  /// Whether the payload length is written in no more bytes than it needs (RFC 6455 §5.2).
  @inline(__always)
  fileprivate var isLengthMinimal: Bool {
    let form = secondByte & 0x7F
    return form < 126 || payloadLength >= (form == 126 ? 126 : 65_536)
  }
}
