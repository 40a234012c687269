import Analysis
import Export

/// A reading of packets that another may get hold of on their way.
protocol TappedReading: ~Copyable {
  /// Who follows it.
  associatedtype Watch

  /// Reads until the end, `packetLimit` packets, or until `watch` stops it.
  mutating func run<W: RecordWriter & ~Copyable, Tap: PacketTap & ~Copyable>(
    packetLimit: UInt64, _ watch: inout Watch, _ tap: inout Tap, into sink: inout RecordFilter<W>)
}

extension TappedReading where Self: ~Copyable {
  /// Reads with the tap that the settings ask for.
  ///
  /// - Parameters:
  ///   - captures: how many there are.
  ///   - awaitsSecrets: whether secrets may still come, for packets to be written.
  @inline(__always)  // so that the loop over the packets is compiled for each tap
  mutating func run<W: RecordWriter & ~Copyable>(
    _ settings: Settings, captures: Int, _ writing: PacketWriting?, limits: WritingLimits = WritingLimits(),
    awaitsSecrets: Bool = false, _ watch: inout Watch, into sink: inout RecordFilter<W>
  ) {
    let packetLimit = settings.packetLimit ?? .max
    switch (writing, settings.writtenPackets) {
    case (nil, _):
      var tap = NoTap()
      run(packetLimit: packetLimit, &watch, &tap, into: &sink)
    case (let writing?, .websocket):
      var tap = WebSocketPacketsTap(
        captures: captures, writing.output, connections: settings.connections, limits: limits)
      run(packetLimit: packetLimit, &watch, &tap, into: &sink)
      writing.remarks = tap.remarks
    case (let writing?, _):
      var tap = AllPacketsTap(captures: captures, writing.output, awaitsSecrets: awaitsSecrets)
      run(packetLimit: packetLimit, &watch, &tap, into: &sink)
    }
  }
}

extension CaptureReading: TappedReading {
  typealias Watch = ProgressWatch
}

extension LiveReading: TappedReading {}
