import Analysis
import Capture
import Export

/// Reads the inputs through an analyzer: captures in, records out at a sink.
struct CaptureReading: ~Copyable {
  private let inputs: [Settings.Input]
  private var input: CaptureMerge
  private var analyzer: Analyzer
  private var isAnnounced = false
  private var unreadBytes: UInt64 = 0
  /// Faults of the files that were found.
  private var faults = 0
  /// Faults that are told; a damaged file may have one in each block.
  static let mostFaults = 1000
  private var drops = CaptureDrops()
  /// Whether a signal ended the reading.
  private(set) var isInterrupted = false
  /// WebSocket connections that were not brought to their ends, as a signal came while that was done.
  private(set) var unfinishedConnections: UInt64 = 0
  /// Whether what is said of the capture as a whole is said here: of several shares, the first one says it.
  private let isFirstShare: Bool
  /// Whether this reads one of several shares.
  private let isShared: Bool

  /// - Parameters:
  ///   - givesAllBlocks: whether what is read is to be copied.
  ///   - shared: how a single capture is read together with other jobs; nil: alone.
  init(
    _ inputs: [Settings.Input], _ options: AnalyzerOptions, _ secrets: Secrets, givesAllBlocks: Bool = false,
    shared: SharedReading? = nil
  ) {
    self.inputs = inputs
    // Shares of a capture must all stop at the same place; their files are never silent.
    let isShared = options.share != nil
    self.isShared = isShared
    input = CaptureMerge(
      inputs, givesAllBlocks: givesAllBlocks, shared: shared, isStopped: { !isShared && Interruption.isPending })
    analyzer = Analyzer(options)
    analyzer.keyLog = secrets.keyLog
    self.secrets = secrets
    isFirstShare = options.share.map { $0.index == 0 } ?? true
  }

  /// The inputs that could not be read, or not to their ends.
  var errors: [InputError] { input.errors }

  /// Whether at least one input is a capture.
  var hasReadAnything: Bool { isAnnounced || input.errors.count < inputs.count }

  private var secrets: Secrets

  /// What was read and found.
  var summary: SummaryRecord {
    var summary = analyzer.summary
    summary.damagedBytes = unreadBytes
    summary.drops = drops.total
    summary.unreadFiles = UInt64(errors.count)
    return summary
  }

  /// Reads until the end, `packetLimit` packets or until `watch` stops it, and gives out what is incomplete then.
  ///
  /// - Parameter tap: who gets hold of the packets.
  mutating func run<W: RecordWriter & ~Copyable, Watch: ReadingWatch, Tap: PacketTap & ~Copyable>(
    packetLimit: UInt64, _ watch: inout Watch, _ tap: inout Tap, into sink: inout RecordFilter<W>
  ) {
    var packets: UInt64 = 0
    watch.begin(.before(packet: 1), numbered: 0)
    while packets < packetLimit, let packet = nextPacket(after: packets, &watch, &tap, into: &sink) {
      if !isAnnounced { announce(at: packet.time, into: &sink) }
      packets += 1
      if !isShared || !Self.passes(packet, input.current.buffer, &analyzer) {
        take(packet, packets, &watch, &tap, into: &sink)
      }
      if watch.isDue(packets) {
        watch.begin(.before(packet: packets + 1), numbered: analyzer.connectionCount)
        if watch.stops(packets, input.bytesRead, &sink) { break }
      }
    }
    watch.begin(.afterPackets, numbered: analyzer.connectionCount)
    if !isAnnounced, hasReadAnything { announce(into: &sink) }
    if isFirstShare {
      for diagnostic in drops.diagnostics(fileName: { inputs.count > 1 ? inputs[$0].name : nil }) {
        sink.diagnostic(diagnostic)
      }
    }
    isInterrupted = Interruption.isPending
    unfinishedConnections = ReadingEnd(of: &analyzer, &watch, into: &sink).unfinished
    tap.finish(&analyzer)
    watch.begin(.end, numbered: analyzer.connectionCount)
  }

