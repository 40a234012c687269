import Export
import Filter

/// Reads a command line with the table of options: `-r FILE`, `-rFILE`, `-qx`, `--name VALUE`, `--name=VALUE`; `--` ends
/// the options; names are given in full.
struct CommandLineParser {
  private let table: OptionTable
  private let stdinIsTerminal: Bool
  private var rest: ArraySlice<String>
  private var settings: Settings

  /// The settings that `arguments`, without the program's name, ask for. `stdinIsTerminal` tells whether anything can
  /// be piped in. Help and version are given as soon as they are asked for, whatever follows.
  static func parse(
    _ arguments: [String], table: OptionTable, stdinIsTerminal: Bool
  ) throws(UsageError) -> Settings {
    var parser = CommandLineParser(
      table: table, stdinIsTerminal: stdinIsTerminal, rest: arguments[...], settings: table.defaults)
    return try parser.parse()
  }

  private mutating func parse() throws(UsageError) -> Settings {
    while let argument = rest.popFirst() {
      if argument == "--" {
        settings.inputs += rest.map(Settings.Input.init(argument:))
        break
      } else if argument.hasPrefix("--") {
        try takeLong(argument)
      } else if argument.hasPrefix("-"), argument != "-" {
        try takeCluster(argument)
      } else {
        settings.inputs.append(.init(argument: argument))
      }
      if [.shortHelp, .longHelp, .version].contains(settings.mode) { return settings }
    }
    if settings.mode == .analyze {
      try checkInputs()
      try checkWriting()
      try checkFormat()
      try checkPresentation()
      try checkSelection()
      try checkViews()
    }
    return settings
  }

  private func checkFormat() throws(UsageError) {
    if settings.format == DatabaseOutput.format, settings.output == nil {
      throw .needs(spelling: "--format \(settings.format)", other: "-o FILE")
    }
    if Exporters.format(settings.format)?.defaultKind != nil, settings.recordTypes?.count ?? 1 > 1 {
      throw .severalKinds(format: settings.format)
    }
    if !settings.isTable {
      if !settings.columnNames.isEmpty { throw .needs(spelling: "-e", other: "--format csv") }
      if settings.showsFormulas { throw .needs(spelling: "--raw-values", other: "--format csv") }
    }
    do throws(ColumnChoice.Fault) {
      _ = try settings.columns()
    } catch {
      switch error {
      case .unknown(let name, let names):
        throw .unknownField(name: name, suggestion: Suggestion.nearest(to: name, among: names))
      case .foreign(let name, let type, let others): throw .foreignField(name: name, type: type, others: others)
      case .noTable(let type): throw .noTable(format: settings.format, type: type)
      }
    }
  }

  /// What is printed instead of records, or in a form of its own, goes with few formats.
  private func checkPresentation() throws(UsageError) {
    if settings.asksForJSON, let name = settings.namedFormat, name != "ndjson" {
      throw .excludes(spelling: "--json", other: "--format \(name)")
    }
    let format = settings.format == "ndjson" ? "--json" : "--format \(settings.format)"
    let isText = settings.format == table.defaults.format
    if settings.followsConnections, !isText { throw .excludes(spelling: "--follow", other: format) }
    guard settings.printsStatistics else { return }
    if settings.followsConnections { throw .excludes(spelling: "--stats", other: "--follow") }
    if settings.recordTypes != nil { throw .excludes(spelling: "--stats", other: "--only") }
    if !isText, settings.format != "ndjson" { throw .excludes(spelling: "--stats", other: format) }
  }

  private func checkSelection() throws(UsageError) {
    let selection = settings.selection
    if selection.ignoresCase, selection.search == nil { throw .needs(spelling: "--ignore-case", other: "-g REGEX") }
    if selection.context != nil, !selection.isActive {
      throw .needs(spelling: "--context", other: "-Y FILTER' or '-g REGEX")
    }
  }

  /// Where nothing is said about what messages mean, nothing can be asked of it.
  private func checkViews() throws(UsageError) {
    guard !settings.views.isOn else { return }
    if let name = settings.views.forced { throw .excludes(spelling: "--view \(name)", other: "--no-view") }
    if let filter = settings.selection.filter.flatMap({ try? Filter($0) }), let field = filter.viewField {
      throw .needsViews(spelling: "-Y", field: field)
    }
    if let name = settings.columnNames.first(where: { FieldColumn($0)?.isOfView == true }) {
      throw .needsViews(spelling: "-e", field: name)
    }
  }

