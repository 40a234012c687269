import Bytes
import JSON

/// Hides the values of JSON members, wherever they are: in a JSON text, in JSON that stands in a string of it, in JSON behind
/// something else, and in JSON that is cut. What is hidden keeps its length, so that all else stays in its place.
struct JSONRedaction {
  private static let star: UInt8 = 0x2A
  private static let quote: UInt8 = 0x22
  private static let backslash: UInt8 = 0x5C
  /// How often JSON with quotes that are spelled out may stand in a string of JSON.
  private static let mostDepth = 6

  private let names: [[UInt8]]

  /// - Parameter names: in lower case; spelled with capitals they are the same.
  init(_ names: Set<String>) { self.names = names.map { Array($0.utf8) }.sorted { $0.count > $1.count } }

  /// `text` with the values hidden; nil if there is nothing to hide.
  func redacted(_ text: RawSpan) -> [UInt8]? { redacted(text, depth: 0) }

  private func redacted(_ text: RawSpan, depth: Int) -> [UInt8]? {
    let original = text.withUnsafeBytes { Array($0) }
    var result = original
    hideMembers(text, &result, depth: depth)
    hidePatterns(&result)
    if depth == 0, !Self.isObjectOrArray(original) { NamedValues(names).hide(in: &result) }
    return result == original ? nil : result
  }

  /// In JSON, all names stand in quotes.
  private static func isObjectOrArray(_ text: [UInt8]) -> Bool {
    let first = text.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return first == 0x7B || first == 0x5B
  }

  // MARK: JSON

  /// Names are compared as they are meant, whatever escapes they are spelled with, in each object and array that there is.
  private func hideMembers(_ text: RawSpan, _ result: inout [UInt8], depth: Int) {
    var place = 0
    while let start = (place..<text.byteCount).first(where: { [0x7B, 0x5B].contains(text.u8($0)) }) {
      var scanner = JSONScanner(from: start)
      repeat {
        guard let token = scanner.next(text) else { break }
        if token.kind == .key { hideValue(of: token, text, &scanner, &result) }
        if token.kind == .string {
          hideString(token, text, &result, depth: depth)
          if token.hasEscapes { EscapedLines(token.range, text)?.hide(NamedValues(names), in: &result) }
        }
      } while scanner.depth > 0
      place = max(scanner.position, start + 1)
    }
  }

  /// Where the value has no end, all that follows is hidden.
  private func hideValue(of key: JSONToken, _ text: RawSpan, _ scanner: inout JSONScanner, _ result: inout [UInt8]) {
    guard isSecret(JSONText.utf8(text, key)) else { return }
    let start = scanner.position
    guard let value = scanner.next(text) else {
      return hide(&result, start..<text.byteCount, isString: false, level: 0)
    }
    var end = value.range.upperBound
    if value.kind.isBegin { end = scanner.skipToEnd(text) ? scanner.position : text.byteCount }
    hide(&result, value.range.lowerBound..<end, isString: value.kind == .string, level: 0)
  }

  /// A string whose quotes are spelled `\u0022` cannot be changed in its place: all of it is hidden, if it has something to hide.
  private func hideString(_ token: JSONToken, _ text: RawSpan, _ result: inout [UInt8], depth: Int) {
    guard token.hasEscapes, depth < Self.mostDepth, isSpelledOut(token.range, text) else { return }
    let content = JSONText.utf8(text, token)
    guard redacted(content.span.bytes, depth: depth + 1) != nil else { return }
    hide(&result, token.range, isString: true, level: 0)
  }

  private func isSpelledOut(_ range: Range<Int>, _ text: RawSpan) -> Bool {
    let spelling = Array("\\u0022".utf8)
    guard range.count >= spelling.count else { return false }
    return (range.lowerBound...range.upperBound - spelling.count).contains { place in
      spelling.indices.allSatisfy { text.u8(place + $0) == spelling[$0] }
    }
  }

  private func isSecret(_ name: [UInt8]) -> Bool { names.contains { isEqual(name[...], $0) } }

  private func isEqual(_ bytes: ArraySlice<UInt8>, _ name: [UInt8]) -> Bool {
    bytes.count == name.count && zip(bytes, name).allSatisfy { Self.lower($0) == $1 }
  }

