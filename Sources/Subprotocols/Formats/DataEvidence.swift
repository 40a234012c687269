import Bytes

/// How likely it is that bytes are a value of MessagePack or CBOR, where nothing says so: the sum of what each item tells, as the binary
/// logarithm of how much more often it is found in such values than at a like place in other bytes.
///
/// The numbers are estimates, on the careful side: messages of real programs hold maps with short names, and numbers of moderate size;
/// random bytes, pictures and compressed data hold bytes of all sizes, text in them is cut, and they do not end where a value does.
struct DataEvidence<Reader: DataReader> {
  private var odds = -1.0
  private var walker = DataWalker<Reader>(from: 0)

  /// The likelihood that `content` is one value, which is an array or a map, or several, and nothing else; of what is not
  /// `isWhole`, that it begins with one.
  static func likelihood(_ content: RawSpan, isWhole: Bool) -> Double {
    var evidence = DataEvidence()
    return evidence.weigh(content, isWhole)
  }

  private mutating func weigh(_ content: RawSpan, _ isWhole: Bool) -> Double {
    var before = -Double.infinity
    while true {
      guard weighValue(content), odds > before || !walker.isDone else { return 0 }
      guard walker.isDone, walker.position < content.byteCount else { break }
      // Hardly any program puts several into a message: each of them must speak for itself.
      before = odds
      odds -= 6
      walker = DataWalker(from: walker.position)
    }
    if !walker.isDone {
      guard !isWhole, walker.fault == .cut else { return 0 }
      odds -= 4
    }
    return DataOdds.probability(odds)
  }

  /// Weighs the next value; false if a message does not hold one like it.
  private mutating func weighValue(_ content: RawSpan) -> Bool {
    var isFirst = true
    while let step = walker.next(content) {
      guard case .item(let item, let isKey) = step else { continue }
      if isFirst, !Self.isFit(item, content) { return false }
      isFirst = false
      odds += weight(item, isKey, content)
      if odds < -40 { return false }
    }
    return true
  }

  /// Whether a message may begin with `item`: an array or a map, and not longer than the message.
  private static func isFit(_ item: DataItem, _ content: RawSpan) -> Bool {
    switch item {
    case .array(let count): (count ?? 1) < UInt64(content.byteCount)
    case .map(let count): (count ?? 1) < UInt64(content.byteCount)
    case .tag: true
    default: false
    }
  }

  private func weight(_ item: DataItem, _ isKey: Bool, _ content: RawSpan) -> Double {
    switch item {
    case .text(let range): Self.weight(of: content, range) + (isKey ? 2.5 : 0)
    case .unsigned: isKey ? -1.5 : -0.5
    case _ where isKey: -4
    case .array(nil), .map(nil): 1
    case .array, .map: -0.5
    case .boolean, .null: 3
    case .float(let value): value == 0 || (1e-9...1e15).contains(value.magnitude) ? 3.5 : -3
    case .data, .pieces: -0.5
    case .negative: -2.5
    case .undefined: -1
    case .tag(let tag): Self.isCommon(tag) ? -0.5 : -5
    case .extended(let type, let range): type == -1 && [4, 8, 12].contains(range.count) ? 3 : -2
    case .simple, .end: -6
    }
  }

  /// Tags that are in use (RFC 8949 §3.4, and UUID, sets, languages, decimal fractions).
  private static func isCommon(_ tag: UInt64) -> Bool {
    switch tag {
    case 0...5, 21...24, 32...38, 64...87, 100, 258, 1004, 55_799: true
    default: false
    }
  }

  /// What a text tells: letters speak for it, controls and what is no UTF-8 against.
  private static func weight(of content: RawSpan, _ range: Range<Int>) -> Double {
    let text = content.extracting(range)
    guard UTF8Validator.isValid(text) else { return -8 }
    var weight = 1.3
    for i in 0..<min(text.byteCount, 16) {
      let byte = text.u8(i)
      if byte < 0x20 {
        weight -= byte == 0x0A || byte == 0x0D || byte == 0x09 ? 0 : 4
      } else if byte < 0x7F {
        weight += 1.4
      }
    }
    return weight
  }
}

/// Odds as a probability.
enum DataOdds {
  /// The probability of odds of which `odds` is the binary logarithm, in hundredths; never certain.
  static func probability(_ odds: Double) -> Double {
    let whole = odds.rounded(.down)
    let power = Double(sign: .plus, exponent: Int(max(min(whole, 40), -40)), significand: 1 + odds - whole)
    return min((power / (1 + power) * 100).rounded(.down) / 100, 0.98)
  }
}
