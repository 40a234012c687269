import Analysis
import Export

/// Makes what takes the records: an exporter, and the steps in front of it.
struct WriterChain {
  let settings: Settings
  let needs: RecordNeeds
  let counts: SelectionCounts

  /// What takes the records in the end.
  func writer(_ drain: RecordDestination, _ writing: PacketWriting?) throws(OutputError) -> AnyRecordWriter? {
    guard var writer = try printer(drain, writing) else { return nil }
    if let extraction = drain.extraction {
      writer = AnyRecordWriter(
        ExtractingWriter(extraction: extraction, printed: needs.printedKinds ?? .all, next: writer))
    }
    if let rules = settings.redaction {
      writer = AnyRecordWriter(
        Redaction(
          writer, rules, showsConnections: needs.kinds?.contains(.connection) ?? true, showsViews: settings.views.isOn,
          isViewForced: settings.views.forced != nil))
    }
    return writer
  }

  private func printer(_ drain: RecordDestination, _ writing: PacketWriting?) throws(OutputError) -> AnyRecordWriter? {
    let options = needs.exportOptions
    if settings.writesDatabase {
      let database = try DatabaseOutput(settings, besides: writing)
      drain.database = database
      return database.writer(options)
    }
    guard settings.printsStatistics else {
      return Exporters.writer(settings.format, options, drain: { drain.take($0) })
    }
    let isJSON = settings.format == NDJSONExporter.name
    return AnyRecordWriter(StatisticsExporter(options, isJSON: isJSON, drain: { drain.take($0) }))
  }

  /// What selects records in front of `writer`.
  func select(_ writer: consuming AnyRecordWriter) -> RecordSelection {
    // A table in text has one kind of row, whatever else its columns are taken from.
    let rows = needs.exportOptions.columns?.kind
    let shown = rows.map { settings.extraction == nil ? $0 : $0.union(.message) } ?? needs.kinds ?? .all
    let isText = settings.format == TextExporter.name && !settings.printsStatistics
    let showsDataFrames = !isText || needs.exportOptions.requestedKinds?.contains(.frame) == true
    let criteria = Criteria(settings.selection, shown: shown, leavesDataFramesOut: !showsDataFrames)
    // What makes one thing of a connection and its records.
    let introduces =
      settings.printsStatistics || settings.format == DatabaseOutput.format
      || Exporters.format(settings.format)?.neededKinds.isEmpty == false
    return RecordSelection(
      writer, criteria, shown: shown, context: settings.selection.context, introduces: introduces, counts)
  }
}
