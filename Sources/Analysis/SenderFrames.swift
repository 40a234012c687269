import Bytes
import Transport
import WebSocket

/// A sender's frames: how they begin and end, and what becomes of their payload.
extension SenderStream {
  mutating func beginFrame<S: RecordSink & ~Copyable>(
    _ header: FrameHeader, _ packet: PacketReference, _ shared: inout SessionShared, into sink: inout S
  ) {
    shared.frameCount += 1
    frame = FrameProgress(header, number: shared.frameCount)
    inference?.beginFrame()
    let faults = header.faults(isFromClient: sender == .client, compression: messages.compression)
    if !faults.isEmpty || isNotable { report(faults, header, packet, &shared, into: &sink) }
    guard header.opcode.isMessage else { return }
    lacksLastEnd = false
    if mayMissFirstFragment {
      mayMissLast = false  // no data follows a Close frame (RFC 6455 §5.5.1)
      if header.opcode == .continuation, !messages.isInsideMessage {
        mayMissFirstFragment = !header.isFinal
        return  // of a message whose beginning is not known
      }
      mayMissFirstFragment = false
    }
    let violation = messages.violation(header)
    if let violation, violation != .compressedContinuation || !shared.hasOtherExtensions {
      shared.reporter.report(violation.code, sender, packet, frameStart.offset, frame: shared.frameCount, into: &sink)
      if violation == .orphanContinuation { return }
      if violation == .interleavedMessage { emitAbandoned(&shared, into: &sink) }
    }
    if !messages.isInsideMessage {
      shared.messageCount += 1
      span = MessageSpan(number: shared.messageCount, frame: shared.frameCount, packet: frameStart.packet)
    }
    frame.message = span.number
    if faults.contains(.reservedBit) || violation == .compressedContinuation {
      span.isTransformed = shared.hasOtherExtensions
    }
  }

  /// A frame begins whose masking key, or a part of it, is missing; `captured` bytes of its header are not.
  ///
  /// What was captured of its payload counts as not decoded.
  mutating func beginWithoutKey<S: RecordSink & ~Copyable>(
    _ header: FrameHeader, at offset: StreamOffset, captured: Int, _ packet: PacketReference,
    _ shared: inout SessionShared, into sink: inout S
  ) {
    if isDoubtful(header) {
      dismissClose(&shared)
      return loseStep(at: offset, headerBytes: captured, packet, &shared, into: &sink)
    }
    tally.undecodedBytes += UInt64(captured)
    beginFrame(header, packet, &shared, into: &sink)
  }

  /// A frame whose payload lies in one piece of bytes, the usual case: nothing is stored.
  @inline(__always)
  mutating func takeWhole<S: RecordSink & ~Copyable>(
    _ payload: RawSpan, _ packet: PacketReference, _ workspace: inout Workspace, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    let header = frame.header
    frame.captured = UInt64(payload.byteCount)
    if header.isMasked, payload.byteCount > 0 {
      let unmasked = workspace.unmask(payload, header.maskingKey)
      finishWhole(
        unmasked.span.bytes.extracting(0..<payload.byteCount), packet, &workspace.inflate, &shared, into: &sink)
      workspace.reuse(unmasked)
    } else {
      finishWhole(payload, packet, &workspace.inflate, &shared, into: &sink)
    }
  }

  @inline(__always)
  private mutating func finishWhole<S: RecordSink & ~Copyable>(
    _ payload: RawSpan, _ packet: PacketReference, _ buffer: inout InflateBuffer, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    let header = frame.header
    let stored = payload.extracting(recorded(payload.byteCount, shared.limits))
    emitFrame(stored, packet, &shared, into: &sink)
    if header.opcode.isControl { return takeControl(payload, packet, &shared, into: &sink) }
    guard frame.message > 0 else { return shared.noteRest(at: packet.time) }
    if stored.byteCount == payload.byteCount || !shared.limits.givesPieces,
      let message = messages.whole(header, payload)
    {
      emitMessage(message, stored, &shared, into: &sink)
      return
    }
    shared.mayHold = true
    messages.begin(header)
    assemble(payload, &buffer, &shared, into: &sink)
    endMessagePart(&buffer, &shared, into: &sink)
  }

