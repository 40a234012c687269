import Bytes
import JSON
import TestSupport
import Testing

/// The tokens of `text` in a short form, and the fault.
private func scan(_ bytes: [UInt8]) -> (tokens: [String], fault: JSONFault?, isComplete: Bool) {
  var scanner = JSONScanner()
  var tokens: [String] = []
  while let token = scanner.next(bytes.span.bytes) {
    let text = String(decoding: bytes[token.range], as: UTF8.self)
    switch token.kind {
    case .key: tokens.append("\(text):")
    case .string: tokens.append("'\(text)'")
    default: tokens.append(text)
    }
  }
  return (tokens, scanner.fault, scanner.isComplete)
}

private func scan(_ text: String) -> (tokens: [String], fault: JSONFault?, isComplete: Bool) { scan(Array(text.utf8)) }

/// The value that the tokens make, read with a stack: what a user of the scanner does.
private func rebuild(_ bytes: [UInt8]) -> JSONValue? {
  var scanner = JSONScanner()
  var stack: [(key: String?, value: JSONValue)] = []
  var keys: [String?] = []
  var key: String?
  var whole: JSONValue?
  func put(_ value: JSONValue, _ key: String?) {
    guard let last = stack.indices.last else { return whole = value }
    switch stack[last].value {
    case .array(let elements): stack[last].value = .array(elements + [value])
    case .object(let members): stack[last].value = .object(members + [.init(key: key ?? "", value: value)])
    default: break
    }
  }
  let text = bytes.span.bytes
  while let token = scanner.next(text) {
    let string = String(decoding: bytes[token.range], as: UTF8.self)
    switch token.kind {
    case .key: key = String(decoding: JSONText.utf8(text, token), as: UTF8.self)
    case .objectBegin, .arrayBegin:
      stack.append((nil, token.kind == .objectBegin ? .object([]) : .array([])))
      keys.append(key)
    case .objectEnd, .arrayEnd:
      let done = stack.removeLast().value
      put(done, keys.removeLast())
    case .string: put(.string(String(decoding: JSONText.utf8(text, token), as: UTF8.self)), key)
    case .number: put(.number(string), key)
    case .true: put(.bool(true), key)
    case .false: put(.bool(false), key)
    case .null: put(.null, key)
    }
  }
  return scanner.isComplete ? whole : nil
}

