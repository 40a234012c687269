/// What is wrong with a display filter, and where.
public struct FilterError: Error, Equatable, Sendable {
  /// The filter.
  public var filter: String
  /// What is wrong, as a sentence without its full stop.
  public var reason: String
  /// Where, in bytes of the filter's UTF-8; behind its end where something is missing there.
  public var place: Range<Int>
  /// A word that may be mistyped, and what it may have been meant to be.
  public var mistyped: (word: String, candidates: [String])?

  init(_ filter: String, _ reason: String, _ place: Range<Int>, mistyped: (String, [String])? = nil) {
    self.filter = filter
    self.reason = reason
    self.place = place
    self.mistyped = mistyped.map { (word: $0.0, candidates: $0.1) }
  }

  /// Whether they say the same.
  public static func == (a: FilterError, b: FilterError) -> Bool {
    a.filter == b.filter && a.reason == b.reason && a.place == b.place && a.mistyped?.word == b.mistyped?.word
      && a.mistyped?.candidates == b.mistyped?.candidates
  }
}
