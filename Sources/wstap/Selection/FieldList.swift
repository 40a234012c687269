import Analysis
import Filter

/// What `--list-fields` prints.
enum FieldList {
  /// A row of the list.
  struct Row {
    var name: String
    var type: String
    /// The types of records that have it.
    var records: String
    var help: String
  }

  /// All fields, then Wireshark's names for some.
  static var rows: [Row] {
    FieldTable.all.map {
      Row(name: $0.name, type: ($0.isList ? "list of " : "") + $0.type.name, records: records($0.kinds), help: help($0))
    } + FieldTable.patterns.map { Row(name: $0.name, type: $0.type.name, records: $0.records, help: $0.help) }
      + FieldTable.viewFields.map { Row(name: $0.name, type: $0.type, records: "message", help: $0.help) } + aliases
  }

  private static var aliases: [Row] {
    FieldTable.aliases.map {
      Row(name: $0.name, type: ($0.isList ? "list of " : "") + $0.type.name, records: records($0.kinds), help: $0.help)
    }
  }

  private static func help(_ field: Field) -> String {
    guard case .choice(let words) = field.type, words.count <= 6 else { return field.help }
    return "\(field.help): \(words.joined(separator: ", "))"
  }

  /// `frame, message`; `all` for those of a connection.
  private static func records(_ kinds: RecordKinds) -> String {
    if kinds.isSuperset(of: [.connection, .frame, .message, .diagnostic, .end]) { return "all" }
    return RecordKinds.names.filter { kinds.contains($0.kind) }.map(\.name).joined(separator: ", ")
  }

  /// One field a line, or, where lines are narrower than that, two.
  static func text(width: Int?) -> String {
    let rows = rows
    let name = rows.map(\.name.count).max() ?? 0, type = rows.map(\.type.count).max() ?? 0
    let records = rows.map(\.records.count).max() ?? 0
    guard let width, width < name + type + records + 40 else {
      return rows.map {
        "\(padded($0.name, to: name))  \(padded($0.type, to: type))  \(padded($0.records, to: records))  \($0.help)\n"
      }.joined()
    }
    return rows.map { row in
      let lines =
        ["\(row.name)  (\(row.type))"] + wrapped("\(row.records): \(row.help)", width: max(width, 30), indent: 4)
      return lines.joined(separator: "\n") + "\n"
    }.joined()
  }
}
