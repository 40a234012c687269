import Analysis
import Export

/// Follows a live capture: shows how it stands, and tells when it ends.
struct LiveWatch: ReadingWatch {
  private let status: LiveStatus?
  /// Whether capturing is to end.
  let isOver: () -> Bool
  private let isOutputGone: () -> Bool
  private var reports: Int
  private var isAwaitingSecond = false

  /// - Parameters:
  ///   - status: the line that shows how it stands; nil: none.
  ///   - isOver: whether capturing is to end.
  ///   - isOutputGone: whether nothing more can be written.
  init(_ status: LiveStatus?, isOver: @escaping () -> Bool, isOutputGone: @escaping () -> Bool) {
    self.status = status
    self.isOver = isOver
    self.isOutputGone = isOutputGone
    reports = StatisticsRequest.count
  }

  /// Whether what was captured is of no use any more: nothing more can be written, or a second signal says so.
  var isHopeless: Bool { isOutputGone() || Interruption.count > 1 }

  /// Once a signal has come, another one is listened to as well: what waits to be decoded may be much.
  mutating func listenAgain() {
    guard Interruption.isPending, !isAwaitingSecond else { return }
    isAwaitingSecond = true
    Interruption.listen()
  }

  /// Shows how it stands, and prints it if somebody has asked for that.
  mutating func update(_ figures: @autoclosure () -> LiveStatus.Figures) {
    if StatisticsRequest.count != reports {
      reports = StatisticsRequest.count
      status?.erase()
      StandardError.write(LiveStatus.report(figures()))
    }
    status?.update(figures())
  }

  func begin(_ position: OutputPosition, numbered: UInt64) {}

  func isDue(_ packets: UInt64) -> Bool { false }

  func stops<W: RecordWriter & ~Copyable>(_ packets: UInt64, _ bytes: UInt64, _ sink: inout RecordFilter<W>) -> Bool {
    false
  }
}
