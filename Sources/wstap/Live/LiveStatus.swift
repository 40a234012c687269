import Bytes

/// A line on a terminal that tells how a live capture stands. It is taken away before anything else is written there.
final class LiveStatus {
  /// What is shown, counted since the start.
  struct Figures: Equatable {
    /// WebSocket connections that are open.
    var open = 0
    /// WebSocket connections so far.
    var connections: UInt64 = 0
    /// What is counted of their traffic: frames, or messages or packets where frames are not wanted.
    var unit = "frame"
    /// How many of those.
    var number: UInt64 = 0
    /// Packets.
    var packets: UInt64 = 0
    /// Bytes of all packets.
    var bytes: UInt64 = 0
    /// What was dropped.
    var drops = LiveSource.Counts()
  }

  /// How often the line changes.
  private static let interval = Duration.milliseconds(500)

  private let terminal: Terminal
  private var isShown = false
  private var text = ""
  private var lastChange = Progress.now()
  private var last = Figures()

  /// A line on `terminal`.
  init(on terminal: Terminal) { self.terminal = terminal }

  /// Shows how it stands; the figures change every half second.
  func update(_ figures: @autoclosure () -> Figures, now: Duration = Progress.now()) {
    if now - lastChange >= Self.interval || text.isEmpty {
      let figures = figures()
      text = Self.line(figures, since: last, after: (now - lastChange) / .seconds(1), width: terminal.width - 1)
      (last, lastChange) = (figures, now)
      isShown = false
    }
    guard !isShown else { return }
    isShown = true
    terminal.write("\r\(text)\u{1B}[K")
  }

  /// Takes the line away; the next update brings it back.
  func erase() {
    if isShown { terminal.write("\r\u{1B}[K") }
    isShown = false
  }

  /// `3 open  0 dropped  120 frames/s  1.2 MiB/s`, rates over the `seconds` since `before`; what does not fit is left out, from
  /// the right.
  static func line(_ figures: Figures, since before: Figures, after seconds: Double, width: Int) -> String {
    func rate(_ now: UInt64, _ then: UInt64) -> Double { seconds > 0 ? Double(now &- min(then, now)) / seconds : 0 }
    let parts = [
      "\(grouped(UInt64(figures.open))) open", "\(grouped(figures.drops.dropped)) dropped",
      "\(grouped(UInt64(rate(figures.number, before.number).rounded()))) \(figures.unit)s/s",
      "\(ProgressLine.size(rate(figures.bytes, before.bytes)))/s",
      "\(grouped(figures.packets)) packets",
    ]
    return ProgressLine.fitting(parts, into: width)
  }

  /// What SIGUSR1 prints.
  static func report(_ figures: Figures) -> String {
    "\(Manual.name): \(SummaryText.count(UInt64(figures.open), "WebSocket connection")) open, "
      + "\(grouped(figures.connections)) so far, \(SummaryText.count(figures.number, figures.unit)), "
      + "\(SummaryText.count(figures.packets, "packet")); dropped: \(LiveText.drops(figures.drops))\n"
  }
}
