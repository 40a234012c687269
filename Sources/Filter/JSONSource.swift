import Bytes
import JSON
import Subprotocols

/// Where values of JSON are looked for: at a path in the payload, or in the view of a message.
struct JSONSource: Equatable, Sendable {
  /// What the path leads into.
  enum Place: Equatable, Sendable {
    case payload
    /// Views of this name; of any, where it is nil.
    case view(String?)
  }

  var place: Place
  var path: JSONPath

  /// What `name` begins with that is a path into a view: `stomp` of `stomp.headers.destination`, `view` of `view.reply_to`; nil if
  /// there is no such view.
  static func view(_ name: String) -> (place: Place, rest: Substring)? {
    let word = name.prefix { $0 != "." && $0 != "[" }
    if word == "view" { return (.view(nil), name.dropFirst(4)) }
    guard word != "json", PayloadViews.named(String(word)) != nil else { return nil }
    return (.view(String(word)), name.dropFirst(word.count))
  }

  /// What it begins with, in words: `stomp` of `stomp.headers.destination`.
  var name: String {
    switch place {
    case .payload: "json"
    case .view(let name): name ?? "view"
    }
  }

  /// Whether the view, or any view where it is none in particular, may have the field that the path begins with.
  var hasKnownField: Bool {
    guard case .view(let name) = place, case .key(let key)? = path.steps.first else { return true }
    return Self.fields(of: name).contains { Array($0.utf8) == key }
  }

  /// The names of the fields of the view `name`, or of all views where that is nil.
  static func fields(of name: String?) -> [String] {
    let views = name.map { PayloadViews.named($0).map { [$0] } ?? [] } ?? PayloadViews.all
    return views.flatMap { $0.description.fields.map(\.name) } + ViewDescription.commonFields
  }
}

/// Finds the values of a source, one after the other.
struct JSONSearch: Sendable {
  let source: JSONSource
  private var lookup: JSONLookup
  private var units: [Range<Int>] = []
  private var unit = 0

  init(_ source: JSONSource) {
    self.source = source
    lookup = JSONLookup(source.path)
  }

  /// Whether views are searched, not payloads.
  var isInView: Bool { source.place != .payload }

  /// Begins with another text: a payload, or the JSON of a view.
  mutating func restart(_ text: RawSpan) {
    guard case .view(let name) = source.place else { return lookup.restart() }
    units = text.byteCount == 0 ? [] : ViewParts.ranges(in: text, of: name)
    unit = 0
    if let first = units.first { lookup.restart(at: first.lowerBound) }
  }

  /// The next value in `text`; nil if there is none.
  mutating func next(_ text: RawSpan) -> JSONToken? {
    guard isInView else { return lookup.next(text) }
    while unit < units.count {
      if let token = lookup.next(text.extracting(0..<units[unit].upperBound)) { return token }
      unit += 1
      if unit < units.count { lookup.restart(at: units[unit].lowerBound) }
    }
    return nil
  }
}
