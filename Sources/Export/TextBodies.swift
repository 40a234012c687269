import Bytes
import JSON

/// Whole messages below their lines, for who follows a connection.
extension TextExporter {
  /// Columns that a body is indented by, as dumps are.
  static let margin = 4
  /// Bytes of binary messages that are shown, unless all were asked for.
  private static let mostDumped = 256

  /// Writes all of a message that is stored.
  ///
  /// - Parameters:
  ///   - isText: whether the sender says that it is text.
  ///   - total: bytes that it has, stored or not.
  mutating func body(_ content: RawSpan, isText: Bool, total: UInt64) {
    defer { writer.endRecord() }
    guard content.byteCount > 0 else { return writer.omission(total, .notKept) }
    let matches = bodyMatches(content)
    if JSONLayout.isLaidOut(content) {
      var layout = JSONLayout(margin: Self.margin)
      layout.write(content, to: &writer, matches)
    } else if isText || TerminalText.isPrintable(content) {
      writer.spaces(Self.margin)
      writer.lines(content, first: Self.margin, indent: Self.margin, matches)
    } else {
      return writer.dump(content, most: showsHex ? .max : Self.mostDumped, total: total, matches)
    }
    writer.omission(total - min(total, UInt64(content.byteCount)), .notKept)
  }

  /// Where the matches are of a payload that is shown as a whole.
  func bodyMatches(_ content: RawSpan) -> Matches {
    highlight?.matches(in: content, most: Highlight.mostInBody) ?? .none
  }
}
