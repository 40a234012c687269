import Bytes
import WebSocket

/// What one end sent after the opening handshake, read as an observer does: frames and messages, with all that is known of them.
struct FrameReader: Equatable, CustomStringConvertible {
  struct Frame: Equatable {
    var header: FrameHeader
    /// Bytes of the header that were captured: all, but where the masking key is missing.
    var headerBytes: Int
    /// What was captured of the payload, unmasked as far as there is a key.
    var payload: [UInt8] = []
    var missing: UInt64 = 0
    var isOver = false
  }

  struct SeenMessage: Equatable {
    var message: Message
    var content: [UInt8]
    /// Where its bytes are not known.
    var unknown: [Range<UInt64>] = []
  }

  private(set) var frames: [Frame] = []
  private(set) var messages: [SeenMessage] = []
  private(set) var isLost = false
  private var assembler: MessageAssembler
  private var buffer = InflateBuffer()
  private let limits: MessageLimits
  private var decoder = FrameDecoder()
  /// Whether the frame being read belongs to a message.
  private var belongs = false
  private var hasBegun = false

  init(_ compression: DirectionCompression?, _ limits: MessageLimits) {
    assembler = MessageAssembler(compression: compression, limits: limits)
    self.limits = limits
  }

  /// Whether they know the same, and will go on in the same way.
  static func == (a: FrameReader, b: FrameReader) -> Bool {
    a.frames == b.frames && a.messages == b.messages && a.isLost == b.isLost && a.decoder == b.decoder
      && a.assembler.isInsideMessage == b.assembler.isInsideMessage
      && (!a.assembler.isInsideMessage || a.assembler.content == b.assembler.content)
  }

  mutating func take(_ bytes: [UInt8]) {
    var position = 0
    while let event = decoder.next(bytes.span.bytes, &position) {
      switch event {
      case .header(let header): begin(header, captured: header.headerLength)
      case .payload(let range, let isLast):
        require(range.upperBound == position, "payload at \(range), but \(position) bytes taken")
        payload(Array(bytes[range]), isLast: isLast)
      case .missing, .lost:
        fatalError("\(event) without a gap")
      }
    }
    require(position == bytes.count, "\(bytes.count - position) bytes are left")
  }

  mutating func skip(_ count: UInt64) {
    var left = count
    let headerBytes = decoder.partialHeaderLength
    while let event = decoder.skip(&left) {
      switch event {
      case .missing(let count, let isLast):
        frames[frames.count - 1].missing += count
        beginPart()
        if belongs { assembler.missing(count) }
        if isLast { end() }
      case .lost:
        isLost = true
      case .header(let header):
        require(header.lacksMaskingKey, "\(header) from a gap")
        begin(header, captured: headerBytes)
      case .payload:
        fatalError("\(event) from a gap")
      }
    }
    require(left == 0, "\(left) of \(count) missing bytes are left")
  }

  var description: String { "\(frames) \(messages)" }

  static var noLimits: MessageLimits {
    var limits = MessageLimits()
    limits.stored = .max
    limits.inflated = .max
    limits.unknownRanges = .max
    return limits
  }

  /// What this one stores is what `unlimited` stores, cut off; all else is the same.
  func requireBeginnings(of unlimited: FrameReader) {
    require(messages.count == unlimited.messages.count, "\(messages.count) messages, or \(unlimited.messages.count)")
    for (mine, full) in zip(messages, unlimited.messages) {
      require(mine.message == full.message, "limits change \(full.message) to \(mine.message)")
      require(full.content.starts(with: mine.content), "what is stored is no beginning")
      // What follows on bytes of unknown number is left out.
      let isAllStored = UInt64(full.content.count) == full.message.storableLength
      require(isAllStored || !full.message.isLengthKnown, "\(full.content.count) bytes without a limit")
      // What follows on bytes that are not stored is not told.
      require(full.unknown.starts(with: mine.unknown.dropLast()), "\(mine.unknown) is no beginning of \(full.unknown)")
    }
  }

  /// Bytes of whole headers and payloads, and of the header that is not complete.
  var length: Int {
    decoder.partialHeaderLength + frames.reduce(0) { $0 + $1.headerBytes + $1.payload.count }
  }

