import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// One aligned line a message: what people read first. Data frames are left out, as messages show what they carry, unless
/// they were asked for or belong to no message.
public struct TextExporter: Exporter, ~Copyable {
  /// `text`.
  public static let name = "text"
  /// What it is for.
  public static let summary = "one aligned line a message, for people"

  var writer: TerminalWriter
  /// What is said behind a preview: what is good to know, and what must be known.
  private var notes = ByteWriter()
  private var leastBesideNotes = 0
  private var cautions = ByteWriter()

  let requested: RecordKinds?
  let showsHex: Bool
  private let showsWhole: Bool
  /// What was searched for.
  let highlight: Highlight?
  private let showsDataFrames: Bool
  private let showsDifferences: Bool
  /// Columns of kind and size together.
  private let kindWidth: Int
  /// Columns that a message's line keeps to.
  private let lineWidth: Int
  var files: FileNames

  /// Time of the first connection shown, from which the others are counted.
  var start: Timestamp?
  private var numberWidth = 3
  private var timeWidth: Int
  /// When each connection had its last line. Forgotten at its end or, where no ends are to be shown, when they become many.
  private var lastTimes: [UInt64: Timestamp] = [:]
  /// What the continuation frames of each connection and sender continue.
  private var fragments = FragmentKinds()

  /// Connections whose last times are kept; about 3 MB.
  private static let mostConnections = 65_536
  /// Columns of a line in a file or pipe.
  private static let usualWidth = 160
  /// In fewer columns than these, a message's direction, kind and size stand below its time.
  private static let leastForOneHead = 34
  /// Columns that the times may grow to for good: 11 days.
  private static let mostTimeWidth = 13

