import Bytes

extension TerminalWriter {
  /// Bytes that a line of a hex dump shows.
  var dumpColumns: Int { (width ?? 80) < 80 ? 8 : 16 }

  /// Writes `bytes` as lines of offset, hex and ASCII, each indented by four columns: 78 columns, or 45 where lines are short.
  ///
  /// - Parameters:
  ///   - start: offset of the first.
  ///   - most: bytes to show; those left out are counted in a last line.
  ///   - total: bytes that the payload has, stored or not.
  mutating func dump(_ payload: RawSpan, from start: UInt64 = 0, most: Int = .max, total: UInt64) {
    let shown = min(payload.byteCount, most)
    let columns = dumpColumns
    var offset = 0
    while offset < shown {
      let end = min(offset + columns, shown)
      spaces(4)
      paint(.dim)
      let position = start &+ UInt64(offset)
      bytes.hex(position, digits: position > 0xFF_FFFF ? 12 : 6)
      plain()
      dumpRow(payload.extracting(offset..<end), hasText: true)
      bytes.flushIfFull()
      offset = end
    }
    omission(total - min(total, UInt64(shown)), isStored: shown < payload.byteCount)
  }

  /// Writes how many bytes were left out, if any.
  mutating func omission(_ count: UInt64, isStored: Bool) {
    guard count > 0 else { return }
    spaces(4)
    paint(.dim)
    bytes.literal("… ")
    bytes.decimal(count)
    bytes.literal(isStored ? " more" : " more, not kept")
    plain()
    newline()
  }

  /// Writes the hex digits of one line, two spaces before them, and the ASCII column.
  mutating func dumpRow(_ row: RawSpan, hasText: Bool, hasMore: Bool = false) {
    let columns = dumpColumns
    for i in 0..<row.byteCount {
      spaces(i & 7 == 0 ? 2 : 1)
      bytes.hex(UInt64(row.u8(i)), digits: 2)
    }
    if hasMore { bytes.literal(" …") }
    if hasText {
      spaces((columns - row.byteCount) * 3 + (columns > 8 && row.byteCount <= 8 ? 1 : 0) + 2)
      for i in 0..<row.byteCount {
        let byte = row.u8(i)
        bytes.byte((0x20...0x7E).contains(byte) ? byte : 0x2E)
      }
    }
    newline()
  }

  /// Writes `de ad be ef` in at most `columns` columns, with ` …` behind it if that is not all. Gives the columns that it took.
  @discardableResult
  mutating func hexPreview(_ payload: RawSpan, columns: Int, hasMore: Bool) -> Int {
    // A byte takes three columns, the last one two; the ellipsis two more.
    let whole = (columns + 1) / 3
    let isAll = payload.byteCount <= whole && !hasMore
    let count = isAll ? payload.byteCount : max(0, min(payload.byteCount, (columns - 1) / 3))
    for i in 0..<count {
      if i > 0 { bytes.byte(0x20) }
      bytes.hex(UInt64(payload.u8(i)), digits: 2)
    }
    let used = max(0, count * 3 - 1)
    if isAll { return used }
    bytes.literal(count > 0 ? " …" : "…")
    return used + (count > 0 ? 2 : 1)
  }
}
