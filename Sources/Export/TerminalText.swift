import Bytes

/// What may reach a terminal as it is, what must be escaped, and how many columns it takes.
///
/// Escaped are: control characters (C0, DEL, C1), line and paragraph separators, format characters (category Cf: bidirectional
/// controls, zero-width spaces and joiners, tags), other characters that nobody sees (Default_Ignorable_Code_Point), private
/// and unassigned ones, bytes that are not UTF-8, and marks that pile up. Escapes are written as in Swift, `\n`, `\u{9b}`,
/// and `\xff` for a byte that is not UTF-8. A backslash is doubled where it would pass for the begin of one of these, or
/// stands before a backslash; elsewhere, as in most JSON, it stays as it is. So what is written can be read in one way only.
enum TerminalText {
  /// One character, escape or byte.
  struct Unit: Equatable {
    /// What it is.
    enum Kind: Equatable {
      case plain
      /// A combining mark: no column of its own.
      case mark
      /// A code point to be escaped.
      case escape(UInt32)
      /// A byte that is not UTF-8.
      case invalid(UInt8)
    }

    /// Bytes of input.
    var length: Int
    /// Columns of output.
    var columns: Int
    var kind: Kind
  }

  /// How much of a text fits into a number of columns.
  struct Extent: Equatable {
    /// Index behind the last byte that fits, and the columns up to there.
    var end: Int
    var columns = 0
    /// The same if one column is to be kept free.
    var shorterEnd: Int
    var shorterColumns = 0
  }

  /// Marks that one character may carry; scripts that are written need fewer.
  static let mostMarks = 4

  /// The longest part of `bytes` from `start` on that takes at most `limit` columns.
  static func extent(_ bytes: RawSpan, from start: Int = 0, columns limit: Int) -> Extent {
    var extent = Extent(end: start, shorterEnd: start)
    var marks = mostMarks
    while extent.end < bytes.byteCount {
      let run = printableRun(bytes, from: extent.end, most: limit - extent.columns)
      if run > 0 {
        extent.end += run
        extent.columns += run
        marks = 0
        let back = extent.columns < limit ? 0 : 1
        extent.shorterEnd = extent.end - back
        extent.shorterColumns = extent.columns - back
        continue
      }
      let unit = unit(bytes, extent.end, &marks)
      guard unit.columns <= limit - extent.columns else { return extent }
      extent.end += unit.length
      extent.columns += unit.columns
      if extent.columns < limit {
        extent.shorterEnd = extent.end
        extent.shorterColumns = extent.columns
      }
    }
    return extent
  }

  /// Where the combining marks end that begin at `start`; `start` if none do.
  static func end(ofMarks bytes: RawSpan, from start: Int, to limit: Int) -> Int {
    var end = start
    var marks = 0
    while end < limit, bytes.u8(end) >= 0x80 {
      let unit = unit(bytes, end, &marks)
      guard unit.kind == .mark else { break }
      end += unit.length
    }
    return end
  }

  /// Columns of `text` when it is written escaped.
  static func columns(of text: String) -> Int {
    extent(LosslessText.bytes(text).span.bytes, columns: .max).columns
  }

  /// Whether all of `bytes` is text that needs no escape but for backslashes.
  static func isPrintable(_ bytes: RawSpan) -> Bool {
    var i = 0
    var marks = mostMarks
    while i < bytes.byteCount {
      let unit = unit(bytes, i, &marks)
      guard unit.kind == .plain || unit.kind == .mark || unit.kind == .escape(0x5C) else { return false }
      i += unit.length
    }
    return true
  }

