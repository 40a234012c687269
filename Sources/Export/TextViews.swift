import Analysis
import Bytes
import Subprotocols

/// What messages mean, in the text formats.
extension TextExporter {
  /// The view that stands in a message's line in place of its payload: not where payloads are searched, whose matches are to be seen.
  func viewInLine(_ record: borrowing MessageRecord) -> MessageView? {
    guard let view = record.view, !view.line.isEmpty, highlight == nil else { return nil }
    return view
  }

  /// The line of a view. A question mark behind the protocol says that it is inferred.
  static func line(of view: borrowing MessageView) -> [UInt8] {
    guard view.confidence != nil else { return view.line }
    var line = view.line
    line.insert(0x3F, at: titleLength(line))
    return line
  }

  /// The bytes of the protocol's name, which `line` begins with: one word, or a title of several.
  private static func titleLength(_ line: [UInt8]) -> Int {
    for title in longTitles where line.starts(with: title) {
      if line.count == title.count || line[title.count] == 0x20 { return title.count }
    }
    return line.firstIndex(of: 0x20) ?? line.endIndex
  }

  /// Those of several words. `views.js` of the report has them as well.
  static let longTitles = PayloadViews.all.map { Array($0.description.title.utf8) }.filter { $0.contains(0x20) }

  /// Writes a whole message below its line, which shows the view: JSON as it was sent, and the view of all that people cannot read.
  mutating func body(_ record: borrowing MessageRecord, _ content: RawSpan, as view: borrowing MessageView) {
    defer { writer.endRecord() }
    let total = record.message.storableLength
    if JSONLayout.isLaidOut(content), record.unknown.isEmpty {
      var layout = JSONLayout(margin: Self.margin)
      layout.write(content, to: &writer, .none)
      writer.omission(total - min(total, UInt64(content.byteCount)), .notKept)
    } else if view.hasFields {
      var layout = JSONLayout(margin: Self.margin)
      layout.write(view.json.span.bytes, to: &writer, .none)
    }
    if showsHex { writer.dump(content, around: record.unknown, total: total, .none) }
  }
}

extension TreeExporter {
  /// Writes the view of a message below it, if it says more than a name.
  mutating func write(_ view: borrowing MessageView) {
    guard view.hasFields else { return }
    writer.spaces(2)
    var flow = Flow(column: 2, indent: 4)
    writer.flow("means:", &flow, style: .bold)
    writer.newline()
    var layout = JSONLayout(margin: 4)
    layout.write(view.json.span.bytes, to: &writer, .none)
  }
}
