/// Values of one kind, such as sizes or times, and what percentiles they have.
///
/// Up to `exactLimit` values, percentiles are exact. Beyond that, values are counted in buckets (as in HdrHistogram: 128 for each
/// power of two), so that memory stays the same, and a percentile is at most 0.8 % above the exact one.
public struct Distribution: Equatable, Sendable {
  /// Values that are kept as they are.
  public static let exactLimit = 4096

  /// How many values there are.
  public private(set) var count: UInt64 = 0
  /// The least one; 0 if there is none.
  public private(set) var minimum: UInt64 = 0
  /// The greatest one; 0 if there is none.
  public private(set) var maximum: UInt64 = 0
  /// How many values have so many significant bits, 0 to 64: each a power of two of the values.
  public private(set) var byMagnitude = [UInt64](repeating: 0, count: 65)
  private var sum = 0.0
  private var values: [UInt64] = []
  private var buckets: [UInt64] = []

  private static let bitsPerBucket = 7

  /// No values.
  public init() {}

  /// Whether percentiles are exact.
  public var isExact: Bool { buckets.isEmpty }

  /// The arithmetic mean; nil if there are no values.
  public var mean: Double? { count > 0 ? sum / Double(count) : nil }

  /// Adds a value.
  public mutating func add(_ value: UInt64) {
    minimum = count == 0 ? value : min(minimum, value)
    maximum = max(maximum, value)
    count += 1
    sum += Double(value)
    byMagnitude[64 - value.leadingZeroBitCount] += 1
    if buckets.isEmpty, values.count < Self.exactLimit { return values.append(value) }
    if buckets.isEmpty {
      buckets = [UInt64](repeating: 0, count: Self.bucket(.max) + 1)
      for value in values { buckets[Self.bucket(value)] += 1 }
      values = []
    }
    buckets[Self.bucket(value)] += 1
  }

  /// The least value that at least `share` of all values do not exceed, 0 to 1 (nearest rank); nil if there are no values.
  public func percentile(_ share: Double) -> UInt64? {
    guard count > 0 else { return nil }
    let rank = max(1, min(count, UInt64((share * Double(count)).rounded(.up))))
    if isExact { return values.sorted()[Int(rank) - 1] }
    var passed: UInt64 = 0
    for (index, number) in buckets.enumerated() where number > 0 {
      passed += number
      if passed >= rank { return min(maximum, Self.last(of: index)) }
    }
    return maximum
  }

  private static func bucket(_ value: UInt64) -> Int {
    let magnitude = 64 - value.leadingZeroBitCount
    guard magnitude > bitsPerBucket + 1 else { return Int(value) }
    let shift = magnitude - bitsPerBucket - 1
    return shift << bitsPerBucket + Int(value >> UInt64(shift))
  }

  /// The greatest value of a bucket.
  private static func last(of bucket: Int) -> UInt64 {
    guard bucket >= 1 << (bitsPerBucket + 1) else { return UInt64(bucket) }
    let shift = bucket >> bitsPerBucket - 1
    let first = UInt64(bucket - shift << bitsPerBucket) << UInt64(shift)
    return first + (1 << UInt64(shift) - 1)
  }
}
