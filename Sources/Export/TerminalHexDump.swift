import Bytes

extension TerminalWriter {
  /// Bytes that a line of a hex dump shows.
  var dumpColumns: Int {
    switch width ?? 80 {
    case ..<29: 2
    case ..<45: 4
    case ..<80: 8
    default: 16
    }
  }
  /// Columns that its lines are indented by.
  var dumpIndent: Int { (width ?? 80) < 29 ? 1 : 4 }

  /// Writes `bytes` as lines of offset, hex and ASCII: indented by four columns, 78 columns, and 45, 29 or 18 where lines are
  /// short.
  ///
  /// Where not all of them are shown, the dump begins shortly before the first match.
  ///
  /// - Parameters:
  ///   - start: offset of the first.
  ///   - most: bytes to show; those left out are counted in a first and a last line.
  ///   - total: bytes that the payload has, stored or not.
  mutating func dump(
    _ payload: RawSpan, from start: UInt64 = 0, most: Int = .max, total: UInt64, _ matches: Matches = .none
  ) {
    let columns = dumpColumns
    var offset = 0
    if let match = matches.first, payload.byteCount > most, match.upperBound > most {
      offset = max(0, match.lowerBound / columns - Self.rowsBefore) * columns
      omission(UInt64(offset), .before)
    }
    let shown = offset + min(payload.byteCount - offset, most)
    while offset < shown {
      let end = min(offset + columns, shown)
      spaces(dumpIndent)
      paint(.dim)
      let position = start &+ UInt64(offset)
      bytes.hex(position, digits: position > 0xFF_FFFF ? 12 : 6)
      plain()
      dumpRow(payload.extracting(offset..<end), hasText: true, matches.within(offset..<end))
      bytes.flushIfFull()
      offset = end
    }
    omission(total - min(total, UInt64(shown)), shown < payload.byteCount ? .stored : .notKept)
  }

  /// Rows that a dump shows before the first match, where it begins with that.
  private static let rowsBefore = 2

  /// What was left out.
  enum Omission {
    case before, stored, notKept
  }

  /// Writes how many bytes were left out, if any.
  mutating func omission(_ count: UInt64, _ omission: Omission) {
    guard count > 0 else { return }
    spaces(dumpIndent)
    paint(.dim)
    bytes.literal("… ")
    bytes.decimal(count)
    switch omission {
    case .before: bytes.literal(" before")
    case .stored: bytes.literal(" more")
    case .notKept: bytes.literal(" more, not kept")
    }
    plain()
    newline()
  }

  /// Writes the hex digits of one line, two spaces before them, and the ASCII column.
  mutating func dumpRow(_ row: RawSpan, hasText: Bool, hasMore: Bool = false, _ matches: Matches = .none) {
    let columns = dumpColumns
    var isMarked = false
    for i in 0..<row.byteCount {
      let marks = matches.marks(i)
      if isMarked, !marks { endMark() }
      spaces(i & 7 == 0 ? 2 : 1)
      if marks, !isMarked { beginMark() }
      isMarked = marks
      bytes.hex(UInt64(row.u8(i)), digits: 2)
    }
    if isMarked { endMark() }
    if hasMore { bytes.literal(" …") }
    if hasText {
      spaces((columns - row.byteCount) * 3 + (columns > 8 && row.byteCount <= 8 ? 1 : 0) + 2)
      isMarked = false
      for i in 0..<row.byteCount {
        let byte = row.u8(i)
        let marks = matches.marks(i)
        if marks != isMarked { if marks { beginMark() } else { endMark() } }
        isMarked = marks
        bytes.byte((0x20...0x7E).contains(byte) ? byte : 0x2E)
      }
      if isMarked { endMark() }
    }
    newline()
  }

  /// Writes `de ad be ef` in at most `columns` columns, with ` …` behind it if that is not all. Gives the columns that it took.
  /// Where the first match would not be seen, `… 0x400: ` stands before bytes from shortly before it.
  @discardableResult
  mutating func hexPreview(_ payload: RawSpan, columns: Int, hasMore: Bool, _ matches: Matches = .none) -> Int {
    var start = 0
    var lead = 0
    let isAll = payload.byteCount <= (columns + 1) / 3 && !hasMore
    if let match = matches.first, !isAll, columns >= Self.leastForOffset, match.upperBound > (columns - 1) / 3 {
      start = max(0, match.lowerBound - Self.bytesBefore)
      if start > 0 {
        let digits = max(1, (67 - UInt64(start).leadingZeroBitCount) / 4)
        bytes.literal("… 0x")
        bytes.hex(UInt64(start), digits: digits)
        bytes.literal(": ")
        lead = digits + 6
      }
    }
    let used = hexRow(
      payload.extracting(start..<payload.byteCount), columns: columns - lead, hasMore: hasMore,
      matches.within(start..<payload.byteCount))
    return lead + used
  }

  /// Columns that a preview must have to begin with an offset, and bytes that it shows before a match then.
  private static let (leastForOffset, bytesBefore) = (24, 2)

  private mutating func hexRow(_ row: RawSpan, columns: Int, hasMore: Bool, _ matches: Matches) -> Int {
    // A byte takes three columns, the last one two; the ellipsis two more.
    let whole = (columns + 1) / 3
    let isAll = row.byteCount <= whole && !hasMore
    let count = isAll ? row.byteCount : max(0, min(row.byteCount, (columns - 1) / 3))
    var isMarked = false
    for i in 0..<count {
      let marks = matches.marks(i)
      if isMarked, !marks { endMark() }
      if i > 0 { bytes.byte(0x20) }
      if marks, !isMarked { beginMark() }
      isMarked = marks
      bytes.hex(UInt64(row.u8(i)), digits: 2)
    }
    if isMarked { endMark() }
    let used = max(0, count * 3 - 1)
    if isAll { return used }
    bytes.literal(count > 0 ? " …" : "…")
    return used + (count > 0 ? 2 : 1)
  }
}
