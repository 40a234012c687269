/// What the value of an option means. All of these throw `UsageError.invalidValue`.
extension Occurrence {
  /// A whole number from 1 on.
  func count() throws(UsageError) -> UInt64 { try count(value) }

  /// Whole numbers from 1 on, with commas between.
  func counts() throws(UsageError) -> Set<UInt64> {
    var numbers: Set<UInt64> = []
    for item in items { numbers.insert(try count(item)) }
    return numbers
  }

  /// TCP ports, with commas between.
  func ports() throws(UsageError) -> Set<UInt16> {
    var ports: Set<UInt16> = []
    for item in items {
      guard item.allSatisfy(\.isASCIIDigit), let port = UInt16(item), port > 0 else {
        throw invalid(item, expected: "a TCP port, 1 to 65535")
      }
      ports.insert(port)
    }
    return ports
  }

  /// A number of bytes with an optional suffix k, M or G (or KiB, MiB, GiB), in either case; nil for `none`.
  func size() throws(UsageError) -> Int? {
    if value == "none" { return nil }
    guard let size = Self.bytes(value) else {
      throw invalid(value, expected: "a number of bytes such as 4096, 64k or 1M, or none")
    }
    return size
  }

  /// The same within `bounds`, which `expected` describes.
  func size(in bounds: ClosedRange<Int>, _ expected: String) throws(UsageError) -> Int {
    guard let size = Self.bytes(value), bounds.contains(size) else { throw invalid(value, expected: expected) }
    return size
  }

  private static func bytes(_ text: String) -> Int? {
    let digits = text.prefix(while: \.isASCIIDigit)
    let shift: Int? =
      switch text.dropFirst(digits.count).lowercased() {
      case "": 0
      case "k", "kib": 10
      case "m", "mib": 20
      case "g", "gib": 30
      default: nil
      }
    guard let shift, let number = Int(digits), number <= Int.max >> shift else { return nil }
    return number << shift
  }

  /// A time in seconds, with an optional unit ms, s, m or h; more than 0, and at most a year.
  func duration() throws(UsageError) -> Double {
    let digits = value.prefix { $0.isASCIIDigit || $0 == "." }
    let unit: Double? =
      switch value.dropFirst(digits.count) {
      case "", "s": 1
      case "ms": 0.001
      case "m", "min": 60
      case "h": 3600
      default: nil
      }
    guard let unit, let number = Double(digits), number * unit > 0, number * unit <= 366 * 86_400 else {
      throw invalid(value, expected: "a time such as 90, 0.5s, 10m or 2h")
    }
    return number * unit
  }

  /// A text that is not empty, which `expected` describes.
  func text(_ expected: String) throws(UsageError) -> String {
    guard !value.isEmpty else { throw invalid(value, expected: expected) }
    return value
  }

  /// A name that is not empty.
  func path() throws(UsageError) -> String {
    guard !value.isEmpty else { throw invalid(value, expected: "the name of a file") }
    return value
  }

  /// Rules of `--redact`, added to those that there are.
  func rules(_ old: RedactionRules?) throws(UsageError) -> RedactionRules {
    var rules = old ?? RedactionRules()
    for rule in value.split(separator: ",", omittingEmptySubsequences: false) where !rules.add(rule) {
      throw .invalidValue(
        spelling: spelling, value: String(rule), expected: RedactionRules.summary,
        suggestion: Suggestion.nearest(to: String(rule), among: ["cookies", "authorization", "tokens", "all"]))
    }
    return rules
  }

  /// Leaves an option alone that was not given before.
  func checkFirst(_ isFirst: Bool) throws(UsageError) {
    if !isFirst { throw .repeated(spelling: spelling) }
  }

  /// When a capture goes on in another file.
  func ring() throws(UsageError) -> RingRule {
    do throws(RingRule.Fault) {
      return try RingRule(value)
    } catch {
      throw invalid(error.part, expected: error.expected)
    }
  }

  /// One name of `choices`.
  func name(among choices: [Choice]) throws(UsageError) -> String { try name(value, among: choices) }

  /// One value of the closed set `Value`.
  func choice<Value: NamedChoice>(of type: Value.Type = Value.self) throws(UsageError) -> Value {
    try choice(value)
  }

  /// Some values of the closed set `Value`, with commas between.
  func choices<Value: NamedChoice & Hashable>(of type: Value.Type = Value.self) throws(UsageError) -> Set<Value> {
    var values: Set<Value> = []
    for item in items { values.insert(try choice(item)) }
    return values
  }

  /// Names of fields, with commas between, but for those in brackets or quotes.
  func fields() throws(UsageError) -> [String] {
    var (names, isQuoted, depth): ([String], Bool, Int) = ([""], false, 0)
    for character in value {
      if character == "\"" { isQuoted.toggle() }
      if !isQuoted { depth += character == "[" ? 1 : character == "]" ? -1 : 0 }
      if character == ",", !isQuoted, depth <= 0 { names.append("") } else { names[names.count - 1].append(character) }
    }
    guard !names.contains("") else { throw invalid(value, expected: "names of fields with commas between") }
    return names
  }

  private var items: [String] { value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }

  private func count(_ text: String) throws(UsageError) -> UInt64 {
    guard text.allSatisfy(\.isASCIIDigit), let number = UInt64(text), number > 0 else {
      throw invalid(text, expected: "a whole number, 1 or more")
    }
    return number
  }

  private func name(_ text: String, among choices: [Choice]) throws(UsageError) -> String {
    let names = choices.map(\.name)
    guard names.contains(text) else {
      throw invalid(
        text, expected: Choice.phrase(choices), suggestion: Suggestion.nearest(to: text, among: names))
    }
    return text
  }

  private func choice<Value: NamedChoice>(_ text: String) throws(UsageError) -> Value {
    let name = try name(text, among: Choice.all(of: Value.self))
    guard let value = Value(rawValue: name) else {
      throw invalid(text, expected: Choice.phrase(Choice.all(of: Value.self)))
    }
    return value
  }

  private func invalid(_ text: String, expected: String, suggestion: String? = nil) -> UsageError {
    .invalidValue(spelling: spelling, value: text, expected: expected, suggestion: suggestion)
  }
}

extension Character {
  /// Whether this is one of 0 to 9.
  fileprivate var isASCIIDigit: Bool { ("0"..."9").contains(self) }
}
