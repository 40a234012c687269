/// How long a live capture that is to end waits for somebody who does not read.
final class OutputPatience {
  /// So long it is waited in any case.
  private static let least = Duration.seconds(2)

  private let isOver: () -> Bool
  private var since: Duration?

  /// - Parameter isOver: whether the capture is to end.
  init(isOver: @escaping () -> Bool) { self.isOver = isOver }

  /// Whether to wait on.
  func goesOn() -> Bool {
    guard isOver() else { return true }
    guard let since else {
      since = Progress.now()
      Interruption.listen()  // A second signal is enough of waiting.
      return true
    }
    return Interruption.count < 2 && Progress.now() - since < Self.least
  }
}
