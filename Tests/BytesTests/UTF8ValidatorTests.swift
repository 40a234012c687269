import Bytes
import TestSupport
import Testing

/// What a validator says of a text, after all of it.
private struct Verdict: Equatable {
  var isValid: Bool
  var firstInvalid: UInt64?
  var pending: Int

  init(_ validator: UTF8Validator) {
    isValid = validator.isValid
    firstInvalid = validator.firstInvalid
    pending = validator.pending
  }

  init(pieces: [[UInt8]]) {
    var validator = UTF8Validator()
    for piece in pieces { validator.append(piece.span.bytes) }
    self.init(validator)
  }

  /// The same, by asking Swift of every beginning of the text whether it can be continued.
  init(asking bytes: [UInt8]) {
    let bad = bytes.indices.first { !Self.canBegin(bytes[...$0]) }
    let whole = bytes.lastIndex { $0 & 0xC0 != 0x80 }.map { Self.isText(bytes) ? 0 : bytes.count - $0 } ?? 0
    isValid = Self.isText(bytes)
    firstInvalid = bad.map(UInt64.init)
    pending = bad == nil ? whole : 0
  }

  private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

  private static func canBegin(_ bytes: ArraySlice<UInt8>) -> Bool {
    let last = Array(bytes.suffix(8))  // where that begins inside a character, drop the character
    let aligned = bytes.count > 8 ? Array(last.drop { $0 & 0xC0 == 0x80 }) : last
    let rests: [[UInt8]] = [[], [0x80], [0xBF], [0x80, 0x80], [0xBF, 0x80], [0x80, 0x80, 0x80], [0xBF, 0x80, 0x80]]
    return rests.contains { isText(aligned + $0) }
  }
}

@Suite("UTF-8, in pieces")
struct UTF8ValidatorTests {
  @Test("the first and last character of each length are well-formed, and so are those around the surrogates")
  func boundaries() {
    for scalar in [0, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0xFFFFF, 0x10_0000, 0x10_FFFF]
    {
      let text = Unicode.Scalar(UInt32(scalar)).map { Array(String($0).utf8) } ?? []
      let reading = readEveryWay(text) { Verdict(pieces: $0) }
      #expect(reading.whole.isValid && reading.whole.pending == 0, "U+\(String(scalar, radix: 16))")
      #expect(reading.difference == nil)
    }
  }

  @Test(
    "each kind of malformed text is found at the first byte that cannot be",
    arguments: [
      ("a continuation byte alone", [0x80], 0), ("another", [0x61, 0xBF], 1),
      ("an overlong slash in two bytes", [0xC0, 0xAF], 0), ("the longest overlong in two", [0xC1, 0xBF], 0),
      ("an overlong in three bytes", [0xE0, 0x9F, 0xBF], 1), ("NUL in three", [0xE0, 0x80, 0x80], 1),
      ("an overlong in four bytes", [0xF0, 0x8F, 0xBF, 0xBF], 1), ("the first surrogate", [0xED, 0xA0, 0x80], 1),
      ("the last surrogate", [0x61, 0xED, 0xBF, 0xBF], 2), ("U+110000", [0xF4, 0x90, 0x80, 0x80], 1),
      ("a first byte F5", [0xF5, 0x80, 0x80, 0x80], 0), ("five bytes", [0xF8, 0x88, 0x80, 0x80, 0x80], 0),
      ("FE", [0xFE], 0), ("FF", [0x61, 0x62, 0xFF], 2), ("a character broken off by ASCII", [0xE2, 0x82, 0x28], 2),
      ("a character broken off by another", [0xF0, 0x9F, 0xC3, 0xA9], 2),
    ] as [(String, [UInt8], UInt64)])
  func malformed(name: String, bytes: [UInt8], offset: UInt64) {
    for before in [0, 1, 31, 32, 33, 64] {
      let text = [UInt8](repeating: 0x61, count: before) + bytes + Array("and more".utf8)
      let reading = readEveryWay(text) { Verdict(pieces: $0) }
      #expect(reading.whole.firstInvalid == offset + UInt64(before), "\(name) after \(before) bytes")
      #expect(!reading.whole.isValid)
      #expect(reading.whole.pending == 0, "nothing is waited for any more")
      #expect(reading.difference == nil)
    }
  }

