import Bytes

/// How much of a message is kept.
public struct MessageLimits: Equatable, Sendable {
  /// Bytes of a message or frame that are kept; more are counted, checked and forgotten. The default is 64 KiB.
  public var stored = 65_536
  /// Bytes that are kept of what inflating yields, where `stored` is larger. 16 MiB: small files can inflate a
  /// thousandfold, so that what they hold says nothing about the memory that they cost.
  public var inflated = 16 << 20

  /// The defaults.
  public init() {}
}

/// A buffer for what inflating yields, piece by piece. All assemblers can share one. 32 KiB: takes a whole window, and stays
/// in the processor's first caches.
public struct InflateBuffer: Sendable {
  var bytes = [UInt8](repeating: 0, count: 32 * 1024)

  /// A buffer.
  public init() {}
}

/// Puts the data frames of one direction together into messages: fragments, UTF-8, DEFLATE (RFC 6455 §5.4, RFC 7692 §6).
///
/// Call `begin` for each data frame, `payload` or `missing` for what comes of it, unmasked, and `end`.
public struct MessageAssembler {
  /// The content so far of the message that is being put together, as far as it is stored.
  public private(set) var content: [UInt8] = []
  /// Whether a message waits for more frames.
  public private(set) var isInsideMessage = false

  /// What was agreed upon; nil: no compression.
  public let compression: DirectionCompression?
  private var limits: MessageLimits
  private var inflater: Inflater?
  private var message = Message(
    opcode: .text, isCompressed: false, frameCount: 0, wireLength: 0, length: 0, isComplete: true, isValidUTF8: nil,
    firstInvalidUTF8: nil, isPayloadItself: false, isDamaged: false)
  private var validator = UTF8Validator()
  private var isFrameCompressed = false
  /// Whether nothing is to be held.
  private var holdsNothing = false
  /// Whether bytes are missing that later messages may refer to (RFC 7692 §7.2.3.2, context takeover).
  private var isContextLost = false

  /// An assembler for a direction with this compression; nil: none was agreed upon.
  public init(compression: DirectionCompression?, limits: MessageLimits) {
    self.compression = compression
    self.limits = limits
  }

  // MARK: What it holds

  /// Bytes of memory that it takes besides its own size, about.
  public var heldBytes: Int { content.capacity + (inflater == nil ? 0 : Inflater.cost) }

  /// Holds nothing from here on: of messages that do not come in one piece nothing is kept, and nothing is inflated.
  public mutating func holdNothing() {
    holdsNothing = true
    limits.stored = 0
    content = []
    inflater = nil
    isContextLost = true
  }

  // MARK: The fast path

  /// The message that a single frame with all its payload makes; nil if it takes more than that.
  ///
  /// - Parameter payload: unmasked.
  @inlinable @inline(__always)
  public func whole(_ header: FrameHeader, _ payload: RawSpan) -> Message? {
    guard header.isFinal, !isInsideMessage, !(header.rsv1 && compression != nil),
      header.opcode == .text || header.opcode == .binary
    else { return nil }
    return Message(whole: header, payload)
  }

  // MARK: Frame by frame

  /// What is wrong with a frame that has this header coming next; nil if nothing is.
  @inlinable @inline(__always)
  public func violation(_ header: FrameHeader) -> FragmentViolation? {
    if header.opcode.isControl { return nil }
    if header.opcode == .continuation {
      if !isInsideMessage { return .orphanContinuation }
      return header.rsv1 && compression?.isPerFrame == false ? .compressedContinuation : nil
    }
    return isInsideMessage ? .interleavedMessage : nil
  }

  /// A data frame begins. Where it begins a message although another one is not complete, call `abandon` first.
  public mutating func begin(_ header: FrameHeader) {
    if !isInsideMessage {
      isInsideMessage = true
      content.removeAll(keepingCapacity: true)
      validator = UTF8Validator()
      message = Message(
        opcode: header.opcode, isCompressed: header.rsv1 && compression != nil, frameCount: 0, wireLength: 0, length: 0,
        isComplete: true, isValidUTF8: nil, firstInvalidUTF8: nil, isPayloadItself: false, isDamaged: false)
      if message.isCompressed { beginStream() }
    } else if compression?.isPerFrame == true, header.rsv1 {
      message.isCompressed = true
      beginStream()
    }
    message.frameCount += 1
    message.wireLength = Self.sum(message.wireLength, header.payloadLength)
    isFrameCompressed = compression?.isPerFrame == true ? header.rsv1 : message.isCompressed
  }

