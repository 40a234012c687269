import Bytes
import JSON

/// The parts of a view's JSON that fields of one name are looked for in: the view itself, the units in `more`, and what it carries.
public enum ViewParts {
  /// Units that are looked at.
  private static let most = 10_000

  /// The ranges of the objects in `json` that show the view `name`, or any view where that is nil, from the outermost on.
  public static func ranges(in json: RawSpan, of name: String?) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var place: Range<Int>? = 0..<json.byteCount
    var outline = JSONOutline()
    var depth = 0
    while let range = place, depth <= CarriedMessages.mostDepth {
      outline.read(json, range)
      guard outline.root == .object else { break }
      if name.map({ isNamed($0, outline, json) }) ?? true {
        found.append(range)
        if let more = outline.member("more", json), more.kind == .arrayBegin { add(json, more.range, to: &found) }
      }
      place = outline.member("carries", json).flatMap { $0.kind == .objectBegin ? $0.range : nil }
      depth += 1
    }
    return found
  }

  private static func isNamed(_ name: String, _ outline: borrowing JSONOutline, _ json: RawSpan) -> Bool {
    outline.string("name", json).map { JSONText.isEqual(json, $0, Array(name.utf8)) } ?? false
  }

  private static func add(_ json: RawSpan, _ array: Range<Int>, to found: inout [Range<Int>]) {
    let text = json.extracting(0..<array.upperBound)
    var scanner = JSONScanner(from: array.lowerBound)
    _ = scanner.next(text)
    while found.count < most, let token = scanner.next(text), token.kind == .objectBegin, scanner.skipToEnd(text) {
      found.append(token.range.lowerBound..<scanner.position)
    }
  }
}
