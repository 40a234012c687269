import Analysis
import Filter
import Foundation
import Subprotocols
import TestSupport
import Testing

/// The tables in docs/ say what the schema and the table of diagnostics say. `UPDATE_DOCS=1 swift test` rewrites them.
struct SchemaDocumentTests {
  @Test func theTablesOfOutputAreMadeFromTheSchema() throws {
    try DocumentedTable("docs/output.md", "the schema").hold(to: SchemaTables(try SchemaTests.strict()).text)
  }

  @Test func theTableOfDiagnosticsIsComplete() throws {
    var lines = ["| code | severity | what it says | rule |", "|---|---|---|---|"]
    for code in DiagnosticCode.all {
      lines.append("| `\(code.slug)` | \(code.severity.name) | \(code.sentence) | \(code.reference ?? "–") |")
    }
    try DocumentedTable("docs/diagnostics.md", "the program").hold(to: lines.joined(separator: "\n"))
  }

  @Test func theTableOfFieldsIsComplete() throws {
    var lines = ["| field | type | records | meaning |", "|---|---|---|---|"]
    for field in FieldTable.all {
      let type = (field.isList ? "list of " : "") + field.type.name
      lines.append("| `\(field.name)` | \(type) | \(Self.records(field.kinds)) | \(Self.help(field)) |")
    }
    for pattern in FieldTable.patterns {
      lines.append("| `\(pattern.name)` | \(pattern.type.name) | \(pattern.records) | \(pattern.help) |")
    }
    lines += ["", "Wireshark's names for some of them:", "", "| Wireshark | here |", "|---|---|"]
    var seen: Set<String> = []
    for alias in FieldTable.aliases where seen.insert(alias.name).inserted {
      let isSame = FieldTable.all.contains { alias.help == "the same as \($0.name)" }
      lines.append("| `\(alias.name)` | \(isSame ? "`\(alias.baseName)`" : alias.help) |")
    }
    try DocumentedTable("docs/filter.md", "the program").hold(to: lines.joined(separator: "\n"))
  }

  @Test func theTableOfViewsIsComplete() throws {
    var lines = ["| view | protocol | follows | agreed on as |", "|---|---|---|---|"]
    for view in PayloadViews.all.map({ $0.description }) {
      let names = view.subprotocols.map { "`\($0)`" }.joined(separator: ", ")
      lines.append("| `\(view.name)` | \(view.title) | \(view.specification) | \(names.isEmpty ? "–" : names) |")
    }
    for view in PayloadViews.all.map({ $0.description }) where !view.fields.isEmpty {
      lines += ["", "### \(view.title)", "", "| field | type | meaning |", "|---|---|---|"]
      for field in view.fields {
        lines.append("| `\(view.name).\(field.name)` | \(field.kind.rawValue) | \(field.help) |")
      }
    }
    try DocumentedTable("docs/views.md", "the program").hold(to: lines.joined(separator: "\n"))
  }

  @Test func viewsAreNamedAndDescribed() {
    let names = PayloadViews.all.map { $0.description.name }
    #expect(Set(names).count == names.count)
    for view in PayloadViews.all.map({ $0.description }) {
      #expect(view.name.wholeMatch(of: /[a-z][a-z0-9]*/) != nil, "\(view.name)")
      #expect(!view.title.isEmpty && !view.specification.isEmpty && !view.title.contains("|"), "\(view.name)")
      #expect(view.subprotocols.allSatisfy { $0 == $0.lowercased() }, "\(view.name)")
      #expect(Set(view.fields.map(\.name)).count == view.fields.count, "\(view.name)")
      for field in view.fields {
        #expect(field.name.wholeMatch(of: /[A-Za-z][A-Za-z0-9_]*/) != nil, "\(view.name).\(field.name)")
        #expect(
          !field.help.isEmpty && !field.help.contains("|") && !field.help.hasSuffix("."), "\(view.name).\(field.name)")
      }
    }
  }

  private static func records(_ kinds: RecordKinds) -> String {
    if kinds.isSuperset(of: [.connection, .frame, .message, .diagnostic, .end]) { return "all" }
    return RecordKinds.names.filter { kinds.contains($0.kind) }.map(\.name).joined(separator: ", ")
  }

  private static func help(_ field: Field) -> String {
    guard case .choice(let words) = field.type, words.count <= 6 else { return field.help }
    return "\(field.help): \(words.map { "`\($0)`" }.joined(separator: ", "))"
  }

  @Test func noTypeOfRecordHasTwoFieldsOfOneName() {
    for (name, fields) in Dictionary(grouping: FieldTable.all + FieldTable.aliases, by: \.name) {
      for (i, field) in fields.enumerated() {
        #expect(fields[..<i].allSatisfy { $0.kinds.isDisjoint(with: field.kinds) }, "\(name)")
      }
      #expect(fields.allSatisfy { !$0.kinds.isEmpty && !$0.help.isEmpty && !$0.help.contains("|") }, "\(name)")
    }
  }

  @Test func theTableOfLimitsIsComplete() throws {
    var lines = ["| at most | of | where |", "|---|---|---|"]
    for limit in StatedLimit.all { lines.append("| \(limit.value) | \(limit.subject) | `\(limit.place)` |") }
    try DocumentedTable("ARCHITECTURE.md", "the program").hold(to: lines.joined(separator: "\n"))
  }

  @Test func everyRuleOfTheTwoRFCsThatHasACodeIsInTheTableOfRules() throws {
    let file = SampleFiles.repository.appending(path: "docs/diagnostics.md")
    let document = try String(contentsOf: file, encoding: .utf8)
    let table = String(document[try #require(document.range(of: "## What is held to")).lowerBound...])
    // `.upgrade-header` stands for the code of the same family.
    let cited = Set(table.matches(of: /`([a-z]*\.[a-z0-9-]+)`/).map { String($0.output.1) })
    let slugs = DiagnosticCode.all.map(\.slug)
    // A lost context is nobody's fault.
    let codes = DiagnosticCode.all.filter { !$0.slug.hasPrefix("message.context-") }
    for code in codes where code.reference?.contains(/^RFC (6455|7692)\b/) == true {
      let short = "." + (code.slug.split(separator: ".").last.map { String($0) } ?? "")
      #expect(cited.contains(code.slug) || cited.contains(short) || code.slug == "frame.header-cut", "\(code.slug)")
    }
    let unknown = cited.filter { slug in !slugs.contains { $0 == slug || $0.hasSuffix(slug) } }
    #expect(unknown == [], "these are no codes")
  }

  @Test func diagnosticsAreNamedAndWordedAlike() throws {
    let pattern = try #require(
      try SchemaTests.strict().definition("diagnostic")?["properties"]?["code"]?["pattern"]?.string)
    let slug = try Regex(pattern)
    for code in DiagnosticCode.all {
      #expect(code.slug.contains(slug), "\(code.slug)")
      #expect(!code.sentence.hasSuffix(".") && !code.sentence.contains("|"), "\(code.slug)")
      #expect(code.reference?.contains(/^RFC [0-9]+ §[0-9.]+$/) != false, "\(code.slug)")
    }
    #expect(Set(DiagnosticCode.all.map(\.slug)).count == DiagnosticCode.all.count, "no slug comes twice")
  }
}

