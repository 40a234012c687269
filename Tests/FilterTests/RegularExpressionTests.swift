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

  @Test("what needs many steps is found in long texts")
  func longTexts() throws {
    let letters = (0..<60_000).map { $0 % 3 == 0 ? UInt8(ascii: "b") : UInt8(ascii: "a") }
    #expect(try match("(?:a|b)+c", letters + Array("c".utf8)) == 0..<60_001)
    let text = Array("a token 7 ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 60_000)
    #expect(try match("token.*[0-9]", text) == 2..<9)
    let late = Array("é token ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 60_000) + Array("\ntoken 7".utf8)
    #expect(try match("token.*[0-9]", late) == late.count - 7..<late.count)
    #expect(try match("token.*[0-9]", Array(late.dropLast())) == nil)
    #expect(try match("(?:é|ü)+[0-9]", Array(String(repeating: "é", count: 2000).utf8) + [0x31]) == 0..<4001)
    #expect(try match("(?:é|ü)+[0-9]", Array(String(repeating: "é", count: 2000).utf8) + [0x80, 0x31]) == nil)
  }

  @Test("more than the stack of compiled code holds is found by the interpreter, or counted")
  func stack() throws {
    let expression = try RegularExpression(Array("(?:(a)|b)+c".utf8), ignoresCase: false)
    let letters = Array(repeating: UInt8(ascii: "a"), count: 300_000) + Array("c".utf8)
    #expect(expression.firstMatch(in: letters.span.bytes) == 0..<300_001)
    #expect(expression.abandoned == 0)
  }

  @Test("patterns that explode are given up and counted", arguments: ["(a+)+$", "(a|aa)+$"])
  func catastrophic(pattern: String) throws {
    let text = Array(repeating: UInt8(ascii: "a"), count: 5000) + Array("\nbx!".utf8)
    let expression = try RegularExpression(Array(pattern.utf8), ignoresCase: true)
    #expect(expression.firstMatch(in: text.span.bytes) == nil && expression.abandoned == 1)
    #expect(expression.firstMatch(in: Array("aaa".utf8).span.bytes) == 0..<3, "it goes on with the next text")
    #expect(expression.abandoned == 1)
  }

  @Test("the steps of all searches are limited, and simple ones go on")
  func budget() throws {
    let expression = try RegularExpression(Array("token.*[0-9]".utf8), ignoresCase: false, budget: 100_000)
    let text = Array("token 7 ".utf8) + Array(repeating: UInt8(ascii: "x"), count: 60_000)
    let found = (0..<10).map { _ in expression.firstMatch(in: text.span.bytes) }
    #expect(found.first == 0..<7 && found.last == .some(nil))
    #expect(Int(expression.abandoned) == found.count { $0 == nil })
    #expect(expression.firstMatch(in: Array("token 7".utf8).span.bytes) == 0..<7)
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
