import Analysis
import Capture
import Export
import LiveCapture
import Transport

/// Takes packets through an analyzer as they are captured: what is in them goes to a sink at once.
struct LiveReading: ~Copyable {
  /// How long it waits for packets before it looks at the clock, in milliseconds.
  private static let pause = 100
  /// How often what waits for missing bytes is looked at.
  private static let interval = Duration.milliseconds(500)
  /// How often drops are reported.
  private static let reportInterval = Duration.seconds(1)
  /// Packets may come so much later than their time says, in nanoseconds, as the system gathers them.
  private static let slack: Int64 = 500_000_000

  private let capture: LiveCapture
  private let source: LiveSource
  private var analyzer: Analyzer
  private var secrets: Secrets
  private var packets: UInt64 = 0
  private var lastPacket: PacketReference?
  private var countsAtLimit: LiveSource.Counts?
  private var reportedDrops: UInt64 = 0
  private var nextLook = Progress.now() + Self.interval
  private var nextReport = Progress.now() + Self.reportInterval
  /// WebSocket connections that were not brought to their ends, as a signal came while that was done.
  private(set) var unfinishedConnections: UInt64 = 0

  init(_ capture: LiveCapture, _ source: LiveSource, _ options: AnalyzerOptions, _ secrets: Secrets) {
    self.capture = capture
    self.source = source
    self.secrets = secrets
    analyzer = Analyzer(options)
    analyzer.keyLog = secrets.keyLog
    analyzer.expectsSecrets = secrets.mayGrow
  }

  /// What was found so far.
  var summary: SummaryRecord {
    var summary = analyzer.summary
    summary.drops = counts.dropped
    return summary
  }

  /// What was counted: where not all was wanted, when the last packet was captured that was.
  private var counts: LiveSource.Counts { countsAtLimit ?? source.counts }

  /// Who dropped packets.
  var drops: String { LiveText.drops(counts) }

  /// Why capturing ended, if nobody asked for that.
  var failure: LiveCaptureError? { source.failure }

  /// Takes what comes until `packetLimit` packets, until `watch` stops it, or until the interface is gone; then gives out what is
  /// incomplete.
  ///
  /// - Parameter tap: who gets hold of the packets.
  mutating func run<W: RecordWriter & ~Copyable, Tap: PacketTap & ~Copyable>(
    packetLimit: UInt64, _ watch: inout LiveWatch, _ tap: inout Tap,
    into sink: inout RecordFilter<W>
  ) {
    let file = CaptureRecord.File(path: capture.interface, format: "live", linkTypes: [capture.linkType])
    sink.capture(CaptureRecord(files: [file]))
    for fault in secrets.faults { sink.diagnostic(fault) }
    sink.next.flush()
    announce(&tap)
    while packets < packetLimit, !source.queue.isOver {
      if let batch = source.queue.take(within: Self.pause) {
        take(batch.packets, packetLimit, &tap, into: &sink)
        if packets == packetLimit { countsAtLimit = batch.counts }
        source.giveBack(batch.packets)
      }
      follow(into: &sink)
      look(into: &sink)
      tap.flush(&analyzer, at: now)
      sink.next.flush()
      // What was captured before the end is taken as well.
      watch.listenAgain()
      if watch.isOver() { source.stop() }
      if watch.isHopeless { break }
      watch.update(figures(sink))
    }
    source.stop(wantsRest: false)
    reportDrops(into: &sink)
    unfinishedConnections = ReadingEnd(of: &analyzer, &watch, into: &sink).unfinished
    noteCounts(&tap)
    tap.finish(&analyzer)
  }

  /// Reads what was added to the key logs.
  private mutating func follow<W: RecordWriter & ~Copyable>(into sink: inout RecordFilter<W>) {
    guard secrets.grow(into: &analyzer.keyLog) else { return }
    for fault in secrets.faults { sink.diagnostic(fault) }
    analyzer.retryTLS(into: &sink)
  }

  private func figures<W: RecordWriter & ~Copyable>(_ sink: borrowing RecordFilter<W>) -> LiveStatus.Figures {
    var figures = LiveStatus.Figures(
      open: analyzer.openConnections, connections: analyzer.summary.connections, packets: packets,
      bytes: analyzer.summary.bytes, drops: source.counts)
    if sink.kinds.contains(.frame) {
      figures.number = sink.frames
    } else {
      let hasMessages = sink.kinds.contains(.message)
      (figures.unit, figures.number) = hasMessages ? ("message", sink.messages) : ("packet", packets)
    }
    return figures
  }

  /// Tells the tap of the interface.
  private func announce<Tap: PacketTap & ~Copyable>(_ tap: inout Tap) {
    let name = Array(capture.interface.utf8)
    let interface = CaptureInterface(
      linkType: capture.linkType, resolution: capture.hasNanoseconds ? .nanoseconds : .microseconds,
      snaplen: UInt32(clamping: capture.snaplen), name: 0..<name.count)
    tap.note(.interface(interface), nil, name.span.bytes, file: 0)
  }

  /// Tells the tap what was counted.
  private func noteCounts<Tap: PacketTap & ~Copyable>(_ tap: inout Tap) {
    let counts = counts
    var statistics = InterfaceStatistics(interface: 0, time: WallClock.now())
    statistics.received = counts.system.received
    statistics.droppedByInterface = counts.system.droppedByInterface
    let (drops, isOver) = counts.system.droppedBySystem.addingReportingOverflow(counts.droppedHere)
    statistics.droppedBySystem = isOver ? .max - 1 : drops
    tap.note(.statistics(statistics), nil, [UInt8]().span.bytes, file: 0)
  }

  private mutating func take<W: RecordWriter & ~Copyable, Tap: PacketTap & ~Copyable>(
    _ batch: PacketBatch, _ packetLimit: UInt64, _ tap: inout Tap, into sink: inout RecordFilter<W>
  ) {
    analyzer.noteDrops(source.takeDropTimes())
    for packet in batch.packets {
      guard packets < packetLimit else { return }
      packets += 1
      tap.take(packet, nil, batch.bytes.span.bytes, file: 0, &analyzer, into: &sink)
    }
    lastPacket = batch.packets.last.map { PacketReference(number: $0.number, time: $0.time) } ?? lastPacket
  }

  /// Now and then: whoever waits for missing bytes need not wait for another packet; and what was dropped is told.
  private mutating func look<W: RecordWriter & ~Copyable>(into sink: inout RecordFilter<W>) {
    let now = Progress.now()
    if now >= nextReport {
      nextReport = now + Self.reportInterval
      reportDrops(into: &sink)
    }
    guard now >= nextLook else { return }
    nextLook = now + Self.interval
    analyzer.wait(until: self.now, into: &sink)
  }

  /// All that was captured before this time has been taken. Where packets wait, it is as late as it was when the last one was
  /// captured.
  private var now: Timestamp {
    var time = WallClock.now()
    if !source.queue.isEmpty, let lastPacket { time = min(time, lastPacket.time) }
    return Timestamp(nanoseconds: time.nanoseconds - Self.slack)
  }

  private mutating func reportDrops<W: RecordWriter & ~Copyable>(into sink: inout RecordFilter<W>) {
    let counts = counts
    guard counts.dropped > reportedDrops else { return }
    reportedDrops = counts.dropped
    sink.diagnostic(Diagnostic(.captureDrops, detail: "so far, " + LiveText.drops(counts), packet: lastPacket))
  }
}
