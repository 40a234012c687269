import TestSupport

/// A filter as a tree, which is written as text for the program, and evaluated here slowly and simply: over the record's JSON,
/// as the program prints it.
indirect enum ReferenceFilter {
  /// What a field is compared with.
  enum Literal {
    case number(Double, String)
    case string(String)
    case bool(Bool)
  }

  case all([ReferenceFilter])
  case any([ReferenceFilter])
  case odd([ReferenceFilter])
  case not(ReferenceFilter)
  case present(String)
  case compare(String, String, Literal)
  case among(String, [(Literal, Literal?)])
  case amongNone(String, [(Literal, Literal?)])
  case contains(String, String)

  // MARK: As text

  var text: String {
    switch self {
    case .all(let parts): "(" + parts.map(\.text).joined(separator: " and ") + ")"
    case .any(let parts): "(" + parts.map(\.text).joined(separator: " || ") + ")"
    case .odd(let parts): "(" + parts.map(\.text).joined(separator: " xor ") + ")"
    case .not(let part): "not \(part.text)"
    case .present(let field): field
    case .compare(let field, let sign, let literal): "\(field) \(sign) \(Self.text(literal))"
    case .among(let field, let ranges): "\(field) in \(Self.text(ranges))"
    case .amongNone(let field, let ranges): "\(field) not in \(Self.text(ranges))"
    case .contains(let field, let text): "\(field) contains \(Self.text(.string(text)))"
    }
  }

  private static func text(_ ranges: [(Literal, Literal?)]) -> String {
    "{" + ranges.map { text($0.0) + ($0.1.map { "..\(text($0))" } ?? "") }.joined(separator: " ") + "}"
  }

  private static func text(_ literal: Literal) -> String {
    switch literal {
    case .number(_, let text): text
    case .string(let text): "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    case .bool(let bool): bool ? "true" : "false"
    }
  }

  // MARK: Evaluation

  func accepts(_ record: JSONValue) -> Bool {
    switch self {
    case .all(let parts): return parts.allSatisfy { $0.accepts(record) }
    case .any(let parts): return parts.contains { $0.accepts(record) }
    case .odd(let parts): return parts.filter { $0.accepts(record) }.count % 2 == 1
    case .not(let part): return !part.accepts(record)
    case .present(let field):
      let values = Self.values(field, record)
      let isBoolean = !field.hasPrefix("json") && values.contains { if case .bool = $0 { true } else { false } }
      return isBoolean ? values.contains(.bool(true)) : !values.isEmpty
    case .compare(let field, "!=", let literal):
      let values = Self.values(field, record)
      return !values.isEmpty && values.allSatisfy { Self.order($0, literal, field) != 0 }
    case .compare(let field, let sign, let literal):
      return Self.values(field, record).contains { value in
        guard let order = Self.order(value, literal, field) else { return false }
        return switch sign {
        case "==": order == 0
        case "<": order < 0
        case "<=": order <= 0
        case ">": order > 0
        default: order >= 0
        }
      }
    case .among(let field, let ranges):
      return Self.values(field, record).contains { Self.isIn(ranges, $0, field) }
    case .amongNone(let field, let ranges):
      let values = Self.values(field, record)
      return !values.isEmpty && values.allSatisfy { !Self.isIn(ranges, $0, field) }
    case .contains(let field, let text):
      return Self.values(field, record).contains {
        $0.string?.contains(text) == true || (text.isEmpty && $0.string != nil)
      }
    }
  }

  private static func isIn(_ ranges: [(Literal, Literal?)], _ value: JSONValue, _ field: String) -> Bool {
    ranges.contains { lower, upper in
      guard let order = order(value, lower, field) else { return false }
      guard let upper else { return order == 0 }
      return order >= 0 && (Self.order(value, upper, field) ?? 1) <= 0
    }
  }

  /// What `len(x)`, `upper(x)`, `lower(x)`, `count(x)`, `x[1:2]` and `x[-3:]` are of the values of `x`; nil for other names.
  private static func made(_ field: String, _ record: JSONValue) -> [JSONValue]? {
    if field.hasSuffix(")"), let open = field.firstIndex(of: "(") {
      let values = values(String(field[field.index(after: open)...].dropLast()), record)
      switch field[..<open] {
      case "count": return values.isEmpty ? [] : [.number("\(values.count)")]
      case "len": return values.compactMap(\.string).map { .number("\($0.utf8.count)") }
      case let name:
        let isUpper = name == "upper"
        return values.compactMap(\.string).map { text in
          .string(
            String(
              text.unicodeScalars.map { scalar in
                guard scalar.isASCII else { return Character(scalar) }
                return Character(isUpper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping)
              }))
        }
      }
    }
    for (suffix, range) in [("[1:2]", 1..<3), ("[-3:]", -3..<0)] where field.hasSuffix(suffix) {
      return values(String(field.dropLast(suffix.count)), record).compactMap(\.string).compactMap { text in
        let start = range.lowerBound < 0 ? text.utf8.count + range.lowerBound : range.lowerBound
        guard start >= 0, start + range.count <= text.utf8.count else { return nil }
        return .string(String(decoding: Array(text.utf8)[start..<start + range.count], as: UTF8.self))
      }
    }
    return nil
  }

  /// The values of a field, without nulls outside of payloads.
  private static func values(_ field: String, _ record: JSONValue) -> [JSONValue] {
    if let made = made(field, record) { return made }
    if field.hasPrefix("json") {
      guard let text = record["text"]?.string, record["opcode_name"]?.string != "close",
        let value = try? JSONValue(parsing: text)
      else { return [] }
      return walk(value, field.dropFirst(5).split(separator: ".")[...])
    }
    var value: JSONValue? = record
    for key in field.split(separator: ".") { value = value?[String(key)] }
    guard let value, value != .null else { return [] }
    return [value]
  }

  /// Names, `*`, and numbers for the elements of arrays.
  private static func walk(_ value: JSONValue, _ steps: ArraySlice<Substring>) -> [JSONValue] {
    guard let step = steps.first else { return [value] }
    let rest = steps.dropFirst()
    let name = step.prefix { $0 != "[" }
    var values: [JSONValue] = name == "*" ? value.members?.map(\.value) ?? [] : value[String(name)].map { [$0] } ?? []
    for bracket in step.dropFirst(name.count).split(separator: "[") {
      let inside = bracket.dropLast()
      values = values.flatMap { value -> [JSONValue] in
        guard let elements = value.elements else { return [] }
        guard let i = Int(inside) else { return elements }
        return i < elements.count ? [elements[i]] : []
      }
    }
    return values.flatMap { walk($0, rest) }
  }

  private static let words = ["note", "warning", "error"]

  private static func order(_ value: JSONValue, _ literal: Literal, _ field: String) -> Int? {
    func order<T: Comparable>(_ a: T, _ b: T) -> Int { a == b ? 0 : a < b ? -1 : 1 }
    switch (value, literal) {
    case (.number(let digits), .number(let b, _)): return Double(digits).map { order($0, b) }
    case (.string(let digits), .number(let b, _)) where field.hasPrefix("json"):
      guard (try? JSONValue(parsing: digits))?.double != nil, digits.first?.isWhitespace == false else { return nil }
      return Double(digits).map { order($0, b) }
    case (.string(let a), .string(let b)):
      if field == "severity", let i = words.firstIndex(of: a), let k = words.firstIndex(of: b) { return order(i, k) }
      if a == b { return 0 }
      return a.utf8.lexicographicallyPrecedes(b.utf8) ? -1 : 1
    case (.bool(let a), .bool(let b)): return order(a ? 1 : 0, b ? 1 : 0)
    default: return nil
    }
  }
}
