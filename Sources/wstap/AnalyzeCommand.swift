import Analysis
import Capture
import Export
import Filter
import LiveCapture

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The main job: captures in, records out.
struct AnalyzeCommand {
  private let settings: Settings
  private let environment = Environment.current()
  private let counts = SelectionCounts()
  private let needs: RecordNeeds

  init(_ settings: Settings) {
    self.settings = settings
    needs = RecordNeeds(settings, environment)
  }

  /// Reads the captures, or an interface, and writes what is in them.
  func run() -> ExitCode {
    let live: LiveCapture?
    do throws(LiveCaptureError) {
      live = try settings.live.options.map { options throws(LiveCaptureError) in try LiveCapture(options) }
    } catch {
      StandardError.write(error.report)
      return .failure
    }
    let secrets: Secrets
    do throws(SecretsError) {
      secrets = try Secrets(settings)
    } catch {
      complain("\(error)")
      return .failure
    }
    Interruption.listen()
    if live != nil { StatisticsRequest.listen() }
    do throws(OutputError) {
      return try run(live, secrets)
    } catch {
      // The reader of our output has gone: no reason to complain, nor a failure.
      if error == .closedPipe { return .found }
      complain("\(error)")
      return .failure
    }
  }

  /// Opens what is written into, and reads.
  private func run(_ live: LiveCapture?, _ secrets: Secrets) throws(OutputError) -> ExitCode {
    let output = settings.writesDatabase ? try OutputFile.open(nil, besides: []) : try OutputFile.open(settings)
    // The files of a ring are all made by the same user, and so are those of a database.
    var writing = settings.ring == nil ? try PacketWriting(settings, besides: output) : nil
    if let live, !dropPrivileges(live) { return .failure }
    if settings.ring != nil {
      do throws(OutputError) {
        writing = try PacketWriting(settings, besides: output)
      } catch {
        complain(PacketWriting.explanation(of: error, isLive: live != nil))
        return .failure
      }
    }
    if Exporters.format(settings.format)?.isForFiles == true, settings.printsRecords, !settings.printsStatistics,
      output.isTerminal
    {
      throw .isNoText(format: settings.format)
    }
    let drain = RecordDestination(output)
    drain.extraction = try settings.extraction.map { path throws(OutputError) in
      try Extraction(path, hidesContent: settings.hidesContent && settings.extractsWhole)
    }
    return try write(drain, writing, live, secrets)
  }

  /// Chooses what makes bytes of the records, and runs it.
  private func write(
    _ drain: RecordDestination, _ writing: PacketWriting?, _ live: LiveCapture?, _ secrets: Secrets
  ) throws(OutputError) -> ExitCode {
    let hasSteps = settings.selection.isActive || drain.extraction != nil || settings.redaction != nil
    // The two that much is written by have a loop over the packets compiled for them.
    switch settings.format {
    case TextExporter.name where !hasSteps && !settings.printsStatistics:
      return run(TextExporter(needs.exportOptions, drain: { drain.take($0) }), drain, writing, live, secrets)
    case NDJSONExporter.name where !hasSteps && !settings.printsStatistics:
      return run(NDJSONExporter(needs.exportOptions, drain: { drain.take($0) }), drain, writing, live, secrets)
    default:
      let chain = WriterChain(settings: settings, needs: needs, counts: counts)
      guard let writer = try chain.writer(drain, writing) else { return .failure }
      guard settings.selection.isActive else { return run(writer, drain, writing, live, secrets) }
      return run(chain.select(writer), drain, writing, live, secrets)
    }
  }

