import Bytes

/// How bytes of a message that are not known are shown.
enum UnknownBytes {
  /// So many that stand together are shown one by one.
  private static let mostShown: UInt64 = 16

  /// Bytes of a message that stand together.
  enum Run {
    /// Those at this range of the known ones, at this offset in the message.
    case known(Range<Int>, offset: UInt64)
    /// So many unknown ones.
    case unknown(UInt64)
  }

  /// The runs of a message of which `count` bytes are known, in order.
  static func runs(_ count: Int, _ unknown: [Range<UInt64>]) -> [Run] {
    var runs: [Run] = []
    var taken = 0
    var offset: UInt64 = 0
    for range in unknown {
      let end = taken + min(Int(clamping: range.lowerBound - min(offset, range.lowerBound)), count - taken)
      if end > taken { runs.append(.known(taken..<end, offset: offset)) }
      runs.append(.unknown(range.upperBound - range.lowerBound))
      taken = end
      offset = range.upperBound
    }
    if taken < count { runs.append(.known(taken..<count, offset: offset)) }
    return runs
  }

  /// The known bytes of a message with `·` for each unknown one, and `···(1,234 unknown)···` for many.
  static func filled(_ content: RawSpan, _ unknown: [Range<UInt64>]) -> [UInt8] {
    var filled: [UInt8] = []
    for run in runs(content.byteCount, unknown) {
      switch run {
      case .known(let range, _): filled.append(content.extracting(range))
      case .unknown(let count) where count <= mostShown:
        for _ in 0..<count { filled += Array("·".utf8) }
      case .unknown(let count): filled += Array("···(\(grouped(count)) unknown)···".utf8)
      }
    }
    return filled
  }
}

extension TerminalWriter {
  /// Writes the known bytes of a message as lines of offset, hex and ASCII, and the number of those between that are not known.
  ///
  /// - Parameters:
  ///   - most: known bytes to show; those left out are counted in a last line.
  ///   - total: known bytes that the message has, stored or not.
  mutating func dump(
    _ content: RawSpan, around unknown: [Range<UInt64>], most: Int = .max, total: UInt64, _ matches: Matches = .none
  ) {
    var shown = 0
    for run in UnknownBytes.runs(content.byteCount, unknown) {
      switch run {
      case .known(let range, let offset):
        let isCut = range.count > most - shown
        let here = isCut ? total - min(total, UInt64(shown)) : UInt64(range.count)
        dump(content.extracting(range), from: offset, most: most - shown, total: here, matches.within(range))
        if isCut { return }
        shown += range.count
      case .unknown(let count):
        spaces(dumpIndent)
        paint(.dim)
        bytes.literal("· ")
        bytes.decimal(count)
        bytes.literal(" unknown")
        plain()
        newline()
      }
    }
    omission(total - min(total, UInt64(shown)), .notKept)
  }
}
