import Bytes
import JSON

/// Lays a JSON text out for people: indented, coloured, and with what fits on a line on that line. Every token is shown as it is
/// written; only white space between tokens differs.
struct JSONLayout: ~Copyable {
  /// Columns that an object or array on one line may take.
  private static let inlineColumns = 60
  /// Levels that are indented; what is deeper stands below them.
  private static let mostIndented = 20
  private static let step = 2
  /// Columns that stand free for what follows a token.
  private static let punctuation = 2

  private let margin: Int
  private var column: Int
  /// Columns that the line is indented by.
  private var lineIndent: Int
  private var matches = Matches.none
  /// Where the last token ended.
  private var end = 0

  /// Whether `text` is an object or array, and nothing else.
  static func isLaidOut(_ text: RawSpan) -> Bool {
    var scanner = JSONScanner()
    guard let first = scanner.next(text), first.kind.isBegin else { return false }
    while scanner.next(text) != nil {}
    return scanner.isComplete
  }

  /// - Parameter margin: columns that every line is indented by.
  init(margin: Int) {
    self.margin = margin
    lineIndent = margin
    column = margin
  }

  /// Writes `text`, for which `isLaidOut` is true, and ends the last line. Of matches that go over several tokens, the white
  /// space between these is not marked.
  mutating func write(_ text: RawSpan, to writer: inout TerminalWriter, _ matches: Matches = .none) {
    self.matches = matches
    writer.spaces(margin)
    var scanner = JSONScanner()
    var isFirst = true
    while let token = scanner.next(text) {
      if token.kind.isEnd {
        if !isFirst { newline(scanner.depth, &writer) }
        put(token, text, &writer)
      } else {
        if !isFirst, !isAfterKey { separate(scanner.depth - (token.kind.isBegin ? 1 : 0), text, &writer) }
        if isFirst, hasOpened { newline(scanner.depth - (token.kind.isBegin ? 1 : 0), &writer) }
        put(token, text, &writer)
      }
      isAfterKey = token.kind == .key
      hasOpened = token.kind.isBegin
      isFirst = hasOpened
      if hasOpened, inline(text, &scanner, &writer) { (isFirst, hasOpened) = (false, false) }
    }
    writer.newline()
  }

  /// Columns that a line is indented by at most: half of them stay for what it says.
  private func deepest(_ writer: borrowing TerminalWriter) -> Int {
    min(margin + Self.step * (Self.mostIndented + 1), max(margin, (writer.width ?? .max) / 2))
  }

  private var isAfterKey = false
  private var hasOpened = false

  private mutating func separate(_ depth: Int, _ text: RawSpan, _ writer: inout TerminalWriter) {
    punctuation(0x2C, text, &writer)
    newline(depth, &writer)
  }

  /// Writes the comma or colon that follows the last token.
  private mutating func punctuation(_ character: UInt8, _ text: RawSpan, _ writer: inout TerminalWriter) {
    guard matches.first != nil else { return writer.bytes.byte(character) }
    while end < text.byteCount, text.u8(end) != character { end += 1 }
    matches.style = nil
    writer.character(character, at: end, matches)
  }

  private mutating func newline(_ depth: Int, _ writer: inout TerminalWriter) {
    writer.newline()
    column = min(margin + Self.step * depth, deepest(writer))
    lineIndent = column
    writer.spaces(column)
    writer.bytes.flushIfFull()
  }

  /// Writes the rest of the object or array that was just begun, if it fits on the line.
  private mutating func inline(_ text: RawSpan, _ scanner: inout JSONScanner, _ writer: inout TerminalWriter) -> Bool {
    let room = min(Self.inlineColumns, (writer.width ?? 100) - column - Self.punctuation)
    guard width(text, scanner, within: room) else { return false }
    let depth = scanner.depth
    var isFirst = true
    var followsKey = false
    while scanner.depth >= depth, let token = scanner.next(text) {
      if !token.kind.isEnd, !isFirst, !followsKey {
        punctuation(0x2C, text, &writer)
        writer.spaces(1)
        column += 2
      }
      put(token, text, &writer)
      followsKey = token.kind == .key
      isFirst = token.kind.isBegin
    }
    return true
  }

  /// Whether the rest of what was begun takes no more than `room` columns, and holds no object or array with something in it
  /// that has another one in it: such things are hard to read on one line.
  private func width(_ text: RawSpan, _ start: JSONScanner, within room: Int) -> Bool {
    var scanner = start
    var used = 0
    while scanner.depth >= start.depth, let token = scanner.next(text) {
      used += token.range.count + (token.kind == .key || token.kind == .string ? 4 : 2)
      if used > room || scanner.depth > start.depth + 1 { return false }
    }
    return true
  }

  private mutating func put(_ token: JSONToken, _ text: RawSpan, _ writer: inout TerminalWriter) {
    let isQuoted = token.kind == .key || token.kind == .string
    let style = Self.style(token.kind)
    if let style { writer.paint(style) }
    matches.style = style
    let range = isQuoted ? token.range.lowerBound - 1..<token.range.upperBound + 1 : token.range
    let indent = min(writer.isNarrow ? lineIndent : column, deepest(writer) - Self.step) + Self.step
    writer.run(
      text, range, &column, indent: indent, keeping: Self.punctuation, isJSON: token.hasEscapes, matches)
    if style != nil { writer.plain() }
    end = range.upperBound
    if token.kind == .key {
      punctuation(0x3A, text, &writer)
      writer.spaces(1)
      column += 2
    }
  }

  private static func style(_ kind: JSONToken.Kind) -> TerminalStyle? {
    switch kind {
    case .key: .bold
    case .string: .green
    case .number: .cyan
    case .true, .false, .null: .magenta
    case .objectBegin, .objectEnd, .arrayBegin, .arrayEnd: nil
    }
  }
}
