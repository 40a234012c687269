import Analysis
import Export
import Filter
import TestSupport
import Testing

@Suite("Filters, against a slow reference")
struct ReferenceTests {
  private static let samples = [
    "browser-chat.pcap", "frame-faults.pcap", "fragmented-with-ping.pcap", "node-ws-json.pcap",
    "subprotocol-graphql.pcap",
    "capture-gap.pcap", "close-1007-bad-utf8.pcap", "handshake-faults.pcap", "connection-reset.pcap",
    "joined-midway.pcap",
  ]
  private static let numbers = [
    "connection", "frame", "first_packet", "last_packet", "offset", "opcode", "header_length", "length",
    "captured_length",
    "first_frame", "last_frame", "frame_count", "wire_length", "browser_code", "client.frames", "server.payload_bytes",
    "client_close.code", "confidence",
  ]
  private static let booleans = [
    "fin", "rsv1", "masked", "complete", "truncated", "compressed", "valid_utf8", "clean", "upgraded", "accept_valid",
  ]
  private static let strings = [
    "text", "code", "reference", "url", "subprotocol", "close.reason", "close.name", "connection_id", "http_version",
  ]
  private static let words = [
    "sender": ["client", "server"], "kind": ["text", "binary"], "opcode_name": ["text", "ping", "continuation"],
    "severity": ["note", "warning", "error"], "ended_by": ["fin", "rst", "close-handshake"],
    "type": ["frame", "message", "end", "connection"],
  ]
  private static let paths = [
    "json.type", "json.id", "json.payload.data.arrivals.minutes", "json.*", "json.here[*]", "json.here[1]",
    "json.data[0].price",
    "json.payload.*", "json.text",
  ]

  @Test("random filters accept what a walk through the records' JSON accepts")
  func random() throws {
    var chance = SeededGenerator.announced("filters")
    let corpus = try Self.samples.map { try Sample($0) }
    for _ in 0..<3000 {
      let sample = try #require(corpus.randomElement(using: &chance))
      let reference = Self.filter(depth: 3, sample, &chance)
      var filter: Filter
      do throws(FilterError) {
        filter = try Filter(reference.text)
      } catch {
        Issue.record("\(reference.text): \(error)")
        continue
      }
      for (record, json) in zip(sample.records.records, sample.json) where json["type"] != nil {
        guard !["capture", "summary"].contains(json["type"]?.string) else { continue }
        // Of JSON that is damaged, what stands before the damage is found; the reference has no use for it.
        if reference.text.contains("json"), Self.isDamaged(json) { continue }
        let isAccepted = sample.records.accepts(&filter, record)
        #expect(isAccepted == reference.accepts(json), "\(reference.text)\n\(json)")
      }
    }
  }

  private static func isDamaged(_ record: JSONValue) -> Bool {
    guard let text = record["text"]?.string, text.hasPrefix("{") || text.hasPrefix("[") else { return false }
    return (try? JSONValue(parsing: text)) == nil
  }

  /// The records of a sample, and each of them as the program prints it, with what all records of a connection have.
  private struct Sample {
    let records: SampleRecords
    private(set) var json: [JSONValue] = []

    init(_ name: String) throws {
      records = try SampleRecords(name)
      var lines: [UInt8] = []
      var exporter = NDJSONExporter(ExportOptions()) { lines += $0 }
      for record in records.records { Self.write(record, to: &exporter) }
      exporter.flush()
      var connections: [UInt64: JSONValue] = [:]
      for line in lines.split(separator: 0x0A) {
        let value = try JSONValue(parsing: line)
        guard let number = value["connection"]?.integer, case .object(var members) = value else {
          json.append(value)
          continue
        }
        if value["type"]?.string == "connection" { connections[number] = value }
        for key in ["url", "subprotocol", "http_version", "upgraded", "accept_valid"] {
          if value[key] == nil, let shared = connections[number]?[key] {
            members.append(.init(key: key, value: shared))
          }
        }
        json.append(.object(members))
      }
    }

    private static func write(_ record: CollectedRecord, to exporter: inout NDJSONExporter) {
      switch record {
      case .capture(let record): exporter.capture(record)
      case .connection(let record): exporter.connection(record)
      case .tls(let record): exporter.tls(record)
      case .frame(let record, let payload): exporter.frame(record, payload: payload.span.bytes)
      case .message(let record, let content): exporter.message(record, content: content.span.bytes)
      case .diagnostic(let record): exporter.diagnostic(record)
      case .end(let record): exporter.end(record)
      case .summary(let record): exporter.summary(record)
      }
    }
  }

  // MARK: Random filters

  private static func filter(depth: Int, _ sample: Sample, _ chance: inout SeededGenerator) -> ReferenceFilter {
    let parts = { (chance: inout SeededGenerator) in
      (0..<Int.random(in: 2...3, using: &chance)).map { _ in filter(depth: depth - 1, sample, &chance) }
    }
    switch Int.random(in: 0..<(depth > 0 ? 10 : 5), using: &chance) {
    case 5: return .all(parts(&chance))
    case 6: return .any(parts(&chance))
    case 9: return .odd(parts(&chance))
    case 7, 8: return .not(filter(depth: depth - 1, sample, &chance))
    default: return test(sample, &chance)
    }
  }

