import Analysis
import Export
import Foundation
import Synchronization
import Subprotocols
import TestSupport

/// Lines of NDJSON output, and what they hold.
struct Output: Sendable {
  /// The lines, each without its end.
  let lines: [[UInt8]]
  /// What each line holds.
  let records: [JSONValue]

  /// What wstap writes for `files`.
  init(
    of files: [(path: String, bytes: [UInt8])], _ options: AnalyzerOptions = AnalyzerOptions(),
    kinds: RecordKinds = .all
  ) throws {
    let gathered = Gathered()
    var exportOptions = ExportOptions()
    exportOptions.hasSeveralFiles = files.count > 1
    var sink = RecordFilter(NDJSONExporter(exportOptions) { gathered.bytes += $0 }, kinds: kinds, views: ViewOptions())
    try analyze(files, options, into: &sink)
    sink.next.flush()
    try self.init(gathered.bytes)
  }

  /// What wstap writes for the samples `names`, read as one capture; payloads are cut after `stored` bytes, if given.
  init(samples names: String..., stored: Int? = nil) throws {
    self = try Self.remembered(names + ["\(stored ?? -1)"]) {
      try Output(of: try names.map { ($0, try SampleFiles.capture($0)) }, Self.options(stored))
    }
  }

  /// What wstap writes for a hostile conversation; payloads are cut after `stored` bytes, if given.
  init(hostile name: String, stored: Int? = nil) throws {
    self = try Self.remembered(["hostile", name, "\(stored ?? -1)"]) {
      try Output(HostileConversations.all[name]?() ?? Conversation(), stored: stored)
    }
  }

  /// What wstap writes for a conversation; payloads are cut after `stored` bytes, if given.
  init(_ conversation: Conversation, stored: Int? = nil) throws {
    try self.init(of: [("conversation.pcap", conversation.capture.pcap())], Self.options(stored))
  }

  /// Many tests look at the same output: it is made once.
  private static func remembered(_ key: [String], _ make: () throws -> Output) throws -> Output {
    if let known = memory.withLock({ $0[key] }) { return known }
    let output = try make()
    memory.withLock { $0[key] = output }
    return output
  }

  private static let memory = Mutex<[[String]: Output]>([:])

  private static func options(_ stored: Int?) -> AnalyzerOptions {
    var options = AnalyzerOptions()
    if let stored { options.messages.stored = stored }
    return options
  }

  private init(_ bytes: [UInt8]) throws {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    guard lines.popLast() == [] else { throw NotALine() }
    self.lines = lines
    records = try lines.map { try JSONValue(parsing: $0) }
  }

  /// The records of one type.
  func all(_ type: String) -> [JSONValue] { records.filter { $0["type"]?.string == type } }

  /// The last line has no end.
  struct NotALine: Error {}

  /// What an exporter has drained.
  private final class Gathered {
    var bytes: [UInt8] = []
  }
}

extension JSONValue {
  /// The kind of a record.
  var type: String { self["type"]?.string ?? "" }

  /// The bytes that a record carries as `text` or `base64`.
  var payload: [UInt8] {
    if let text = self["text"]?.string { return Array(text.utf8) }
    return self["base64"]?.string.flatMap { Data(base64Encoded: $0) }.map { [UInt8]($0) } ?? []
  }
}
