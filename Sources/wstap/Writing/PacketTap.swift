import Analysis
import Capture

/// Who gets hold of the packets on their way to the analyzer.
protocol PacketTap: ~Copyable {
  /// Whether it wants the blocks of pcapng files as they are.
  static var wantsBlocks: Bool { get }

  /// Gives the analyzer a packet, whose captured bytes are `bytes[packet.data]`.
  ///
  /// - Parameters:
  ///   - block: the packet's block, as a range of `bytes`, if it comes from a pcapng file and blocks are wanted.
  ///   - file: the index of the packet's file among the inputs.
  mutating func take<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, _ analyzer: inout Analyzer,
    into sink: inout S)

  /// Takes note of what else a file holds.
  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int)

  /// Nothing more comes for the moment; all that was captured before `time` has come.
  mutating func flush(_ analyzer: inout Analyzer, at time: Timestamp)

  /// The reading is over, and the analyzer has brought everything to its end.
  mutating func finish(_ analyzer: inout Analyzer)
}

/// Nobody does.
struct NoTap: PacketTap {
  static var wantsBlocks: Bool { false }

  @inline(__always)
  mutating func take<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, _ analyzer: inout Analyzer,
    into sink: inout S
  ) {
    analyzer.packet(packet, bytes, file: UInt32(truncatingIfNeeded: file), into: &sink)
  }

  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int) {}

  mutating func flush(_ analyzer: inout Analyzer, at time: Timestamp) {}

  mutating func finish(_ analyzer: inout Analyzer) {}
}