  private static func test(_ sample: Sample, _ chance: inout SeededGenerator) -> ReferenceFilter {
    func pick<T>(_ values: [T], _ chance: inout SeededGenerator) -> T {
      values[Int.random(in: values.indices, using: &chance)]
    }
    let signs = ["==", "!=", "<", "<=", ">", ">="]
    /// Strings of ASCII, so that slices do not cut characters.
    let plain = ["code", "connection_id", "url", "http_version", "close.name"]
    switch Int.random(in: 0..<13, using: &chance) {
    case 10:
      let field = "len(\(pick(strings, &chance)))"
      return .compare(field, pick(signs, &chance), number(Int.random(in: 0...40, using: &chance)))
    case 11:
      let function = pick(["upper", "lower"], &chance), field = pick(strings, &chance)
      let text = string(field, sample, &chance)
      let other = Bool.random(using: &chance) ? text : function == "upper" ? text.uppercased() : text.lowercased()
      return .compare("\(function)(\(field))", pick(signs, &chance), .string(other))
    case 12:
      if Bool.random(using: &chance) {
        let field = "count(\(pick(strings + numbers, &chance)))"
        return .compare(field, pick(signs, &chance), number(Int.random(in: 0...2, using: &chance)))
      }
      let field = pick(plain, &chance), isStart = Bool.random(using: &chance)
      let text = string(field, sample, &chance)
      let part = isStart ? String(text.dropFirst().prefix(2)) : String(text.suffix(3))
      return .compare("\(field)\(isStart ? "[1:2]" : "[-3:]")", pick(signs, &chance), .string(part))
    case 0: return .present(pick(numbers + booleans + strings + paths, &chance))
    case 1: return .compare(pick(booleans, &chance), pick(["==", "!="], &chance), .bool(Bool.random(using: &chance)))
    case 2:
      let (field, values) = pick(words.sorted { $0.key < $1.key }, &chance)
      return .compare(
        field, field == "severity" ? pick(signs, &chance) : pick(["==", "!="], &chance), .string(pick(values, &chance)))
    case 3:
      let field = pick(numbers + paths, &chance)
      let ranges = (0..<Int.random(in: 1...3, using: &chance)).map { _ in range(field, sample, &chance) }
      return Bool.random(using: &chance) ? .among(field, ranges) : .amongNone(field, ranges)
    case 4:
      let field = pick(strings, &chance)
      let text = string(field, sample, &chance)
      return .contains(field, String(text.dropFirst(Int.random(in: 0...3, using: &chance)).prefix(3)))
    case 5, 6:
      let field = pick(strings + paths, &chance)
      return .compare(field, pick(signs, &chance), .string(string(field, sample, &chance)))
    default:
      let field = pick(numbers + paths, &chance)
      return .compare(field, pick(signs, &chance), number(field, sample, &chance))
    }
  }

  private static func number(_ value: Int) -> ReferenceFilter.Literal { .number(Double(value), "\(value)") }

  /// A number, or two, the lower one first.
  private static func range(
    _ field: String, _ sample: Sample, _ chance: inout SeededGenerator
  ) -> (ReferenceFilter.Literal, ReferenceFilter.Literal?) {
    let a = number(field, sample, &chance), b = number(field, sample, &chance)
    guard Bool.random(using: &chance), case .number(let x, _) = a, case .number(let y, _) = b else { return (a, nil) }
    return x <= y ? (a, b) : (b, a)
  }

  /// A number near one that the field has somewhere.
  private static func number(
    _ field: String, _ sample: Sample, _ chance: inout SeededGenerator
  ) -> ReferenceFilter.Literal {
    let found = sample.json.compactMap { record -> Double? in
      var value: JSONValue? = record
      for key in field.split(separator: ".") { value = value?[String(key)] }
      return value?.double
    }
    let near = (found.randomElement(using: &chance) ?? 12) + Double(Int.random(in: -1...1, using: &chance))
    guard field.hasPrefix("json") || field == "confidence" else {
      let whole = UInt64(max(0, near.rounded()))
      return .number(Double(whole), Bool.random(using: &chance) ? "\(whole)" : "0x\(String(whole, radix: 16))")
    }
    return .number(near, "\(near)")
  }

  /// A string that the field has somewhere.
  private static func string(_ field: String, _ sample: Sample, _ chance: inout SeededGenerator) -> String {
    let found = sample.json.compactMap { record -> String? in
      var value: JSONValue? = record
      if field.hasPrefix("json") { value = record["text"]?.string.flatMap { try? JSONValue(parsing: $0) } }
      for key in field.split(separator: ".") where key != "json" { value = value?[String(key)] }
      return value?.string
    }
    return found.randomElement(using: &chance) ?? "next"
  }
}