  /// The next payload bytes of the frame, unmasked.
  public mutating func payload(_ bytes: RawSpan, _ buffer: inout InflateBuffer) {
    if isFrameCompressed {
      inflate(bytes, &buffer)
    } else {
      keep(bytes, limit: limits.stored)
    }
  }

  /// `count` payload bytes of the frame were never captured.
  public mutating func missing(_ count: UInt64) {
    message.isComplete = false
    if isFrameCompressed {
      isContextLost = true
    } else {
      message.length = Self.sum(message.length, count)
    }
  }

  /// The frame is over. The message, if this was its last frame; nil otherwise.
  public mutating func end(_ header: FrameHeader, _ buffer: inout InflateBuffer) -> Message? {
    if isFrameCompressed, compression?.isPerFrame == true || header.isFinal { endStream(&buffer) }
    guard header.isFinal else { return nil }
    return conclude()
  }

  /// The message will get no more frames: gives it as far as it came.
  public mutating func abandon() -> Message {
    message.isComplete = false
    // The sender's next message goes on where this one's data would have ended (RFC 7692 §7.2.3.2).
    if message.isCompressed { isContextLost = true }
    return conclude()
  }

  /// Bytes are missing to which later messages may refer. Call `abandon` first if `isInsideMessage`.
  public mutating func loseContext() { isContextLost = true }

  /// The message that is being put together as far as it came, with the faults of its content that are known by now.
  public var progress: Message {
    var progress = message
    if message.opcode == .text, message.isComplete, let invalid = validator.firstInvalid {
      progress.isValidUTF8 = false
      progress.firstInvalidUTF8 = invalid
    }
    return progress
  }

  /// Hands over the stored content of the message that was given out last.
  public mutating func takeContent() -> [UInt8] {
    defer { content = [] }
    return content
  }

  /// Gives back an array from `takeContent`, so that its memory serves again. Large ones are freed.
  public mutating func reuse(_ array: consuming [UInt8]) {
    if array.capacity <= 4096 { content = array }
  }

  private mutating func conclude() -> Message {
    isInsideMessage = false
    if message.opcode == .text, message.isComplete {
      message.isValidUTF8 = validator.isValid
      message.firstInvalidUTF8 = validator.firstInvalid
    }
    return message
  }

  // MARK: Inside

  private mutating func beginStream() {
    guard let compression, !holdsNothing else { return }
    let inflater = self.inflater ?? Inflater()
    self.inflater = inflater
    if compression.isWithoutContextTakeover {
      inflater.reset()
      isContextLost = false
    }
  }

  private mutating func inflate(_ bytes: RawSpan, _ buffer: inout InflateBuffer) {
    guard let inflater, !isContextLost else {
      message.isComplete = false
      return
    }
    let limit = isStoredWhole ? min(limits.stored, max(limits.inflated, 0)) : 0
    var content = self.content
    self.content = []  // so that appending does not copy
    var count: UInt64 = 0
    var validator = self.validator
    let isText = message.opcode == .text
    let isSound = inflater.inflate(bytes, through: &buffer.bytes) { piece in
      count += UInt64(piece.byteCount)
      if isText { validator.append(piece) }
      let room = limit - content.count
      if room > 0 { content.append(piece.extracting(0..<min(room, piece.byteCount))) }
    }
    self.content = content
    self.validator = validator
    message.storableLength += count
    message.length = Self.sum(message.length, count)
    if !isSound { damage() }
  }

  private mutating func endStream(_ buffer: inout InflateBuffer) {
    guard let inflater, !isContextLost else {
      message.isComplete = false
      return
    }
    if !inflater.endMessage(through: &buffer.bytes) { damage(.short) }
    if message.deflateFault == nil { message.deflateFault = inflater.endFault }
  }

  private mutating func damage(_ fault: DeflateFault = .invalid) {
    if !message.isDamaged { message.deflateFault = fault }
    message.isComplete = false
    message.isDamaged = true
    isContextLost = true
  }

  /// Whether nothing of the content was left out so far. What follows on something that was does not belong behind the
  /// rest.
  private var isStoredWhole: Bool { UInt64(content.count) == message.storableLength }

  private mutating func keep(_ bytes: RawSpan, limit: Int) {
    let room = isStoredWhole ? limit - content.count : 0
    message.length = Self.sum(message.length, UInt64(bytes.byteCount))
    message.storableLength += UInt64(bytes.byteCount)
    if message.opcode == .text { validator.append(bytes) }
    if room > 0 { content.append(bytes.extracting(0..<min(room, bytes.byteCount))) }
  }

  /// The sum, or the greatest number where it is greater.
  private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (sum, isOver) = a.addingReportingOverflow(b)
    return isOver ? .max : sum
  }
}
