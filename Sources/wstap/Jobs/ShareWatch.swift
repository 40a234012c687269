import Analysis
import Export
import Synchronization

/// When several jobs stop that read the same capture: all after the same packet.
final class CommonStop: Sendable {
  /// Chunks that a job may be ahead of what is put together.
  static let mostChunks = 8
  /// Packets after which a job hands over what it has.
  static let interval: UInt64 = 4096

  private let packets = Atomic(UInt64.max)
  private let isHopeless = Atomic(false)

  /// No job needs to go on: its output is not wanted any more.
  func giveUp() { isHopeless.store(true, ordering: .relaxed) }

  /// Whether a job that has read `packets` ends here.
  func applies(_ packets: UInt64) -> Bool {
    if isHopeless.load(ordering: .relaxed) { return true }
    if Interruption.isPending {
      // No other job can be further ahead than this.
      let last = packets + UInt64(Self.mostChunks + 4) * Self.interval
      _ = self.packets.compareExchange(expected: .max, desired: last, ordering: .relaxed)
    }
    return packets >= self.packets.load(ordering: .relaxed)
  }
}

/// Follows one of several jobs, and hands over what it writes.
struct ShareWatch: ReadingWatch {
  let output: JobOutput
  let stop: CommonStop
  var progress: Progress?

  @inline(__always)
  mutating func begin(_ position: OutputPosition, numbered: UInt64) {
    output.begin(position, numbered: numbered)
  }

  func isDue(_ packets: UInt64) -> Bool { packets & (CommonStop.interval - 1) == 0 }

  mutating func stops<W: RecordWriter & ~Copyable>(
    _ packets: UInt64, _ bytes: UInt64, _ sink: inout RecordFilter<W>
  ) -> Bool {
    progress?.update(bytes)
    sink.next.flush()
    output.handOver(reached: .before(packet: packets + 1))
    return stop.applies(packets)
  }
}
