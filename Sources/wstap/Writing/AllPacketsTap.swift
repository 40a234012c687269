import Analysis
import Capture

/// Writes all packets.
struct AllPacketsTap: PacketTap, ~Copyable {
  static var wantsBlocks: Bool { true }

  private var copier: PcapngCopier
  private let output: PacketOutput

  /// What is kept back, if secrets may come later than packets.
  private var delay: BlockDelay?

  /// A tap of so many captures that writes into `output`, a moment later if secrets are awaited.
  init(captures: Int, _ output: PacketOutput, awaitsSecrets: Bool = false) {
    delay = awaitsSecrets ? BlockDelay() : nil
    copier = PcapngCopier(captures: captures, application: "\(Manual.name) \(Manual.version)")
    self.output = output
  }

  @inline(__always)
  mutating func take<S: RecordSink & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int, _ analyzer: inout Analyzer,
    into sink: inout S
  ) {
    analyzer.packet(packet, bytes, file: UInt32(truncatingIfNeeded: file), into: &sink)
    if analyzer.hasSecrets { writeSecrets(&analyzer) }
    if delay != nil { return keepBack(packet, block, bytes, file) }
    copier.append(packet, block, bytes, file: file, to: &output.buffer)
    output.endBlock(at: packet.time)
  }

  @inline(never)
  private mutating func keepBack(_ packet: CapturedPacket, _ block: CaptureBlock?, _ bytes: RawSpan, _ file: Int) {
    guard var delay = delay.take() else { return }
    copier.append(packet, block, bytes, file: file, to: &delay.bytes)
    delay.endBlock(at: packet.time, into: output)
    self.delay = consume delay
  }

  mutating func note(_ event: CaptureEvent, _ block: CaptureBlock?, _ bytes: RawSpan, file: Int) {
    // Sections and interfaces are there at once: secrets stand behind them.
    delay?.releaseAll(into: output)
    if copier.append(event, block, bytes, file: file, to: &output.buffer) { output.endBlock(at: nil) }
  }

  mutating func flush(_ analyzer: inout Analyzer, at time: Timestamp) {
    if analyzer.hasSecrets { writeSecrets(&analyzer) }
    delay?.release(at: time, into: output)
    output.flush()
  }

  mutating func finish(_ analyzer: inout Analyzer) {
    writeSecrets(&analyzer)
    delay?.releaseAll(into: output)
  }

  /// Those of a connection come before the packet that completes its ClientHello, if they are known by then.
  @inline(never)
  private func writeSecrets(_ analyzer: inout Analyzer) {
    for found in analyzer.takeSecrets() { output.write(found.secrets) }
  }
}
