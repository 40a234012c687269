import Analysis
import Bytes
import Transport

/// Colours and weights (ECMA-48 §8.3.117, SGR).
enum TerminalStyle {
  case bold, dim, red, green, yellow, magenta, cyan

  var sequence: StaticString {
    switch self {
    case .bold: "\u{1B}[1m"
    case .dim: "\u{1B}[2m"
    case .red: "\u{1B}[31m"
    case .green: "\u{1B}[32m"
    case .yellow: "\u{1B}[33m"
    case .magenta: "\u{1B}[35m"
    case .cyan: "\u{1B}[36m"
    }
  }

  /// The style of what `sender` sends.
  static func of(_ sender: Sender) -> TerminalStyle { sender == .client ? .cyan : .green }

  /// The style of a diagnostic.
  static func of(_ severity: Severity) -> TerminalStyle {
    switch severity {
    case .note: .dim
    case .warning: .yellow
    case .error: .red
    }
  }
}

/// Where a text that is folded at spaces has come to.
struct Flow {
  /// Columns that the line has so far.
  var column: Int
  /// Columns that further lines are indented by.
  let indent: Int
  /// Whether the line has words.
  var hasWords = false
}

/// Writes lines for people. What comes from the wire passes `TerminalText`; nothing else may carry control characters.
struct TerminalWriter: ~Copyable {
  var bytes: ByteWriter
  let isColored: Bool
  /// Columns that a line may have; nil where nothing has to be folded.
  let width: Int?
  private let flushesEachRecord: Bool

  /// Narrower terminals wrap.
  static let leastWidth = 20
  /// In fewer columns than these, what belongs together does not stand on one line.
  static let leastForLines = 48
  /// Whether lines must be short.
  var isNarrow: Bool { width.map { $0 < Self.leastForLines } ?? false }

