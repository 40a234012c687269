import Analysis
import Bytes
import Capture
import Filter
import TestSupport
import Testing

/// All records of a sample, with what is known of their connections.
struct SampleRecords {
  let records: [CollectedRecord]
  private let start: Timestamp?
  private let facts: [UInt64: ConnectionFacts]

  init(_ name: String, maxPayload: Int = 65_536) throws {
    var options = AnalyzerOptions()
    options.messages.stored = maxPayload
    records = try analyze(
      files: [SampleFiles.capture(name)], options, keyLog: SampleFiles.keyLog(String(name.prefix { $0 != "." }))
    ).records
    var facts: [UInt64: ConnectionFacts] = [:]
    var start: Timestamp?
    for record in records {
      switch record {
      case .connection(let record): facts[record.connection.number] = ConnectionFacts(record)
      case .frame(let record, _) where start == nil: start = record.first.time
      default: break
      }
    }
    self.facts = facts
    self.start = start
  }

  /// Those that `filter` accepts.
  func accepted(_ filter: String) throws(FilterError) -> [CollectedRecord] {
    var filter = try Filter(filter)
    return records.filter { accepts(&filter, $0) }
  }

  func accepts(_ filter: inout Filter, _ record: CollectedRecord) -> Bool {
    switch record {
    case .capture, .summary: false
    case .connection(let record): filter.accepts(record, around(record.connection.number))
    case .frame(let record, let payload):
      filter.accepts(record, payload: payload.span.bytes, around(record.connection.number))
    case .message(let record, let content):
      filter.accepts(record, content: content.span.bytes, around(record.connection.number))
    case .diagnostic(let record): filter.accepts(record, around(record.connection?.number))
    case .end(let record): filter.accepts(record, around(record.connection.number))
    case .tls(let record): filter.accepts(record, around(record.connection?.number))
    }
  }

  func around(_ connection: UInt64?) -> Surroundings {
    Surroundings(connection: connection.flatMap { facts[$0] }, start: start)
  }
}

/// How many frames, messages and others there are: `f4 m2 c1`.
func counted(_ records: [CollectedRecord]) -> String {
  var counts: [(String, Int)] = [("f", 0), ("m", 0), ("c", 0), ("d", 0), ("e", 0), ("t", 0)]
  for record in records {
    switch record {
    case .frame: counts[0].1 += 1
    case .message: counts[1].1 += 1
    case .connection: counts[2].1 += 1
    case .diagnostic: counts[3].1 += 1
    case .end: counts[4].1 += 1
    case .tls: counts[5].1 += 1
    case .capture, .summary: break
    }
  }
  return counts.filter { $0.1 > 0 }.map { "\($0.0)\($0.1)" }.joined(separator: " ")
}

/// What is wrong with a filter; nil if nothing is.
func filterError(_ text: String) -> FilterError? {
  do throws(FilterError) {
    _ = try Filter(text)
    return nil
  } catch {
    return error
  }
}
