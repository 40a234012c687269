import Capture
import LiveCapture
import Synchronization

/// Captures in a thread of its own, and hands over the packets in batches. Where nobody takes them, it drops packets and counts
/// them: what waits is bounded, and the system's buffer is emptied all the same.
final class LiveSource: Sendable {
  /// What was counted so far.
  struct Counts: Equatable, Sendable {
    /// What the system counted.
    var system = LiveCaptureCounts()
    /// Packets that were dropped here, because decoding or writing was too slow.
    var droppedHere: UInt64 = 0

    /// All that was dropped.
    var dropped: UInt64 { system.droppedBySystem + system.droppedByInterface + droppedHere }
  }

  /// Batches that may wait: with 1 MiB each, half a second of a gigabit link.
  private static let mostBatches = 64

  /// A minute's worth of times at which packets were dropped.
  private static let mostDropTimes = 600

  /// The packets.
  let queue = BoundedQueue<PacketBatch>(most: mostBatches)
  private let capture: LiveCapture
  private let counted = Mutex(Counts())
  private let dropTimes = Mutex<[Timestamp]>([])
  private let spare = Mutex<[PacketBatch]>([])
  private let isStopping = Atomic(false)
  private let ending = Mutex<LiveCaptureError?>(nil)

  /// Captures from `capture`, once it is told to `run`.
  init(_ capture: LiveCapture) { self.capture = capture }

  /// What was counted so far, as of the last tenth of a second.
  var counts: Counts { counted.withLock { $0 } }

  /// Why capturing ended, if nobody asked for that.
  var failure: LiveCaptureError? { ending.withLock { $0 } }

  /// Ends the capture; what was captured until then can still be taken.
  func stop() { isStopping.store(true, ordering: .relaxed) }

  /// Takes back a batch that is done with.
  func giveBack(_ batch: PacketBatch) {
    batch.removeAll()
    spare.withLock { if $0.count < Self.mostBatches { $0.append(batch) } }
  }

  /// Captures until `stop`, or until the interface is gone; then the queue is closed.
  func run() {
    let intake = PacketIntake(capture, handOver: { self.handOver($0) })
    do throws(LiveCaptureError) {
      try captureUntilStop(intake)
      // What came before the end may still lie in the system's buffer. Should the clock be set back now, a second is enough.
      let (end, latest) = (WallClock.now(), Progress.now() + .seconds(1))
      while try capture.read(into: intake, within: 100), intake.lastTime < end, Progress.now() < latest {}
    } catch {
      ending.withLock { $0 = error }
    }
    count(intake)
    if let last = intake.takeLast() { queue.put(last) }
    queue.close()
  }

  private func captureUntilStop(_ intake: PacketIntake) throws(LiveCaptureError) {
    var nextCount = Progress.now()
    var nextLook = nextCount
    while !isStopping.load(ordering: .relaxed) {
      let isSilent = try !capture.read(into: intake, within: 100)
      intake.flush()
      let now = Progress.now()
      if now >= nextCount {
        nextCount = now + .milliseconds(100)
        count(intake)
      }
      if isSilent, now >= nextLook {
        nextLook = now + .milliseconds(500)
        try capture.checkState()
      }
    }
  }

  private func handOver(_ batch: PacketBatch) -> PacketBatch? {
    // Small batches only to somebody who waits for them: many of them would fill the queue with little.
    guard batch.isFull || queue.isEmpty, queue.offer(batch) else { return nil }
    return spare.withLock { $0.popLast() } ?? PacketBatch()
  }

  private func count(_ intake: PacketIntake) {
    let system = capture.counts()
    let isMore = counted.withLock {
      let before = $0.dropped
      if let system { $0.system = system }
      $0.droppedHere = intake.dropped
      return $0.dropped > before
    }
    if isMore { dropTimes.withLock { if $0.count < Self.mostDropTimes { $0.append(WallClock.now()) } } }
  }

  /// When it was noticed that packets were dropped, since this was asked last.
  func takeDropTimes() -> [Timestamp] {
    dropTimes.withLock { times in
      defer { times.removeAll() }
      return times
    }
  }
}
