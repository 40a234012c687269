import Bytes
import TestSupport
import Testing

@testable import Export

@Suite("Nothing from the wire drives the terminal")
struct TextEscapingTests {
  private func escaped(_ bytes: [UInt8]) -> String {
    Phrase.text { $0.escaped(bytes.span.bytes, to: bytes.count) }
  }

  private func escaped(_ text: String) -> String { escaped(Array(text.utf8)) }

  @Test("readable text stays as it is")
  func readable() {
    for text in [
      "Hello, world!", #"{"a":"\"b\" \/ \u00e4 \d \"}"#, "Caffè", "Ἰθάκη", "привет", "漢字かな", "한국어", "🚢", "नमस्ते",
      "e\u{301}",
    ] {
      #expect(escaped(text) == text)
    }
  }

  @Test("what drives a terminal or hides is spelled out")
  func controls() {
    #expect(escaped("a\tb\r\n\0") == #"a\tb\r\n\0"#)
    #expect(escaped("\u{1B}[31m") == #"\u{1b}[31m"#)
    #expect(escaped("\u{9B}31m\u{7F}") == #"\u{9b}31m\u{7f}"#)
    #expect(escaped("\u{202E}abc\u{2069}") == #"\u{202e}abc\u{2069}"#)
    #expect(escaped("a\u{200B}b\u{FEFF}\u{AD}") == #"a\u{200b}b\u{feff}\u{ad}"#)
    #expect(escaped("\u{2028}\u{2029}\u{61C}") == #"\u{2028}\u{2029}\u{61c}"#)
    #expect(escaped("\u{E0041}\u{3164}") == #"\u{e0041}\u{3164}"#)
  }

  @Test("a backslash is doubled where it would pass for the begin of an escape")
  func backslashes() {
    #expect(escaped(#"{"a":"b\n\\"}"#) == #"{"a":"b\\n\\\"}"#)
    #expect(escaped(#"\u{1b}[31m \u001b \x1b \0 \t \r"#) == #"\\u{1b}[31m \u001b \\x1b \\0 \\t \\r"#)
    #expect(escaped("\\\u{1B}") == #"\\\u{1b}"#)
    #expect(escaped([0x5C, 0xFF, 0x5C]) == #"\\\xff\"#)
    #expect(escaped("C:\\dir\\é\\") == "C:\\dir\\é\\")
  }

  @Test("what is written can be read back in one way only", arguments: 1...30)
  func unambiguous(seed: UInt64) {
    var dice = SeededGenerator(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<400 {
      let pieces = [[0x5C], Array("ntr0xu".utf8).shuffled(using: &dice), Array("u{1b}".utf8), [0x1B], [0xFF], [0xE9]]
      bytes += pieces.randomElement(using: &dice)?.prefix(Int.random(in: 1...5, using: &dice)) ?? []
      if Bool.random(using: &dice) {
        bytes += Array(["é", "\u{202E}", "\n", "\u{301}", "🚢"].randomElement(using: &dice)?.utf8 ?? "".utf8)
      }
    }
    #expect(unescaped(escaped(bytes)) == bytes)
  }

  /// Reads what `escaped` writes, from the rules in its documentation.
  private func unescaped(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = Array(text.unicodeScalars)[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\", let next = rest.first else {
        bytes += Array(String(scalar).utf8)
        continue
      }
      let simple: [Unicode.Scalar: UInt8] = ["0": 0, "t": 9, "n": 10, "r": 13, "\\": 0x5C]
      if let value = simple[next] {
        rest.removeFirst()
        bytes.append(value)
      } else if next == "x" {
        bytes.append(UInt8(String(String.UnicodeScalarView(rest.dropFirst().prefix(2))), radix: 16) ?? 0)
        rest.removeFirst(3)
      } else if rest.starts(with: "u{".unicodeScalars) {
        let digits = rest.dropFirst(2).prefix { $0 != "}" }
        let value = UInt32(String(String.UnicodeScalarView(digits)), radix: 16).flatMap { Unicode.Scalar($0) }
        bytes += value.map { Array(String($0).utf8) } ?? []
        rest.removeFirst(digits.count + 3)
      } else {
        bytes.append(0x5C)
      }
    }
    return bytes
  }

