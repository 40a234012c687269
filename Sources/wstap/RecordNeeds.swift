import Analysis
import Export
import Filter

/// What the settings come to for who makes records, and for who writes them.
struct RecordNeeds {
  private let settings: Settings
  private let environment: Environment

  init(_ settings: Settings, _ environment: Environment) {
    self.settings = settings
    self.environment = environment
  }

  /// The kinds that are asked of the analyzer; nil for all.
  var kinds: RecordKinds? {
    settings.extraction == nil ? printedKinds : printedKinds?.union(.message)
  }

  /// The kinds that are printed; nil for all.
  var printedKinds: RecordKinds? {
    if !settings.printsRecords { return [] }
    if settings.printsStatistics { return .all }
    if let columns = try? settings.columns() { return columns.kinds }
    let format = Exporters.format(settings.format)
    if settings.recordTypes == nil { return format?.defaultKind }
    return requestedKinds?.union(format?.neededKinds ?? [])
  }

  /// The kinds that `--only` names; nil for all.
  private var requestedKinds: RecordKinds? {
    settings.recordTypes.map { types in
      RecordKinds.names.reduce(into: RecordKinds()) { kinds, entry in
        if types.contains(where: { $0.rawValue == entry.name }) { kinds.insert(entry.kind) }
      }
    }
  }

  /// Where the filter is about frames, not messages, those are asked for.
  private var selectedKinds: RecordKinds? {
    guard let filter = settings.selection.filter.flatMap({ try? Filter($0) }), filter.asksForFrames else { return nil }
    return RecordKinds.all.subtracting([.capture, .summary])
  }

  /// What is asked of the analyzer.
  var analyzerOptions: AnalyzerOptions {
    var options = AnalyzerOptions()
    options.messages.stored = settings.storedPayload
    // Who sees neither frames nor messages needs nothing of their content.
    if let kinds, kinds.isDisjoint(with: [.frame, .message]) { options.messages.stored = 0 }
    options.ignoresChecksums = settings.acceptsWrongChecksums
    options.assumedPorts = settings.assumedPorts
    options.tls.listsConnections = settings.showsTLS
    if settings.writing != nil { options.tls.gathersSecrets = settings.writtenPackets == .websocket ? .shown : .all }
    options.leavesTrail = settings.writing != nil && settings.writtenPackets == .websocket
    return options
  }

  /// What is asked of the exporter.
  var exportOptions: ExportOptions {
    let terminal = Terminal(descriptor: 1, environment: environment)
    let isTerminal = settings.output == nil && terminal.isTerminal
    var options = ExportOptions()
    options.isColored = settings.output == nil ? terminal.usesColor(settings.color) : settings.color == .always
    options.isForTerminal = isTerminal
    options.width = isTerminal ? terminal.width : nil
    options.showsHex = settings.showsHex
    options.showsWholeMessages = settings.followsConnections
    options.columns = try? settings.columns()
    options.showsFormulas = settings.showsFormulas
    options.requestedKinds = printedKinds ?? selectedKinds
    options.search = settings.selection.pattern
    options.hasSeveralFiles = settings.inputs.count > 1
    options.flushesEachRecord = settings.flushesEachRecord || isTerminal
    return options
  }
}
