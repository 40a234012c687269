import Bytes
import Transport
import WebSocket

/// The records and diagnostics that a sender's frames and messages make.
extension SenderStream {
  /// Gives out what is incomplete: the frame that is being sent, and its message.
  mutating func flush<S: RecordSink & ~Copyable>(
    _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    resume(isLast: true, &workspace, &shared, into: &sink)
    if isInsideFrame, let packet = lastPacket {
      if frame.isUntouched { beginParts() }
      let payload = takePayload()
      let recorded = recorded(payload.count, shared.limits)
      emitFrame(payload.span.bytes.extracting(recorded), packet, &shared, into: &sink)
      takeControl(payload.span.bytes, packet, &shared, into: &sink)
    }
    if decoder.partialHeaderLength > 0 {
      let detail = "\(decoder.partialHeaderLength) bytes"
      shared.reporter.report(
        .headerCut, detail: detail, sender, frameStart.packet, frameStart.offset, into: &sink)
    }
    emitAbandoned(&shared, into: &sink)
    giveUpSeeking(&shared, into: &sink)
  }

  mutating func emitFrame<S: RecordSink & ~Copyable>(
    _ payload: RawSpan, _ packet: PacketReference, _ shared: inout SessionShared, into sink: inout S
  ) {
    tally.frames += 1
    tally.payloadBytes += frame.captured
    if frame.message > 0 {
      span.lastFrame = frame.number
      span.lastPacket = packet
    }
    guard sink.kinds.contains(.frame) else { return }
    let record = FrameRecord(
      connection: shared.connection, number: frame.number, sender: sender, header: frame.header,
      first: frameStart.packet, last: packet, offset: frameStart.offset,
      capturedLength: frame.captured, isComplete: frame.isComplete,
      message: frame.message, inference: inference)
    sink.frame(record, payload: payload)
  }

  mutating func emitMessage<S: RecordSink & ~Copyable>(
    _ message: Message, _ content: RawSpan, _ shared: inout SessionShared, into sink: inout S
  ) {
    tally.messages += 1
    if message.isDamaged || message.isValidUTF8 == false || message.isCompressed {
      report(message, stored: content.byteCount, &shared, into: &sink)
    }
    guard sink.kinds.contains(.message) else { return }
    let record = MessageRecord(
      connection: shared.connection, number: span.number, sender: sender, first: span.packet, last: span.lastPacket,
      firstFrame: span.frame, lastFrame: span.lastFrame, message: message, inference: inference)
    sink.message(record, content: content)
  }

  mutating func emitAssembled<S: RecordSink & ~Copyable>(
    _ message: Message, _ shared: inout SessionShared, into sink: inout S
  ) {
    let content = messages.takeContent()
    emitMessage(message, content.span.bytes, &shared, into: &sink)
    messages.reuse(content)
  }

  mutating func emitAbandoned<S: RecordSink & ~Copyable>(
    _ shared: inout SessionShared, into sink: inout S
  ) {
    guard messages.isInsideMessage else { return }
    emitAssembled(messages.abandon(), &shared, into: &sink)
  }

  // MARK: Diagnostics

  mutating func report<S: RecordSink & ~Copyable>(
    _ faults: FrameFaults, _ header: FrameHeader, _ packet: PacketReference, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    let offset = frameStart.offset
    for (fault, code) in FrameFaults.codes(for: sender) where faults.contains(fault) {
      let detail = fault == .reservedOpcode ? "\(header.opcode.rawValue)" : nil
      shared.reporter.report(code, detail: detail, sender, packet, offset, frame: shared.frameCount, into: &sink)
    }
    // Pongs, and another Close, may follow (RFC 6455 §5.5.1, §5.5.2).
    if hasClosed, !header.opcode.isControl {
      shared.reporter.report(.afterClose, sender, packet, offset, frame: shared.frameCount, into: &sink)
    }
  }

  private mutating func report<S: RecordSink & ~Copyable>(
    _ message: Message, stored: Int, _ shared: inout SessionShared, into sink: inout S
  ) {
    func at(_ offset: UInt64?) -> String? { offset.map { "at byte \($0) of message \(span.number)" } }
    if message.isDamaged {
      shared.reporter.report(.inflateFailed, sender, span.lastPacket, nil, frame: span.lastFrame, into: &sink)
    }
    if message.isValidUTF8 == false {
      shared.reporter.report(
        .invalidUTF8, detail: at(message.firstInvalidUTF8 ?? message.length), sender, span.lastPacket, nil,
        frame: span.lastFrame, into: &sink)
    }
    if message.isCompressed, UInt64(stored) < message.length, stored >= shared.limits.inflated {
      shared.reporter.report(
        .contentCut, detail: "\(stored) of \(message.length) bytes are kept", sender, span.lastPacket, nil,
        frame: span.lastFrame, into: &sink)
    }
  }
}