  /// The packet that comes as number `count` of all inputs.
  @inline(__always)
  private mutating func take<W: RecordWriter & ~Copyable, Watch: ReadingWatch, Tap: PacketTap & ~Copyable>(
    _ packet: CapturedPacket, _ count: UInt64, _ watch: inout Watch, _ tap: inout Tap,
    into sink: inout RecordFilter<W>
  ) {
    while let ordinal = analyzer.dueReset(packet.time) {
      watch.begin(.reset(ordinal, before: count), numbered: analyzer.connectionCount)
      analyzer.settleReset(into: &sink)
    }
    watch.begin(.packet(count), numbered: analyzer.connectionCount)
    Self.give(
      packet, Tap.wantsBlocks ? input.current.block : nil, input.current.buffer, file: input.file, &tap, &analyzer,
      into: &sink)
  }

  // A span of one field of `self` keeps all fields from being changed: so this takes the fields one by one.
  @inline(__always)
  private static func give<Sink: RecordSink & ~Copyable, Tap: PacketTap & ~Copyable>(
    _ packet: CapturedPacket, _ block: CaptureBlock?, _ buffer: [UInt8], file: Int, _ tap: inout Tap,
    _ analyzer: inout Analyzer, into sink: inout Sink
  ) {
    tap.take(packet, block, buffer.span.bytes, file: file, &analyzer, into: &sink)
  }

  @inline(__always)
  private static func passes(_ packet: CapturedPacket, _ buffer: [UInt8], _ analyzer: inout Analyzer) -> Bool {
    analyzer.passes(packet, buffer.span.bytes)
  }

  /// The next packet, after so many; what else the files hold is noted on the way.
  @inline(__always)
  private mutating func nextPacket<Sink: RecordSink & ~Copyable, Watch: ReadingWatch, Tap: PacketTap & ~Copyable>(
    after count: UInt64, _ watch: inout Watch, _ tap: inout Tap, into sink: inout Sink
  ) -> CapturedPacket? {
    if let packet = input.nextPacket() { return packet }
    watch.begin(.before(packet: count + 1), numbered: analyzer.connectionCount)
    while let event = input.next() {
      if Tap.wantsBlocks {
        tap.note(event, input.current.block, input.current.buffer.span.bytes, file: input.file)
      }
      switch event {
      case .packet(let packet): return packet
      case .fault(let fault): note(fault, into: &sink)
      case .interface(let interface):
        drops.note(interface, input.current.buffer, file: input.file)
        // Its secrets may stand anywhere in it.
        if input.contents[input.file].format == .pcapng { analyzer.expectsSecrets = true }
      case .secrets(let found): take(found, into: &sink)
      case .statistics(let statistics): drops.note(statistics, file: input.file)
      case .other: break
      }
    }
    return nil
  }

  private mutating func announce<Sink: RecordSink & ~Copyable>(at start: Timestamp? = nil, into sink: inout Sink) {
    isAnnounced = true
    guard isFirstShare else { return }
    let files = input.contents.map {
      CaptureRecord.File(path: $0.input.pathAsGiven, format: $0.format?.name, linkTypes: $0.linkTypes)
    }
    sink.capture(CaptureRecord(files: files, start: start))
    for fault in secrets.faults { sink.diagnostic(fault) }
  }

  /// Secrets that the capture holds.
  private mutating func take<Sink: RecordSink & ~Copyable>(_ found: CaptureSecrets, into sink: inout Sink) {
    guard found.type == .tlsKeyLog else { return }
    let faults = Secrets.read(found, input.current.buffer, into: &analyzer.keyLog)
    // Before the first packet, whose time is told as well, if there is nothing to say.
    if !isAnnounced, !faults.isEmpty { announce(into: &sink) }
    if isFirstShare { for fault in faults { sink.diagnostic(fault) } }
    analyzer.retryTLS(into: &sink)
  }

  private mutating func note<Sink: RecordSink & ~Copyable>(_ fault: CaptureFault, into sink: inout Sink) {
    // Who stops us in the middle of a record has not cut the file.
    if Interruption.isPending, fault.code == .fileCut { return }
    if !isAnnounced { announce(into: &sink) }
    if case .unread(let bytes) = fault.kind { unreadBytes += bytes }
    faults += 1
    guard isFirstShare, faults <= Self.mostFaults else {
      if isFirstShare, faults == Self.mostFaults + 1 { sink.diagnostic(Diagnostic(.limit)) }
      return
    }
    let file = inputs.count > 1 ? "\(inputs[input.file].name): " : ""
    sink.diagnostic(Diagnostic(fault.code, detail: "\(file)\(fault)"))
  }
}