  private func run<W: RecordWriter & ~Copyable>(
    _ writer: consuming W, _ drain: RecordDestination, _ writing: PacketWriting?, _ live: LiveCapture?,
    _ secrets: Secrets
  ) -> ExitCode {
    // A selection may have to know more than is shown.
    var wanted = settings.selection.isActive ? writer.kinds.union(needs.kinds ?? []) : needs.kinds ?? .all
    if settings.redaction != nil { wanted.formUnion(.connection) }
    var sink = RecordFilter(writer, kinds: wanted, connections: settings.connections, views: needs.views)
    let findings =
      live.map { watch($0, drain, writing, secrets, into: &sink) } ?? share(drain, secrets)
      ?? read(drain, writing, secrets, into: &sink)
    if findings.hasReadAnything, sink.kinds.contains(.summary) { sink.next.summary(findings.summary) }
    if findings.hasReadAnything { sink.next.finish() } else { sink.next.flush() }
    // Also where records cannot be written, the packets that were read are.
    guard findings.hasReadAnything else { return report(findings, writing, drain.extraction) }
    let errors = close(drain, writing, isLive: live != nil)
    let hasFailed = [errors.records, errors.packets].contains { $0 != nil && $0 != .closedPipe }
    let isWhole = errors == (nil, nil) || live == nil && goesOn(errors, writing)
    // Live, whoever ends the capture by closing a pipe is told what it was.
    let code = isWhole || live != nil ? report(findings, writing, drain.extraction) : .found
    if hasFailed { return .failure }
    return isWhole || code == .failure ? code : .found
  }

  /// Closes what was written, and complains of what could not be; gives the errors.
  private func close(
    _ drain: RecordDestination, _ writing: PacketWriting?, isLive: Bool
  ) -> (records: OutputError?, packets: OutputError?) {
    var errors: (records: OutputError?, packets: OutputError?) = (nil, nil)
    do throws(OutputError) {
      if let error = drain.error { throw error }
      try drain.close()
    } catch {
      errors.records = error
      if error != .closedPipe { complain("\(error)") }
    }
    do throws(OutputError) {
      try writing?.output.close()
    } catch {
      errors.packets = error
      if error != .closedPipe { complain(PacketWriting.explanation(of: error, isLive: isLive)) }
    }
    return errors
  }

  /// Whether, of records and packets, what one no longer takes does not keep the other one from being written.
  private func goesOn(_ errors: (records: OutputError?, packets: OutputError?), _ writing: PacketWriting?) -> Bool {
    switch errors {
    case (nil, nil): true
    case (.closedPipe?, nil): writing != nil
    case (nil, .closedPipe?): settings.printsRecords
    default: false
    }
  }

  private func read<W: RecordWriter & ~Copyable>(
    _ drain: RecordDestination, _ writing: PacketWriting?, _ secrets: Secrets, into sink: inout RecordFilter<W>
  ) -> Findings {
    var reading = CaptureReading(settings.inputs, needs.analyzerOptions, secrets, givesAllBlocks: writing != nil)
    var watch = ProgressWatch(
      progress: makeProgress(), looksOften: needs.exportOptions.flushesEachRecord,
      isStopped: { Interruption.isPending || !goesOn((drain.error, writing?.output.error), writing) })
    reading.run(settings, captures: settings.inputs.count, writing, &watch, into: &sink)
    watch.end()
    return Findings(reading, sink)
  }

  /// Reads with several jobs, if that is asked for, or pays; nil if not, or if the system has no threads left.
  private func share(_ drain: RecordDestination, _ secrets: Secrets) -> Findings? {
    let count = JobCount.of(settings, needs.kinds ?? .all)
    guard count > 1 else { return nil }
    let work = ShareWork(
      inputs: settings.inputs, packetLimit: settings.packetLimit ?? .max, options: needs.analyzerOptions,
      export: needs.exportOptions, kinds: needs.kinds ?? .all, views: needs.views,
      secrets: secrets)
    return ShareJobs(work, count: count)
      .run(makeProgress(), write: { drain.take($0) }, isStopped: { drain.error != nil })
  }

