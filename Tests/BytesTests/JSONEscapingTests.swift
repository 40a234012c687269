import Bytes
import TestSupport
import Testing

@Suite("JSON strings")
struct JSONEscapingTests {
  /// RFC 8259 §7, a byte at a time.
  private static func escaped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      switch byte {
      case 0x22: Array("\\\"".utf8)
      case 0x5C: Array("\\\\".utf8)
      case 0x08: Array("\\b".utf8)
      case 0x0C: Array("\\f".utf8)
      case 0x0A: Array("\\n".utf8)
      case 0x0D: Array("\\r".utf8)
      case 0x09: Array("\\t".utf8)
      case 0..<0x20: Array("\\u00\(byte < 16 ? "0" : "1")".utf8) + [Array("0123456789abcdef".utf8)[Int(byte & 15)]]
      default: [byte]
      }
    }
  }

  private static func same(_ bytes: [UInt8]) -> Bool {
    written { $0.jsonEscaped(bytes.span.bytes) } == escaped(bytes)
  }

  @Test("a string says what it is")
  func example() {
    #expect(
      writtenText { $0.jsonString("a\"b\\c\n\u{0}\u{1f}é😀/\u{7f}") } == #""a\"b\\c\n\u0000\u001fé😀/"# + "\u{7f}\"")
    #expect(writtenText { $0.jsonString("") } == "\"\"")
  }

  @Test("every byte is escaped, or not, at every place of a word and beside it")
  func everyBytePlaced() {
    for byte in UInt8.min...UInt8.max {
      for place in 0..<26 {
        var bytes = Array("abcdefghijklmnopqrstuvwxyz".utf8)
        bytes[place] = byte
        if !Self.same(bytes) { Issue.record("byte \(byte) at \(place)") }
      }
    }
  }

  @Test("every pair of bytes is escaped, or not, inside a word")
  func everyPair() {
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let bytes = [0x61, 0x62, 0x63, first, second, 0x64, 0x65, 0x66]
        if !Self.same(bytes) { Issue.record("\(first), \(second)") }
      }
    }
  }

  @Test("every length, and every start in memory")
  func lengths() {
    let source = Array("0123456789\"123456\\89\n1234567890123456789é€".utf8)
    for start in source.indices {
      for end in start...source.count {
        let out = written { $0.jsonEscaped(source.span.bytes.extracting(start..<end)) }
        #expect(out == Self.escaped(Array(source[start..<end])))
      }
    }
  }

  @Test("random bytes, long enough for several pieces")
  func random() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<200 { #expect(Self.same(random.bytes(0...200)), "seed \(seed)") }
    for length in [32 * 1024 - 1, 32 * 1024, 32 * 1024 + 1, 70_000] {
      #expect(Self.same(random.bytes(length...length)), "seed \(seed)")
    }
    #expect(Self.same([UInt8](repeating: 0x1F, count: 70_000)), "nothing but control characters")
  }
}
