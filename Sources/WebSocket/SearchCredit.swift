/// What searches for the lengths of losses may cost: it is earned by the compressed bytes of their own direction, so that
/// what a sender sends bounds the effort, and no connection lives on another's.
///
/// A step takes about a nanosecond. The bound: `stepsPerByte` steps for each byte of compressed messages that was captured,
/// in all, however many losses there are. So a megabyte of compressed data costs a quarter of a second of searches at most.
public struct SearchCredit: Equatable, Sendable {
  /// Steps that a byte of compressed data pays for.
  public static let stepsPerByte = 250
  /// More is not put by; far more than any search takes.
  private static let most = 1 << 40

  /// Steps that may be taken.
  private(set) var steps = 0
  /// Steps that were taken.
  private(set) var spent = 0

  /// `count` bytes of compressed data were read.
  mutating func earn(_ count: Int) {
    let (earned, isOver) = count.multipliedReportingOverflow(by: Self.stepsPerByte)
    steps = isOver ? Self.most : min(steps &+ max(earned, 0), Self.most)
  }

  /// So many steps are taken.
  mutating func spend(_ count: Int) {
    steps -= count
    spent &+= count
  }
}