  /// How many bytes from `start` on are printable ASCII without backslashes, `most` at most.
  static func printableRun(_ bytes: RawSpan, from start: Int, most: Int) -> Int {
    let end = start + min(most, bytes.byteCount - start)
    var i = start
    while i + 8 <= end, isPrintable(bytes.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self)) { i += 8 }
    while i < end, (0x20...0x7E).contains(bytes.u8(i)), bytes.u8(i) != 0x5C { i += 1 }
    return i - start
  }

  /// Whether all eight bytes of `word` are printable ASCII without backslashes.
  @inline(__always)
  private static func isPrintable(_ word: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let deletes = word ^ (ones &* 0x7F)
    let slashes = word ^ (ones &* 0x5C)
    let found =
      word | ((word &- ones &* 0x20) & ~word) | ((deletes &- ones) & ~deletes) | ((slashes &- ones) & ~slashes)
    return found & (ones &* 0x80) == 0
  }

  /// The unit at `index`. `marks` counts the marks since the last character that can carry any.
  static func unit(_ bytes: RawSpan, _ index: Int, _ marks: inout Int) -> Unit {
    guard let (value, length) = decode(bytes, index) else {
      marks = mostMarks
      return Unit(length: 1, columns: 4, kind: .invalid(bytes.u8(index)))
    }
    if value == 0x5C, isAmbiguous(bytes, index) {
      marks = mostMarks
      return Unit(length: 1, columns: 2, kind: .escape(value))
    }
    if let columns = columns(value) {
      if columns > 0, !isVariationSelector(value) {
        marks = 0
        return Unit(length: length, columns: columns, kind: .plain)
      }
      if marks < mostMarks {
        marks += 1
        return Unit(length: length, columns: columns, kind: .mark)
      }
    }
    marks = mostMarks
    return Unit(length: length, columns: escapeColumns(value), kind: .escape(value))
  }

  /// Whether the backslash at `index` would pass for the begin of an escape, together with what is written behind it.
  private static func isAmbiguous(_ bytes: RawSpan, _ index: Int) -> Bool {
    guard index + 1 < bytes.byteCount else { return false }
    switch bytes.u8(index + 1) {
    case 0x5C, 0x30, 0x6E, 0x72, 0x74, 0x78: return true  // \ \0 \n \r \t \x
    case 0x75: return index + 2 < bytes.byteCount && bytes.u8(index + 2) == 0x7B  // \u{
    case 0x20...0x7E: return false
    default:
      var marks = 0
      let kind = unit(bytes, index + 1, &marks).kind
      return kind != .plain && kind != .mark
    }
  }

  /// The code point at `index` and its length; nil if no well-formed UTF-8 is there (RFC 3629 §4).
  private static func decode(_ bytes: RawSpan, _ index: Int) -> (UInt32, Int)? {
    func tail(_ offset: Int) -> UInt32? {
      guard index + offset < bytes.byteCount else { return nil }
      let byte = bytes.u8(index + offset)
      return byte & 0xC0 == 0x80 ? UInt32(byte & 0x3F) : nil
    }
    let first = UInt32(bytes.u8(index))
    switch first {
    case 0..<0x80:
      return (first, 1)
    case 0xC2...0xDF:
      guard let a = tail(1) else { return nil }
      return ((first & 0x1F) << 6 | a, 2)
    case 0xE0...0xEF:
      guard let a = tail(1), let b = tail(2) else { return nil }
      let value = (first & 0xF) << 12 | a << 6 | b
      return value < 0x800 || (0xD800...0xDFFF).contains(value) ? nil : (value, 3)
    case 0xF0...0xF4:
      guard let a = tail(1), let b = tail(2), let c = tail(3) else { return nil }
      let value = (first & 0x7) << 18 | a << 12 | b << 6 | c
      return value < 0x10000 || value > 0x10FFFF ? nil : (value, 4)
    default:
      return nil
    }
  }

  // MARK: Code points

  /// Columns of a code point, 0 to 2; nil if it must be escaped. Where terminals disagree, the greater number, so that lines
  /// never get too long.
  static func columns(_ value: UInt32) -> Int? {
    switch value {  // the most frequent first; the rest is slower
    case 0x20...0x7E, 0xAE...0x2FF, 0x3A3...0x3E1, 0x400...0x482, 0x2010...0x2027: return 1
    case 0...0x9F: return nil
    case 0x4E00...0x9FFF, 0xAC00...0xD7A3, 0x3000...0x3029, 0x3041...0x3096, 0x30A0...0x30FF, 0xFF01...0xFF60: return 2
    default: break
    }
    guard let properties = Unicode.Scalar(value)?.properties else { return nil }
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
      return nil
    case .nonspacingMark, .enclosingMark:
      if isVariationSelector(value) { return 1 }  // may turn what it follows into a wide emoji
      return properties.isDefaultIgnorableCodePoint ? nil : 0
    default:
      if properties.isDefaultIgnorableCodePoint { return nil }
      return isWide(value) ? 2 : 1
    }
  }

  /// Whether it asks for the text or the emoji form of the character before.
  private static func isVariationSelector(_ value: UInt32) -> Bool { value == 0xFE0E || value == 0xFE0F }

  /// Whether terminals give it two columns: East_Asian_Width W or F (Unicode Annex #11), and all symbols that may be emoji.
  private static func isWide(_ value: UInt32) -> Bool {
    guard value >= 0x1100 else { return false }
    var low = 0
    var high = wideRanges.count
    while low < high {
      let middle = (low + high) / 2
      if wideRanges[middle].upperBound < value { low = middle + 1 } else { high = middle }
    }
    return low < wideRanges.count && wideRanges[low].contains(value)
  }

  private static let wideRanges: [ClosedRange<UInt32>] = [
    0x1100...0x115F,  // Hangul initials
    0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23F3,  // watches, angle brackets, player's buttons
    0x25FD...0x25FE, 0x2600...0x27BF,  // squares, symbols and dingbats
    0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55,
    0x2E80...0x303E, 0x3041...0xA4CF,  // CJK radicals, punctuation, kana, ideographs, Yi
    0xA960...0xA97F, 0xAC00...0xD7A3,  // Hangul
    0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,  // CJK forms
    0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF, 0x1D300...0x1D376,  // Tangut, Khitan, Nüshu, kana, counting rods
    0x1F000...0x1F0FF, 0x1F18E...0x1F19A, 0x1F1E6...0x1F265,  // tiles, cards, squared letters, flags
    0x1F300...0x1FAFF,  // emoji
    0x20000...0x3FFFD,  // ideographs
  ]

  // MARK: Escapes

  private static func escapeColumns(_ value: UInt32) -> Int {
    switch value {
    case 0, 0x09, 0x0A, 0x0D, 0x5C: 2
    default: 4 + hexDigits(value)
    }
  }

  static func hexDigits(_ value: UInt32) -> Int { max(1, (35 - value.leadingZeroBitCount) / 4) }
}