/// The part of a document that a test writes, between two comments.
private struct DocumentedTable {
  let file: URL
  let begin: String
  let end = "<!-- end of what is made -->"

  init(_ path: String, _ source: String) {
    file = SampleFiles.repository.appending(path: path)
    begin = "<!-- made from \(source): UPDATE_DOCS=1 swift test --filter SchemaDocumentTests -->"
  }

  /// Compares what stands there with `text`, or writes it.
  func hold(to text: String) throws {
    let document = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(document.range(of: begin), "\(file.lastPathComponent) has no mark for the table")
    let stop = try #require(document.range(of: end), "\(file.lastPathComponent) has no mark after the table")
    let wanted = "\n\n\(text)\n\n"
    let found = String(document[start.upperBound..<stop.lowerBound])
    guard found != wanted else { return }
    guard ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" else {
      Issue.record("\(file.lastPathComponent) is out of date: UPDATE_DOCS=1 swift test --filter SchemaDocumentTests")
      return
    }
    let whole = document[..<start.upperBound] + wanted + document[stop.lowerBound...]
    try String(whole).write(to: file, atomically: true, encoding: .utf8)
  }
}

/// A schema as Markdown: a section and a table for each object that it defines.
private struct SchemaTables {
  private let schema: JSONSchema

  init(_ schema: JSONSchema) { self.schema = schema }

  var text: String {
    let objects = (schema.root["$defs"]?.members ?? []).filter { $0.value["properties"] != nil }
    return objects.map { section($0.key, $0.value) }.joined(separator: "\n\n")
  }

  private func section(_ name: String, _ object: JSONValue) -> String {
    let rows = SchemaTests.properties(of: object, named: name).map { path, property in
      let key = path.dropFirst(name.count + 1)
      let isOptional = !isRequired(String(key), in: object)
      return "| `\(key)` | \(type(property))\(isOptional ? ", optional" : "") | \(description(property)) |"
    }
    return
      (["### `\(name)`", "", object["description"]?.string ?? "", "", "| key | type | meaning |", "|---|---|---|"]
      + rows)
      .joined(separator: "\n")
  }

  /// Whether `object` must have the key, which is a path where objects are inside objects.
  private func isRequired(_ path: String, in object: JSONValue) -> Bool {
    let (first, rest) = (path.prefix { $0 != "." }, path.drop { $0 != "." }.dropFirst())
    let names = (object["required"]?.elements ?? []).compactMap(\.string)
    guard names.contains(String(first)) else { return false }
    guard !rest.isEmpty, let inner = object["properties"]?[String(first)] else { return true }
    return isRequired(String(rest), in: inner)
  }

  private func description(_ property: JSONValue) -> String {
    let text = property["description"] ?? SchemaTests.referenced(property, in: schema)?["description"]
    return text?.string?.replacing("|", with: "\\|") ?? ""
  }

  /// What a value may be, in a few words.
  private func type(_ rule: JSONValue) -> String {
    if let word = rule["const"] { return literal(word) }
    if let words = rule["enum"]?.elements { return words.count > 8 ? "string" : alternatives(words.map(literal)) }
    if let rules = rule["anyOf"]?.elements { return alternatives(rules.map(type)) }
    if let target = SchemaTests.referenced(rule, in: schema),
      let name = rule["$ref"]?.string?.split(separator: "/").last
    {
      return target["properties"] == nil ? type(target) : "[\(name)](#\(name))"
    }
    if let names = rule["type"]?.elements { return alternatives(names.compactMap(\.string)) }
    switch rule["type"]?.string {
    case "array" where rule["prefixItems"] != nil:
      return "[\((rule["prefixItems"]?.elements ?? []).map(type).joined(separator: ", "))]"
    case "array": return "array of \(rule["items"].map(type) ?? "anything")"
    case "object" where rule["properties"] == nil:
      return "object of \(rule["additionalProperties"].map(type) ?? "anything")"
    case let name: return name ?? "anything"
    }
  }

  private func literal(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): "`\"\(text)\"`"
    case .number(let digits): "`\(digits)`"
    case .bool(let bool): "`\(bool)`"
    default: "null"
    }
  }

  private func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return "\(names.dropLast().joined(separator: ", ")) or \(last)"
  }
}
