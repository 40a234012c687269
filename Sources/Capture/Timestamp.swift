/// A point in time: nanoseconds since 1970-01-01T00:00:00Z, without leap seconds.
///
/// 64 bits reach from 1678 to 2262; a capture that claims a time outside is clamped to the nearest end.
public struct Timestamp: Hashable, Comparable, Sendable {
  /// Nanoseconds since the epoch.
  public var nanoseconds: Int64

  /// The time `nanoseconds` after the epoch.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Whether `a` is before `b`.
  @inlinable
  public static func < (a: Timestamp, b: Timestamp) -> Bool { a.nanoseconds < b.nanoseconds }

  /// Nanoseconds from `earlier` to `self`, clamped to what 64 bits hold; negative when `earlier` is later.
  @inlinable
  public func since(_ earlier: Timestamp) -> Int64 {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return overflow ? (nanoseconds < earlier.nanoseconds ? .min : .max) : difference
  }
}