  /// Captures from `live` until it is told to end.
  private func watch<W: RecordWriter & ~Copyable>(
    _ live: LiveCapture, _ drain: RecordDestination, _ writing: PacketWriting?, _ secrets: Secrets,
    into sink: inout RecordFilter<W>
  ) -> Findings {
    let source = LiveSource(live)
    var reading = LiveReading(live, source, needs.analyzerOptions, secrets)
    let output = Terminal(descriptor: 1, environment: environment)
    let error = Terminal(descriptor: 2, environment: environment)
    let hasStatus = error.isTerminal && !settings.isQuiet && !environment.terminalIsDumb
    let status = hasStatus ? LiveStatus(on: error) : nil
    if let status, output.isTerminal { drain.willWrite = { status.erase() } }
    let deadline = settings.live.duration.map { Progress.now() + .seconds($0) }
    let isOver = { Interruption.isPending || deadline.map { Progress.now() >= $0 } ?? false }
    let patience = OutputPatience(isOver: isOver)
    drain.output.goesOn = { patience.goesOn() }
    let printsRecords = settings.printsRecords
    var watch = LiveWatch(
      status, isOver: isOver,
      isOutputGone: { printsRecords && drain.isGone || writing?.output.error != nil })
    guard let thread = WorkerThread({ source.run() }) else {
      var findings = Findings(reading, sink)
      findings.errors.append("the system has no thread left to capture in")
      return findings
    }
    reading.run(
      settings, captures: 1, writing, limits: writing?.liveLimits ?? WritingLimits(), awaitsSecrets: secrets.mayGrow,
      &watch, into: &sink)
    source.queue.close()
    thread.join()
    status?.erase()
    return Findings(reading, sink)
  }

  /// Gives up the rights that capturing needed, and says that it begins; false if that is not possible, which was said then.
  private func dropPrivileges(_ live: LiveCapture) -> Bool {
    if let warning = live.warning { complain("\(quoted(live.interface)): \(warning)") }
    do throws(Privileges.Failure) {
      let outcome = try Privileges.drop(
        user: settings.live.user, folder: settings.folderOfLaterFiles)
      if !settings.isQuiet { complain(LiveText.beginning(live.interface, outcome)) }
      return true
    } catch {
      complain(error.sentence)
      return false
    }
  }

  private func makeProgress() -> Progress? {
    let error = Terminal(descriptor: 2, environment: environment)
    let output = Terminal(descriptor: 1, environment: environment)
    let isShown = Progress.isWanted(
      isQuiet: settings.isQuiet, errorIsTerminal: error.isTerminal,
      outputIsTerminal: settings.output == nil && output.isTerminal, environment: environment)
    return isShown ? Progress(on: error, total: FileStatus.totalSize(of: settings.inputs)) : nil
  }

  // MARK: What is said at the end

  private func report(
    _ findings: Findings, _ writing: PacketWriting?, _ extraction: Extraction?
  ) -> ExitCode {
    for error in findings.errors { complain(error) }
    if !settings.isQuiet, findings.hasReadAnything {
      StandardError.write(
        SummaryText.text(
          findings.summary, isInterrupted: findings.isInterrupted, unfinished: findings.unfinishedConnections,
          drops: findings.drops))
      if settings.selection.isActive { StandardError.write(SummaryText.text(counts, settings)) }
      for remark in findings.remarks { complain(remark) }
      if let writing { StandardError.write(writing.summary) }
      if let extraction { StandardError.write(extraction.summary) }
    }
    if !findings.errors.isEmpty { return .failure }
    if let threshold = settings.failureThreshold.flatMap({ name in
      Severity.allCases.first { "\($0.name)" == name.rawValue }
    }),
      Severity.allCases.contains(where: { $0 >= threshold && findings.wantedDiagnostics[$0] ?? 0 > 0 })
    {
      return .notFound
    }
    if settings.selection.isActive { return counts.selected > 0 ? .found : .notFound }
    if settings.showsTLS, findings.summary.tls.connections > 0 { return .found }
    return findings.wantedConnections > 0 ? .found : .notFound
  }

  private func complain(_ text: String) { StandardError.write("\(Manual.name): \(text)\n") }
}
