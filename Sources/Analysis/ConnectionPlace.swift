/// Where what is known of a connection stands; small enough for a `FlowTable`.
struct ConnectionPlace {
  /// Which of the stores it is in.
  enum Store: Int {
    /// `Analyzer.flows`.
    case flows
    /// `Analyzer.quiet`.
    case quiet
    /// `Analyzer.dismissed`.
    case dismissed
    /// `Analyzer.doubts`.
    case doubtful
  }

  /// As stored: the store, above the index in it, below 2^28.
  let rawValue: Int

  @inline(__always)
  init(rawValue: Int) { self.rawValue = rawValue }

  init(_ store: Store, _ index: Int) { rawValue = store.rawValue << 28 | index }

  @inline(__always)
  var store: Store { Store(rawValue: rawValue >> 28) ?? .flows }

  @inline(__always)
  var index: Int { rawValue & (1 << 28 - 1) }

  /// The index in `Analyzer.flows`; nil if it is elsewhere.
  @inline(__always)
  var flow: Int? { rawValue < 1 << 28 ? rawValue : nil }
}
