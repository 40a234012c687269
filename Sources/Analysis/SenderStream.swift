import Bytes
import Capture
import Transport
import WebSocket

/// Where a frame begins.
struct FrameStart {
  var packet: PacketReference
  var offset: StreamOffset
}

/// The frame that a sender is sending.
struct FrameProgress {
  let header: FrameHeader
  /// 1-based number within the connection.
  let number: UInt64
  /// Number of its message; 0 for none.
  var message: UInt64 = 0
  /// Payload bytes captured so far.
  var captured: UInt64 = 0
  /// Payload bytes that have passed, captured or not.
  var position: UInt64 = 0
  /// Whether nothing of its payload was taken, or is known to be missing.
  var isUntouched = true

  init(_ header: FrameHeader, number: UInt64) {
    self.header = header
    self.number = number
  }

  var isComplete: Bool { captured == header.payloadLength }
}

/// The frames that the message in progress is made of.
struct MessageSpan {
  /// 1-based number within the connection.
  var number: UInt64
  /// Its first frame, and the packet that it begins in.
  var frame: UInt64
  var packet: PacketReference
  /// Its last frame so far, and the packet that it ends in.
  var lastFrame: UInt64
  var lastPacket: PacketReference
  /// Whether an extension that is not known here may have changed its content.
  var isTransformed = false

  init(number: UInt64, frame: UInt64, packet: PacketReference) {
    self.number = number
    self.frame = frame
    self.packet = packet
    lastFrame = frame
    lastPacket = packet
  }
}

/// What decoding keeps of both senders together.
struct SessionShared {
  let limits: MessageLimits
  /// When the handshake was complete.
  let start: Timestamp
  /// Whether the handshake says what was agreed upon; else compression is taken as possible.
  let isAgreementKnown: Bool
  /// Whether an extension that is not known here is in use, or may be: it may give a meaning to reserved bits and opcodes
  /// (RFC 6455 §5.8, §9), and nobody is to blame for them, nor for what they do to the content.
  var hasOtherExtensions = false
  /// Whether all that was sent after the handshake is in the capture, but for gaps that were told.
  let isFromStart: Bool
  var pings = PingWatches()
  var reporter: Reporter
  var connection: ConnectionReference { reporter.connection }

  // What every packet touches stands last, close together, before the senders' streams.
  /// Whether something may be held for frames and messages to come; set where it begins, reset by who counts it.
  var mayHold = false
  /// Who sent the first Close frame, and when: in the earlier packet, whichever was written down first.
  var closedFirst: (sender: Sender, time: Timestamp)?
  var frameCount: UInt64 = 0
  var messageCount: UInt64 = 0
  /// The latest packet that brought something.
  var lastTime: Timestamp
  /// The time of the latest packet of a message that came before the first Close frame; at first that of the handshake.
  var lastMessageTime: Timestamp

  /// A packet with the rest of a message whose beginning is not known came at `time`.
  @inline(never)
  mutating func noteRest(at time: Timestamp) { noteMessage(at: time) }

  /// A packet with a part of a message came at `time`.
  mutating func noteMessage(at time: Timestamp) {
    if time > lastMessageTime, time <= closedFirst?.time ?? time { lastMessageTime = time }
  }

  /// What RSV1 may mean.
  func compression(_ agreed: DirectionCompression?) -> CompressionKnowledge {
    isAgreementKnown ? CompressionKnowledge(agreed) : .unknown
  }
}

/// The frames and messages of one sender, and all that decoding keeps of it.
struct SenderStream {
  // What every packet touches stands first, close together.
  /// The packet that brought bytes last.
  var lastPacket: PacketReference?
  let sender: Sender
  /// Whether the fast path may be taken (`mayComePlain`); reset where that changes.
  var isPlain = false
  /// Whether the packet that ends the last data frame is not in the capture, so that its time is not known.
  var lacksLastEnd = false
  /// Whether the next header is to be looked at more closely: it is the first one, or comes after a Close frame.
  var isNotable = true
  /// Whether a Close frame was sent.
  var hasClosed = false
  /// Whether step was lost, and no data frame has come since: messages may be missing after the last one, or a Close frame.
  var mayMissLast = false
  /// Whether the frame that begins the message in progress may be among the bytes in which step was lost.
  var mayMissFirstFragment = false
  var tally = SenderTally()

  /// How sure the place of its frames is; nil where it was seen to be theirs.
  var inference: PlaceConfidence?
  var decoder = FrameDecoder()
  var frameStart: FrameStart
  var frame: FrameProgress
  var span: MessageSpan
  var messages: MessageAssembler
  /// Whether payloads that come in parts are not stored: too much is held for all connections together.
  private(set) var holdsNothing = false
  /// See `remarks`; empty while there are none, so that the others are small.
  private(set) var noted: [SenderRemarks] = []
  /// What is stored of a payload that comes in parts.
  private var payload: [UInt8] = []

  /// Whether it ever was unknown where a frame begins, so that some may be missing.
  var hasLostStep = false
  /// Where frames are looked for while step is lost; empty otherwise, so that the others are small.
  var seeking: [FrameSeeking] = []