  /// A writer whose lines go to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    writer = TerminalWriter(options, drain: drain)
    requested = options.requestedKinds
    highlight = Highlight(options)
    showsHex = options.showsHex
    showsWhole = options.showsWholeMessages
    showsDataFrames = options.requestedKinds?.contains(.frame) ?? false
    lineWidth = writer.width ?? Self.usualWidth
    showsDifferences = lineWidth >= 60
    timeWidth = lineWidth >= 80 ? 10 : 9
    kindWidth = lineWidth < 80 ? 12 : showsDataFrames ? 20 : 14
    files = FileNames(areNeeded: options.hasSeveralFiles)
  }

  /// Hands over all that is written.
  public mutating func flush() { writer.bytes.flush() }

  // MARK: Messages and frames

  /// Writes a message.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let message = record.message
    let isText = message.opcode == .text
    let column = begin(
      record.connection.number, record.last.time, record.sender, isText ? "text" : "binary",
      size: message.isLengthKnown
        ? (message.isComplete || message.isCompressed ? message.length : message.wireLength) : nil)
    if message.frameCount > 1 || message.isCompressed { note(message, record.last.time.since(record.first.time)) }
    let isTruncated = UInt64(content.byteCount) < message.storableLength
    if record.inference != nil || message.inference != nil { cautions.literal(" [inferred]") }
    if !message.isComplete || isTruncated || message.isValidUTF8 == false { caution(message, isTruncated: isTruncated) }
    let view = viewInLine(record)
    if let view {
      finish(Self.line(of: view).span.bytes, as: .text, isTruncated: false, column)
      if showsWhole { return body(record, content, as: view) }
    } else if showsWhole {
      return whole(record, content, column)
    } else if isText, !record.unknown.isEmpty {
      let filled = UnknownBytes.filled(content, record.unknown)
      finish(filled.span.bytes, as: .text, isTruncated: isTruncated, column)
    } else {
      // What stands behind unknown bytes is left to the dump.
      let first = Int(clamping: record.unknown.first?.lowerBound ?? .max)
      let known = content.extracting(0..<min(first, content.byteCount))
      finish(known, as: isText ? .text : .bytes, isTruncated: isTruncated || first != .max, column)
    }
    if showsHex {
      writer.dump(content, around: record.unknown, total: message.storableLength, bodyMatches(content))
    }
    writer.endRecord()
  }

  private mutating func whole(_ record: borrowing MessageRecord, _ content: RawSpan, _ column: Int) {
    let column = beginRemarks(column)
    remark(true, cautions.count < lineWidth - column, column)
    let total = record.message.storableLength
    let isText = record.message.opcode == .text
    if record.unknown.isEmpty { return body(content, isText: isText, total: total) }
    if isText {
      let filled = UnknownBytes.filled(content, record.unknown)
      return body(filled.span.bytes, isText: true, total: total)
    }
    writer.dump(content, around: record.unknown, total: total, bodyMatches(content))
    writer.endRecord()
  }

  /// Writes a frame, unless a message shows it.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let header = record.header
    let isData = header.opcode.isMessage
    if isData, record.message > 0, !showsDataFrames { return }
    let number = record.connection.number
    let column = begin(
      number, record.last.time, record.sender, header.opcode.name, size: header.payloadLength,
      isControl: header.opcode.isControl)
    let isTruncated = UInt64(payload.byteCount) < record.capturedLength
    note(header)
    if record.inference != nil { cautions.literal(" [inferred]") }
    caution(record, isTruncated: isTruncated)
    switch header.opcode {
    case .close:
      finish(CloseReason(payload), column)
    case _ where isData:
      let content = fragments.content(of: header, number, record.sender)
      finish(payload, as: content, isTruncated: isTruncated, column)
    default:
      finish(payload, as: .textIfPrintable, isTruncated: isTruncated, column)
    }
    if showsHex { writer.dump(payload, total: record.capturedLength, bodyMatches(payload)) }
    writer.endRecord()
  }

  // MARK: The fixed part

  /// Writes `#1`, the time and the time since the connection's last line. Gives the columns that they took.
  ///
  /// - Parameters:
  ///   - connection: nil for what is about the capture.
  ///   - counts: whether later lines of the connection count from this one, and this one from the last.
  mutating func lead(_ connection: UInt64?, _ time: Timestamp?, counts: Bool) -> Int {
    var since: Int64?
    if let connection {
      let width = decimalDigits(connection) + 1
      if width > numberWidth { numberWidth = width }
      writer.bytes.byte(0x23)
      writer.bytes.decimal(connection)
      writer.spaces(numberWidth - width + 1)
      if let time, counts { since = lastTimes.updateValue(time, forKey: connection).map { time.since($0) } }
      if lastTimes.count > Self.mostConnections { lastTimes.removeAll() }
    } else {
      writer.spaces(numberWidth + 1)
    }
    writer.paint(.dim)
    var used = timeWidth
    if let time, let start = start ?? (connection == nil ? nil : time) {
      self.start = start
      used = writer.bytes.alignedSeconds(time.since(start), width: timeWidth)
      if used <= Self.mostTimeWidth { timeWidth = used }
    } else {
      writer.spaces(timeWidth)
    }
    if showsDifferences {
      writer.spaces(1)
      if let since { writer.bytes.difference(since) } else { writer.spaces(10) }
    }
    writer.plain()
    return numberWidth + 1 + used + (showsDifferences ? 11 : 0)
  }

  /// Writes all that stands before a preview. Gives the columns that it took.
  private mutating func begin(
    _ connection: UInt64, _ time: Timestamp, _ sender: Sender, _ kind: StaticString, size: UInt64?,
    isControl: Bool = false
  ) -> Int {
    var column = lead(connection, time, counts: true)
    if lineWidth < Self.leastForOneHead {
      writer.newline()
      column = 1
    }
    writer.spaces(1)
    writer.paint(.of(sender))
    if sender == .client { writer.bytes.literal("→ ") } else { writer.bytes.literal("← ") }
    if isControl {
      writer.plain()
      writer.paint(.magenta)
    }
    writer.bytes.literal(kind)
    writer.plain()
    let used = kind.utf8CodeUnitCount + 1 + (size.map { TerminalSize.columns($0) } ?? 1)
    writer.spaces(max(1, kindWidth - used + 1))
    if let size { writer.bytes.size(size) } else { writer.bytes.byte(0x3F) }
    notes.removeAll()
    leastBesideNotes = Self.leastBesideCautions
    cautions.removeAll()
    return column + 3 + max(used, kindWidth)
  }

  // MARK: Remarks

  private mutating func note(_ message: Message, _ duration: Int64) {
    leastBesideNotes = Self.leastBesideMessageNotes
    if message.frameCount > 1 {
      notes.literal(" [")
      notes.decimal(message.frameCount)
      notes.literal(" frames")
      if duration >= 100_000_000 {
        notes.literal(" in ")
        notes.text(Phrase.duration(duration))
      }
      notes.byte(0x5D)
    }
    if message.isCompressed {
      notes.literal(" [deflate ")
      notes.decimal(message.wireLength)
      notes.literal(" B]")
    }
  }

  private mutating func note(_ header: FrameHeader) {
    if !header.isFinal { notes.literal(" [not final]") }
    if header.rsv1 { notes.literal(" [rsv1]") }
    if header.rsv2 { notes.literal(" [rsv2]") }
    if header.rsv3 { notes.literal(" [rsv3]") }
  }

  private mutating func caution(_ message: Message, isTruncated: Bool) {
    if message.isDamaged {
      cautions.literal(" [damaged]")
    } else if !message.isComplete, !message.isCompressed, message.storableLength < message.wireLength {
      caution(message.storableLength, of: message.wireLength, "captured]")
    } else if message.isLengthKnown, message.storableLength < message.length {
      caution(message.storableLength, of: message.length, "known]")
    } else if !message.isComplete, message.inference == nil || !message.isLengthKnown {
      cautions.literal(" [incomplete]")
    }
    if isTruncated { cautions.literal(" [cut]") }
    if message.isValidUTF8 == false { cautions.literal(" [not UTF-8]") }
  }

  private mutating func caution(_ record: borrowing FrameRecord, isTruncated: Bool) {
    if !record.isComplete { caution(record.capturedLength, of: record.header.payloadLength, "captured]") }
    if isTruncated { cautions.literal(" [cut]") }
  }

  private mutating func caution(_ known: UInt64, of length: UInt64, _ what: StaticString) {
    cautions.literal(" [incomplete: ")
    cautions.size(known)
    cautions.literal(" of ")
    cautions.size(length)
    cautions.literal(TerminalSize.isPlain(length) ? " B " : " ")
    cautions.literal(what)
  }
}

