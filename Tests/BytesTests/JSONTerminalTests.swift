import Bytes
import Testing

@Suite("JSON for a terminal")
struct JSONTerminalTests {
  @Test("what could drive a terminal is escaped, and still the same text to a JSON reader")
  func everyScalar() {
    for value in (0...0x10FFFF as ClosedRange<UInt32>) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let (text, plain) = (written(scalar, forTerminal: true), written(scalar, forTerminal: false))
      let isHarmful =
        value == 0x7F || (0x80...0x9F).contains(value) || value == 0x61C || (0x200B...0x200F).contains(value)
        || (0x2028...0x202E).contains(value) || (0x2060...0x206F).contains(value)
      let hex = String(value, radix: 16)
      let expected = "\\u" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
      if isHarmful { #expect(text == expected) } else if text != plain { Issue.record("U+\(hex): \(text)") }
    }
  }

  private func written(_ scalar: Unicode.Scalar, forTerminal: Bool) -> String {
    var writer = ByteWriter()
    writer.escapesForTerminal = forTerminal
    writer.jsonEscaped(Array(String(scalar).utf8).span.bytes)
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }
}
