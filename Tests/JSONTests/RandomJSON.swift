import TestSupport

/// Makes JSON at random.
struct RandomJSON {
  /// The names that objects have: few, so that paths find something.
  static let names = ["a", "b", "price", "é", "a key", "", "\"q\\"]

  init(_ chance: inout SeededGenerator) {}

  func value(depth: Int, _ chance: inout SeededGenerator) -> JSONValue {
    switch Int.random(in: 0..<(depth > 0 ? 10 : 6), using: &chance) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &chance))
    case 2: return .number("\(Int.random(in: -5...5, using: &chance))")
    case 3: return .number("\(Double(Int.random(in: -500...500, using: &chance)) / 8)")
    case 4, 5: return .string(string(&chance))
    case 6, 7:
      return .array((0..<Int.random(in: 0...4, using: &chance)).map { _ in value(depth: depth - 1, &chance) })
    default:
      let keys = Self.names.shuffled(using: &chance).prefix(Int.random(in: 0...4, using: &chance))
      return .object(keys.map { .init(key: $0, value: value(depth: depth - 1, &chance)) })
    }
  }

  private func string(_ chance: inout SeededGenerator) -> String {
    let letters = Array("ab \"\\/\n\t\u{1}é€😀\u{7F}z0123456789abcdefghijklmno")
    return String(
      (0..<Int.random(in: 0...20, using: &chance)).map { _ in letters.randomElement(using: &chance) ?? "a" })
  }

  /// `value` as JSON, with white space and escapes here and there.
  static func written(_ value: JSONValue, _ chance: inout SeededGenerator) -> [UInt8] {
    var text = ""
    write(value, to: &text, &chance)
    return Array(text.utf8)
  }

  private static func write(_ value: JSONValue, to text: inout String, _ chance: inout SeededGenerator) {
    space(&text, &chance)
    switch value {
    case .null: text += "null"
    case .bool(let bool): text += bool ? "true" : "false"
    case .number(let digits): text += digits
    case .string(let string): write(string: string, to: &text, &chance)
    case .array(let elements):
      text += "["
      for (i, element) in elements.enumerated() {
        if i > 0 { text += "," }
        write(element, to: &text, &chance)
      }
      space(&text, &chance)
      text += "]"
    case .object(let members):
      text += "{"
      for (i, member) in members.enumerated() {
        if i > 0 { text += "," }
        space(&text, &chance)
        write(string: member.key, to: &text, &chance)
        space(&text, &chance)
        text += ":"
        write(member.value, to: &text, &chance)
      }
      space(&text, &chance)
      text += "}"
    }
    space(&text, &chance)
  }

  private static func space(_ text: inout String, _ chance: inout SeededGenerator) {
    if Int.random(in: 0..<6, using: &chance) == 0 {
      text += ["\n", " ", "\t ", "\r\n"].randomElement(using: &chance) ?? ""
    }
  }

  private static func write(string: String, to text: inout String, _ chance: inout SeededGenerator) {
    text += "\""
    for unit in string.unicodeScalars {
      if unit.value < 0x20 || Int.random(in: 0..<12, using: &chance) == 0 {
        for half in String(unit).utf16 {
          let digits = String(half, radix: 16)
          text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }
      } else if unit == "\"" || unit == "\\" {
        text += "\\\(unit)"
      } else {
        text.unicodeScalars.append(unit)
      }
    }
    text += "\""
  }
}