  init(_ sender: Sender, compression: DirectionCompression?, limits: MessageLimits) {
    let nowhere = PacketReference(number: 0, time: .init(nanoseconds: 0))
    messages = MessageAssembler(compression: compression, limits: limits)
    frameStart = FrameStart(packet: nowhere, offset: 0)
    frame = FrameProgress(FrameHeader(firstByte: 0, secondByte: 0, maskingKey: 0, payloadLength: 0), number: 0)
    span = MessageSpan(number: 0, frame: 0, packet: nowhere)
    self.sender = sender
  }

  /// What there is to remark on it.
  var remarks: SenderRemarks {
    get { noted.first ?? SenderRemarks() }
    _modify {
      if noted.isEmpty { noted = [SenderRemarks()] }
      yield &noted[0]
    }
  }

  /// What the first Close frame says; nil if there was none, or if it is not all in the capture.
  var close: CloseReason? { noted.isEmpty ? nil : noted[0].close }

  /// What the stream was found to end in the middle of.
  var cutOff: CutOff? { noted.isEmpty ? nil : noted[0].cutOff }

  /// Whether a header was complete and its payload is not.
  var isInsideFrame: Bool {
    frame.number > 0 && !decoder.isBetweenFrames && decoder.partialHeaderLength == 0 && !decoder.isLost
  }

  /// The next bytes.
  @inline(__always)
  mutating func take<S: RecordSink & ~Copyable>(
    _ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference,
    _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    if packet.time > shared.lastTime { shared.lastTime = packet.time }
    lastPacket = packet
    let kinds = sink.kinds.intersection([.frame, .message])
    var position = 0
    if isPlain, kinds.isEmpty {
      countPlain(bytes, &position, packet, &workspace, &shared)
      if position == bytes.byteCount { return }
    }
    takeFrames(bytes, from: position, at: offset, packet, kinds, &workspace, &shared, into: &sink)
  }

  private mutating func takeFrames<S: RecordSink & ~Copyable>(
    _ bytes: RawSpan, from start: Int, at offset: StreamOffset, _ packet: PacketReference, _ kinds: RecordKinds,
    _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    var position = start
    while true {
      if mayComePlain {
        isPlain = true
        if kinds.isEmpty {
          countPlain(bytes, &position, packet, &workspace, &shared)
        } else {
          givePlain(bytes, at: offset, &position, packet, &workspace, &shared, kinds, into: &sink)
        }
      }
      if decoder.isBetweenFrames {
        if position == bytes.byteCount { return }
        isPlain = false
        frameStart = FrameStart(packet: packet, offset: offset + UInt64(position))
        if let header = decoder.nextWhole(bytes, &position) {  // a frame in one piece
          if inference != nil, isDoubtful(header) {
            position = Int(truncatingIfNeeded: frameStart.offset - offset)
            dismissClose(&shared)
            loseStep(at: frameStart.offset, packet, &shared, into: &sink)
            continue
          }
          beginFrame(header, packet, &shared, into: &sink)
          let start = position - Int(truncatingIfNeeded: header.payloadLength)
          takeWhole(bytes.extracting(start..<position), packet, &workspace, &shared, into: &sink)
          continue
        }
      }
      isPlain = false
      shared.mayHold = true
      if decoder.isLost {
        let rest = bytes.extracting(position..<bytes.byteCount)
        return seek(rest, at: offset + UInt64(position), packet, &workspace, &shared, into: &sink)
      }
      guard let event = decoder.next(bytes, &position) else { return }
      take(event, bytes, packet, &workspace, &shared, into: &sink)
    }
  }

  /// A header or payload of a frame that does not lie in one piece.
  private mutating func take<S: RecordSink & ~Copyable>(
    _ event: FrameEvent, _ bytes: RawSpan, _ packet: PacketReference,
    _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    switch event {
    case .header(let header):
      if inference != nil, isDoubtful(header) {
        dismissClose(&shared)
        loseStep(at: frameStart.offset, headerBytes: header.headerLength, packet, &shared, into: &sink)
      } else {
        beginFrame(header, packet, &shared, into: &sink)
      }
    case .payload(let range, let isLast):
      if isLast, frame.isUntouched, !frame.header.lacksMaskingKey {
        takeWhole(bytes.extracting(range), packet, &workspace, &shared, into: &sink)
      } else {
        takePart(bytes.extracting(range), &workspace, &shared, into: &sink)
        if isLast { endFrame(packet, &workspace, &shared, into: &sink) }
      }
    case .missing, .lost:
      break  // comes of `skip` only
    }
  }

  /// Bytes are missing.
  mutating func skip<S: RecordSink & ~Copyable>(
    _ gap: StreamGap, _ packet: PacketReference, _ workspace: inout Workspace, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    tally.missingBytes += gap.length
    shared.reporter.report(
      gap.code, detail: gap.detail(sender), sender, packet, gap.offset,
      frame: isInsideFrame ? frame.number : nil, into: &sink)
    pass(gap, packet, &workspace, &shared, into: &sink)
  }

