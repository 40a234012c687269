/// How much compressed messages may inflate to, all in all: a capture of a few megabytes could fill a disk.
///
/// It is 64 times what they take in the capture, more than messages of people and programs come to, and 4 GiB beyond that.
struct InflationBudget {
  /// What a byte of a compressed message may inflate to, on average.
  static let ratio: UInt64 = 64
  /// What may come beyond that, and before the message is over (4 GiB).
  static let slack: UInt64 = 4 << 30
  /// The same for people.
  static let words = "64 times what they take in the capture, and 4 GiB"

  private var left: UInt64

  /// What is left of it without any message.
  init(slack: UInt64 = slack) { left = slack }

  /// A compressed message that took `count` bytes was captured whole.
  mutating func earn(_ count: UInt64) {
    let (earned, isMuch) = count.multipliedReportingOverflow(by: Self.ratio)
    let (sum, isMore) = left.addingReportingOverflow(earned)
    left = isMuch || isMore ? .max : sum
  }

  /// How many of `count` bytes may be written.
  mutating func take(_ count: Int) -> Int {
    let taken = min(left, UInt64(clamping: count))
    left -= taken
    return Int(clamping: taken)
  }

  /// `count` bytes are not written any more.
  mutating func giveBack(_ count: UInt64) {
    let (sum, isOver) = left.addingReportingOverflow(count)
    left = isOver ? .max : sum
  }
}
