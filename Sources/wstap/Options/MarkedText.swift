/// A filter with a mark below the place where it is wrong.
enum MarkedText {
  /// `text`, and a mark below the characters in `place`; of a long one, what is near to that.
  static func lines(_ text: String, _ place: Range<Int>?) -> [String] {
    // One line, in which each character takes one column.
    let text = text.map { $0.isASCII && !$0.isNewline && $0 >= " " && $0 != "\u{7F}" ? $0 : "?" }
    guard let place else { return ["  \(String(text.prefix(width)))"] }
    let start = max(0, min(place.lowerBound - width / 2, text.count - width))
    let mark =
      String(repeating: " ", count: place.lowerBound - start)
      + String(repeating: "^", count: max(min(place.count, width / 2), 1))
    return ["  \(String(text[start...].prefix(width)))", "  \(mark)"]
  }

  /// Characters of a text that are shown.
  private static let width = 74
}
