import Bytes
import Capture
import Transport
import WebSocket

/// One WebSocket connection after its handshake: two streams of frames, their messages, and how it ends.
///
/// Everything that decoding needs is kept for each sender apart.
struct WebSocketSession {
  let connection: ConnectionReference
  /// When the handshake was complete.
  let start: Timestamp

  var sides: InlineArray<2, SenderState>
  private var frameCount: UInt64 = 0
  private var messageCount: UInt64 = 0
  var closedFirst: Sender?
  /// The latest packet that brought something.
  var lastTime: Timestamp
  var reporter: Reporter

  init(_ record: ConnectionRecord, limits: MessageLimits) {
    self.init(record.connection, start: record.time, record.handshake.compression, limits)
  }

  /// A connection of nobody.
  static var nothing: WebSocketSession {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    let nobody = ConnectionReference(number: 0, identifier: 0, client: nowhere, server: nowhere)
    return WebSocketSession(nobody, start: .init(nanoseconds: 0), nil, MessageLimits())
  }

  private init(
    _ connection: ConnectionReference, start: Timestamp, _ compression: Compression?, _ limits: MessageLimits
  ) {
    self.connection = connection
    self.start = start
    lastTime = start
    reporter = Reporter(connection)
    sides = [
      SenderState(.client, compression: compression?.direction(ofClient: true), limits: limits),
      SenderState(.server, compression: compression?.direction(ofClient: false), limits: limits),
    ]
  }

  // MARK: What the streams bring

