import Bytes
import JSON
import TestSupport
import Testing

@testable import Export

@Suite("JSON laid out for people")
struct JSONLayoutTests {
  /// `text` laid out on a terminal with so many columns; nil: in a file.
  private func layOut(_ text: String, width: Int? = nil, margin: Int = 0) -> String {
    let bytes = Array(text.utf8)
    guard JSONLayout.isLaidOut(bytes.span.bytes) else { return "no" }
    var options = ExportOptions()
    options.width = width
    var output: [UInt8] = []
    withUnsafeMutablePointer(to: &output) { output in
      var writer = TerminalWriter(options, drain: { output.pointee += $0 })
      var layout = JSONLayout(margin: margin)
      layout.write(bytes.span.bytes, to: &writer)
      writer.bytes.flush()
    }
    return String(decoding: output, as: UTF8.self)
  }

  @Test("what is short stays on its line, what is long or deep gets lines of its own")
  func shapes() {
    #expect(layOut(#"{"a":1,"b":[true,null,"x"]}"#) == "{\"a\": 1, \"b\": [true, null, \"x\"]}\n")
    #expect(layOut("[ ]", margin: 2) == "  []\n" && layOut("{\n}") == "{}\n")
    #expect(
      layOut(#"{"a":{"b":{"c":1}},"d":[[1,2],[3,[]]]}"#) == """
        {
          "a": {"b": {"c": 1}},
          "d": [
            [1, 2],
            [3, []]
          ]
        }

        """)
    let words = (0..<12).map { "\"word \($0)\"" }.joined(separator: ",")
    #expect(layOut("[\(words)]").split(separator: "\n").count == 14)
  }

  @Test("what is not an object or array, and nothing else, is left as it is")
  func others() {
    for text in ["", "12", #""text""#, "null", #"{"a":1"#, #"{"a":1} x"#, "{a:1}", "[1,]"] {
      #expect(layOut(text) == "no")
    }
  }

  @Test("what was written is all there, in its order and with its own spelling")
  func sameTokens() {
    var random = SeededGenerator.announced("JSON layouts")
    for _ in 0..<100 {
      let text = Self.random(&random, depth: Int.random(in: 0...7, using: &random))
      let laidOut = layOut(text, margin: 4)
      guard laidOut != "no" else { continue }
      let isSame = tokens(laidOut) == tokens(text)
      #expect(isSame, "\(text)")
    }
  }

  @Test("no line is longer than the terminal is wide", arguments: [20, 30, 40, 48, 60, 100])
  func width(_ width: Int) {
    var random = SeededGenerator.announced("JSON widths")
    for _ in 0..<40 {
      let text = Self.random(&random, depth: Int.random(in: 0...6, using: &random))
      for line in layOut(text, width: width, margin: 4).split(separator: "\n") {
        #expect(TerminalText.columns(of: String(line)) <= width, "\(line)")
      }
    }
  }

  @Test("lines end at spaces where there are some, and an escape is never torn")
  func words() {
    let text = #"{"k":"one two three \"four\" five six\nseven \u0065ight nine ten eleven twelve"}"#
    let lines = layOut(text, width: 48).split(separator: "\n").map { String($0) }
    #expect(
      lines == [
        "{", #"  "k": "one two three \"four\" five "#, #"         six\nseven \u0065ight nine ten "#,
        #"         eleven twelve""#, "}",
      ])
    for width in 20...60 {
      let escapes = "[\"\(String(repeating: #"\u0041\n\\"#, count: 20))\"]"
      let lines = layOut(escapes, width: width, margin: 4).split(separator: "\n").map { $0.drop { $0 == " " } }
      #expect(lines.joined() == escapes && lines.dropFirst(2).dropLast().allSatisfy { $0.first == #"\"# || $0 == "\"" })
    }
    #expect(layOut(#"{"type":"connection_init"}"#, width: 24) == "{\n  \"type\": \n    \"connection_init\"\n}\n")
  }

  @Test("what is nested as deep as can be is still shown")
  func deep() {
    let text = String(repeating: "[[1],", count: 511) + "2" + String(repeating: "]", count: 511)
    #expect(tokens(layOut(text, width: 60)) == tokens(text))
  }

  private func tokens(_ text: String) -> [String] {
    let bytes = Array(text.utf8)
    var scanner = JSONScanner()
    var tokens: [String] = []
    while let token = scanner.next(bytes.span.bytes) {
      tokens.append("\(token.kind) \(String(decoding: bytes[token.range], as: UTF8.self))")
    }
    return tokens
  }

  private static func random(_ random: inout SeededGenerator, depth: Int) -> String {
    let count = Int.random(in: 0...4, using: &random)
    switch depth > 0 ? Int.random(in: 0..<6, using: &random) : 5 {
    case 0...2:
      return "[" + (0..<count).map { _ in Self.random(&random, depth: depth - 1) }.joined(separator: ",") + "]"
    case 3...4:
      return "{" + (0..<count).map { "\"k\($0)\" : \(Self.random(&random, depth: depth - 1))" }.joined(separator: ", ")
        + "}"
    default:
      let long = String(repeating: "lorem ipsum ", count: Int.random(in: 0...12, using: &random))
      return ["1", "-2.5e+07", "true", "null", #""caf\u00e9 \"\n""#, "\"\(long)\""].randomElement(using: &random) ?? "0"
    }
  }
}