  /// The same for bytes that were reported as missing.
  mutating func pass<S: RecordSink & ~Copyable>(
    _ gap: StreamGap, _ packet: PacketReference, _ workspace: inout Workspace, _ shared: inout SessionShared,
    into sink: inout S
  ) {
    isPlain = false
    let headerBytes = decoder.partialHeaderLength
    if !gap.isExact { loseStepUnlessLost(at: gap.offset, packet, &shared, into: &sink) }
    if decoder.isLost { return seek(gap, packet, &workspace, &shared, into: &sink) }
    var count = gap.length
    while let event = decoder.skip(&count) {
      switch event {
      case .missing(let missing, let isLast):
        miss(missing)
        if isLast {
          if frame.header.opcode.isMessage { noteMissingEnd(gap, &shared) }
          endFrame(lastPacket ?? packet, &workspace, &shared, into: &sink)
        }
      case .lost:
        loseStep(at: gap.offset, headerBytes: headerBytes, packet, &shared, into: &sink)
      case .header(let header):
        beginWithoutKey(header, at: gap.offset, captured: headerBytes, packet, &shared, into: &sink)
      case .payload:
        break  // comes of `take` only
      }
    }
  }

  /// The last bytes of a data frame are in `gap`.
  private mutating func noteMissingEnd(_ gap: StreamGap, _ shared: inout SessionShared) {
    if let packet = gap.packet { shared.noteMessage(at: packet.time) } else { lacksLastEnd = true }
  }

  // MARK: A payload in parts

  /// Bytes of memory that it holds for frames and messages to come, about.
  var heldBytes: Int {
    payload.capacity + messages.heldBytes + (seeking.isEmpty ? 0 : seeking[0].search.heldBytes)
  }

  /// Holds nothing from here on but control frames.
  mutating func holdNothing() {
    holdsNothing = true
    if !isInsideFrame || !frame.header.opcode.isControl { payload = [] }
    messages.holdNothing()
    if !seeking.isEmpty, !seeking[0].isReplaying { seeking[0].search.giveUp() }
  }

  /// How much of the frame's payload is kept while it comes. Control frames are kept whole: what a Close says is needed
  /// for the connection's end.
  func keptLimit(_ limits: MessageLimits) -> Int {
    frame.header.opcode.isControl ? max(limits.stored, 125) : holdsNothing ? 0 : limits.stored
  }

  /// What of a payload of which `count` bytes are there goes into the record; of a Close the code always does.
  func recorded(_ count: Int, _ limits: MessageLimits) -> Range<Int> {
    0..<min(count, frame.header.opcode == .close ? max(limits.stored, 2) : limits.stored)
  }

  /// The payload of the frame will come in parts.
  mutating func beginParts() {
    frame.isUntouched = false
    payload.removeAll(keepingCapacity: true)
    if frame.message > 0 { messages.begin(frame.header) }
  }

  /// A part of the payload, still masked.
  mutating func takePart<S: RecordSink & ~Copyable>(
    _ part: RawSpan, _ workspace: inout Workspace, _ shared: inout SessionShared, into sink: inout S
  ) {
    if frame.isUntouched { beginParts() }
    guard part.byteCount > 0 else { return }
    if frame.header.lacksMaskingKey {
      tally.undecodedBytes += UInt64(part.byteCount)
      miss(UInt64(part.byteCount))
    } else if frame.header.isMasked {
      let unmasked = workspace.unmask(part, frame.header.maskingKey, phase: frame.position)
      keep(unmasked.span.bytes.extracting(0..<part.byteCount), &workspace.inflate, &shared, into: &sink)
      workspace.reuse(unmasked)
    } else {
      keep(part, &workspace.inflate, &shared, into: &sink)
    }
  }

  /// Bytes that are made room for before they come (64 KiB): a header may say anything.
  private static let mostReserved = 1 << 16

  private mutating func keep<S: RecordSink & ~Copyable>(
    _ part: RawSpan, _ buffer: inout InflateBuffer, _ shared: inout SessionShared, into sink: inout S
  ) {
    let limit = keptLimit(shared.limits)
    frame.captured += UInt64(part.byteCount)
    frame.position += UInt64(part.byteCount)
    let room = limit - payload.count
    if room > 0 {
      if payload.isEmpty {
        payload.reserveCapacity(min(limit, Int(clamping: frame.header.payloadLength), Self.mostReserved))
      }
      payload.append(part.extracting(0..<min(room, part.byteCount)))
    }
    if frame.message > 0 { assemble(part, &buffer, &shared, into: &sink) }
  }

  /// `count` bytes of the payload were never captured.
  mutating func miss(_ count: UInt64) {
    if frame.isUntouched { beginParts() }
    frame.position += count
    if frame.message > 0, count > 0 { messages.missing(count) }
  }

  /// Hands over what is stored of the payload.
  mutating func takePayload() -> [UInt8] {
    defer { payload = [] }
    return payload
  }

  /// Gives back an array from `takePayload`, so that its memory serves again. Large ones are freed.
  mutating func reuse(_ array: consuming [UInt8]) {
    if array.capacity <= 4096 { payload = array }
  }
}
