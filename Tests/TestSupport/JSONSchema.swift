/// Holds JSON values to a JSON Schema (2020-12), as far as this project's schema uses it: keywords that are not known are
/// refused, so that no rule is passed over in silence.
public final class JSONSchema {
  /// Keywords that rule nothing out.
  private static let annotations: Set<String> = [
    "$schema", "$id", "$defs", "title", "description", "format", "contentEncoding",
  ]

  /// The whole schema.
  public let root: JSONValue
  /// Whether a key that the schema does not describe is a problem, although it says that keys may be added.
  public let isStrict: Bool
  /// Every described key that a value had so far: the name of the definition and the key, `frame.opcode`.
  public private(set) var seenKeys: Set<String> = []

  private var patterns: [String: Regex<AnyRegexOutput>] = [:]

  /// A validator for the schema `root`.
  public init(_ root: JSONValue, isStrict: Bool) {
    self.root = root
    self.isStrict = isStrict
  }

  /// The definition `name`.
  public func definition(_ name: String) -> JSONValue? { root["$defs"]?[name] }

  /// What is wrong with `value`, each with the place; empty if it fits the whole schema or, if a name is given, that
  /// definition.
  public func problems(in value: JSONValue, as name: String? = nil) -> [String] {
    guard let name else { return check(value, root, Place("$", "")) }
    guard let definition = definition(name) else { return ["there is no definition \(name)"] }
    return check(value, definition, Place("$", name))
  }

  /// Where in a value the check is, and in which definition.
  private struct Place {
    var path: String
    var definition: String

    init(_ path: String, _ definition: String) {
      self.path = path
      self.definition = definition
    }

    func key(_ key: String) -> Place { Place("\(path).\(key)", definition.isEmpty ? "" : "\(definition).\(key)") }
    func index(_ index: Int) -> Place { Place("\(path)[\(index)]", definition) }
    func problem(_ text: String) -> [String] { ["\(path): \(text)"] }
  }

  private func check(_ value: JSONValue, _ schema: JSONValue, _ place: Place) -> [String] {
    if let isAllowed = schema.bool { return isAllowed ? [] : place.problem("must not be there") }
    return (schema.members ?? []).flatMap { keyword in
      check(value, keyword.key, keyword.value, of: schema, place)
    }
  }

  private func check(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue, of schema: JSONValue, _ place: Place
  ) -> [String] {
    switch keyword {
    case "$ref": return checkReference(value, rule, place)
    case "type": return fits(value, rule) ? [] : place.problem("is not of type \(rule)")
    case "const": return value == rule ? [] : place.problem("is not \(rule)")
    case "enum": return rule.elements?.contains(value) == true ? [] : place.problem("\(value) is none of \(rule)")
    case "minimum", "maximum", "pattern": return checkScalar(value, keyword, rule, place)
    case "properties", "required", "additionalProperties", "dependentRequired":
      return value.members == nil ? [] : checkObject(value, keyword, rule, of: schema, place)
    case "items", "prefixItems", "minItems", "maxItems":
      return value.elements == nil ? [] : checkArray(value, keyword, rule, of: schema, place)
    case "oneOf", "anyOf": return checkAlternatives(value, keyword, rule.elements ?? [], place)
    case "if":
      let branch = check(value, rule, Place(place.path, "")).isEmpty ? "then" : "else"
      return schema[branch].map { check(value, $0, Place(place.path, "")) } ?? []
    case "then", "else": return []  // comes with `if`
    case _ where Self.annotations.contains(keyword): return []
    default: return place.problem("the schema uses \(keyword), which is not known here")
    }
  }

  private func checkReference(_ value: JSONValue, _ rule: JSONValue, _ place: Place) -> [String] {
    let prefix = "#/$defs/"
    guard let reference = rule.string, reference.hasPrefix(prefix),
      let definition = definition(String(reference.dropFirst(prefix.count)))
    else { return place.problem("\(rule) leads nowhere") }
    return check(value, definition, Place(place.path, String(reference.dropFirst(prefix.count))))
  }

  // MARK: Scalars

