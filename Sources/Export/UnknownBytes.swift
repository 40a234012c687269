import Bytes

/// How bytes of a message that are not known are shown.
enum UnknownBytes {
  /// So many that stand together are shown one by one.
  private static let mostShown: UInt64 = 16

  /// The known bytes of a message with `·` for each unknown one, and `···(1,234 unknown)···` for many.
  static func filled(_ content: RawSpan, _ unknown: [Range<UInt64>]) -> [UInt8] {
    var filled: [UInt8] = []
    forEachRun(content, unknown) { run, count in
      if let run {
        filled.append(run)
      } else if count <= mostShown {
        for _ in 0..<count { filled += Array("·".utf8) }
      } else {
        filled += Array("···(\(Phrase.grouped(count)) unknown)···".utf8)
      }
    }
    return filled
  }

  /// Gives the message's runs in order to `body`: known bytes, or nil for unknown ones, and how many there are.
  static func forEachRun(
    _ content: RawSpan, _ unknown: [Range<UInt64>], _ body: (RawSpan?, UInt64) -> Void
  ) {
    var taken = 0
    var offset: UInt64 = 0
    for range in unknown {
      let count = min(Int(clamping: range.lowerBound - min(offset, range.lowerBound)), content.byteCount - taken)
      if count > 0 { body(content.extracting(taken..<taken + count), UInt64(count)) }
      taken += count
      body(nil, range.upperBound - range.lowerBound)
      offset = range.upperBound
    }
    if taken < content.byteCount {
      body(content.extracting(taken..<content.byteCount), UInt64(content.byteCount - taken))
    }
  }
}

extension TerminalWriter {
  /// Writes the known bytes of a message as lines of offset, hex and ASCII, and the number of those between that are not known.
  mutating func dump(_ content: RawSpan, around unknown: [Range<UInt64>], most: Int = .max, total: UInt64) {
    if unknown.isEmpty { return dump(content, most: most, total: total) }
    var taken = 0
    var offset: UInt64 = 0
    for range in unknown where taken < most {
      let count = min(Int(clamping: range.lowerBound - min(offset, range.lowerBound)), content.byteCount - taken)
      dump(content.extracting(taken..<taken + count), from: offset, most: most - taken, total: UInt64(count))
      taken += count
      offset = range.upperBound
      guard taken < most else { break }
      spaces(4)
      paint(.dim)
      bytes.literal("· ")
      bytes.decimal(range.upperBound - range.lowerBound)
      bytes.literal(" unknown")
      plain()
      newline()
    }
    let rest = content.extracting(min(taken, content.byteCount)..<content.byteCount)
    if taken < most { dump(rest, from: offset, most: most - taken, total: total - min(total, UInt64(taken))) }
  }
}