// MARK: Previews

extension TextExporter {
  /// Columns that a preview gets even if remarks must move for it: as many as are left, up to these. What is only good to
  /// know goes first, and goes for good.
  private static let leastBesideMessageNotes = 40
  private static let leastBesideCautions = 12

  /// Begins a line for remarks where they do not fit on the one that there is. Gives the columns that the line has.
  private mutating func beginRemarks(_ column: Int) -> Int {
    guard writer.isNarrow, column + notes.count + cautions.count > lineWidth else { return column }
    writer.newline()
    writer.spaces(Self.narrowIndent)
    return Self.narrowIndent
  }

  /// Begins a line for the preview where lines are short. Gives the columns that the line has.
  private mutating func beginPreview(_ column: Int) -> Int {
    guard writer.isNarrow else { return column }
    writer.newline()
    writer.spaces(Self.narrowIndent)
    return Self.narrowIndent
  }

  /// Columns that a preview, with its two spaces, is indented by where it has a line of its own.
  private static let narrowIndent = 2

  /// Writes the preview and the remarks, and ends the line.
  private mutating func finish(_ payload: RawSpan, as content: TextContent, isTruncated: Bool, _ column: Int) {
    let hasPreview = payload.byteCount > 0 || isTruncated
    let column = hasPreview ? beginPreview(column) : beginRemarks(column)
    var room = max(1, lineWidth - column - 2)
    if hasPreview { writer.spaces(2) }
    // The remarks are ASCII: as many columns as bytes.
    let cautionsFit = room - cautions.count >= Self.leastBesideCautions
    if cautionsFit { room -= cautions.count }
    let notesFit = room - notes.count >= leastBesideNotes
    let limit = notesFit ? room - notes.count : room
    let used = preview(payload, as: content, columns: limit, isTruncated: isTruncated)
    remark(notesFit || used + notes.count <= room, cautionsFit, column)
  }