  private func fits(_ value: JSONValue, _ types: JSONValue) -> Bool {
    let names = types.elements?.compactMap(\.string) ?? [types.string ?? ""]
    return names.contains { name in
      switch (name, value) {
      case ("null", .null), ("boolean", .bool), ("number", .number), ("string", .string), ("array", .array),
        ("object", .object):
        true
      case ("integer", .number(let digits)): digits.allSatisfy { $0.isNumber || $0 == "-" }
      default: false
      }
    }
  }

  private func checkScalar(_ value: JSONValue, _ keyword: String, _ rule: JSONValue, _ place: Place) -> [String] {
    switch keyword {
    case "minimum", "maximum":
      guard let number = value.double else { return [] }
      guard let bound = rule.double else { return place.problem("\(keyword) has no number") }
      let isInside = keyword == "minimum" ? number >= bound : number <= bound
      return isInside ? [] : place.problem("\(number) is beyond the \(keyword) of \(bound)")
    default:
      guard let text = value.string else { return [] }
      guard let regex = regex(rule.string ?? "") else { return place.problem("\(rule) is no pattern") }
      return text.contains(regex) ? [] : place.problem("\"\(text.prefix(60))\" does not match \(rule)")
    }
  }

  private func regex(_ pattern: String) -> Regex<AnyRegexOutput>? {
    if let regex = patterns[pattern] { return regex }
    let regex = try? Regex(pattern).matchingSemantics(.unicodeScalar)
    patterns[pattern] = regex
    return regex
  }

  // MARK: Objects and arrays

  private func checkObject(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue, of schema: JSONValue, _ place: Place
  ) -> [String] {
    switch keyword {
    case "properties":
      return (value.members ?? []).flatMap { member -> [String] in
        guard let property = rule[member.key] else { return [] }
        if !place.definition.isEmpty { seenKeys.insert("\(place.definition).\(member.key)") }
        return check(member.value, property, place.key(member.key))
      }
    case "required":
      return missing(rule, in: value, place)
    case "dependentRequired":
      return (rule.members ?? []).flatMap { value[$0.key] == nil ? [] : missing($0.value, in: value, place) }
    default:
      let described = schema["properties"]
      if rule.bool == true, !isStrict || described == nil { return [] }
      return (value.members ?? []).filter { described?[$0.key] == nil }.flatMap { member -> [String] in
        if rule.bool != nil { return place.problem("the key \(member.key) is not described") }
        return check(member.value, rule, place.key(member.key))
      }
    }
  }

  private func missing(_ keys: JSONValue, in value: JSONValue, _ place: Place) -> [String] {
    (keys.elements ?? []).compactMap(\.string).filter { value[$0] == nil }.flatMap { place.problem("\($0) is missing") }
  }

  private func checkArray(
    _ value: JSONValue, _ keyword: String, _ rule: JSONValue, of schema: JSONValue, _ place: Place
  ) -> [String] {
    let elements = value.elements ?? []
    switch keyword {
    case "prefixItems":
      return zip(elements, rule.elements ?? []).enumerated().flatMap { check($1.0, $1.1, place.index($0)) }
    case "items":
      let first = schema["prefixItems"]?.elements?.count ?? 0
      return elements.enumerated().dropFirst(first).flatMap { check($1, rule, place.index($0)) }
    case "minItems":
      return UInt64(elements.count) >= rule.integer ?? .max ? [] : place.problem("has too few elements")
    default:
      return UInt64(elements.count) <= rule.integer ?? 0 ? [] : place.problem("has too many elements")
    }
  }

  /// The problems are those of the alternative that comes closest.
  private func checkAlternatives(
    _ value: JSONValue, _ keyword: String, _ alternatives: [JSONValue], _ place: Place
  ) -> [String] {
    let results = alternatives.map { check(value, $0, place) }
    let fitting = results.count { $0.isEmpty }
    if fitting == 1 || (fitting > 1 && keyword == "anyOf") { return [] }
    if fitting > 1 { return place.problem("fits \(fitting) of the alternatives, not one") }
    return results.min { $0.count < $1.count } ?? place.problem("has no alternatives")
  }
}
