import Bytes
import TestSupport
import WebSocket

/// Everything that came of putting the messages of a direction together.
struct MessageReading: Equatable {
  struct Item: Equatable {
    var message: Message
    var content: [UInt8]
    /// Where bytes are not known.
    var unknown: [Range<UInt64>] = []

    var text: String { String(decoding: content, as: UTF8.self) }
  }

  var items: [Item] = []
  var violations: [FragmentViolation] = []
  /// Messages that a single frame made by itself; depends on the feeding.
  static func == (a: Self, b: Self) -> Bool { a.items == b.items && a.violations == b.violations }
  private(set) var fastPaths = 0

  private var assembler: MessageAssembler
  private var buffer = InflateBuffer()
  private let limits: MessageLimits
  private var header: FrameHeader?
  private var position = 0
  private var isBegun = false

  /// Plays the reader: unmasks, hands frames on, and abandons what is incomplete at the end.
  init(_ inputs: [Input], _ compression: DirectionCompression? = nil, limits: MessageLimits = MessageLimits()) {
    assembler = MessageAssembler(compression: compression, limits: limits)
    self.limits = limits
    var decoder = FrameDecoder()
    for input in inputs {
      switch input {
      case .bytes(let bytes):
        var position = 0
        while let event = decoder.next(bytes.span.bytes, &position) { take(event, bytes) }
      case .gap(var count):
        while let event = decoder.skip(&count) { take(event, []) }
      }
    }
    if assembler.isInsideMessage { emit(assembler.abandon()) }
  }

  init(_ pieces: [[UInt8]], _ compression: DirectionCompression? = nil, limits: MessageLimits = MessageLimits()) {
    self.init(pieces.map { .bytes($0) }, compression, limits: limits)
  }

  var texts: [String] { items.map(\.text) }
  var areAllComplete: Bool { items.allSatisfy { $0.message.isComplete && !$0.message.isDamaged } }

  private mutating func take(_ event: FrameEvent, _ bytes: [UInt8]) {
    switch event {
    case .header(let header): begin(header)
    case .payload(let range, let isLast):
      guard let header else { return }
      let piece = Array(bytes[range])
      let payload = header.isMasked ? masking(piece, header.maskingKey, from: position) : piece
      position += piece.count
      if isLast, !isBegun, let message = assembler.whole(header, payload.span.bytes) {
        fastPaths += 1
        add(message, Array(payload.prefix(limits.stored)))
        return
      }
      beginOnce(header)
      assembler.payload(payload.span.bytes, &buffer)
      if isLast { end(header) }
    case .missing(let count, let isLast):
      guard let header else { return }
      beginOnce(header)
      position += Int(clamping: count)
      assembler.missing(count)
      if isLast { end(header) }
    case .lost: break
    }
  }

  private mutating func begin(_ header: FrameHeader) {
    self.header = nil
    position = 0
    isBegun = false
    let violation = assembler.violation(header)
    if let violation { violations.append(violation) }
    guard header.opcode.isMessage, violation != .orphanContinuation else { return }
    if violation == .interleavedMessage { emit(assembler.abandon()) }
    self.header = header
  }

  private mutating func beginOnce(_ header: FrameHeader) {
    if !isBegun { assembler.begin(header) }
    isBegun = true
  }

  private mutating func end(_ header: FrameHeader) {
    if let message = assembler.end(header, &buffer) { emit(message) }
  }

  private mutating func emit(_ message: Message) {
    let content = assembler.takeContent()
    add(message, content, assembler.takeUnknown())
    assembler.reuse(content)
  }

  private mutating func add(_ message: Message, _ content: [UInt8], _ unknown: [Range<UInt64>] = []) {
    var message = message
    message.isPayloadItself = false
    items.append(Item(message: message, content: content, unknown: unknown))
  }
}

/// `permessage-deflate` as it was agreed upon for a direction.
func messageDeflate(noContextTakeover: Bool = false, windowBits: Int = 15) -> DirectionCompression {
  Compression.perMessageDeflate(
    serverNoContextTakeover: noContextTakeover, clientNoContextTakeover: false, serverMaxWindowBits: windowBits,
    clientMaxWindowBits: 15
  ).direction(ofClient: false)
}

/// `deflate-frame` as it was agreed upon for what the client sends.
func frameDeflate(noContextTakeover: Bool = false, windowBits: Int = 15) -> DirectionCompression {
  Compression.deflateFrame(noContextTakeover: noContextTakeover, maxWindowBits: windowBits).direction(ofClient: true)
}
