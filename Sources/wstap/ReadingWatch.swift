import Analysis
import Export

/// Who follows a `CaptureReading`.
protocol ReadingWatch {
  /// What was given out so far is complete, and `numbered` connections have a number; what follows is of `position`.
  mutating func begin(_ position: OutputPosition, numbered: UInt64)

  /// Whether to ask `stops` after so many packets.
  func isDue(_ packets: UInt64) -> Bool

  /// Whether the reading ends here, as it would at the end of the capture; so many bytes of the inputs were read.
  mutating func stops<W: RecordWriter & ~Copyable>(_ packets: UInt64, _ bytes: UInt64, _ sink: inout RecordFilter<W>)
    -> Bool
}

/// A watch that shows progress, and stops when the program is to end.
struct ProgressWatch: ReadingWatch {
  private(set) var progress: Progress?
  /// Whether packets come one by one.
  let looksOften: Bool
  let isStopped: () -> Bool

  @inline(__always)
  mutating func begin(_ position: OutputPosition, numbered: UInt64) {}

  // A look at the clock, the signals and the output every 4,096 packets; where they come one by one, each time.
  @inline(__always)
  func isDue(_ packets: UInt64) -> Bool { packets & 0xFFF == 0 || looksOften }

  mutating func stops<W: RecordWriter & ~Copyable>(
    _ packets: UInt64, _ bytes: UInt64, _ sink: inout RecordFilter<W>
  ) -> Bool {
    progress?.update(bytes)
    return isStopped()
  }

  /// The reading is over.
  mutating func end() { progress?.erase() }
}
