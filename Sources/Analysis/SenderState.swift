import Bytes
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
struct MessageStart {
  /// 1-based number within the connection.
  var number: UInt64
  /// Its first frame, and the packet that it begins in.
  var frame: UInt64
  var packet: PacketReference
  /// Its last frame so far, and the packet that it ends in.
  var lastFrame: UInt64
  var lastPacket: PacketReference

  init(number: UInt64, frame: UInt64, packet: PacketReference) {
    self.number = number
    self.frame = frame
    self.packet = packet
    lastFrame = frame
    lastPacket = packet
  }
}

/// What decoding keeps of one sender.
struct SenderState {
  var decoder = FrameDecoder()
  var messages: MessageAssembler
  var frameStart: FrameStart
  var frame: FrameProgress
  var message: MessageStart
  /// The packet that brought bytes last.
  var lastPacket: PacketReference?
  var close: CloseReason?
  var tally = SenderTally()
  let limits: MessageLimits
  /// What is stored of a payload that comes in parts.
  private var payload: [UInt8] = []

  init(_ sender: Sender, compression: DirectionCompression?, limits: MessageLimits) {
    let nowhere = PacketReference(number: 0, time: .init(nanoseconds: 0))
    messages = MessageAssembler(compression: compression, limits: limits)
    frameStart = FrameStart(packet: nowhere, offset: 0)
    frame = FrameProgress(FrameHeader(firstByte: 0, secondByte: 0, maskingKey: 0, payloadLength: 0), number: 0)
    message = MessageStart(number: 0, frame: 0, packet: nowhere)
    self.limits = limits
  }

  /// Whether a header was complete and its payload is not.
  var isInsideFrame: Bool { frame.number > 0 && !decoder.isBetweenFrames && decoder.partialHeaderLength == 0 && !decoder.isLost }

  /// The payload of the frame will come in parts.
  mutating func beginParts() {
    frame.isUntouched = false
    payload.removeAll(keepingCapacity: true)
    if frame.message > 0 { messages.begin(frame.header) }
  }

  /// A part of the payload, still masked.
  mutating func takePart(_ part: RawSpan, _ workspace: inout Workspace) {
    if frame.isUntouched { beginParts() }
    guard part.byteCount > 0 else { return }
    if frame.header.isMasked {
      let unmasked = workspace.unmask(part, frame.header.maskingKey, phase: frame.position)
      keep(unmasked.span.bytes, &workspace.inflate)
      workspace.reuse(unmasked)
    } else {
      keep(part, &workspace.inflate)
    }
  }

  private mutating func keep(_ part: RawSpan, _ buffer: inout InflateBuffer) {
    frame.captured += UInt64(part.byteCount)
    frame.position += UInt64(part.byteCount)
    let room = limits.stored - payload.count
    if room > 0 { payload.append(part.extracting(0..<min(room, part.byteCount))) }
    if frame.message > 0 { messages.payload(part, &buffer) }
  }

  /// `count` bytes of the payload were never captured.
  mutating func miss(_ count: UInt64) {
    if frame.isUntouched { beginParts() }
    frame.position += count
    if frame.message > 0 { messages.missing(count) }
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

/// Buffers that all connections share, as each needs them for one piece of bytes only.
struct Workspace {
  /// What inflating yields.
  var inflate = InflateBuffer()
  private var payload: [UInt8] = []

  /// `bytes` unmasked, in an array that `reuse` gives back.
  mutating func unmask(_ bytes: RawSpan, _ key: UInt32, phase: UInt64 = 0) -> [UInt8] {
    var array: [UInt8] = []
    swap(&array, &payload)
    array.removeAll(keepingCapacity: true)
    array.append(bytes)
    array.applyMask(from: 0, key: key, phase: phase)
    return array
  }

  mutating func reuse(_ array: consuming [UInt8]) { payload = array }
}
