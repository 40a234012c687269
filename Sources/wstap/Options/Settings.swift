import Analysis
import Bytes
import Export
import Subprotocols

/// What a command line asks for: the whole outcome of parsing it.
struct Settings: Equatable, Sendable {
  /// The job to do.
  var mode = Mode.analyze
  /// The captures to read, in the order given. In `Mode.analyze` empty only where an interface is captured from; standard input
  /// is in it at most once.
  var inputs: [Input] = []
  /// What is asked for about capturing live.
  var live = LiveSettings()
  /// Whether segments with a wrong TCP checksum are used like any other.
  var acceptsWrongChecksums = false
  /// The ports where WebSockets are taken for granted.
  var assumedPorts: Set<UInt16> = []
  /// The key logs that TLS is decrypted with.
  var keyLogs: [String] = []
  /// The private keys of servers, in PEM, that serve for the same.
  var privateKeys: [String] = []
  /// Whether all TLS connections are listed.
  var listsTLS = false
  /// The same, asked for in whatever way.
  var showsTLS: Bool { listsTLS || recordTypes?.contains(.tls) == true }
  /// The record types to show; nil for all.
  var recordTypes: Set<RecordType>?
  /// The numbers, from 1, of the connections to show; nil for all.
  var connections: Set<UInt64>?
  /// Which of their records.
  var selection = SelectionSettings()
  /// The name of the output format.
  var format: String
  /// What is said about what messages mean.
  var views = ViewOptions()
  /// The same, if it was given by name.
  var namedFormat: String?
  /// Whether `--json` was given.
  var asksForJSON = false
  /// What is hidden; nil: nothing.
  var redaction: RedactionRules?
  /// Whether connections are shown as conversations, with whole messages.
  var followsConnections = false
  /// Whether a report is printed instead of records.
  var printsStatistics = false
  /// Whether the text format shows payloads as a hex and text dump.
  var showsHex = false
  /// The path of the file that records go to; nil for standard output.
  var output: String?
  /// The path of the pcapng file that packets go to, or `-`; nil for none.
  var writing: String?
  /// Which packets go there; nil unless it was said.
  var writtenPackets: WrittenPackets?
  /// When that capture goes on in another file; nil for never.
  var ring: RingRule?
  /// Whether an option says how records are to be printed, or which.
  var asksForRecords = false
  /// Whether each record is written out as soon as it is complete.
  var flushesEachRecord = false
  /// When the output is coloured.
  var color = ColorChoice.auto
  /// Whether the summary and progress on standard error are left out.
  var isQuiet = false
  /// How many packets are read, at least 1; nil for all.
  var packetLimit: UInt64?
  /// How many bytes of a payload are stored and shown; nil for all. The default holds nearly every message that people
  /// read, and bounds what a hostile capture can make us store.
  var payloadLimit: Int? = 65_536
  /// Whether that was said.
  var isPayloadLimitGiven = false
  /// The columns of a table in text, by name; empty for its own.
  var columnNames: [String] = []
  /// Whether values in it stand as they are, also where a spreadsheet takes them for formulas.
  var showsFormulas = false
  /// The folder that messages are written into, a file each; nil for none.
  var extraction: String?
  /// How many jobs share the connections, at least 1; nil: as many as pay.
  var jobs: Int?
  /// The lowest severity of a diagnostic that makes the exit code 1; nil for none.
  var failureThreshold: FailureThreshold?
}

extension Settings {
  /// All that is read, and so must not be overwritten.
  var readFiles: [Input] { inputs + (keyLogs + privateKeys).map { .file($0) } }

  /// Whether records are printed: not where packets or messages are written, unless an option asks for them.
  var printsRecords: Bool { writing == nil && extraction == nil || asksForRecords || output != nil }

  /// Whether all of a message goes into a file of its own, however long it is.
  var extractsWhole: Bool { extraction != nil && (!isPayloadLimitGiven || payloadLimit == nil) }

