import Analysis
import Capture
import Export

/// The main job: captures in, records out.
struct AnalyzeCommand {
  private let settings: Settings
  private let environment = Environment.current()

  init(_ settings: Settings) { self.settings = settings }

  /// Reads the captures and writes what is in them.
  func run() -> ExitCode {
    guard let format = Exporters.all.first(where: { $0.name == settings.format }) else { return .failure }
    do throws(OutputError) {
      return try run(format, OutputFile.open(settings))
    } catch {
      if error != .closedPipe { complain("\(error)") }
      return .failure
    }
  }

  private func run<E: Exporter & ~Copyable>(_ format: E.Type, _ output: OutputFile) throws(OutputError) -> ExitCode {
    Interruption.listen()
    let drain = Drain(output)
    let exporter = format.init(exportOptions(), drain: { drain.take($0) })
    var sink = RecordFilter(exporter, kinds: kinds ?? .all, connections: settings.connections)
    var analyzer = Analyzer(analyzerOptions())
    var input = CaptureMerge(settings.inputs, isStopped: { Interruption.isPending })
    var damage = FileDamage()
    read(&input, &analyzer, &damage, drain, into: &sink)
    analyzer.finish(into: &sink)
    var summary = sink.completed(analyzer.summary)
    summary.damagedBytes = damage.unreadBytes
    if summary.packets > 0 || input.errors.count < settings.inputs.count { sink.summary(summary) }
    sink.next.flush()
    if let error = drain.error { return try ended(by: error) }
    try output.close()
    return report(input.errors, summary, found: sink.wantedConnections > 0)
  }

  /// The reader of our output has gone: no reason to complain, nor to call it a success or a failure of the capture.
  private func ended(by error: OutputError) throws(OutputError) -> ExitCode {
    guard error == .closedPipe else { throw error }
    return .found
  }

  // MARK: Reading

  private func read<Sink: RecordSink & ~Copyable>(
    _ input: inout CaptureMerge, _ analyzer: inout Analyzer, _ damage: inout FileDamage, _ drain: Drain,
    into sink: inout Sink
  ) {
    var progress = makeProgress()
    var isAnnounced = false
    var packets: UInt64 = 0
    var isOver = false
    let limit = settings.packetLimit ?? .max
    while !isOver, packets < limit, let packet = nextPacket(&input, &damage, into: &sink) {
      if !isAnnounced {
        isAnnounced = true
        sink.capture(captureRecord(input))
      }
      analyzer.packet(
        packet, input.current.buffer.span.bytes, file: UInt32(truncatingIfNeeded: input.file), into: &sink)
      packets += 1
      // A look at the clock and at the signals every 4,096 packets.
      if packets & 0xFFF == 0 {
        progress?.update(input.bytesRead)
        isOver = Interruption.isPending || drain.error != nil
      }
    }
    progress?.erase()
    if !isAnnounced, input.errors.count < settings.inputs.count { sink.capture(captureRecord(input)) }
  }

  /// The next packet; what else the files hold is noted on the way.
  @inline(__always)
  private func nextPacket<Sink: RecordSink & ~Copyable>(
    _ input: inout CaptureMerge, _ damage: inout FileDamage, into sink: inout Sink
  ) -> CapturedPacket? {
    if let packet = input.nextPacket() { return packet }
    while let event = input.next() {
      switch event {
      case .packet(let packet): return packet
      case .fault(let fault): damage.note(fault, file: input.file, into: &sink)
      case .interface, .secrets, .statistics: break
      }
    }
    return nil
  }

  private func makeProgress() -> Progress? {
    let error = Terminal(descriptor: 2, environment: environment)
    let output = Terminal(descriptor: 1, environment: environment)
    let isShown = Progress.isWanted(
      isQuiet: settings.isQuiet, errorIsTerminal: error.isTerminal,
      outputIsTerminal: settings.output == nil && output.isTerminal, environment: environment)
    return isShown ? Progress(on: error, total: FileStatus.totalSize(of: settings.inputs)) : nil
  }

  private func captureRecord(_ input: borrowing CaptureMerge) -> CaptureRecord {
    CaptureRecord(
      files: input.contents.map {
        CaptureRecord.File(path: $0.input.pathAsGiven, format: $0.format?.name ?? "unknown", linkTypes: $0.linkTypes)
      })
  }

  // MARK: Options

  private var kinds: RecordKinds? {
    settings.recordTypes.map { types in
      RecordKinds.names.reduce(into: RecordKinds()) { kinds, entry in
        if types.contains(where: { $0.rawValue == entry.name }) { kinds.insert(entry.kind) }
      }
    }
  }

  private func analyzerOptions() -> AnalyzerOptions {
    var options = AnalyzerOptions()
    options.messages.stored = settings.payloadLimit ?? .max
    options.ignoresChecksums = settings.acceptsWrongChecksums
    return options
  }

  private func exportOptions() -> ExportOptions {
    let terminal = Terminal(descriptor: 1, environment: environment)
    let isTerminal = settings.output == nil && terminal.isTerminal
    var options = ExportOptions()
    options.isColored = settings.output == nil ? terminal.usesColor(settings.color) : settings.color == .always
    options.width = isTerminal ? terminal.width : nil
    options.showsHex = settings.showsHex
    options.requestedKinds = kinds
    options.hasSeveralFiles = settings.inputs.count > 1
    options.flushesEachRecord = settings.flushesEachRecord || isTerminal
    return options
  }

  // MARK: What is said at the end

  private func report(_ errors: [InputError], _ summary: SummaryRecord, found: Bool) -> ExitCode {
    for error in errors { complain("\(error)") }
    if !settings.isQuiet, summary.packets > 0 || errors.count < settings.inputs.count {
      StandardError.write(SummaryText.text(summary, isInterrupted: Interruption.isPending))
    }
    if !errors.isEmpty { return .failure }
    if let threshold = settings.failureThreshold.flatMap({ name in
      Severity.allCases.first { "\($0.name)" == name.rawValue }
    }),
      Severity.allCases.contains(where: { $0 >= threshold && summary.diagnostics[$0] ?? 0 > 0 })
    {
      return .notFound
    }
    return found ? .found : .notFound
  }

  private func complain(_ text: String) { StandardError.write("\(Manual.name): \(text)\n") }
}

/// Takes an exporter's bytes to the output, and keeps the first error.
private final class Drain {
  private let output: OutputFile
  private(set) var error: OutputError?

  init(_ output: OutputFile) { self.output = output }

  func take(_ bytes: UnsafeRawBufferPointer) {
    guard error == nil else { return }
    do throws(OutputError) {
      try output.write(RawSpan(_unsafeBytes: bytes))
      try output.endRecord()
    } catch {
      self.error = error
    }
  }
}

/// What was wrong with the input files.
private struct FileDamage {
  private(set) var unreadBytes: UInt64 = 0

  mutating func note<Sink: RecordSink & ~Copyable>(_ fault: CaptureFault, file: Int, into sink: inout Sink) {
    if case .unread(let bytes) = fault.kind { unreadBytes += bytes }
    sink.diagnostic(Diagnostic(fault.code, detail: "\(fault)"))
  }
}
