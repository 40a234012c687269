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
  /// The first name in it of what messages mean: `view`, or a field of a view; nil if there is none.
  public let viewField: String?
  /// Whether it names a field that frames have and messages have not, or their type.
  public let asksForFrames: Bool

  private let root: FilterNode
  private let patterns: [RegularExpression]
  private var evaluation: Evaluation
  /// For each type of record, in the order of its bit, where each value is taken from.
  private let sources: [[Source]]

  /// Where a value is taken from, in records of one type.
  private struct Source {
    let field: Field?
    let functions: [FieldFunction]
  }

  /// Reads `text`. Throws `FilterError`.
  public init(_ text: String) throws(FilterError) {
    self.text = text
    var parser = try FilterParser(text)
    root = try parser.parse()
    patterns = parser.patterns
    let slots = parser.slots
    let named = slots.flatMap(\.fields)
    sources = (0..<8).map { bit in
      let kind = RecordKinds(rawValue: 1 << UInt8(bit))
      return slots.map { slot in
        Source(field: slot.fields.first { $0.kinds.contains(kind) }, functions: slot.functions)
      }
    }
    viewField =
      named.first { $0.baseName == "view" || $0.baseName.hasPrefix("view.") }?.name
      ?? parser.paths.first { $0.place != .payload }?.name
    needsConnection = named.contains { $0.needsConnection }
    let kinds = slots.map { $0.fields.reduce(into: RecordKinds()) { $0.formUnion($1.kinds) } }
    let namesType = named.contains { $0.baseName == "type" }
    asksForFrames =
      kinds.contains { $0.contains(.frame) && !$0.contains(.message) }
      || namesType && text.split(whereSeparator: { !$0.isLetter }).contains("frame")
    needsPayload =
      parser.paths.contains { $0.place == .payload } || named.contains { ["text", "payload"].contains($0.baseName) }
    evaluation = Evaluation(
      values: Array(repeating: .absent, count: slots.count), searches: parser.paths.map { JSONSearch($0) },
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
    evaluation.view = []
    for i in evaluation.values.indices {
      let source = sources[Self.frame][i]
      set(i, source, source.field?.value(of: record, payload: payload, around), payload)
    }
    return holds(payload, around)
  }

  /// Whether a message with this content fulfils it.
  public mutating func accepts(
    _ record: borrowing MessageRecord, content: RawSpan, _ around: borrowing Surroundings
  ) -> Bool {
    evaluation.view = record.view?.json ?? []
    for i in evaluation.values.indices {
      let source = sources[Self.message][i]
      set(i, source, source.field?.value(of: record, content: content, around), content)
    }
    return holds(content, around)
  }

  /// Whether a connection fulfils it.
  public mutating func accepts(_ record: ConnectionRecord, _ around: borrowing Surroundings) -> Bool {
    holdsWithoutPayload(Self.connection, around) { $0.value(of: record, $1) }
  }

  /// Whether a diagnostic fulfils it.
  public mutating func accepts(_ record: Diagnostic, _ around: borrowing Surroundings) -> Bool {
    holdsWithoutPayload(Self.diagnostic, around) { $0.value(of: record, $1) }
  }

  /// Whether a connection's end fulfils it.
  public mutating func accepts(_ record: EndRecord, _ around: borrowing Surroundings) -> Bool {
    holdsWithoutPayload(Self.end, around) { $0.value(of: record, $1) }
  }

  /// Whether a TLS connection fulfils it.
  public mutating func accepts(_ record: TLSConnectionRecord, _ around: borrowing Surroundings) -> Bool {
    holdsWithoutPayload(Self.tls, around) { $0.value(of: record, $1) }
  }

  // MARK: Values

  @inline(__always)
  private mutating func set(_ i: Int, _ source: Source, _ value: FieldValue?, _ payload: RawSpan) {
    evaluation.values[i] = value ?? .absent
    for function in source.functions { evaluation.values[i] = function.apply(evaluation.values[i], payload) }
  }

  private mutating func holds(_ payload: RawSpan, _ around: borrowing Surroundings) -> Bool {
    evaluation.start = around.start
    return evaluation.holds(root, payload)
  }

  /// The same for records of one type that have no payload.
  @inline(__always)
  private mutating func holdsWithoutPayload(
    _ kind: Int, _ around: borrowing Surroundings, _ value: (Field, borrowing Surroundings) -> FieldValue
  ) -> Bool {
    evaluation.view = []
    for i in evaluation.values.indices {
      let source = sources[kind][i]
      set(i, source, source.field.map { value($0, around) }, Self.none.span.bytes)
    }
    return holds(Self.none.span.bytes, around)
  }
}
