import Bytes
import TestSupport
import Testing

@Suite("Strings for bytes that need not be UTF-8")
struct LosslessTextTests {
  @Test("UTF-8 stays as it is")
  func valid() {
    for text in ["", "capture.pcap", "é漢🚢", "\u{0}\u{1B}", "\u{10FF7F}", "e\u{301}"] {
      #expect(Array(LosslessText.string(Array(text.utf8)).utf8) == Array(text.utf8))
      #expect(LosslessText.bytes(text) == Array(text.utf8))
      #expect(LosslessText.readable(text) == text)
    }
  }

  @Test("other bytes come back, and are U+FFFD where nothing else will do")
  func invalid() {
    #expect(LosslessText.readable(LosslessText.string([0x61, 0xFF, 0x62])) == "a\u{FFFD}b")
    #expect(LosslessText.string([0x61, 0xFF]) == "a\u{10FFFF}")
    var random = SeededGenerator.announced("lossless text")
    for _ in 0..<2000 {
      var bytes = random.bytes(0...12)
      if Bool.random(using: &random) { bytes += Array("é\u{10FFE9}\u{10FF80}".utf8).shuffled(using: &random) }
      let string = LosslessText.string(bytes)
      #expect(LosslessText.bytes(string) == bytes)
      #expect(
        LosslessText.string(Array(string.utf8)) != string || string.unicodeScalars.allSatisfy { $0.value < 0x10FF80 })
    }
  }
}