  @Test("a text cut inside a character is not valid yet, and says how many bytes wait")
  func truncated() {
    for character in ["é", "€", "\u{800}", "\u{D7FF}", "😀", "\u{10FFFF}"] {
      let bytes = Array("abc".utf8) + Array(character.utf8)
      for count in 4..<bytes.count {
        let reading = readEveryWay(Array(bytes[..<count])) { Verdict(pieces: $0) }
        #expect(!reading.whole.isValid && reading.whole.firstInvalid == nil)
        #expect(reading.whole.pending == count - 3)
        #expect(reading.difference == nil)
      }
    }
  }

  @Test("an empty text is valid")
  func empty() {
    let isValid = UTF8Validator.isValid([UInt8]().span.bytes)
    #expect(isValid && UTF8Validator().isValid)
  }

  @Test("it agrees with Swift on every pair of bytes, alone and before two continuation bytes")
  func pairs() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        for tail in [[], [0x80], [0x80, 0x80]] as [[UInt8]] {
          let bytes = [first, second] + tail
          let isText = String(validating: bytes, as: UTF8.self) != nil
          if UTF8Validator.isValid(bytes.span.bytes) != isText { Issue.record("\(bytes): Swift says \(isText)") }
        }
      }
    }
  }

  @Test("it agrees with Swift on random and mutated texts, in any pieces")
  func random() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var valid = 0
    for round in 0..<4000 {
      let text = Self.text(&random)
      let expected = Verdict(asking: text)
      if expected.isValid { valid += 1 }
      let cuts = (0..<3).map { _ in Int.random(in: 0...text.count, using: &random) }.sorted()
      let pieces = zip([0] + cuts, cuts + [text.count]).map { Array(text[$0..<$1]) }
      if Verdict(pieces: [text]) != expected || Verdict(pieces: pieces) != expected {
        Issue.record("seed \(seed), round \(round): \(text) cut at \(cuts) gives \(Verdict(pieces: pieces))")
        return
      }
    }
    #expect(valid > 400 && valid < 3600, "seed \(seed): \(valid) of the texts are well-formed")
  }

  @Test("two validators that saw the same are equal, whatever the pieces")
  func equality() {
    for text in [Array("grüße".utf8), [0x61, 0xE2, 0x82, 0x61, 0x62], [0x61, 0xF0, 0x9F]] as [[UInt8]] {
      let reading = readEveryWay(text) { pieces in
        var validator = UTF8Validator()
        for piece in pieces { validator.append(piece.span.bytes) }
        return validator
      }
      #expect(reading.difference == nil)
    }
  }

  private static func text(_ random: inout SeededGenerator) -> [UInt8] {
    var text: [UInt8] = []
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      text += [UInt8](repeating: 0x78, count: [0, 1, 7, 31, 32, 40].randomElement(using: &random) ?? 0)
      let bits = UInt32.random(in: 4...20, using: &random)
      let scalar = Unicode.Scalar(UInt32.random(in: 0..<1 << bits, using: &random)) ?? "\u{FFFD}"
      text += Array(String(scalar).utf8)
    }
    guard !text.isEmpty, Bool.random(using: &random) else { return text }
    let index = Int.random(in: 0..<text.count, using: &random)
    switch Int.random(in: 0..<4, using: &random) {
    case 0: text[index] = .random(in: 0...255, using: &random)
    case 1: text.remove(at: index)
    case 2: text.insert([0xE0, 0xED, 0xF0, 0xF4, 0xC2, 0x80, 0xBF].randomElement(using: &random) ?? 0, at: index)
    default: text.removeLast(text.count - index)
    }
    return text
  }
}