  private static func lower(_ byte: UInt8) -> UInt8 { (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }

  // MARK: What looks like JSON

  /// Hides the value behind `"name":`, with any number of backslashes before the quotes, as JSON in strings has.
  private func hidePatterns(_ bytes: inout [UInt8]) {
    var place = 0
    // What was captured may begin within the text.
    if let value = value(bytes, behindNameAt: 0, 0) {
      hide(&bytes, value.range, isString: value.isString, level: 0)
      place = value.range.upperBound
    }
    while let quote = bytes[place...].firstIndex(of: Self.quote) {
      place = quote + 1
      let level = backslashes(bytes, before: quote)
      guard let value = value(bytes, behindNameAt: place, level) else { continue }
      let isString = value.isString
      hide(&bytes, value.range, isString: isString, level: level)
      place = max(place, value.range.upperBound)
    }
  }

  private func backslashes(_ bytes: [UInt8], before index: Int) -> Int {
    var count = 0
    while count < index, bytes[index - 1 - count] == Self.backslash { count += 1 }
    return count
  }

  /// The value behind a name that begins at `start`; nil if that is none of the names, or no colon follows.
  private func value(_ bytes: [UInt8], behindNameAt start: Int, _ level: Int) -> (range: Range<Int>, isString: Bool)? {
    for name in names where start + name.count + level < bytes.count {
      var place = start + name.count
      guard isEqual(bytes[start..<place], name), isQuote(bytes, place, level) else { continue }
      place += level + 1
      skipSpace(bytes, &place)
      guard place < bytes.count, bytes[place] == 0x3A else { continue }
      place += 1
      skipSpace(bytes, &place)
      guard place < bytes.count else { return nil }
      if isQuote(bytes, place, level) {
        let first = place + level + 1
        return (first..<endOfString(bytes, from: first, level), true)
      }
      return (place..<endOfValue(bytes, from: place), false)
    }
    return nil
  }

  private func isQuote(_ bytes: [UInt8], _ place: Int, _ level: Int) -> Bool {
    place + level < bytes.count && bytes[place + level] == Self.quote
      && bytes[place..<place + level].allSatisfy { $0 == Self.backslash }
  }

  private func skipSpace(_ bytes: [UInt8], _ place: inout Int) {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  /// Where the string ends: before a quote with no more backslashes than it began with, besides those that are escaped.
  private func endOfString(_ bytes: [UInt8], from start: Int, _ level: Int) -> Int {
    var place = start
    while let quote = bytes[place...].firstIndex(of: Self.quote) {
      let count = min(backslashes(bytes, before: quote), quote - start)
      // At level n, an escaped quote has more than n backslashes; at level 0 pairs of them stand for themselves.
      if level == 0 ? count % 2 == 0 : count <= level { return max(start, quote - (level == 0 ? 0 : count)) }
      place = quote + 1
    }
    return bytes.count
  }

  /// Where a number, word, object or array ends, or the text.
  private func endOfValue(_ bytes: [UInt8], from start: Int) -> Int {
    var depth = 0
    var place = start
    while place < bytes.count {
      switch bytes[place] {
      case 0x7B, 0x5B: depth += 1
      case 0x7D, 0x5D:
        if depth == 0 { return place }
        depth -= 1
        if depth == 0 { return place + 1 }
      case 0x2C, 0x20, 0x09, 0x0A, 0x0D, Self.backslash, Self.quote:
        if depth == 0 { return place }
      default: break
      }
      place += 1
    }
    return place
  }

  // MARK: Hiding

  /// Puts as many stars in place of a value. What is no string becomes one, so that JSON stays JSON; a single digit becomes 0.
  private func hide(_ bytes: inout [UInt8], _ range: Range<Int>, isString: Bool, level: Int) {
    for place in range { bytes[place] = Self.star }
    guard !isString, !range.isEmpty else { return }
    guard range.count >= 2 * (level + 1) else {
      for place in range { bytes[place] = 0x30 }
      if range.count > 1 { bytes[range.lowerBound] = 0x31 }
      return
    }
    for (start, count) in [(range.lowerBound, level), (range.upperBound - level - 1, level)] {
      for place in start..<start + count { bytes[place] = Self.backslash }
      bytes[start + count] = Self.quote
    }
  }
}
