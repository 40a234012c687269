import Capture

/// A time that is given as such, or after the start of the capture.
public enum TimeBound: Equatable, Sendable {
  /// This time.
  case absolute(Timestamp)
  /// So many nanoseconds after the first packet.
  case relative(Int64)

  /// Reads RFC 3339, a date, seconds since 1970, or `+5s`, `+1.5`, `+2m`; nil for anything else.
  public init?(_ text: String) {
    switch Literal.time(text) {
    case .time(let time): self = .absolute(time)
    case .relativeTime(let nanoseconds): self = .relative(nanoseconds)
    default: return nil
    }
  }

  /// The time, in a capture that begins at `start`; nil where that is asked for and not known.
  public func time(from start: Timestamp?) -> Timestamp? {
    switch self {
    case .absolute(let time): return time
    case .relative(let nanoseconds):
      guard let start else { return nil }
      let (sum, hasOverflown) = start.nanoseconds.addingReportingOverflow(nanoseconds)
      return Timestamp(nanoseconds: hasOverflown ? .max : sum)
    }
  }
}