@Suite("JSON, token by token")
struct JSONScannerTests {
  @Test("an example")
  func example() {
    let text = #" { "a" : [1, -0.5e+3 , true,false, null ], "b\n":"\u00e9\"", "c":{} } "#
    let (tokens, fault, isComplete) = scan(text)
    #expect(
      tokens == [
        "{", "a:", "[", "1", "-0.5e+3", "true", "false", "null", "]", #"b\n:"#, #"'\u00e9\"'"#, "c:", "{", "}", "}",
      ])
    #expect(fault == nil && isComplete)
  }

  @Test(
    "what is no JSON is told to be none",
    arguments: [
      ("", JSONFault.cut), (" ", .cut), ("{", .cut), ("[1", .cut), ("[1,", .cut), (#"{"a"#, .cut), (#"{"a""#, .cut),
      (#"{"a":"#, .cut), ("tru", .cut), ("-", .cut), ("1.", .cut), ("1e", .cut), (#""\"#, .cut), (#""\u12"#, .cut),
      ("[1,]", .unexpected), ("{,}", .unexpected), (#"{"a":1,}"#, .unexpected), (#"{"a" 1}"#, .unexpected),
      ("[1 2]", .unexpected), ("{]", .unexpected), ("[}", .unexpected), (#"{"a":1]"#, .unexpected),
      ("tree", .unexpected),
      ("'a'", .unexpected), ("+1", .unexpected), (".5", .unexpected), ("NaN", .unexpected), ("{1:2}", .unexpected),
      ("//", .unexpected), ("01", .badNumber), ("-a", .badNumber), ("1.a", .badNumber), ("1e+a", .badNumber),
      ("00", .badNumber), ("-01", .badNumber), (#""\x""#, .badString), (#""\u12g4""#, .badString),
      ("\"\n\"", .badString), ("1 2", .trailing), ("{}{}", .trailing), ("null,", .trailing),
    ])
  func faults(text: String, fault: JSONFault) {
    let found = scan(text)
    #expect(found.fault == fault && !found.isComplete, "\(text)")
  }

  @Test("strings must be UTF-8")
  func encoding() {
    #expect(scan([0x22, 0xC3, 0xA9, 0x22]).isComplete)
    for bad: [UInt8] in [[0xC3], [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]] {
      #expect(scan([0x22] + bad + [0x22]).fault == .badString)
    }
    #expect(scan([0xEF, 0xBB, 0xBF, 0x31]).fault == .unexpected, "a byte order mark is no part of it (RFC 8259 §8.1)")
  }

  @Test("nesting is limited, and costs nothing but its bytes")
  func depth() {
    let most = JSONScanner.mostDepth
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(scan(nested(most)).isComplete)
    #expect(scan(nested(most + 1)).fault == .tooDeep)
    #expect(scan(String(repeating: #"{"a":["#, count: 1_000_000)).fault == .tooDeep)
    var mixed = JSONScanner()
    let text = Array((String(repeating: #"[{"":"#, count: most / 2) + "1").utf8)
    while let token = mixed.next(text.span.bytes) { #expect(token.kind != .key || mixed.isInObject) }
    #expect(mixed.depth == most && mixed.fault == .cut)
  }

  @Test("escapes mean what RFC 8259 says; halves of surrogate pairs mean U+FFFD")
  func escapes() {
    func text(_ inside: String) -> String? {
      let bytes = Array("\"\(inside)\"".utf8)
      var scanner = JSONScanner()
      return scanner.next(bytes.span.bytes).map {
        String(decoding: JSONText.utf8(bytes.span.bytes, $0), as: UTF8.self)
      }
    }
    #expect(text(#"\"\\\/\b\f\n\r\t"#) == "\"\\/\u{8}\u{C}\n\r\t")
    #expect(text(#"\u0041\u00e9\u20AC\ud83d\ude00"#) == "Aé€😀")
    #expect(text(#"\ud83d"#) == "\u{FFFD}" && text(#"\ude00\ud83d"#) == "\u{FFFD}\u{FFFD}")
    #expect(text(#"\ud83d\n"#) == "\u{FFFD}\n" && text(#"\ud83d\u0041"#) == "\u{FFFD}A")
  }

  @Test("numbers have the value that Swift gives them")
  func numbers() throws {
    var chance = SeededGenerator.announced("JSON numbers")
    for _ in 0..<20_000 {
      let digits = { (most: Int, chance: inout SeededGenerator) -> String in
        String(
          (0..<Int.random(in: 1...most, using: &chance)).map { _ in "0123456789".randomElement(using: &chance) ?? "0" })
      }
      var text = Bool.random(using: &chance) ? "-" : ""
      text += Bool.random(using: &chance) ? "0" : "\(Int.random(in: 1...9, using: &chance))\(digits(19, &chance))"
      if Bool.random(using: &chance) { text += ".\(digits(8, &chance))" }
      if Int.random(in: 0..<4, using: &chance) == 0 { text += "e\(Int.random(in: -40...40, using: &chance))" }
      let bytes = Array(text.utf8)
      var scanner = JSONScanner()
      let next = scanner.next(bytes.span.bytes)
      let token = try #require(next)
      #expect(token.kind == .number && token.range == 0..<bytes.count && scanner.isComplete)
      let double = JSONText.double(bytes.span.bytes, token.range)
      #expect(double == Double(text), "\(text)")
      let integer = text.count { $0.isNumber } <= 18 ? Int64(text) : nil
      let found = JSONText.integer(bytes.span.bytes, token.range)
      #expect(found == integer, "\(text)")
    }
  }

  @Test("random JSON comes back as it was; what is damaged is taken as another reader takes it")
  func random() {
    var chance = SeededGenerator.announced("random JSON")
    for _ in 0..<4000 {
      var value = RandomJSON(&chance).value(depth: 5, &chance)
      if case .array = value {} else { value = .array([value]) }
      var bytes = RandomJSON.written(value, &chance)
      #expect(rebuild(bytes) == value, "\(String(decoding: bytes, as: UTF8.self))")
      guard !bytes.isEmpty else { continue }
      for _ in 0..<Int.random(in: 1...2, using: &chance) {
        let place = Int.random(in: bytes.indices, using: &chance)
        switch Int.random(in: 0..<3, using: &chance) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        case 1: bytes.remove(at: place)
        default: bytes.insert("{}[],:\"\\0e-.u".utf8.randomElement(using: &chance) ?? 0, at: place)
        }
        if bytes.isEmpty { break }
      }
      let other: JSONValue?
      do throws(JSONValue.ParseError) {
        other = try JSONValue(parsing: bytes)
      } catch {
        // It is more strict than RFC 8259 in these two.
        if error.what.contains("comes twice") || error.what.contains("surrogate") { continue }
        other = nil
      }
      #expect(rebuild(bytes) == other, "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}
