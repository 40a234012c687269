import Analysis
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

    /// All that was dropped when that was looked at last.
    fileprivate var noted: UInt64 = 0

    /// All that was dropped.
    var dropped: UInt64 { system.droppedBySystem + system.droppedByInterface + droppedHere }
  }

  /// Batches that may wait: with 1 MiB each, half a second of a gigabit link.
  private static let mostBatches = 64

  /// Packets, and what was counted when they were handed over.
  struct Batch: Sendable {
    var packets: PacketBatch
    var counts: Counts
  }

  /// How capturing ends.
  private enum Stop {
    static let not = 0
    static let withRest = 1
    static let now = 2
  }

  /// The packets.
  let queue = BoundedQueue<Batch>(most: mostBatches)
  private let capture: LiveCapture
  private let counted = Mutex(Counts())
  private let drops = Mutex(DropTimes())
  private let spare = Mutex<[PacketBatch]>([])
  private let stopping = Atomic(Stop.not)
  private let ending = Mutex<LiveCaptureError?>(nil)

  /// Captures from `capture`, once it is told to `run`.
  init(_ capture: LiveCapture) { self.capture = capture }

  /// What was counted so far, as of the last tenth of a second.
  var counts: Counts { counted.withLock { $0 } }

  /// Why capturing ended, if nobody asked for that.
  var failure: LiveCaptureError? { ending.withLock { $0 } }

  /// Ends the capture; what was captured until then can still be taken, unless nobody wants it.
  func stop(wantsRest: Bool = true) {
    stopping.store(wantsRest ? Stop.withRest : Stop.now, ordering: .relaxed)
  }

  /// Takes back a batch that is done with.
  func giveBack(_ batch: PacketBatch) {
    batch.removeAll()
    spare.withLock { if $0.count < Self.mostBatches { $0.append(batch) } }
  }

  /// Captures until `stop`, or until the interface is gone; then the queue is closed.
  func run() {
    let intake = PacketIntake(capture, handOver: { self.handOver($0, $1) })
    do throws(LiveCaptureError) {
      try captureUntilStop(intake)
      // What came before the end may still lie in the system's buffer. Should the clock be set back now, a second is enough.
      let (end, latest) = (WallClock.now(), Progress.now() + .seconds(1))
      while stopping.load(ordering: .relaxed) == Stop.withRest, try capture.read(into: intake, within: 100),
        intake.lastTime < end, Progress.now() < latest
      {}
    } catch {
      ending.withLock { $0 = error }
    }
    count(intake)
    if let last = intake.takeLast() { queue.put(Batch(packets: last, counts: counts)) }
    queue.close()
  }

  private func captureUntilStop(_ intake: PacketIntake) throws(LiveCaptureError) {
    var nextCount = Progress.now()
    var nextLook = nextCount
    while stopping.load(ordering: .relaxed) == Stop.not {
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

  private func handOver(_ batch: PacketBatch, _ dropped: UInt64) -> PacketBatch? {
    // Small batches only to somebody who waits for them: many of them would fill the queue with little.
    guard batch.isFull || queue.isEmpty else { return nil }
    note(dropped)
    guard queue.offer(Batch(packets: batch, counts: counts)) else { return nil }
    return spare.withLock { $0.popLast() } ?? PacketBatch()
  }

  private func count(_ intake: PacketIntake) {
    let system = capture.counts()
    counted.withLock { if let system { $0.system = system } }
    note(intake.dropped)
  }

  /// Notes that so many packets were dropped here, and when, if more were dropped anywhere.
  private func note(_ dropped: UInt64) {
    let isMore = counted.withLock { counts in
      counts.droppedHere = dropped
      defer { counts.noted = counts.dropped }
      return counts.dropped > counts.noted
    }
    if isMore { drops.withLock { $0.note(WallClock.now()) } }
  }

  /// When it was noticed that packets were dropped, since this was asked last.
  func takeDropTimes() -> DropTimes {
    drops.withLock { times in
      defer { times = DropTimes() }
      return times
    }
  }
}
