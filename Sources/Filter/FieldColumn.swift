import Analysis
import Bytes
import JSON

/// A column of a table: the fields of one name, or a path into JSON payloads.
public struct FieldColumn: Sendable {
  /// The name that it was asked for by.
  public let name: String
  /// The fields, one for each type of record at most; none for a path.
  public let fields: [Field]
  /// The types of records that may have a value.
  public let kinds: RecordKinds
  /// Whether `Surroundings.connection` is asked for.
  public var needsConnection: Bool { fields.contains { $0.needsConnection } }
  /// Whether it shows what messages mean.
  public var isOfView: Bool {
    search?.isInView ?? fields.contains { $0.baseName == "view" || $0.baseName.hasPrefix("view.") }
  }
  private var search: JSONSearch?

  /// The column called `name`, which is a field's name, one of Wireshark's names, `request.header["NAME"]`, `json.PATH`, or a field of a view; nil
  /// if there is none.
  public init?(_ name: String) {
    self.name = name
    fields = FieldTable.fields(named: name)
    if fields.isEmpty {
      guard let source = FieldTable.jsonSource(name), source.hasKnownField else { return nil }
      search = JSONSearch(source)
      kinds = source.place == .payload ? [.frame, .message] : .message
    } else {
      kinds = fields.reduce(into: []) { $0.formUnion($1.kinds) }
    }
  }

  private func field(_ kind: RecordKinds) -> Field? { fields.first { $0.kinds.contains(kind) } }

  /// Its value in a frame.
  public mutating func value(
    of record: borrowing FrameRecord, payload: RawSpan, _ around: borrowing Surroundings
  ) -> FieldValue {
    if let search { return search.isInView ? .absent : json(payload) }
    return field(.frame)?.value(of: record, payload: payload, around) ?? .absent
  }

  /// Its value in a message.
  public mutating func value(
    of record: borrowing MessageRecord, content: RawSpan, _ around: borrowing Surroundings
  ) -> FieldValue {
    if let search {
      guard search.isInView else { return json(content) }
      return record.view.map { json($0.json.span.bytes) } ?? .absent
    }
    return field(.message)?.value(of: record, content: content, around) ?? .absent
  }

  /// Its value in a connection.
  public func value(of record: ConnectionRecord, _ around: borrowing Surroundings) -> FieldValue {
    field(.connection)?.value(of: record, around) ?? .absent
  }

  /// Its value in a diagnostic.
  public func value(of record: Diagnostic, _ around: borrowing Surroundings) -> FieldValue {
    field(.diagnostic)?.value(of: record, around) ?? .absent
  }

  /// Its value in a connection's end.
  public func value(of record: EndRecord, _ around: borrowing Surroundings) -> FieldValue {
    field(.end)?.value(of: record, around) ?? .absent
  }

  /// Its value in a TLS connection.
  public func value(of record: TLSConnectionRecord, _ around: borrowing Surroundings) -> FieldValue {
    field(.tls)?.value(of: record, around) ?? .absent
  }

  /// The values at the path: one, or a list of them. Objects and arrays are their text.
  private mutating func json(_ text: RawSpan) -> FieldValue {
    search?.restart(text)
    let isPayload = search?.isInView == false
    var values: [FieldValue] = []
    while values.count < Self.mostValues, let token = search?.next(text) {
      let value = FieldValue(token, text, isPayload: isPayload)
      if value != .absent { values.append(value) }
    }
    return values.count > 1 ? .list(values) : values.first ?? .absent
  }

  /// Values of a payload that a path with wildcards gives at most.
  private static let mostValues = 10_000
}

extension FieldValue {
  /// The JSON value `token` of `payload`, or of another text; `null` is absent.
  init(_ token: JSONToken, _ payload: RawSpan, isPayload: Bool) {
    self.init(token, payload)
    if !isPayload, case .payloadText(let range) = self {
      self = .string(payload.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
    }
  }

  private init(_ token: JSONToken, _ payload: RawSpan) {
    switch token.kind {
    case .null: self = .absent
    case .true, .false: self = .bool(token.kind == .true)
    case .number:
      if let integer = JSONText.integer(payload, token.range), integer >= 0 {
        self = .integer(UInt64(integer))
      } else {
        self = .payloadText(token.range)
      }
    case .string where token.hasEscapes: self = .string(String(decoding: JSONText.utf8(payload, token), as: UTF8.self))
    default: self = .payloadText(token.range)
    }
  }
}

extension FieldTable {
  /// What `json`, `json.a.b`, `json[0]`, `stomp.command` or `view.line` lead to; nil for other names.
  static func jsonSource(_ name: String) -> JSONSource? {
    if let path = jsonPath(name) { return JSONSource(place: .payload, path: path) }
    guard let (place, rest) = JSONSource.view(name) else { return nil }
    if rest.isEmpty { return JSONSource(place: place, path: JSONPath([])) }
    let text = rest.first == "." ? rest.dropFirst() : rest
    return (try? JSONPath(String(text))).map { JSONSource(place: place, path: $0) }
  }

  /// The path of `json`, `json.a.b` or `json[0]`; nil for other names.
  static func jsonPath(_ name: String) -> JSONPath? {
    guard name.hasPrefix("json") else { return nil }
    var rest = name.dropFirst(4)
    if rest.isEmpty { return JSONPath([]) }
    if rest.first == "." { rest = rest.dropFirst() } else if rest.first != "[" { return nil }
    guard !rest.isEmpty else { return nil }
    return try? JSONPath(String(rest))
  }
}
