import Bytes
import Filter

/// Finds what is to be marked in payloads.
struct Highlight {
  private let expression: RegularExpression
  /// Whether matches are coloured; if not, they are only made visible.
  let isColored: Bool
  /// Matches that are marked in a payload of which a line is shown.
  private static let mostInLine = 100
  /// Matches that are marked in a payload that is shown as a whole.
  static let mostInBody = 10_000

  /// What `options` ask for; nil if nothing was searched for.
  init?(_ options: ExportOptions) {
    guard let search = options.search, let expression = try? search.compiled() else { return nil }
    self.expression = expression
    isColored = options.isColored
  }

  /// Where the matches are in `text`, the first ones, none of them empty.
  func matches(in text: RawSpan, most: Int = mostInLine) -> Matches {
    var matches: [Range<Int>] = []
    var start = 0
    while matches.count < most, let match = expression.firstMatch(in: text, from: start) {
      start = max(match.upperBound, match.lowerBound + 1)
      // `\K` may make a match begin before the end of the last one.
      if !match.isEmpty, match.lowerBound >= matches.last?.upperBound ?? 0 { matches.append(match) }
      // Nor may the next search begin inside of a character.
      while start < text.byteCount, text.u8(start) & 0xC0 == 0x80 { start += 1 }
    }
    return Matches(first: matches.first, marked: isColored ? matches : [])
  }
}

/// Matches of a payload, as ranges of its bytes.
struct Matches {
  /// The first one, which is to be seen.
  private(set) var first: Range<Int>?
  /// Those that are marked by a colour, in order; they do not overlap.
  private let marked: [Range<Int>]
  /// Where, in the payload whose ranges these are, the bytes begin that are asked about.
  private var base = 0
  /// The style that goes on behind a mark.
  var style: TerminalStyle?

  /// There are none.
  static let none = Matches(first: nil, marked: [])

  init(first: Range<Int>?, marked: [Range<Int>]) {
    self.first = first
    self.marked = marked
  }

  /// The first mark that ends behind byte `index`.
  func mark(behind index: Int) -> Range<Int>? {
    var low = 0
    var high = marked.count
    while low < high {
      let middle = (low + high) / 2
      if marked[middle].upperBound - base <= index { low = middle + 1 } else { high = middle }
    }
    return low < marked.count ? marked[low].lowerBound - base..<marked[low].upperBound - base : nil
  }

  /// Whether byte `index` is marked.
  func marks(_ index: Int) -> Bool { mark(behind: index)?.contains(index) ?? false }

  /// The same for the bytes at `range` alone, which are numbered from 0 there.
  func within(_ range: Range<Int>) -> Matches {
    var part = self
    part.base += range.lowerBound
    part.first = first.flatMap { first in
      let shown = first.clamped(to: range)
      return shown.isEmpty ? nil : shown.lowerBound - range.lowerBound..<shown.upperBound - range.lowerBound
    }
    return part
  }
}

extension TerminalWriter {
  /// Writes `text` like `cut`, with its matches marked. Where the first match would be cut off, the text begins shortly before it.
  mutating func cut(
    _ text: RawSpan, marking highlight: Highlight, columns: Int, hasMore: Bool = false, dimsEscapes: Bool = false
  ) -> Int {
    let matches = highlight.matches(in: text)
    guard let first = matches.first else {
      return cut(text, columns: columns, hasMore: hasMore, dimsEscapes: dimsEscapes)
    }
    var start = 0
    var used = 0
    let visible = TerminalText.extent(text, columns: columns)
    let isWhole = visible.end == text.byteCount && !hasMore
    if !isWhole, first.upperBound > visible.shorterEnd, columns > 8 {
      start = Self.start(text, before: first, columns: columns)
      if start > 0 {
        bytes.literal("…")
        used = 1
      }
    }
    let end: Int
    let rest = text.extracting(start..<text.byteCount)
    let extent = TerminalText.extent(rest, columns: columns - used)
    let isCut = extent.end < rest.byteCount || hasMore
    end = start + (isCut ? extent.shorterEnd : extent.end)
    used += isCut ? extent.shorterColumns : extent.columns
    escaped(text, start..<end, matches, dimsEscapes: dimsEscapes && isColored)
    if isCut {
      bytes.literal("…")
      used += 1
    }
    return used
  }

  /// Where a text begins that shows `match`, and about a quarter of the columns before it.
  private static func start(_ text: RawSpan, before match: Range<Int>, columns: Int) -> Int {
    var start = max(0, match.lowerBound - columns / 4)
    while start < match.lowerBound, text.u8(start) & 0xC0 == 0x80 { start += 1 }
    return start
  }

  /// Writes `range` of `text`, escaped, with its marks: each begins anew in every piece, so that none of them is ended by an
  /// escape, or by the end of a line.
  mutating func escaped(_ text: RawSpan, _ range: Range<Int>, _ matches: Matches, dimsEscapes: Bool) {
    var written = range.lowerBound
    while written < range.upperBound, let mark = matches.mark(behind: written), mark.lowerBound < range.upperBound {
      // What combines with a character stays with it.
      let begin = TerminalText.end(ofMarks: text, from: max(mark.lowerBound, written), to: range.upperBound)
      let end = TerminalText.end(ofMarks: text, from: min(mark.upperBound, range.upperBound), to: range.upperBound)
      bytes.escaped(text, from: written, to: begin, dimsEscapes: dimsEscapes)
      if begin < end {
        beginMark()
        bytes.escaped(text, from: begin, to: end)
        endMark(matches.style)
      }
      written = max(end, begin)
    }
    bytes.escaped(text, from: written, to: range.upperBound, dimsEscapes: dimsEscapes)
  }

  /// Writes a mark of ASCII that stands at byte `index` of a text.
  mutating func character(_ character: UInt8, at index: Int, _ matches: Matches) {
    let isMarked = matches.marks(index)
    if isMarked { beginMark() }
    bytes.byte(character)
    if isMarked { endMark(matches.style) }
  }

  /// Begins what is marked.
  mutating func beginMark() { bytes.literal("\u{1B}[1;7m") }

  /// Ends what is marked; `style` goes on.
  mutating func endMark(_ style: TerminalStyle? = nil) {
    bytes.literal("\u{1B}[0m")
    if let style { bytes.literal(style.sequence) }
  }
}
