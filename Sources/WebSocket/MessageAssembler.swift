import Bytes

/// How much of a message is kept.
public struct MessageLimits: Equatable, Sendable {
  /// Bytes of a message or frame that are kept; more are counted, checked and forgotten. The default is 64 KiB.
  public var stored = 65_536
  /// Bytes that are kept of what inflating yields, where `stored` is larger. 16 MiB: small files can inflate a
  /// thousandfold, so that what they hold says nothing about the memory that they cost.
  public var inflated = 16 << 20
  /// Ranges of unknown bytes of a message that are kept; after as many, no more of the message is. 4,096: a fourth of what
  /// is stored, if single bytes are unknown everywhere.
  public var unknownRanges = 4096
  /// Whether what follows on the stored bytes of a message is kept as well, until `MessageAssembler.takePiece` takes it.
  public var givesPieces = false

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
  /// Whether a message waits for more frames.
  public private(set) var isInsideMessage = false

  /// What was agreed upon; nil: no compression.
  public let compression: DirectionCompression?
  /// The content so far of the message that is being put together, as far as it is stored.
  public internal(set) var content: [UInt8] = []
  /// What follows on `content` and was not taken yet, with `MessageLimits.givesPieces`; else empty.
  public internal(set) var piece: [UInt8] = []
  /// How many bytes of the message were taken as pieces.
  public internal(set) var takenBytes: UInt64 = 0
  /// Where bytes of the message are not known, as offsets, in order and apart: those that were not captured, and those that
  /// were copied by reference from lost data. The bytes of `content` stand between them, one after the other. What comes
  /// behind bytes that are not stored, for whatever limit, is not told.
  public internal(set) var unknown: [Range<UInt64>] = []
  /// Where bytes of the message are inferred, as offsets, in order and apart; of complete messages only.
  var inferred: [Range<UInt64>] = []
  var limits: MessageLimits
  var inflater: Inflater?
  /// In place of the inflater, while bytes are missing that messages may refer to (RFC 7692 §7.2.3.2, context takeover).
  var recovery: ContextRecovery?
  var message = Message(
    opcode: .text, isCompressed: false, frameCount: 0, wireLength: 0, length: 0, isComplete: true, isValidUTF8: nil,
    firstInvalidUTF8: nil, isPayloadItself: false, isDamaged: false)
  var validator = UTF8Validator()
  /// Whether the latest frame is the message's last.
  private var isLastFrameFinal = false
  private var isFrameCompressed = false
  /// Whether nothing is to be held.
  private var holdsNothing = false
  /// Whether nothing more can be made of the message's compressed data, or the frame's: bytes before it are missing.
  var isRestLost = false
  /// Whether all that was sent before the first compressed message is known.
  var isContextKnown: Bool
  /// Whether nothing was copied from before the loss since the window was lost.
  var isLossNew = false
  var events: ContextEvents = []
  /// Whether the lengths of losses are looked for. Tests see what is known without.
  var infersLengths = true
  /// What may be spent on looking for them.
  var searchCredit = SearchCredit()

  /// An assembler for a direction.
  ///
  /// - Parameters:
  ///   - compression: what was agreed upon; nil: none.
  ///   - isContextKnown: whether the first message is the sender's first; if not, it may refer to others.
  public init(compression: DirectionCompression?, limits: MessageLimits, isContextKnown: Bool = true) {
    self.compression = compression
    self.limits = limits
    self.isContextKnown = isContextKnown
  }

  // MARK: What it holds

  /// Bytes of memory that it takes besides its own size, about.
  public var heldBytes: Int {
    content.capacity + piece.capacity + (inflater == nil ? 0 : Inflater.cost) + (recovery?.heldBytes ?? 0)
  }

  /// Whether it is as it was made, but for memory: another one with the same compression and limits would go on just as well.
  public var isAsNew: Bool {
    !isInsideMessage && inflater == nil && recovery == nil && isContextKnown && !isLossNew && !isRestLost
      && events.isEmpty && searchCredit == SearchCredit() && infersLengths && !holdsNothing
  }