  init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    bytes = ByteWriter()
    bytes.drain = drain
    isColored = options.isColored
    width = options.width.map { max($0, Self.leastWidth) }
    flushesEachRecord = options.flushesEachRecord
  }

  /// Ends a record.
  @inline(__always)
  mutating func endRecord() {
    if flushesEachRecord { bytes.flush() } else { bytes.flushIfFull() }
  }

  // MARK: Styles

  @inline(__always)
  mutating func paint(_ style: TerminalStyle) {
    if isColored { bytes.literal(style.sequence) }
  }

  /// Ends all styles.
  @inline(__always)
  mutating func plain() {
    if isColored { bytes.literal("\u{1B}[0m") }
  }

  /// Writes a literal of our own in a style.
  mutating func literal(_ text: StaticString, _ style: TerminalStyle) {
    paint(style)
    bytes.literal(text)
    plain()
  }

  mutating func spaces(_ count: Int) { bytes.fill(0x20, count) }

  mutating func newline() { bytes.byte(0x0A) }

  // MARK: Text from the wire

  /// Writes as much of `text` as fits, and `…` if that is not all. Gives the columns that it took.
  ///
  /// - Parameters:
  ///   - columns: at least 1.
  ///   - hasMore: whether the text goes on behind `text`.
  @discardableResult
  mutating func cut(_ text: RawSpan, columns: Int, hasMore: Bool = false, dimsEscapes: Bool = false) -> Int {
    let extent = TerminalText.extent(text, columns: columns)
    let dims = dimsEscapes && isColored
    if extent.end == text.byteCount, !hasMore {
      bytes.escaped(text, to: extent.end, dimsEscapes: dims)
      return extent.columns
    }
    bytes.escaped(text, to: extent.shorterEnd, dimsEscapes: dims)
    bytes.literal("…")
    return extent.shorterColumns + 1
  }

  /// Writes all of `text` in lines that are indented; a line feed is shown as `\n` and ends its line. The first line's
  /// indentation must have been written.
  ///
  /// - Parameters:
  ///   - first: columns that the first line has.
  ///   - indent: columns that further lines are indented by.
  mutating func lines(_ text: RawSpan, first: Int, indent: Int, _ matches: Matches = .none) {
    var start = 0
    var column = first
    while start < text.byteCount {
      var end = start
      while end < text.byteCount, text.u8(end) != 0x0A { end += 1 }
      end = min(end + 1, text.byteCount)
      if start > 0 { beginLine(indent, &column) }
      run(text, start..<end, &column, indent: indent, matches)
      start = end
    }
    newline()
  }

  /// Writes `range` of `text`, in several lines where it does not fit on one. They end at spaces where there are some, unless
  /// a line would be left half empty for a word that has to be broken anyway.
  ///
  /// - Parameters:
  ///   - column: columns that the line has; those that the last line has, afterwards.
  ///   - indent: columns that further lines are indented by.
  ///   - free: columns that are kept free at the end of each line.
  ///   - isJSON: whether it is a token of JSON, whose own escapes are shown as they are, and kept whole.
  mutating func run(
    _ text: RawSpan, _ range: Range<Int>, _ column: inout Int, indent: Int, keeping free: Int = 0,
    isJSON: Bool = false, _ matches: Matches = .none
  ) {
    let part = text.extracting(0..<range.upperBound)
    var start = range.lowerBound
    while start < part.byteCount {
      if let width, column > indent, column + free >= width { beginLine(indent, &column) }
      let room = width.map { max(column > indent ? 1 : 8, $0 - column - free) } ?? .max
      let extent = Self.extent(part, from: start, columns: room, isJSON: isJSON)
      var end = extent.end
      if end < part.byteCount, let width {
        let whole = width - indent - free
        if let space = Self.lastSpace(part, start..<end) {
          let isFull = space - start > (end - start) / 2
          if isFull || Self.wordFits(part, from: space + 1, columns: whole, isJSON: isJSON) { end = space + 1 }
        } else if column > indent, part.u8(start) != 0x20,
          room < 8 || Self.wordFits(part, from: start, columns: whole, isJSON: isJSON)
        {
          end = start
        }
      }
      write(part, start..<end, isJSON: isJSON, matches)
      if end < part.byteCount { beginLine(indent, &column) } else { column += extent.columns }
      start = end
    }
  }

  private static func lastSpace(_ text: RawSpan, _ range: Range<Int>) -> Int? {
    var i = range.upperBound
    while i > range.lowerBound {
      i -= 1
      if text.u8(i) == 0x20 { return i }
    }
    return nil
  }

  /// Whether the word that begins at `start` fits into so many columns, with the space behind it.
  private static func wordFits(_ text: RawSpan, from start: Int, columns: Int, isJSON: Bool) -> Bool {
    let extent = extent(text, from: start, columns: columns, isJSON: isJSON)
    return extent.end == text.byteCount || lastSpace(text, start..<extent.end) != nil
  }

  private static func extent(
    _ text: RawSpan, from start: Int, columns limit: Int, isJSON: Bool
  ) -> (end: Int, columns: Int) {
    guard isJSON else {
      let extent = TerminalText.extent(text, from: start, columns: limit)
      return (extent.end, extent.columns)
    }
    var end = start
    var columns = 0
    while end < text.byteCount {
      if text.u8(end) == 0x5C {
        let length = lengthOfEscape(text, end)
        guard length <= limit - columns else { break }
        end += length
        columns += length
      } else {
        // Not far ahead of what may fit, so that long texts take no longer than they have to.
        let next = nextEscape(text, end, most: 64 + min(limit, 4096))
        let extent = TerminalText.extent(text.extracting(0..<next), from: end, columns: limit - columns)
        columns += extent.columns
        end = extent.end
        if end < next { break }
      }
    }
    return (end, columns)
  }

  /// Bytes of the escape of JSON at `start` (RFC 8259 §7).
  private static func lengthOfEscape(_ text: RawSpan, _ start: Int) -> Int {
    let length = start + 1 < text.byteCount && text.u8(start + 1) == 0x75 ? 6 : 2
    return min(length, text.byteCount - start)
  }

  private static func nextEscape(_ text: RawSpan, _ start: Int, most: Int) -> Int {
    let limit = start + min(most, text.byteCount - start)
    var next = start
    while next < limit, text.u8(next) != 0x5C { next += 1 }
    while next < text.byteCount, next == limit, text.u8(next) & 0xC0 == 0x80 { next += 1 }
    return next
  }

  private mutating func write(_ text: RawSpan, _ range: Range<Int>, isJSON: Bool, _ matches: Matches) {
    guard isJSON else { return escaped(text, range, matches, dimsEscapes: isColored) }
    var start = range.lowerBound
    while start < range.upperBound {
      if text.u8(start) == 0x5C {
        for place in start..<start + Self.lengthOfEscape(text, start) {
          character(text.u8(place), at: place, matches)
        }
        start += Self.lengthOfEscape(text, start)
      } else {
        let next = min(range.upperBound, Self.nextEscape(text, start, most: .max))
        escaped(text.extracting(0..<next), start..<next, matches, dimsEscapes: isColored)
        start = next
      }
    }
  }

  private mutating func beginLine(_ indent: Int, _ column: inout Int) {
    newline()
    spaces(indent)
    column = indent
    bytes.flushIfFull()
  }

  // MARK: Words

  /// Writes words, in a new line where the old one is full. `text` may come from the wire (see `LosslessText`).
  ///
  /// - Parameters:
  ///   - gap: spaces before the first word.
  ///   - breaks: whether a new line may begin at the text's spaces, and not only before it or where it has no room.
  mutating func flow(
    _ text: String, _ flow: inout Flow, gap: Int = 1, style: TerminalStyle? = nil, breaks: Bool = true
  ) {
    if let style { paint(style) }
    var gap = gap
    if let width, breaks || TerminalText.columns(of: text) > width - flow.indent {
      for word in text.split(separator: " ", omittingEmptySubsequences: false) {
        self.word(LosslessText.bytes(String(word)), &flow, gap)
        gap = 1
      }
    } else {
      word(LosslessText.bytes(text), &flow, gap)
    }
    if style != nil { plain() }
  }

  /// Writes `(client, packet 17)`, if there is anything in it. New lines begin between the parts only.
  mutating func aside(_ parts: [String], _ flow: inout Flow) {
    for (i, part) in parts.enumerated() {
      let isLast = i == parts.count - 1
      self.flow("\(i == 0 ? "(" : "")\(part)\(isLast ? ")" : ",")", &flow, style: .dim, breaks: false)
    }
  }

  private mutating func word(_ word: [UInt8], _ flow: inout Flow, _ gap: Int) {
    let text = word.span.bytes
    guard let width else {
      if flow.hasWords { spaces(gap) }
      flow.hasWords = true
      return bytes.escaped(text, to: text.byteCount)
    }
    let extent = TerminalText.extent(text, columns: width)
    let needed = extent.end < text.byteCount ? width : extent.columns
    if flow.hasWords {
      if flow.column + gap + needed > width {
        newline()
        spaces(flow.indent)
        flow.column = flow.indent
      } else {
        spaces(gap)
        flow.column += gap
      }
    }
    flow.hasWords = true
    if isNarrow, flow.column + needed > width {
      long(text, &flow, width)
    } else if !word.isEmpty {
      flow.column += cut(text, columns: max(1, width - flow.column))
    }
  }

  /// Writes a word for which there is not room on one line, on a few.
  private mutating func long(_ word: RawSpan, _ flow: inout Flow, _ width: Int) {
    let extent = TerminalText.extent(word, columns: Self.mostLinesOfWord * max(8, width - flow.indent))
    run(word, 0..<extent.end, &flow.column, indent: flow.indent, keeping: 1)
    guard extent.end < word.byteCount else { return }
    bytes.literal("…")
    flow.column += 1
  }

  private static let mostLinesOfWord = 3
}