  /// Writes what a close frame says.
  private mutating func finish(_ reason: CloseReason, _ column: Int) {
    let column = beginPreview(column)
    let room = max(1, lineWidth - column - 2)
    if String(validating: reason.reason, as: UTF8.self) == nil { cautions.literal(" [not UTF-8]") }
    let cautionsFit = room - cautions.count >= Self.leastBesideCautions
    writer.spaces(2)
    let text = TextPhrase.close(reason)
    let bytes = LosslessText.bytes(text), columns = cautionsFit ? room - cautions.count : room
    let used =
      if let highlight {
        writer.cut(bytes.span.bytes, marking: highlight, columns: columns)
      } else {
        writer.cut(bytes.span.bytes, columns: columns)
      }
    remark(used + notes.count + cautions.count <= room, cautionsFit, column)
  }

  private mutating func remark(_ notesFit: Bool, _ cautionsFit: Bool, _ column: Int) {
    if notesFit, notes.count > 0 {
      writer.paint(.dim)
      notes.withBytes { writer.bytes.raw($0.bytes) }
      writer.plain()
    }
    if cautions.count > 0 {
      writer.paint(.yellow)
      if cautionsFit { cautions.withBytes { writer.bytes.raw($0.bytes) } } else { continueCautions(column) }
      writer.plain()
    }
    writer.newline()
  }

  /// Writes what must be known in lines of its own.
  private mutating func continueCautions(_ column: Int) {
    let indent = max(4, min(column + 2, lineWidth - cautions.count + 1))
    writer.newline()
    writer.spaces(indent)
    var flow = Flow(column: indent, indent: indent)
    let text = cautions.withBytes { String(decoding: $0, as: UTF8.self) }
    for caution in text.split(separator: "[") where caution != " " {
      let end = caution.lastIndex(of: "]") ?? caution.endIndex
      writer.flow("[\(caution[..<end])]", &flow, breaks: false)
    }
  }

  private mutating func preview(
    _ payload: RawSpan, as content: TextContent, columns: Int, isTruncated: Bool
  ) -> Int {
    switch content {
    case .text:
      if let highlight {
        return writer.cut(payload, marking: highlight, columns: columns, hasMore: isTruncated, dimsEscapes: true)
      }
      return writer.cut(payload, columns: columns, hasMore: isTruncated, dimsEscapes: true)
    case .textIfPrintable where payload.byteCount > 0 && TerminalText.isPrintable(payload):
      writer.bytes.byte(0x22)
      let room = max(1, columns - 2)
      let used =
        if let highlight {
          writer.cut(payload, marking: highlight, columns: room, hasMore: isTruncated)
        } else {
          writer.cut(payload, columns: room, hasMore: isTruncated)
        }
      writer.bytes.byte(0x22)
      return used + 2
    case .textIfPrintable, .bytes:
      return writer.hexPreview(
        payload, columns: columns, hasMore: isTruncated, highlight?.matches(in: payload) ?? .none)
    }
  }

  /// A line of the connection bears `time`, though not in its column.
  mutating func remember(_ connection: UInt64, _ time: Timestamp) {
    if start == nil { start = time }
    lastTimes[connection] = time
  }

  /// Forgets a connection.
  mutating func forget(_ connection: UInt64) {
    lastTimes.removeValue(forKey: connection)
    fragments.forget(connection)
  }
}