  /// How many bytes of a payload are kept. Of messages that go whole into files, as many as somebody else looks at.
  var storedPayload: Int {
    guard extractsWhole else { return payloadLimit ?? .max }
    let isLookedAt = printsRecords || selection.filter != nil || selection.search != nil || hidesContent
    if !isLookedAt { return Extraction.heldBytes }
    return isPayloadLimitGiven ? .max : Extraction.shownBytes
  }

  /// Whether payloads are looked through for what has to be hidden.
  var hidesContent: Bool { redaction?.looksIntoMessages == true }

  /// A job of the program.
  enum Mode: Equatable, Sendable {
    /// Read the captures and show what is in them.
    case analyze
    /// Print one line an option.
    case shortHelp
    /// Print everything there is to say about the options.
    case longHelp
    /// Print name and version.
    case version
    /// Print the manual page or a completion script.
    case generate(GeneratedFile)
    /// Print the table of diagnostics.
    case listDiagnostics
    /// Print the fields that records have.
    case listFields
    /// Print the interfaces that can be captured from.
    case listInterfaces
  }

  /// Whether the format is a table in text, whose columns can be chosen.
  var isTable: Bool { [CommaSeparated.name, TabSeparated.name].contains(format) }

  /// The columns of a table in text. Throws what is wrong with them.
  func columns() throws(ColumnChoice.Fault) -> ColumnChoice? {
    guard isTable else { return nil }
    return try ColumnChoice(columnNames, kind: requestedKinds)
  }

  /// The kinds that `--only` names; nil for all.
  var requestedKinds: RecordKinds? {
    recordTypes.map { types in
      RecordKinds.names.reduce(into: RecordKinds()) { kinds, entry in
        if types.contains(where: { $0.rawValue == entry.name }) { kinds.insert(entry.kind) }
      }
    }
  }

  /// Whether records go into a database, which is no stream of bytes.
  var writesDatabase: Bool { format == DatabaseOutput.format && printsRecords && !printsStatistics }

  /// The folder in which files are made when all rights are given up; nil: none are.
  var folderOfLaterFiles: String? {
    if let extraction {
      return FileStatus(.file(extraction)) == nil ? FileRing.folder(of: extraction) : extraction
    }
    if ring != nil, let writing { return FileRing.folder(of: writing) }
    return format == DatabaseOutput.format ? output.map { FileRing.folder(of: $0) } : nil
  }

  /// Whether what an exporter hands over is written at once.
  var leavesAtOnce: Bool { flushesEachRecord || live.interface != nil }

  /// Where a capture comes from.
  enum Input: Hashable, Sendable {
    /// Descriptor 0, asked for by `-`.
    case standardInput
    /// The file at this path (see `ArgumentText`).
    case file(String)

    /// The path, as far as it is UTF-8, or `-`.
    var pathAsGiven: String {
      switch self {
      case .standardInput: "-"
      case .file(let path): LosslessText.readable(path)
      }
    }

    /// The input that `argument` names on the command line.
    init(argument: String) { self = argument == "-" ? .standardInput : .file(argument) }
  }
}

/// The exit codes of the program; part of its contract with scripts.
enum ExitCode: Int32, CaseIterable, Sendable {
  /// A WebSocket connection was found, or the help (or the like) that was asked for has been printed.
  case found = 0
  /// Nothing was found, or `--fail-on` applied.
  case notFound = 1
  /// The command line was wrong, a file could not be read or written, or an interface not be captured from to the end.
  case failure = 2

  /// What the code means, as the help says it; `code` is marked with backquotes.
  var summary: String {
    switch self {
    case .found:
      "A WebSocket connection was found, or with `--tls` a TLS connection. With `-Y`, `-g`, `--sender`, `--from`, `--until` or `--hide-control`: a record was selected. Ctrl-C ends the reading, and the status is that of what was read."
    case .notFound: "None was, or a diagnostic was at least as severe as `--fail-on` allows."
    case .failure:
      "The command line was wrong, a file could not be read or written, or an interface went down or could not be opened."
    }
  }
}