  /// The frame is over, and its payload came in parts.
  mutating func endFrame<S: RecordSink & ~Copyable>(
    _ packet: PacketReference, _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    let payload = takePayload()
    let recorded = recorded(payload.count, shared.limits)
    emitFrame(payload.span.bytes.extracting(recorded), packet, &shared, into: &sink)
    if frame.header.opcode.isControl {
      takeControl(payload.span.bytes, packet, &shared, into: &sink)
    } else if frame.message > 0 {
      endMessagePart(&workspace.inflate, &shared, into: &sink)
    } else {
      shared.noteRest(at: packet.time)
    }
    reuse(payload)
  }

  private mutating func endMessagePart<S: RecordSink & ~Copyable>(
    _ buffer: inout InflateBuffer, _ shared: inout SessionShared, into sink: inout S
  ) {
    let message = messages.end(frame.header, &buffer)
    noteContentFault(message)
    guard let message else { return }
    emitAssembled(message, &shared, into: &sink)
  }

  /// Notes in which frame, and where in it, the content of the message was found to be faulty. Where the content is
  /// compressed, its bytes have no place of their own: then it is the frame's.
  private mutating func noteContentFault(_ message: Message?) {
    if frame.number == span.frame, remarks.contentFault != nil { remarks.contentFault = nil }
    if let message, message.deflateFault == nil, message.isValidUTF8 != false { return }
    let progress = message ?? messages.progress
    guard remarks.contentFault == nil, progress.deflateFault != nil || progress.isValidUTF8 == false else { return }
    var offset = frameStart.offset
    if !progress.isCompressed {
      // The payload ends where the content so far does.
      let invalid = progress.firstInvalidUTF8 ?? progress.length
      let (behind, isBefore) = progress.length.subtractingReportingOverflow(invalid)
      let passed = max(frame.position, frame.captured)
      let into = isBefore || behind > passed ? 0 : passed - behind
      offset += UInt64(frame.header.headerLength) + into
    }
    remarks.contentFault = ContentFault(frame: frame.number, packet: lastPacket ?? frameStart.packet, offset: offset)
  }

  mutating func takeControl<S: RecordSink & ~Copyable>(
    _ payload: RawSpan, _ packet: PacketReference, _ shared: inout SessionShared, into sink: inout S
  ) {
    switch frame.header.opcode {
    case .close: takeClose(payload, packet, &shared, into: &sink)
    case .ping, .pong:
      let beat =
        frame.isComplete
        ? Beat(payload, length: frame.header.payloadLength, frameStart, frame: frame.number) : nil
      shared.pings.take(beat, isPing: frame.header.opcode == .ping, sender)
    default: break
    }
  }

  private mutating func takeClose<S: RecordSink & ~Copyable>(
    _ payload: RawSpan, _ packet: PacketReference, _ shared: inout SessionShared, into sink: inout S
  ) {
    func report(_ code: DiagnosticCode, _ detail: String? = nil) {
      shared.reporter.report(code, detail: detail, sender, packet, frameStart.offset, frame: frame.number, into: &sink)
    }
    if hasClosed { return report(.secondClose) }
    hasClosed = true
    isNotable = true
    let time = frameStart.packet.time
    if shared.closedFirst.map({ time < $0.time }) ?? true { shared.closedFirst = (sender, time) }
    guard frame.isComplete else { return }
    let faults = CloseReason.faults(payload)
    if sink.kinds.contains(.end) {  // nothing else says what it was
      remarks.close = CloseReason(payload)
      remarks.isCloseFaulty = !faults.isEmpty
    }
    for (code, detail) in faults { report(code, detail) }
    // An answer repeats the code that it answers (§5.5.1).
    let isFirst = shared.closedFirst?.sender == sender
    if sender == .server, isFirst, CloseReason.code(payload) == .mandatoryExtension { report(.closeCodeSender, "1010") }
  }
}