  /// The next bytes that `sender` sent.
  mutating func take<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    _ workspace: inout Workspace, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    lastTime = max(lastTime, packet.time)
    sides[i].tally.wireBytes += UInt64(bytes.byteCount)
    sides[i].lastPacket = packet
    var position = 0
    while true {
      if sides[i].decoder.isBetweenFrames {
        sides[i].frameStart = FrameStart(packet: packet, offset: offset + UInt64(position))
      }
      guard let event = sides[i].decoder.next(bytes, &position) else { return }
      switch event {
      case .header(let header):
        beginFrame(header, sender, packet, into: &sink)
      case .payload(let range, let isLast):
        if isLast, sides[i].frame.isUntouched {
          takeWhole(sender, bytes.extracting(range), packet, &workspace, into: &sink)
        } else {
          sides[i].takePart(bytes.extracting(range), &workspace)
          if isLast { endFrame(sender, packet, &workspace, into: &sink) }
        }
      case .missing, .lost:
        break  // comes of `skip` only
      }
    }
  }

  /// Bytes that `sender` sent are missing.
  mutating func skip<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ gap: StreamGap, _ packet: PacketReference, _ workspace: inout Workspace, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    sides[i].tally.missingBytes += gap.length
    reporter.report(
      gap.cause == .cut ? .snapped : .gap, detail: "\(gap.length) bytes", sender, packet, gap.offset,
      frame: sides[i].isInsideFrame ? sides[i].frame.number : nil, into: &sink)
    var count = gap.length
    while count > 0, let event = sides[i].decoder.skip(&count) {
      switch event {
      case .missing(let missing, let isLast):
        sides[i].miss(missing)
        if isLast { endFrame(sender, sides[i].lastPacket ?? packet, &workspace, into: &sink) }
      case .lost:
        reporter.report(.stepLost, sender, packet, gap.offset, into: &sink)
      case .header, .payload:
        break  // comes of `take` only
      }
    }
  }

  // MARK: Frames

  private mutating func beginFrame<S: RecordSink & ~Copyable>(
    _ header: FrameHeader, _ sender: Sender, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    frameCount += 1
    sides[i].frame = FrameProgress(header, number: frameCount)
    let faults = header.faults(isFromClient: sender == .client, compression: sides[i].messages.compression)
    if !faults.isEmpty || sides[i].close != nil { report(faults, header, sender, packet, into: &sink) }
    guard header.opcode.isMessage else { return }
    if let violation = sides[i].messages.violation(header) {
      reporter.report(violation.code, sender, packet, sides[i].frameStart.offset, frame: frameCount, into: &sink)
      if violation == .orphanContinuation { return }
      if violation == .interleavedMessage { emitAbandoned(sender, into: &sink) }
    }
    if !sides[i].messages.isInsideMessage {
      messageCount += 1
      sides[i].message = MessageStart(number: messageCount, frame: frameCount, packet: sides[i].frameStart.packet)
    }
    sides[i].frame.message = sides[i].message.number
  }

  /// A frame whose payload lies in one piece of bytes, the usual case: nothing is stored.
  private mutating func takeWhole<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ payload: RawSpan, _ packet: PacketReference, _ workspace: inout Workspace, into sink: inout S
  ) {
    let header = sides[Int(sender.rawValue)].frame.header
    sides[Int(sender.rawValue)].frame.captured = UInt64(payload.byteCount)
    if header.isMasked, payload.byteCount > 0 {
      let unmasked = workspace.unmask(payload, header.maskingKey)
      finishWhole(sender, unmasked.span.bytes, packet, &workspace.inflate, into: &sink)
      workspace.reuse(unmasked)
    } else {
      finishWhole(sender, payload, packet, &workspace.inflate, into: &sink)
    }
  }

  private mutating func finishWhole<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ payload: RawSpan, _ packet: PacketReference, _ buffer: inout InflateBuffer, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    let header = sides[i].frame.header
    let stored = payload.extracting(0..<min(payload.byteCount, sides[i].limits.stored))
    emitFrame(sender, stored, packet, into: &sink)
    if header.opcode.isControl { return takeControl(sender, payload, packet, into: &sink) }
    guard sides[i].frame.message > 0 else { return }
    if let message = sides[i].messages.whole(header, payload) {
      emitMessage(message, sender, stored, into: &sink)
      return
    }
    sides[i].messages.begin(header)
    sides[i].messages.payload(payload, &buffer)
    endMessagePart(sender, &buffer, into: &sink)
  }

  /// The frame is over, and its payload came in parts.
  private mutating func endFrame<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ packet: PacketReference, _ workspace: inout Workspace, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    let payload = sides[i].takePayload()
    emitFrame(sender, payload.span.bytes, packet, into: &sink)
    if sides[i].frame.header.opcode.isControl {
      if sides[i].frame.isComplete { takeControl(sender, payload.span.bytes, packet, into: &sink) }
    } else if sides[i].frame.message > 0 {
      endMessagePart(sender, &workspace.inflate, into: &sink)
    }
    sides[i].reuse(payload)
  }

  private mutating func endMessagePart<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ buffer: inout InflateBuffer, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    guard let message = sides[i].messages.end(sides[i].frame.header, &buffer) else { return }
    emitAssembled(message, sender, into: &sink)
  }

  private mutating func takeControl<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ payload: RawSpan, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    guard sides[i].frame.header.opcode == .close, sides[i].close == nil else { return }
    let reason = CloseReason(payload)
    sides[i].close = reason
    if closedFirst == nil { closedFirst = sender }
    for (code, detail) in reason.faults(bodyLength: payload.byteCount) {
      reporter.report(
        code, detail: detail, sender, packet, sides[i].frameStart.offset, frame: sides[i].frame.number, into: &sink)
    }
  }

  // MARK: Records

  private mutating func emitFrame<S: RecordSink & ~Copyable>(
    _ sender: Sender, _ payload: RawSpan, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    sides[i].tally.frames += 1
    sides[i].tally.payloadBytes += sides[i].frame.captured
    if sides[i].frame.message > 0 {
      sides[i].message.lastFrame = sides[i].frame.number
      sides[i].message.lastPacket = packet
    }
    guard sink.kinds.contains(.frame) else { return }
    let record = FrameRecord(
      connection: connection, number: sides[i].frame.number, sender: sender, header: sides[i].frame.header,
      first: sides[i].frameStart.packet, last: packet, offset: sides[i].frameStart.offset,
      capturedLength: sides[i].frame.captured, isComplete: sides[i].frame.isComplete,
      message: sides[i].frame.message)
    sink.frame(record, payload: payload)
  }

  private mutating func emitMessage<S: RecordSink & ~Copyable>(
    _ message: Message, _ sender: Sender, _ content: RawSpan, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    sides[i].tally.messages += 1
    if message.isDamaged || message.isValidUTF8 == false || message.isCompressed {
      report(message, stored: content.byteCount, sender, into: &sink)
    }
    guard sink.kinds.contains(.message) else { return }
    let span = sides[i].message
    let record = MessageRecord(
      connection: connection, number: span.number, sender: sender, first: span.packet, last: span.lastPacket,
      firstFrame: span.frame, lastFrame: span.lastFrame, message: message)
    sink.message(record, content: content)
  }

  private mutating func emitAssembled<S: RecordSink & ~Copyable>(
    _ message: Message, _ sender: Sender, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    let content = sides[i].messages.takeContent()
    emitMessage(message, sender, content.span.bytes, into: &sink)
    sides[i].messages.reuse(content)
  }

  private mutating func emitAbandoned<S: RecordSink & ~Copyable>(_ sender: Sender, into sink: inout S) {
    let i = Int(sender.rawValue)
    guard sides[i].messages.isInsideMessage else { return }
    emitAssembled(sides[i].messages.abandon(), sender, into: &sink)
  }

  // MARK: Diagnostics

  /// Gives what is wrong with the handshake.
  mutating func reportHandshake<S: RecordSink & ~Copyable>(_ record: ConnectionRecord, into sink: inout S) {
    guard let packet = record.response?.packet ?? record.request?.packet else { return }
    for (code, detail, sender) in record.handshake.faults {
      reporter.report(code, detail: detail, sender, packet, nil, into: &sink)
    }
  }

  private mutating func report<S: RecordSink & ~Copyable>(
    _ faults: FrameFaults, _ header: FrameHeader, _ sender: Sender, _ packet: PacketReference, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    let offset = sides[i].frameStart.offset
    for (fault, code) in FrameFaults.codes(for: sender) where faults.contains(fault) {
      let detail = fault == .reservedOpcode ? "\(header.opcode.rawValue)" : nil
      reporter.report(code, detail: detail, sender, packet, offset, frame: frameCount, into: &sink)
    }
    if sides[i].close != nil { reporter.report(.afterClose, sender, packet, offset, frame: frameCount, into: &sink) }
  }

  private mutating func report<S: RecordSink & ~Copyable>(
    _ message: Message, stored: Int, _ sender: Sender, into sink: inout S
  ) {
    let i = Int(sender.rawValue)
    let span = sides[i].message
    func at(_ offset: UInt64?) -> String? { offset.map { "at byte \($0) of message \(span.number)" } }
    if message.isDamaged {
      reporter.report(.inflateFailed, sender, span.lastPacket, nil, frame: span.lastFrame, into: &sink)
    }
    if message.isValidUTF8 == false {
      reporter.report(
        .invalidUTF8, detail: at(message.firstInvalidUTF8 ?? message.length), sender, span.lastPacket, nil,
        frame: span.lastFrame, into: &sink)
    }
    if message.isCompressed, UInt64(stored) < message.length, stored >= sides[i].limits.inflated {
      reporter.report(
        .contentCut, detail: "\(stored) of \(message.length) bytes are kept", sender, span.lastPacket, nil,
        frame: span.lastFrame, into: &sink)
    }
  }

  // MARK: The end

  /// Gives out what is incomplete: the frame that `sender` was sending, and its message.
  mutating func flush<S: RecordSink & ~Copyable>(_ sender: Sender, into sink: inout S) {
    let i = Int(sender.rawValue)
    if sides[i].isInsideFrame, let packet = sides[i].lastPacket {
      if sides[i].frame.isUntouched { sides[i].beginParts() }
      let payload = sides[i].takePayload()
      emitFrame(sender, payload.span.bytes, packet, into: &sink)
    }
    emitAbandoned(sender, into: &sink)
  }

  /// The connection's last record; `flush` both senders first.
  func endRecord(_ cause: EndCause, closedFirst tcpClosedFirst: Sender?) -> EndRecord {
    let client = sides[Int(Sender.client.rawValue)]
    let server = sides[Int(Sender.server.rawValue)]
    let isClosed = client.close != nil && server.close != nil
    let isOpen = cause == .captureEnd && !isClosed
    return EndRecord(
      connection: connection, time: lastTime, duration: lastTime.since(start),
      cause: isClosed ? .closeHandshake : cause, closedFirst: closedFirst ?? tcpClosedFirst,
      clientClose: client.close, serverClose: server.close, isClean: isOpen ? nil : isClosed,
      browserCode: isOpen && server.close == nil ? nil : server.close.map { $0.code ?? .noStatusReceived } ?? .abnormalClosure,
      client: client.tally, server: server.tally)
  }
}
