import Analysis
import Bytes
import Capture
import HTTP
import WebSocket

/// What a field's value may be taken from besides its record.
public struct Surroundings: Sendable {
  /// What is known of the record's connection; nil where it has none.
  public var connection: ConnectionFacts?
  /// When the capture began; nil where that is not known.
  public var start: Timestamp?

  /// These.
  public init(connection: ConnectionFacts? = nil, start: Timestamp? = nil) {
    self.connection = connection
    self.start = start
  }
}

/// What all records of a connection can tell: see `ConnectionRecord`.
public final class ConnectionFacts: Sendable {
  /// The record.
  public let record: ConnectionRecord
  /// What its handshake says.
  public let handshake: HandshakeSummary

  /// What `record` says.
  public init(_ record: ConnectionRecord) {
    self.record = record
    handshake = record.handshake
  }
}

/// What records of every type may have.
struct RecordHead: Sendable {
  var kind: RecordKinds
  var connection: ConnectionReference?
  var sender: Sender?
  var time: Timestamp?
  var facts: ConnectionFacts?
  var start: Timestamp?
}

/// A field of records: its name as in the JSON output, what it is, and how its value is taken from a record.
///
/// Several fields may have one name if no type of record has two of them: `message` is the number of a message, and what a
/// diagnostic says.
public struct Field: Sendable {
  typealias OfHead = @Sendable (borrowing RecordHead) -> FieldValue
  typealias OfFacts = @Sendable (borrowing ConnectionFacts) -> FieldValue
  typealias OfFrame = @Sendable (borrowing FrameRecord, RawSpan) -> FieldValue
  typealias OfMessage = @Sendable (borrowing MessageRecord, RawSpan) -> FieldValue
  typealias OfDiagnostic = @Sendable (Diagnostic) -> FieldValue
  typealias OfEnd = @Sendable (EndRecord) -> FieldValue
  typealias OfTLS = @Sendable (TLSConnectionRecord) -> FieldValue

  /// Its name.
  public let name: String
  /// What its values are.
  public let type: FieldType
  /// What it is, in half a line.
  public let help: String
  /// The types of records that have it.
  public let kinds: RecordKinds
  /// Whether a record may have several values.
  public let isList: Bool
  /// Whether it is a name of Wireshark's, which means presence when it stands alone.
  public let isAlias: Bool
  /// The name of which it is an alias, or its own.
  public let baseName: String
  /// Whether the record of the connection must be known (`Surroundings.connection`).
  public var needsConnection: Bool { facts != nil }

  private let head: OfHead?
  private let facts: OfFacts?
  private let frame: OfFrame?
  private let message: OfMessage?
  private let diagnostic: OfDiagnostic?
  private let end: OfEnd?
  private let tls: OfTLS?

  /// All types of records that belong to a connection.
  static let ofConnection: RecordKinds = [.connection, .frame, .message, .diagnostic, .end]
  /// These and those of TLS.
  static let ofAll: RecordKinds = [.connection, .frame, .message, .diagnostic, .end, .tls]

  init(
    _ name: String, _ type: FieldType, _ help: String, isList: Bool = false, isAlias: Bool = false,
    baseName: String? = nil, kinds: RecordKinds = [], head: OfHead? = nil, facts: OfFacts? = nil, frame: OfFrame? = nil,
    message: OfMessage? = nil, diagnostic: OfDiagnostic? = nil, end: OfEnd? = nil, tls: OfTLS? = nil
  ) {
    self.name = name
    self.type = type
    self.help = help
    self.isList = isList
    self.isAlias = isAlias
    self.baseName = baseName ?? name
    var kinds = head == nil ? facts == nil ? RecordKinds() : Self.ofConnection : kinds
    if frame != nil { kinds.insert(.frame) }
    if message != nil { kinds.insert(.message) }
    if diagnostic != nil { kinds.insert(.diagnostic) }
    if end != nil { kinds.insert(.end) }
    if tls != nil { kinds.insert(.tls) }
    self.kinds = kinds
    self.head = head
    self.facts = facts
    self.frame = frame
    self.message = message
    self.diagnostic = diagnostic
    self.end = end
    self.tls = tls
  }

  /// The same under another name.
  func alias(_ name: String) -> Field {
    Field(
      name, type, "the same as \(self.name)", isList: isList, isAlias: true, baseName: self.name, kinds: kinds,
      head: head, facts: facts,
      frame: frame, message: message, diagnostic: diagnostic, end: end, tls: tls)
  }

  // MARK: Values

  /// Its value in a frame with this payload.
  public func value(
    of record: borrowing FrameRecord, payload: RawSpan, _ around: borrowing Surroundings
  ) -> FieldValue {
    if let frame { return frame(record, payload) }
    if let facts { return around.connection.map { facts($0) } ?? .absent }
    guard let head, kinds.contains(.frame) else { return .absent }
    return head(
      RecordHead(
        kind: .frame, connection: record.connection, sender: record.sender, time: record.first.time,
        facts: around.connection, start: around.start))
  }

  /// Its value in a message with this content.
  public func value(
    of record: borrowing MessageRecord, content: RawSpan, _ around: borrowing Surroundings
  ) -> FieldValue {
    if let message { return message(record, content) }
    if let facts { return around.connection.map { facts($0) } ?? .absent }
    guard let head, kinds.contains(.message) else { return .absent }
    return head(
      RecordHead(
        kind: .message, connection: record.connection, sender: record.sender, time: record.first.time,
        facts: around.connection, start: around.start))
  }

  /// Its value in a connection.
  public func value(of record: ConnectionRecord, _ around: borrowing Surroundings) -> FieldValue {
    if let facts { return facts(around.connection ?? ConnectionFacts(record)) }
    guard let head, kinds.contains(.connection) else { return .absent }
    return head(
      RecordHead(
        kind: .connection, connection: record.connection, time: record.time,
        facts: around.connection ?? ConnectionFacts(record), start: around.start))
  }

  /// Its value in a diagnostic.
  public func value(of record: Diagnostic, _ around: borrowing Surroundings) -> FieldValue {
    if let diagnostic { return diagnostic(record) }
    if let facts { return around.connection.map { facts($0) } ?? .absent }
    guard let head, kinds.contains(.diagnostic) else { return .absent }
    return head(
      RecordHead(
        kind: .diagnostic, connection: record.connection, sender: record.sender, time: record.packet?.time,
        facts: around.connection, start: around.start))
  }

  /// Its value in a connection's end.
  public func value(of record: EndRecord, _ around: borrowing Surroundings) -> FieldValue {
    if let end { return end(record) }
    if let facts { return around.connection.map { facts($0) } ?? .absent }
    guard let head, kinds.contains(.end) else { return .absent }
    return head(
      RecordHead(
        kind: .end, connection: record.connection, time: record.time, facts: around.connection, start: around.start))
  }

  /// Its value in a TLS connection.
  public func value(of record: TLSConnectionRecord, _ around: borrowing Surroundings) -> FieldValue {
    if let tls { return tls(record) }
    guard let head, kinds.contains(.tls) else { return .absent }
    return head(
      RecordHead(
        kind: .tls, connection: record.connection, time: record.first.time, facts: around.connection,
        start: around.start))
  }
}
