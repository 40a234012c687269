/// What payloads are searched for.
public struct SearchPattern: Equatable, Sendable {
  /// The regular expression, in UTF-8.
  public var pattern: [UInt8]
  /// Whether upper and lower case are the same.
  public var ignoresCase: Bool

  /// The search for `pattern`.
  public init(_ pattern: [UInt8], ignoresCase: Bool) {
    self.pattern = pattern
    self.ignoresCase = ignoresCase
  }

  /// The regular expression.
  public func compiled() throws(RegularExpression.Fault) -> RegularExpression {
    try RegularExpression(pattern, ignoresCase: ignoresCase)
  }
}
