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
    noteCutOff()
    if isInsideFrame, let packet = lastPacket {
      if frame.isUntouched { beginParts() }
      let payload = takePayload()
      let recorded = recorded(payload.count, shared.limits)
      emitFrame(payload.span.bytes.extracting(recorded), packet, &shared, into: &sink)
      if frame.header.opcode.isControl { takeControl(payload.span.bytes, packet, &shared, into: &sink) }
    }
    if decoder.partialHeaderLength > 0 {
      tally.undecodedBytes += UInt64(decoder.partialHeaderLength)
      let detail = "\(decoder.partialHeaderLength) bytes"
      shared.reporter.report(
        .headerCut, detail: detail, sender, frameStart.packet, frameStart.offset, into: &sink)
    }
    emitAbandoned(&shared, into: &sink)
    giveUpSeeking(&shared, into: &sink)
  }

  private mutating func noteCutOff() {
    if messages.isInsideMessage || isInsideFrame && frame.message > 0 {
      remarks.cutOff = .message
    } else if isInsideFrame || decoder.partialHeaderLength > 0 {
      remarks.cutOff = .frame
    }
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
      message: frame.message, inference: inference?.frame)
    sink.frame(record, payload: payload)
  }

  mutating func emitMessage<S: RecordSink & ~Copyable>(
    _ message: Message, _ content: RawSpan, unknown: [Range<UInt64>] = [], _ shared: inout SessionShared,
    into sink: inout S
  ) {
    if message.isDamaged || message.isValidUTF8 == false || message.isCompressed {
      if shared.hasOtherExtensions, let excused = excused(message) {
        return emitMessage(excused, content, unknown: unknown, &shared, into: &sink)
      }
      report(message, stored: content.byteCount, &shared, into: &sink)
    }
    tally.messages += 1
    shared.noteMessage(at: span.lastPacket.time)
    guard sink.kinds.contains(.message) else { return }
    let record = MessageRecord(
      connection: shared.connection, number: span.number, sender: sender, first: span.packet, last: span.lastPacket,
      firstFrame: span.frame, lastFrame: span.lastFrame, message: message, unknown: unknown,
      inference: inference?.frame)
    sink.message(record, content: content)
  }

  /// `message` without the faults that may be the work of an extension that is not known here; nil if it has none.
  private func excused(_ message: Message) -> Message? {
    var excused = message
    if message.isDamaged || span.isTransformed {
      excused.isDamaged = false
      excused.deflateFault = nil
    }
    if span.isTransformed {
      excused.isValidUTF8 = nil
      excused.firstInvalidUTF8 = nil
    }
    return excused == message ? nil : excused
  }

  mutating func emitAssembled<S: RecordSink & ~Copyable>(
    _ message: Message, _ shared: inout SessionShared, into sink: inout S
  ) {
    if !messages.piece.isEmpty { givePiece(shared, into: &sink) }
    let content = messages.takeContent()
    emitMessage(message, content.span.bytes, unknown: messages.takeUnknown(), &shared, into: &sink)
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
    let excused: FrameFaults = shared.hasOtherExtensions ? [.reservedBit, .reservedOpcode] : []
    let told = faults.subtracting(excused)
    for (fault, code) in told.isEmpty ? [] : FrameFaults.codes(for: sender) where told.contains(fault) {
      let detail = fault == .reservedOpcode ? "\(header.opcode.rawValue)" : nil
      shared.reporter.report(code, detail: detail, sender, packet, offset, frame: shared.frameCount, into: &sink)
    }
    isNotable = hasClosed
    // Where the agreement is known, the start is the packet of the response.
    if tally.frames == 0, sender == .client, shared.isAgreementKnown, frameStart.packet.time < shared.start {
      shared.reporter.report(.earlyData, sender, packet, offset, frame: shared.frameCount, into: &sink)
    }
    // Pongs, and another Close, may follow (RFC 6455 §5.5.1, §5.5.2).
    if hasClosed, !header.opcode.isControl {
      shared.reporter.report(.afterClose, sender, packet, offset, frame: shared.frameCount, into: &sink)
    }
  }

  /// What became of the data that compressed messages refer to. Of a sender that loses it again and again, the first few.
  private mutating func reportContext<S: RecordSink & ~Copyable>(_ shared: inout SessionShared, into sink: inout S) {
    let events = messages.takeContextEvents()
    guard !events.isEmpty, remarks.contextReports < 8 else { return }
    remarks.contextReports += 1
    let codes: [(ContextEvents, DiagnosticCode)] = [
      (.lost, .contextLost), (.inferred, .contextInferred), (.restored, .contextRestored),
    ]
    for (event, code) in codes where events.contains(event) {
      shared.reporter.report(code, sender, span.lastPacket, nil, frame: span.lastFrame, into: &sink)
    }
  }

  private mutating func report<S: RecordSink & ~Copyable>(
    _ message: Message, stored: Int, _ shared: inout SessionShared, into sink: inout S
  ) {
    func report(_ code: DiagnosticCode, _ detail: String?) {
      let place = contentFault(of: message)
      shared.reporter.report(
        code, detail: detail, sender, place.packet, place.offset, frame: place.frame, into: &sink)
    }
    if let fault = message.deflateFault { report(fault.code, "\(fault.words)message \(span.number)") }
    if message.isValidUTF8 == false {
      report(.invalidUTF8, "at byte \(message.firstInvalidUTF8 ?? message.length) of message \(span.number)")
    }
    if message.isCompressed { reportContext(&shared, into: &sink) }
    if message.isCompressed, UInt64(stored) < message.storableLength, stored >= shared.limits.inflated {
      shared.reporter.report(
        .contentCut, detail: "\(stored) of \(message.length) bytes are kept", sender, span.lastPacket, nil,
        frame: span.lastFrame, into: &sink)
    }
  }

  /// Where the content of `message` was found to be faulty.
  private func contentFault(of message: Message) -> ContentFault {
    if !message.isPayloadItself, let fault = remarks.contentFault { return fault }
    // A frame in one piece, or a message that breaks off.
    let invalid = message.isPayloadItself ? message.firstInvalidUTF8 ?? message.length : 0
    let header = message.isPayloadItself ? UInt64(frame.header.headerLength) : 0
    return ContentFault(
      frame: span.lastFrame, packet: span.lastPacket, offset: frameStart.offset + header + invalid)
  }
}

extension DeflateFault {
  fileprivate var code: DiagnosticCode {
    switch self {
    case .invalid: .inflateFailed
    case .short: .inflateShort
    case .tailKept, .noEmptyBlock, .nothing: .deflateEnd
    }
  }

  /// What it is, up to the message.
  fileprivate var words: StaticString {
    switch self {
    case .invalid, .short: "in "
    case .tailKept: "00 00 ff ff were not left out of "
    case .noEmptyBlock: "no empty block ends "
    case .nothing: "there is no data in "
    }
  }
}
