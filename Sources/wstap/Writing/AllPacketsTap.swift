import Analysis
import Capture

/// Writes all packets.
struct AllPacketsTap: PacketTap, ~Copyable {
  static var wantsBlocks: Bool { true }

  private var copier: PcapngCopier
  private let output: PacketOutput

  /// A tap of so many captures that writes into `output`.
  init(captures: Int, _ output: PacketOutput) {
    copier = PcapngCopier(captures: captures, application: "\(Manual.name) \(Manual.version)")
    self.output = output
  }

  @inline(__always)
  mutating func take<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, _ analyzer: inout Analyzer,
    into sink: inout S
  ) {
    analyzer.packet(packet, bytes, file: UInt32(truncatingIfNeeded: file), into: &sink)
    copier.append(packet, block, bytes, file: file, to: &output.buffer)
    output.endBlock(at: packet.time)
  }

  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int) {
    if copier.append(event, block, bytes, file: file, to: &output.buffer) { output.endBlock(at: nil) }
  }

  mutating func flush(at time: Timestamp) { output.flush() }

  mutating func finish(_ analyzer: inout Analyzer) {}
}