/// `bytes` as text that a terminal shows and does nothing else with, escaped as in the text format.
public func escapedForTerminal(_ bytes: [UInt8]) -> String {
  Phrase.text { $0.escaped(bytes.span.bytes, to: bytes.count) }
}

extension ByteWriter {
  /// Writes bytes from the wire, escaped.
  ///
  /// - Parameters:
  ///   - start: where the text begins; the same `start` as for `TerminalText.extent`.
  ///   - end: where it ends.
  ///   - dimsEscapes: whether escapes are set apart by colour.
  mutating func escaped(_ bytes: RawSpan, from start: Int = 0, to end: Int, dimsEscapes: Bool = false) {
    var written = start
    var i = start
    var marks = TerminalText.mostMarks
    while i < end {
      let run = TerminalText.printableRun(bytes, from: i, most: end - i)
      if run > 0 {
        i += run
        marks = 0
        continue
      }
      let unit = TerminalText.unit(bytes, i, &marks)
      if unit.kind != .plain, unit.kind != .mark {
        raw(bytes.extracting(written..<i))
        escape(unit.kind, isDim: dimsEscapes)
        written = i + unit.length
      }
      i += unit.length
    }
    raw(bytes.extracting(written..<i))
  }

  private mutating func escape(_ kind: TerminalText.Unit.Kind, isDim: Bool) {
    if isDim { literal("\u{1B}[2m") }
    switch kind {
    case .escape(0): literal(#"\0"#)
    case .escape(0x09): literal(#"\t"#)
    case .escape(0x0A): literal(#"\n"#)
    case .escape(0x0D): literal(#"\r"#)
    case .escape(0x5C): literal(#"\\"#)
    case .escape(let value):
      literal(#"\u{"#)
      hex(UInt64(value), digits: TerminalText.hexDigits(value))
      byte(0x7D)
    case .invalid(let value):
      literal(#"\x"#)
      hex(UInt64(value), digits: 2)
    case .plain, .mark: break
    }
    if isDim { literal("\u{1B}[0m") }
  }
}
