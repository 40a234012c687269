import Bytes
import Filter

/// Finds what is to be marked in payloads.
struct Highlight {
  private let expression: RegularExpression
  /// Whether matches are coloured; if not, they are only made visible.
  let isColored: Bool
  /// Matches of a payload that are marked.
  private static let most = 100

  /// What `options` ask for; nil if nothing was searched for.
  init?(_ options: ExportOptions) {
    guard let search = options.search, let expression = try? search.compiled() else { return nil }
    self.expression = expression
    isColored = options.isColored
  }

  /// Where the matches are in `text`, the first ones, none of them empty.
  func matches(in text: RawSpan) -> [Range<Int>] {
    var matches: [Range<Int>] = []
    var start = 0
    while matches.count < Self.most, let match = expression.firstMatch(in: text, from: start) {
      start = max(match.upperBound, match.lowerBound + 1)
      // `\K` may make a match begin before the end of the last one.
      if !match.isEmpty, match.lowerBound >= matches.last?.upperBound ?? 0 { matches.append(match) }
      // Nor may the next search begin inside of a character.
      while start < text.byteCount, text.u8(start) & 0xC0 == 0x80 { start += 1 }
    }
    return matches
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
    write(text, start..<end, matches, highlight, dimsEscapes: dimsEscapes && isColored)
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

  private mutating func write(
    _ text: RawSpan, _ range: Range<Int>, _ matches: [Range<Int>], _ highlight: Highlight, dimsEscapes: Bool
  ) {
    // A piece of its own for each match, so that escapes inside of it do not end its colour.
    var written = range.lowerBound
    for match in matches where highlight.isColored && match.upperBound > written && match.lowerBound < range.upperBound
    {
      let begin = max(match.lowerBound, written), end = min(match.upperBound, range.upperBound)
      bytes.escaped(text, from: written, to: begin, dimsEscapes: dimsEscapes)
      bytes.literal("\u{1B}[1;7m")
      bytes.escaped(text, from: begin, to: end)
      bytes.literal("\u{1B}[0m")
      written = end
    }
    bytes.escaped(text, from: written, to: range.upperBound, dimsEscapes: dimsEscapes)
  }
}