  /// Holds nothing from here on: of messages that do not come in one piece nothing is kept, and nothing is inflated.
  public mutating func holdNothing() {
    holdsNothing = true
    limits.stored = 0
    limits.givesPieces = false
    content = []
    piece = []
    inflater = nil
    recovery = nil
    if isInsideMessage, message.isCompressed { loseRest() }
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
      beginPieces()
      if !unknown.isEmpty { unknown = [] }
      if !inferred.isEmpty { inferred = [] }
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
    isLastFrameFinal = header.isFinal
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
    if isFrameCompressed {
      loseRest()
    } else {
      addUnknown(count)
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
    if message.isCompressed {
      loseRest()
    } else if message.wireLength > message.length {
      addUnknown(message.wireLength - message.length)
    }
    if !isLastFrameFinal { message.isLengthKnown = false }
    return conclude()
  }

  /// Frames may be missing to which later messages may refer (RFC 7692 §7.2.3.2). Call `abandon` first if `isInsideMessage`.
  public mutating func loseContext() { loseWindow() }

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

  /// Hands over where bytes of the message that was given out last are not known.
  public mutating func takeUnknown() -> [Range<UInt64>] {
    defer { unknown = [] }
    return unknown.count > limits.unknownRanges ? Array(unknown.prefix(max(limits.unknownRanges, 0))) : unknown
  }

  /// Gives back an array from `takeContent`, so that its memory serves again. Large ones are freed.
  public mutating func reuse(_ array: consuming [UInt8]) {
    if array.capacity <= 4096 { content = array }
  }

  /// What became of the window since the last call.
  public mutating func takeContextEvents() -> ContextEvents {
    defer { events = [] }
    return events
  }

  private mutating func conclude() -> Message {
    isInsideMessage = false
    if message.opcode == .text, message.isComplete {
      if message.inference != nil, !validator.isValid {
        if isInferenceDisproved { recovery?.withdraw() }
        withdrawInferred()  // it is wrong: nobody is to blame
        return message
      }
      message.isValidUTF8 = validator.isValid
      message.firstInvalidUTF8 = validator.firstInvalid
    }
    return message
  }

  /// Notes that the `count` bytes that come next are inferred. Where there are too many ranges, what lies between counts too.
  mutating func addInferred(_ count: Int) {
    let (start, end) = (message.length, Self.sum(message.length, UInt64(count)))
    if let last = inferred.last, last.upperBound == start || inferred.count >= limits.unknownRanges {
      inferred[inferred.count - 1] = last.lowerBound..<end
    } else if end > start {
      inferred.append(start..<end)
    }
  }

  // MARK: Inside

  private mutating func beginStream() {
    guard let compression else { return }
    isRestLost = false
    if holdsNothing { return loseRest() }
    if compression.isWithoutContextTakeover {
      let inflater = self.inflater ?? Inflater()
      self.inflater = inflater
      inflater.reset()
      return
    }
    if recovery == nil, !isContextKnown {
      recovery = ContextRecovery([])
      isLossNew = true
    }
    isContextKnown = true
    if let recovery {
      recovery.begin()
    } else if inflater == nil {
      inflater = Inflater()
    }
  }

  private mutating func inflate(_ bytes: RawSpan, _ buffer: inout InflateBuffer) {
    searchCredit.earn(bytes.byteCount)
    if isRestLost { return }
    if recovery != nil, let recovery { return recover(bytes, recovery) }
    guard let inflater else { return }
    let (limit, givesPieces) = (isStoredWhole ? inflatedLimit : 0, givesPieces)
    var (content, surplus) = (self.content, self.piece)
    (self.content, self.piece) = ([], [])  // so that appending does not copy
    var count: UInt64 = 0
    var validator = self.validator
    let isText = message.opcode == .text
    let isSound = inflater.inflate(bytes, through: &buffer.bytes) { piece in
      count += UInt64(piece.byteCount)
      if isText { validator.append(piece) }
      let room = min(max(limit - content.count, 0), piece.byteCount)
      if room > 0 { content.append(piece.extracting(0..<room)) }
      if givesPieces, room < piece.byteCount { surplus.append(piece.extracting(room..<piece.byteCount)) }
    }
    (self.content, self.piece) = (content, surplus)
    self.validator = validator
    message.storableLength += count
    if message.isLengthKnown { message.length = Self.sum(message.length, count) }
    if !isSound { damage() }
  }

  private mutating func endStream(_ buffer: inout InflateBuffer) {
    if isRestLost { return }
    if recovery != nil, let recovery { return endRecovered(recovery) }
    guard let inflater else { return damage() }
    if !inflater.endMessage(through: &buffer.bytes) { damage(.short) }
    if message.deflateFault == nil { message.deflateFault = inflater.endFault }
  }

  mutating func damage(_ fault: DeflateFault = .invalid) {
    if !message.isDamaged { message.deflateFault = fault }
    message.isDamaged = true
    loseRest(dropping: true)
  }

  var inflatedLimit: Int { min(limits.stored, max(limits.inflated, 0)) }

  /// Whether nothing of the content was left out so far, of the pieces neither. What follows on something that was does not belong behind the
  /// rest.
  var isStoredWhole: Bool {
    UInt64(content.count + piece.count) + takenBytes == message.storableLength && message.isLengthKnown
      && unknown.count <= limits.unknownRanges
  }

  mutating func keep(_ bytes: RawSpan, limit: Int) {
    let room = min(max(isStoredWhole ? limit - content.count : 0, 0), bytes.byteCount)
    if room < bytes.byteCount, givesPieces { piece.append(bytes.extracting(room..<bytes.byteCount)) }
    if message.isLengthKnown { message.length = Self.sum(message.length, UInt64(bytes.byteCount)) }
    message.storableLength += UInt64(bytes.byteCount)
    if message.opcode == .text { validator.append(bytes) }
    if room > 0 { content.append(bytes.extracting(0..<room)) }
  }

  mutating func addUnknown(_ count: UInt64) {
    message.isComplete = false
    guard message.isLengthKnown else { return }
    let start = message.length
    message.length = Self.sum(start, count)
    guard isStoredWhole, !hasPieces, message.length > start else { return }
    if let last = unknown.last, last.upperBound == start {
      unknown[unknown.count - 1] = last.lowerBound..<message.length
    } else {
      // One more than are handed over tells that there were more.
      unknown.append(start..<message.length)
    }
  }

  /// The sum, or the greatest number where it is greater.
  private static func sum(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let (sum, isOver) = a.addingReportingOverflow(b)
    return isOver ? .max : sum
  }
}