  @Test("bytes that are not UTF-8 are spelled out one by one")
  func invalid() {
    #expect(escaped([0x43, 0xE8, 0x3F]) == #"C\xe8?"#)
    #expect(escaped([0xC0, 0x80]) == #"\xc0\x80"#)
    #expect(escaped([0xED, 0xA0, 0x80]) == #"\xed\xa0\x80"#)
    #expect(escaped([0xF4, 0x90, 0x80, 0x80]) == #"\xf4\x90\x80\x80"#)
    #expect(escaped([0xE2, 0x82]) == #"\xe2\x82"#)
    #expect(escaped([0xF0, 0x9F, 0x9A, 0xA2, 0xF0]) == #"🚢\xf0"#)
  }

  @Test("marks may not pile up, nor stand alone")
  func marks() {
    #expect(escaped("a" + String(repeating: "\u{301}", count: 4)) == "a\u{301}\u{301}\u{301}\u{301}")
    #expect(escaped("a" + String(repeating: "\u{301}", count: 5)) == "a\u{301}\u{301}\u{301}\u{301}" + #"\u{301}"#)
    #expect(escaped("\u{301}a") == #"\u{301}a"#)
    #expect(escaped("\n\u{301}") == #"\n\u{301}"#)
  }

  @Test("no code point gets through that must not")
  func forbidden() {
    var forbidden: [ClosedRange<UInt32>] = [
      0x00...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0x200B...0x200F, 0x2028...0x2029, 0x61C...0x61C,
      0xAD...0xAD, 0xFEFF...0xFEFF, 0x2060...0x2064, 0xE0000...0xE007F, 0xFFF9...0xFFFB, 0x180E...0x180E,
    ]
    forbidden.append(0xE000...0xF8FF)
    var leaks: [UInt32] = []
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let isFormat = value > 0x7F && scalar.properties.generalCategory == .format
      let isForbidden = isFormat || forbidden.contains { $0.contains(value) }
      if isForbidden, TerminalText.columns(value) != nil { leaks.append(value) }
    }
    #expect(leaks == [])
  }

  @Test("each code point is written as it is, or as printable ASCII")
  func allCodePoints() {
    var wrong: [UInt32] = []
    for first in stride(from: UInt32(0), through: 0x10FFFF, by: 64) {
      let scalars = (first..<first + 64).compactMap { Unicode.Scalar($0) }
      var text = ""
      for scalar in scalars { text.unicodeScalars.append(scalar) }
      for scalar in escaped(text).unicodeScalars where TerminalText.columns(scalar.value) == nil {
        wrong.append(scalar.value)
      }
    }
    #expect(wrong == [])
  }

  @Test("hostile bytes are measured as they are written", arguments: 1...20)
  func measured(seed: UInt64) {
    var dice = SeededGenerator(seed: seed)
    let bytes = hostileBytes(&dice)
    for limit in [1, 2, 3, 8, 20, 77, 500] {
      let extent = TerminalText.extent(bytes.span.bytes, columns: limit)
      let written = Phrase.text { $0.escaped(bytes.span.bytes, to: extent.end) }
      let shorter = Phrase.text { $0.escaped(bytes.span.bytes, to: extent.shorterEnd) }
      #expect(columns(of: written) == extent.columns, "seed \(seed), limit \(limit)")
      #expect(columns(of: shorter) == extent.shorterColumns, "seed \(seed), limit \(limit)")
      #expect(extent.columns <= limit && extent.shorterColumns <= limit - 1, "seed \(seed), limit \(limit)")
    }
  }

  @Test("columns are counted as terminals do")
  func counted() {
    func columns(_ text: String) -> Int { TerminalText.columns(of: text) }
    #expect(columns("Hello") == 5)
    #expect(columns("漢字") == 4)
    #expect(columns("ﾊﾝ") == 2)
    #expect(columns("🚢!") == 3)
    #expect(columns("e\u{301}") == 1)
    #expect(columns("\n") == 2)
    #expect(columns("\u{1B}") == 6)
  }
}
