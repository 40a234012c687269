import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// Every frame, bit by bit, as RFC 6455 §5.2 draws it, and the messages that frames complete.
public struct TreeExporter: Exporter, ~Copyable {
  /// `tree`.
  public static let name = "tree"
  /// What it is for.
  public static let summary = "every frame bit by bit, as RFC 6455 draws it"

  var writer: TerminalWriter
  let requested: RecordKinds?
  let showsHex: Bool
  /// What was searched for.
  private let highlight: Highlight?
  var files: FileNames
  var compressions = FrameCompressions()

  /// Time of the first connection shown, from which the others are counted.
  private var start: Timestamp?
  /// What was written last, and may be added to.
  var last = Block.nothing

  /// Lines that belong together. An empty line goes before each block.
  enum Block: Equatable {
    case nothing
    case connection(UInt64)
    case frame(UInt64, of: UInt64)
    /// About a frame that may come next, or about none.
    case diagnostic(frame: UInt64?, of: UInt64?)
    case other
  }

  /// Bytes of a payload that are shown unless all were asked for.
  static let mostDumped = 256
  /// Bytes of a text that are shown unless all were asked for.
  static let mostText = 4096
  /// Bytes of it that are shown before the first match, where it begins with that.
  private static let textBefore = 256

  /// A writer whose lines go to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    writer = TerminalWriter(options, drain: drain)
    requested = options.requestedKinds
    showsHex = options.showsHex
    highlight = Highlight(options)
    files = FileNames(areNeeded: options.hasSeveralFiles)
  }

  /// Hands over all that is written.
  public mutating func flush() { writer.bytes.flush() }

  /// Writes a frame.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let isAttached = last == .diagnostic(frame: record.number, of: record.connection.number)
    var flow = heading("Frame \(record.number)", record.connection.number, isAttached: isAttached)
    last = .frame(record.number, of: record.connection.number)
    part("\(record.sender.name) → \(record.sender.peer.name)", &flow, style: .of(record.sender))
    part(files.packets(record.first, record.last), &flow)
    part("offset \(record.offset)", &flow)
    part(seconds(record.last.time), &flow)
    writer.newline()
    header(record)
    body(record, payload)
    writer.endRecord()
  }

  /// Writes a message, under the frame that completes it if that was written.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let message = record.message
    let isNested = last == .frame(record.lastFrame, of: record.connection.number)
    var flow: Flow
    if isNested {
      writer.spaces(2)
      flow = Flow(column: 2, indent: 4)
      let verb = message.isComplete ? "completes" : "ends, incomplete,"
      writer.flow("\(verb) message \(record.number):", &flow, style: .bold)
    } else {
      flow = heading("Message \(record.number)", record.connection.number)
      part("\(record.sender.name) → \(record.sender.peer.name)", &flow, style: .of(record.sender))
      part(files.packets(record.first, record.last), &flow)
      part(seconds(record.last.time), &flow)
      writer.newline()
      writer.spaces(2)
      flow = Flow(column: 2, indent: 4)
      if !message.isComplete { writer.flow("incomplete:", &flow, style: .yellow) }
    }
    describe(record, isNested: isNested, &flow)
    writer.newline()
    last = .other
    let isShown = isNested && message.frameCount == 1 && !message.isCompressed && message.opcode != .text
    if !isShown { write(content, message, record.unknown) }
    if let view = record.view { write(view) }
    writer.endRecord()
  }

  private mutating func describe(_ record: borrowing MessageRecord, isNested: Bool, _ flow: inout Flow) {
    let message = record.message
    var parts = [message.opcode == .text ? "text" : "binary"]
    var length = message.isLengthKnown ? Phrase.count(message.length, "byte") : "\(message.length) bytes or more"
    if message.storableLength < message.length, message.isLengthKnown || !message.isCompressed {
      length = "\(message.storableLength) of \(length) \(message.isCompressed ? "known" : "captured")"
    }
    if !message.isCompressed {
      parts.append(length)
    } else {
      parts.append("\(length), deflated to \(message.wireLength)")
      if let confidence = message.inference {
        parts.append("in part inferred (confidence \(TextPhrase.probability(confidence)))")
      }
    }
    if message.isDamaged { parts.append("damaged") }
    if message.isValidUTF8 == false { parts.append("not UTF-8") }
    switch (message.frameCount, isNested) {
    case (1, true): parts.append("1 frame")
    case (1, false): parts.append("frame \(record.firstFrame)")
    case (_, true):
      parts.append("\(message.frameCount) frames since frame \(record.firstFrame) (\(files.packet(record.first)))")
    case (_, false): parts.append("\(message.frameCount) frames, \(record.firstFrame) to \(record.lastFrame)")
    }
    writer.flow(parts.joined(separator: ", "), &flow)
  }

  /// Where the matches are of a payload.
  func matches(_ payload: RawSpan) -> Matches {
    highlight?.matches(in: payload, most: Highlight.mostInBody) ?? .none
  }

  /// Writes a message's content.
  private mutating func write(_ content: RawSpan, _ message: Message, _ unknown: [Range<UInt64>]) {
    let most = showsHex ? Int.max : Self.mostDumped
    if message.opcode != .text {
      writer.dump(content, around: unknown, most: most, total: message.storableLength, matches(content))
    } else if unknown.isEmpty {
      write(content, total: message.storableLength)
    } else {
      let filled = UnknownBytes.filled(content, unknown)
      let left = message.storableLength - min(message.storableLength, UInt64(content.byteCount))
      write(filled.span.bytes, total: UInt64(filled.count) + left)
    }
  }

  private mutating func write(_ content: RawSpan, total: UInt64) {
    guard content.byteCount > 0 || total > 0 else { return }
    let matches = matches(content)
    let most = showsHex ? .max : Self.mostText
    func character(at index: Int) -> Int {  // not inside of one
      var start = index
      while start > max(0, index - 3), start < content.byteCount, content.u8(start) & 0xC0 == 0x80 { start -= 1 }
      return start
    }
    var start = 0
    if content.byteCount > most, let match = matches.first, match.upperBound > most {
      start = character(at: max(0, match.lowerBound - Self.textBefore))
      writer.omission(UInt64(start), .before)
    }
    let shown = content.byteCount - start > most ? character(at: start + most) : content.byteCount
    if shown > start {
      writer.spaces(4)
      let range = start..<shown
      writer.lines(content.extracting(range), first: 4, indent: 4, matches.within(range))
    }
    writer.omission(total - min(total, UInt64(shown)), shown < content.byteCount ? .stored : .notKept)
  }

  // MARK: What all blocks share

  /// Begins a block: `Frame 3 of #1`.
  mutating func heading(_ title: String, _ connection: UInt64? = nil, isAttached: Bool = false) -> Flow {
    separate(isAttached: isAttached)
    last = .other
    var flow = Flow(column: 0, indent: 4)
    writer.flow(connection.map { "\(title) of #\($0)" } ?? title, &flow, style: .bold, breaks: false)
    return flow
  }

  /// Writes an empty line before a block, unless it belongs to what was written last.
  mutating func separate(isAttached: Bool) {
    if last != .nothing, !isAttached { writer.newline() }
  }

  /// Goes on with a block's first line.
  mutating func part(_ text: String, _ flow: inout Flow, style: TerminalStyle? = nil) {
    guard !text.isEmpty else { return }
    writer.flow("·", &flow, style: .dim)
    writer.flow(text, &flow, style: style, breaks: false)
  }

  /// `0.001234 s` since the first connection shown.
  mutating func seconds(_ time: Timestamp) -> String {
    let start = self.start ?? time
    self.start = start
    return "\(Phrase.seconds(time.since(start))) s"
  }
}
