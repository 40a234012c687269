import Analysis
import Bytes
import Filter

/// How records are to be written.
public struct ExportOptions: Equatable, Sendable {
  /// Whether terminal colours (ECMA-48 SGR) are used, by formats that have them.
  public var isColored = false
  /// Columns that a line should keep to; nil: no terminal, lines may be long.
  public var width: Int?
  /// Whether formats for people show payloads as hex and text as well.
  public var showsHex = false
  /// Whether the text format shows whole messages below their lines.
  public var showsWholeMessages = false
  /// Kinds that were asked for by name; nil when all are shown by default. Formats for people leave out what repeats
  /// itself unless it was asked for.
  public var requestedKinds: RecordKinds?
  /// The columns of formats that are a table in text; nil for their own.
  public var columns: ColumnChoice?
  /// Whether values that a spreadsheet would take for formulas stand there as they are.
  public var showsFormulas = false
  /// Whether there are several input files, so that packet numbers need their file.
  public var hasSeveralFiles = false
  /// What payloads were searched for, which formats for people mark where they are coloured.
  public var search: SearchPattern?
  /// Whether only records that were selected are given.
  public var isSelection = false
  /// Whether messages have views, as far as one knows them.
  public var hasViews = true
  /// Whether the reader is a terminal, which bytes of a capture must not drive.
  public var isForTerminal = false
  /// Whether each record is handed over at once.
  public var flushesEachRecord = false

  /// The defaults.
  public init() {}
}

/// Takes records, and may hold back what it makes of them.
public protocol RecordWriter: RecordSink, ~Copyable {
  /// Hands over all that is written.
  mutating func flush()
  /// Nothing more comes: writes what ends the output, and hands over all. Where the input could not be read at all, it is not
  /// called.
  mutating func finish()
  /// A connection that is not to be written: formats that count times from the first one need to know of it.
  mutating func note(hidden record: ConnectionRecord)
  /// What was left out that people should be told, a clause each.
  var remarks: [String] { get }
  /// A message that is not to be written after all, though it may have come in pieces.
  mutating func note(hidden record: borrowing MessageRecord)
}

extension RecordWriter where Self: ~Copyable {
  /// Hands over all that is written; for outputs that need no end.
  public mutating func finish() { flush() }
  /// Nothing was.
  public var remarks: [String] { [] }
  /// Forgets it.
  public mutating func note(hidden record: ConnectionRecord) {}
  /// Forgets it.
  public mutating func note(hidden record: borrowing MessageRecord) {}
}

/// An output format: records in, bytes out.
///
/// A format is one file with one type like this and one entry in `Exporters.all`.
public protocol Exporter: RecordWriter, SendableMetatype, ~Copyable {
  /// What `--format` calls it, in lower case.
  static var name: String { get }
  /// What it is for, in half a line.
  static var summary: String { get }

  /// For formats that are one table, with records of one kind: the kind, unless another one is asked for. Nil for all others.
  static var defaultKind: RecordKinds? { get }
  /// Kinds that it needs whichever are asked for.
  static var neededKinds: RecordKinds { get }
  /// Whether it is of no use on a terminal.
  static var isForFiles: Bool { get }

  /// A writer of this format whose bytes go to `drain`.
  init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void)
}

extension Exporter where Self: ~Copyable {
  /// It has records of all kinds.
  public static var defaultKind: RecordKinds? { nil }
  /// It needs none.
  public static var neededKinds: RecordKinds { [] }
  /// It is text that people can read.
  public static var isForFiles: Bool { false }
}

/// The output formats.
public enum Exporters {
  /// All formats; the first is the default.
  public static let all: [any (Exporter & ~Copyable).Type] = [
    TextExporter.self, TreeExporter.self, NDJSONExporter.self, JSONExporter.self, ArrowExporter.self,
    HARExporter.self, HTMLExporter.self, SeparatedExporter<CommaSeparated>.self, SeparatedExporter<TabSeparated>.self,
  ]

  /// The format called `name`; nil if there is none of that name.
  public static func format(_ name: String) -> (any (Exporter & ~Copyable).Type)? { all.first { $0.name == name } }

  /// The writer of the format called `name`; nil if there is none of that name.
  public static func writer(
    _ name: String, _ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) -> AnyRecordWriter? {
    func make<E: Exporter & ~Copyable>(_ format: E.Type) -> AnyRecordWriter {
      AnyRecordWriter(format.init(options, drain: drain))
    }
    for format in all where format.name == name { return make(format) }
    return nil
  }
}