  private mutating func begin(_ header: FrameHeader, captured: Int) {
    if let last = frames.last { require(last.isOver, "a header inside a frame") }
    frames.append(Frame(header: header, headerBytes: captured))
    hasBegun = false
    belongs = header.opcode.isMessage
    guard belongs, let violation = assembler.violation(header) else { return }
    switch violation {
    case .orphanContinuation: belongs = false
    case .interleavedMessage: note(assembler.abandon())
    case .compressedContinuation: break
    }
  }

  private mutating func beginPart() {
    if belongs, !hasBegun { assembler.begin(frames[frames.count - 1].header) }
    hasBegun = true
  }

  private mutating func payload(_ bytes: [UInt8], isLast: Bool) {
    let index = frames.count - 1
    let header = frames[index].header
    var bytes = bytes
    if header.isMasked {
      let phase = UInt64(frames[index].payload.count) + frames[index].missing
      bytes.applyMask(from: 0, key: header.maskingKey, phase: phase)
    }
    frames[index].payload += bytes
    if isLast, belongs, !hasBegun, let message = assembler.whole(header, bytes.span.bytes) {
      frames[index].isOver = true
      add(message, Array(bytes.prefix(limits.stored)))
      return
    }
    beginPart()
    if belongs { assembler.payload(bytes.span.bytes, &buffer) }
    if isLast { end() }
  }

  private mutating func end() {
    let frame = frames[frames.count - 1]
    frames[frames.count - 1].isOver = true
    let sum = UInt64(frame.payload.count).addingReportingOverflow(frame.missing).partialValue
    require(sum == frame.header.payloadLength, "\(sum) bytes of \(frame.header.payloadLength)")
    if belongs, let message = assembler.end(frame.header, &buffer) { note(message) }
  }

  private mutating func note(_ message: Message) { add(message, assembler.takeContent(), assembler.takeUnknown()) }

  private mutating func add(_ message: Message, _ content: [UInt8], _ unknown: [Range<UInt64>] = []) {
    require(content.count <= limits.stored, "\(content.count) bytes are stored")
    require(UInt64(content.count) <= message.storableLength, "more is stored than there was")
    require(message.storableLength <= message.length || !message.isComplete, "more was there than the length says")
    if !message.isCompressed, message.isComplete {
      require(message.length == message.wireLength, "length \(message.length) of \(message.wireLength)")
    }
    if message.opcode == .text, message.isComplete, UInt64(content.count) == message.length {
      let isValid = String(validating: content, as: UTF8.self) != nil
      require(message.isValidUTF8 == isValid, "UTF-8 is valid: \(isValid)")
    }
    message.requireAgrees(with: unknown, stored: content.count)
    var message = message
    message.isPayloadItself = false
    messages.append(SeenMessage(message: message, content: content, unknown: unknown))
  }
}

extension Message {
  /// Requires that where bytes are not known lies inside the message, in order, and that the lengths agree.
  ///
  /// - Parameter stored: bytes of the content that are stored; they stand between the others.
  func requireAgrees(with unknown: [Range<UInt64>], stored: Int) {
    var end: UInt64 = 0
    var lacking: UInt64 = 0
    for range in unknown {
      require(!range.isEmpty && (range.lowerBound > end || end == 0), "\(unknown)")
      end = range.upperBound
      lacking += range.upperBound - range.lowerBound
    }
    require(end <= length, "\(unknown) of \(self)")
    // A length of more bits than 64 stays at the greatest number.
    require(length == .max || UInt64(stored) <= length - lacking, "\(stored) bytes and \(unknown) of \(self)")
    if isComplete {
      require(unknown.isEmpty && isLengthKnown && !isDamaged, "complete, but \(unknown): \(self)")
      require(storableLength == length, "complete, but \(storableLength) bytes were there: \(self)")
    }
    if isLengthKnown { require(storableLength <= length, "more was there than the length says: \(self)") }
    if isDamaged { require(deflateFault != nil && isCompressed, "damaged without fault: \(self)") }
  }
}

/// What was agreed upon in a handshake, for the client's messages.
func compression(takesOver: Bool, perFrame: Bool, windowBits: Int) -> DirectionCompression {
  let compression: Compression =
    perFrame
    ? .deflateFrame(noContextTakeover: !takesOver, maxWindowBits: windowBits)
    : .perMessageDeflate(
      serverNoContextTakeover: false, clientNoContextTakeover: !takesOver, serverMaxWindowBits: 15,
      clientMaxWindowBits: windowBits)
  return compression.direction(ofClient: true)
}
