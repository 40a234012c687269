import Analysis
import JSON
import Subprotocols

/// All fields of all records: what filters and columns are made of, and what `--list-fields` prints.
public enum FieldTable {
  /// The fields, those that belong together side by side.
  public static let all: [Field] =
    common + frame + header + message + connection + heads + diagnostic + end + tallies

  /// Wireshark's names for some of them, each of which means presence where it stands alone.
  public static let aliases: [Field] =
    wiresharkNames.flatMap { alias in
      all.filter { $0.name == alias.field }.map { $0.alias(alias.name) }
    } + wiresharkFields

  /// Names of fields that are not in the table, as their text goes on.
  public static let patterns: [(name: String, type: FieldType, records: String, help: String)] = [
    ("request.header[\"NAME\"]", .string, "all", "values of a header of the request, such as \"User-Agent\""),
    ("response.header[\"NAME\"]", .string, "all", "values of a header of the response"),
    ("json.PATH", .json, "frame, message", "value in a JSON payload: json.type, json.data[0].price, json.items[*].id"),
    ("view.FIELD", .json, "message", "field of any view; VIEW.FIELD, as stomp.command, is one of that view"),
  ]

  /// The fields of views, of which `VIEW.FIELD` is the pattern.
  public static var viewFields: [(name: String, type: String, help: String)] {
    PayloadViews.all.flatMap { view in
      view.description.fields.map { ("\(view.description.name).\($0.name)", $0.kind.rawValue, $0.help) }
    }
  }

  private static let byName: [String: [Field]] = Dictionary(grouping: all + aliases, by: \.name)

  /// The fields called `name`, one for each type of record at most; empty if there is none.
  public static func fields(named name: String) -> [Field] {
    if let fields = byName[name] { return fields }
    for (prefix, isRequest) in [("request.header[\"", true), ("response.header[\"", false)]
    where name.hasPrefix(prefix) && name.hasSuffix("\"]") && name.utf8.count > prefix.utf8.count + 2 {
      return [header(String(name.dropFirst(prefix.count).dropLast(2)), ofRequest: isRequest)]
    }
    return []
  }

  /// Every name, for suggestions.
  public static var names: [String] { (all + aliases).map(\.name) + ["json"] + viewFields.map(\.name) }
}
