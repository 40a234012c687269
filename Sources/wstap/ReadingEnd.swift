import Analysis
import Export

/// Brings what is not over to its end, when nothing more comes.
struct ReadingEnd {
  /// WebSocket connections that were left without an end, as a signal came.
  private(set) var unfinished: UInt64 = 0

  /// Gives out what is incomplete in `analyzer`, until a signal comes; one that came before does not count.
  init<W: RecordWriter & ~Copyable, Watch: ReadingWatch>(
    of analyzer: inout Analyzer, _ watch: inout Watch, into sink: inout RecordFilter<W>
  ) {
    let signals = Interruption.count
    Interruption.listen()
    for kind in Analyzer.Remainder.Kind.allCases {
      for remainder in analyzer.remainders(kind) {
        if Interruption.count > signals {
          if analyzer.isWebSocket(remainder) { unfinished += 1 }
          continue
        }
        let position = OutputPosition.finish(remainder.packet, isOpening: kind == .opening)
        watch.begin(position, numbered: analyzer.connectionCount)
        analyzer.finish(remainder, into: &sink)
      }
    }
  }
}
