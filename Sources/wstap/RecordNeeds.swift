import Analysis
import Export
import Filter
import Subprotocols

/// What the settings come to for who makes records, and for who writes them.
struct RecordNeeds {
  /// The kinds that are printed; nil for all.
  let printedKinds: RecordKinds?
  /// The kinds that are asked of the analyzer; nil for all.
  let kinds: RecordKinds?
  /// The views that messages are given; nil for none.
  let views: ViewOptions?
  /// What is asked of the analyzer.
  let analyzerOptions: AnalyzerOptions
  /// What is asked of the exporter.
  let exportOptions: ExportOptions

  init(_ settings: Settings, _ environment: Environment) {
    let columns = try? settings.columns()
    printedKinds = Self.printedKinds(settings, columns)
    kinds = settings.extraction == nil ? printedKinds : printedKinds?.union(.message)
    views = Self.views(settings, kinds)
    analyzerOptions = Self.analyzerOptions(settings, kinds, hasViews: views != nil)
    var options = Self.exportOptions(settings, environment, columns, printedKinds)
    options.hasViews = views != nil && settings.views.isOn
    exportOptions = options
  }

  private static func printedKinds(_ settings: Settings, _ columns: ColumnChoice?) -> RecordKinds? {
    if !settings.printsRecords { return [] }
    if settings.printsStatistics { return .all }
    if let columns { return columns.kinds }
    let format = Exporters.format(settings.format)
    if settings.recordTypes == nil { return format?.defaultKind }
    return settings.requestedKinds?.union(format?.neededKinds ?? [])
  }

  /// Where the filter is about frames, not messages, those are asked for.
  private static func selectedKinds(_ settings: Settings) -> RecordKinds? {
    guard let filter = settings.selection.filter.flatMap({ try? Filter($0) }), filter.asksForFrames else { return nil }
    return RecordKinds.all.subtracting([.capture, .summary])
  }

  /// Views cost time; they are made where messages are shown, or what is wrong with them; and where redaction needs to know what they
  /// mean.
  private static func views(_ settings: Settings, _ kinds: RecordKinds?) -> ViewOptions? {
    let isWanted = kinds?.isDisjoint(with: [.message, .diagnostic]) == false || kinds == nil
    if isWanted, !settings.views.isOn, settings.redaction?.looksIntoMessages == true { return ViewOptions() }
    guard isWanted, settings.views.isOn else { return nil }
    var views = settings.views
    // What a filter, or redaction, looks at must be there, whoever shows it.
    guard !settings.selection.isActive, settings.redaction == nil else { return views }
    views.writesLine =
      ![NDJSONExporter.name, JSONExporter.name].contains(settings.format) && !settings.printsStatistics
    views.namesPlainJSON = settings.format != TextExporter.name || settings.printsStatistics
    return views
  }

  private static func analyzerOptions(
    _ settings: Settings, _ kinds: RecordKinds?, hasViews: Bool
  ) -> AnalyzerOptions {
    var options = AnalyzerOptions()
    options.messages.stored = settings.storedPayload
    options.messages.givesPieces = settings.extractsWhole
    // Who sees neither frames nor messages needs nothing of their content.
    if let kinds, !hasViews, kinds.isDisjoint(with: [.frame, .message]) { options.messages.stored = 0 }
    options.ignoresChecksums = settings.acceptsWrongChecksums
    options.assumedPorts = settings.assumedPorts
    options.tls.listsConnections = settings.showsTLS
    if settings.writing != nil { options.tls.gathersSecrets = settings.writtenPackets == .websocket ? .shown : .all }
    options.leavesTrail = settings.writing != nil && settings.writtenPackets == .websocket
    return options
  }

  private static func exportOptions(
    _ settings: Settings, _ environment: Environment, _ columns: ColumnChoice?, _ printedKinds: RecordKinds?
  ) -> ExportOptions {
    let terminal = Terminal(descriptor: 1, environment: environment)
    let isTerminal = settings.output == nil && terminal.isTerminal
    var options = ExportOptions()
    options.isColored = settings.output == nil ? terminal.usesColor(settings.color) : settings.color == .always
    options.isForTerminal = isTerminal
    options.width = isTerminal ? terminal.width : nil
    options.showsHex = settings.showsHex
    options.showsWholeMessages = settings.followsConnections
    options.columns = columns
    options.showsFormulas = settings.showsFormulas
    options.requestedKinds = printedKinds ?? selectedKinds(settings)
    options.search = settings.selection.pattern
    options.isSelection = settings.selection.isActive || settings.connections != nil
    options.hasSeveralFiles = settings.inputs.count > 1
    options.flushesEachRecord = settings.flushesEachRecord || isTerminal
    return options
  }
}
