import Capture

/// How much came when: counts in slots of equal length, which are doubled as often as needed to hold all in `mostSlots`.
public struct RateSeries: Equatable, Sendable {
  /// Slots that there are at most.
  public static let mostSlots = 256

  /// Nanoseconds of a slot: a second, or that times a power of two.
  public private(set) var slotLength: Int64 = 1_000_000_000
  /// When the first slot begins; nil if nothing came.
  public private(set) var start: Timestamp?
  /// What came in each slot, up to the last one in which something did.
  public private(set) var counts: [UInt64] = []

  /// Nothing came.
  public init() {}

  /// Something came at `time`. What comes from before the first one counts with it.
  public mutating func add(_ time: Timestamp) {
    guard let start else {
      start = time
      counts = [1]
      return
    }
    let (difference, hasOverflown) = time.nanoseconds.subtractingReportingOverflow(start.nanoseconds)
    let distance = hasOverflown ? (time < start ? .min : .max) : difference
    var slot = max(0, distance / slotLength)
    while slot >= Self.mostSlots {
      halve()
      slot = distance / slotLength
    }
    if Int(slot) >= counts.count { counts += [UInt64](repeating: 0, count: Int(slot) + 1 - counts.count) }
    counts[Int(slot)] += 1
  }

  private mutating func halve() {
    for i in 0..<(counts.count + 1) / 2 {
      counts[i] = counts[2 * i] + (2 * i + 1 < counts.count ? counts[2 * i + 1] : 0)
    }
    counts.removeLast(counts.count / 2)
    slotLength = slotLength.multipliedReportingOverflow(by: 2).partialValue
  }
}
