#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A line on a terminal that tells how far a long reading is. It appears after half a second, so that short work stays
/// silent, changes at most five times a second, and is erased in the end.
struct Progress {
  /// How long the work runs before the line appears.
  static let patience = Duration.milliseconds(500)
  /// The shortest time between two changes of the line.
  static let interval = Duration.milliseconds(200)

  private let terminal: Terminal
  private let total: UInt64?
  private let start: Duration
  private var nextChange: Duration
  private var isShown = false

  /// Progress on `terminal` of reading `total` bytes; `total` is nil when nobody knows.
  init(on terminal: Terminal, total: UInt64?, now: Duration = Self.now()) {
    self.terminal = terminal
    self.total = total
    start = now
    nextChange = now + Self.patience
  }

  /// Whether a progress line makes sense: it needs a terminal of its own that understands escape sequences.
  static func isWanted(
    isQuiet: Bool, errorIsTerminal: Bool, outputIsTerminal: Bool, environment: Environment
  ) -> Bool {
    errorIsTerminal && !outputIsTerminal && !isQuiet && !environment.terminalIsDumb
  }

  /// `done` bytes have been read in all. Costs a look at the clock; call it once a buffer.
  mutating func update(_ done: UInt64, now: Duration = Self.now()) {
    guard now >= nextChange else { return }
    nextChange = now + Self.interval
    isShown = true
    // The last column stays free: some terminals begin a new line after it.
    let text = ProgressLine.text(done: done, total: total, elapsed: now - start, width: terminal.width - 1)
    terminal.write("\r\(text)\u{1B}[K")
  }

  /// Takes the line away, before something else is written and in the end. The next update brings it back.
  mutating func erase() {
    if isShown { terminal.write("\r\u{1B}[K") }
    isShown = false
  }

  /// A clock that never goes back.
  static func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
  }
}
