import Filter
import Testing

@Suite("Regular expressions")
struct RegularExpressionTests {
  private func match(_ pattern: String, _ text: [UInt8], ignoresCase: Bool = false) throws -> Range<Int>? {
    let expression = try RegularExpression(Array(pattern.utf8), ignoresCase: ignoresCase)
    return expression.firstMatch(in: text.span.bytes)
  }

  @Test("matches are found where they are")
  func examples() throws {
    #expect(try match("b+", Array("abbc".utf8)) == 1..<3)
    #expect(try match("B+", Array("abbc".utf8)) == nil)
    #expect(try match("B+", Array("abbc".utf8), ignoresCase: true) == 1..<3)
    #expect(try match("É.", Array("aéü".utf8), ignoresCase: true) == 1..<5)
    #expect(try match("^$", []) == 0..<0)
    #expect(try match("a", []) == nil)
  }

  @Test("bytes that are no UTF-8 are no obstacle to what stands around them")
  func invalid() throws {
    #expect(try match("abc", [0xFF, 0xFE] + Array("abc".utf8) + [0x80]) == 2..<5)
    #expect(try match("a.b", [0x61, 0xFF, 0x62]) == nil)
  }

  @Test(
    "patterns that explode are given up, and counted", arguments: ["(a+)+$", "(a|aa)+$", "(a*)*b", "(?:a?){30}a{30}x"])
  func catastrophic(pattern: String) throws {
    let expression = try RegularExpression(Array(pattern.utf8), ignoresCase: true)
    let text = Array(repeating: UInt8(ascii: "a"), count: 5000) + Array("\nbx!".utf8)
    _ = expression.firstMatch(in: text.span.bytes)
    #expect(expression.abandoned <= 1)
    let short = try RegularExpression(Array("(a+)+$".utf8), ignoresCase: true)
    #expect(short.firstMatch(in: text.span.bytes) == nil && short.abandoned == 1)
    #expect(short.firstMatch(in: Array("aaa".utf8).span.bytes) == 0..<3, "it goes on with the next text")
  }

  @Test("what cannot be compiled is told with its place")
  func faults() {
    #expect { try RegularExpression(Array("ab(c".utf8), ignoresCase: false) } throws: {
      ($0 as? RegularExpression.Fault)?.offset == 4
    }
    #expect { try RegularExpression([0x61, 0xFF], ignoresCase: false) } throws: { $0 is RegularExpression.Fault }
    #expect { try RegularExpression(Array(#"\C"#.utf8), ignoresCase: false) } throws: { $0 is RegularExpression.Fault }
  }
}