  private func checkWriting() throws(UsageError) {
    if settings.redaction != nil, settings.writing != nil { throw .excludes(spelling: "--redact", other: "-w") }
    guard let writing = settings.writing else {
      if settings.writtenPackets != nil { throw .needs(spelling: "--write", other: "-w FILE") }
      if settings.ring != nil { throw .needs(spelling: "--ring", other: "-w FILE") }
      return
    }
    guard writing == "-" else { return }
    if settings.ring != nil { throw .ringOnStandardOutput }
    if settings.asksForRecords, settings.output == nil { throw .sharedOutput }
  }

  private func checkInputs() throws(UsageError) {
    if let interface = settings.live.interface {
      if let input = settings.inputs.first { throw .inputBesideInterface(input.pathAsGiven, interface: interface) }
      return
    }
    if let spelling = settings.live.spellings.first {
      let long = settings.live.filter.map { "\(spelling.dropFirst())\($0)" }
      throw .needsInterface(
        spelling: spelling, suggestion: long.flatMap { table.option(named: $0) }.map { "--\($0.name)" })
    }
    if settings.inputs.isEmpty { throw .noInput(stdinIsTerminal: stdinIsTerminal) }
    let standardInputs = settings.inputs.count { $0 == .standardInput }
    if standardInputs > 1 { throw .repeatedStandardInput }
    if standardInputs == 1, stdinIsTerminal { throw .inputFromTerminal }
  }

  /// `--name`, `--name=VALUE`, or `--name` with its value in the next argument.
  private mutating func takeLong(_ argument: String) throws(UsageError) {
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    let spelling = "--\(name)"
    guard let option = table.option(named: name) else {
      throw .unknownOption(spelling, word: spelling, suggestion: suggestion(forName: name))
    }
    guard let expected = option.argument else {
      if parts.count > 1 { throw .unexpectedValue(spelling: spelling, value: String(parts[1])) }
      return try option.apply(&settings, Occurrence(spelling: spelling, value: ""))
    }
    let value = parts.count > 1 ? String(parts[1]) : try nextArgument(for: spelling, expected)
    try option.apply(&settings, Occurrence(spelling: spelling, value: value))
  }

  /// `-q`, `-qx`, `-r FILE`, `-rFILE`, `-qrFILE`.
  private mutating func takeCluster(_ argument: String) throws(UsageError) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      let spelling = "-\(letter)"
      guard let option = table.option(lettered: letter) else {
        throw .unknownOption(spelling, word: argument, suggestion: suggestion(forLetter: letter, in: argument))
      }
      guard let expected = option.argument else {
        try option.apply(&settings, Occurrence(spelling: spelling, value: ""))
        continue
      }
      let value = letters.isEmpty ? try nextArgument(for: spelling, expected) : String(letters)
      return try option.apply(&settings, Occurrence(spelling: spelling, value: value))
    }
  }

  /// The argument after `spelling`. One that is itself an option was hardly meant as the value; `--name=VALUE` can say
  /// that it was.
  private mutating func nextArgument(
    for spelling: String, _ expected: Option.Argument
  ) throws(UsageError) -> String {
    let next = rest.first
    guard let next, !table.options.contains(where: { $0.spellings.contains(next) }) else {
      throw .missingValue(spelling: spelling, argument: expected.name, next: next)
    }
    rest.removeFirst()
    return next
  }

  private func suggestion(forName name: String) -> String? {
    Suggestion.nearest(to: name, among: table.options.map(\.name)).map { "--\($0)" }
  }

  /// For `-format`, `--format`; for `-X`, `-x`.
  private func suggestion(forLetter letter: Character, in argument: String) -> String? {
    if argument.count > 3, let long = suggestion(forName: String(argument.dropFirst())) { return long }
    let other = Character(letter.isUppercase ? letter.lowercased() : letter.uppercased())
    return table.option(lettered: other).map { _ in "-\(other)" }
  }
}
