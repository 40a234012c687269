import Analysis
import Bytes
import Capture
import JSON

/// A display filter: says of records whether they fulfil an expression, such as `length > 1KiB and json.type == "trade"`.
///
/// docs/filter.md describes the language. One is used by one thread only.
public struct Filter {
  /// The filter as it was written.
  public let text: String
  /// Whether `Surroundings.connection` is asked for.
  public let needsConnection: Bool
  /// Whether payloads are searched.
  public let needsPayload: Bool
  /// Whether it names a field that frames have and messages have not, or their type.
  public let asksForFrames: Bool

  private let root: FilterNode
  private let patterns: [RegularExpression]
  private var evaluation: Evaluation
  /// For each type of record, in the order of its bit, the field that each value is taken from.
  private let fields: [[Field?]]

  /// Reads `text`. Throws `FilterError`.
  public init(_ text: String) throws(FilterError) {
    self.text = text
    var parser = try FilterParser(text)
    root = try parser.parse()
    patterns = parser.patterns
    let slots = parser.slots
    fields = (0..<8).map { bit in
      let kind = RecordKinds(rawValue: 1 << UInt8(bit))
      return slots.map { fields in fields.first { $0.kinds.contains(kind) } }
    }
    needsConnection = slots.joined().contains { $0.needsConnection }
    let kinds = slots.map { fields in fields.reduce(into: RecordKinds()) { $0.formUnion($1.kinds) } }
    let namesType = slots.joined().contains { $0.baseName == "type" }
    asksForFrames =
      kinds.contains { $0.contains(.frame) && !$0.contains(.message) }
      || namesType && text.split(whereSeparator: { !$0.isLetter }).contains("frame")
    needsPayload = !parser.paths.isEmpty || slots.joined().contains { ["text", "payload"].contains($0.baseName) }
    evaluation = Evaluation(
      values: Array(repeating: .absent, count: slots.count), lookups: parser.paths.map { JSONLookup($0) },
      patterns: parser.patterns)
  }

  /// How often a regular expression was given up on a payload because it took too many steps.
  public var abandonedSearches: UInt64 { patterns.reduce(0) { $0 + $1.abandoned } }

  private static let none: [UInt8] = []

  // Bits of `RecordKinds`, as indices.
  private static let (connection, frame, message, diagnostic, end, tls) = (1, 2, 3, 4, 5, 7)

  /// Whether a frame with this payload fulfils it.
  public mutating func accepts(
    _ record: borrowing FrameRecord, payload: RawSpan, _ around: borrowing Surroundings
  ) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.frame][i]?.value(of: record, payload: payload, around) ?? .absent
    }
    evaluation.start = around.start
    return evaluation.holds(root, payload)
  }

  /// Whether a message with this content fulfils it.
  public mutating func accepts(
    _ record: borrowing MessageRecord, content: RawSpan, _ around: borrowing Surroundings
  ) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.message][i]?.value(of: record, content: content, around) ?? .absent
    }
    evaluation.start = around.start
    return evaluation.holds(root, content)
  }

  /// Whether a connection fulfils it.
  public mutating func accepts(_ record: ConnectionRecord, _ around: borrowing Surroundings) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.connection][i]?.value(of: record, around) ?? .absent
    }
    return holdsWithoutPayload(around)
  }

  /// Whether a diagnostic fulfils it.
  public mutating func accepts(_ record: Diagnostic, _ around: borrowing Surroundings) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.diagnostic][i]?.value(of: record, around) ?? .absent
    }
    return holdsWithoutPayload(around)
  }

  /// Whether a connection's end fulfils it.
  public mutating func accepts(_ record: EndRecord, _ around: borrowing Surroundings) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.end][i]?.value(of: record, around) ?? .absent
    }
    return holdsWithoutPayload(around)
  }

  /// Whether a TLS connection fulfils it.
  public mutating func accepts(_ record: TLSConnectionRecord, _ around: borrowing Surroundings) -> Bool {
    for i in evaluation.values.indices {
      evaluation.values[i] = fields[Self.tls][i]?.value(of: record, around) ?? .absent
    }
    return holdsWithoutPayload(around)
  }

  private mutating func holdsWithoutPayload(_ around: borrowing Surroundings) -> Bool {
    evaluation.start = around.start
    return evaluation.holds(root, Self.none.span.bytes)
  }
}
