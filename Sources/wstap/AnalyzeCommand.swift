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
      // The reader of our output has gone: no reason to complain, nor a failure.
      if error == .closedPipe { return .found }
      complain("\(error)")
      return .failure
    }
  }

  private func run<E: Exporter & ~Copyable>(_ format: E.Type, _ output: OutputFile) throws(OutputError) -> ExitCode {
    Interruption.listen()
    let drain = Drain(output)
    let exporter = format.init(exportOptions(), drain: { drain.take($0) })
    var sink = RecordFilter(exporter, kinds: kinds ?? .all, connections: settings.connections)
    var reading = CaptureReading(settings.inputs, analyzerOptions())
    reading.run(
      packetLimit: settings.packetLimit ?? .max, looksOften: exportOptions().flushesEachRecord,
      progress: makeProgress(),
      isStopped: { Interruption.isPending || drain.error != nil }, into: &sink)
    let summary = sink.completed(reading.summary)
    if reading.hasReadAnything { sink.summary(summary) }
    sink.next.flush()
    if let error = drain.error { throw error }
    if reading.hasReadAnything { try output.close() }
    return report(reading, summary, found: sink.wantedConnections > 0, judged: sink.wantedDiagnostics)
  }

  private func makeProgress() -> Progress? {
    let error = Terminal(descriptor: 2, environment: environment)
    let output = Terminal(descriptor: 1, environment: environment)
    let isShown = Progress.isWanted(
      isQuiet: settings.isQuiet, errorIsTerminal: error.isTerminal,
      outputIsTerminal: settings.output == nil && output.isTerminal, environment: environment)
    return isShown ? Progress(on: error, total: FileStatus.totalSize(of: settings.inputs)) : nil
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
    options.assumedPorts = settings.assumedPorts
    return options
  }

  private func exportOptions() -> ExportOptions {
    let terminal = Terminal(descriptor: 1, environment: environment)
    let isTerminal = settings.output == nil && terminal.isTerminal
    var options = ExportOptions()
    options.isColored = settings.output == nil ? terminal.usesColor(settings.color) : settings.color == .always
    options.isForTerminal = isTerminal
    options.width = isTerminal ? terminal.width : nil
    options.showsHex = settings.showsHex
    options.requestedKinds = kinds
    options.hasSeveralFiles = settings.inputs.count > 1
    options.flushesEachRecord = settings.flushesEachRecord || isTerminal
    return options
  }

  // MARK: What is said at the end

  private func report(
    _ reading: borrowing CaptureReading, _ summary: SummaryRecord, found: Bool, judged: [Severity: UInt64]
  ) -> ExitCode {
    for error in reading.errors { complain("\(error)") }
    if !settings.isQuiet, reading.hasReadAnything {
      StandardError.write(SummaryText.text(summary, isInterrupted: Interruption.isPending))
    }
    if !reading.errors.isEmpty { return .failure }
    if let threshold = settings.failureThreshold.flatMap({ name in
      Severity.allCases.first { "\($0.name)" == name.rawValue }
    }),
      Severity.allCases.contains(where: { $0 >= threshold && judged[$0] ?? 0 > 0 })
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
