import Analysis
import Capture
import Export
import Filter

/// What a record must be to be selected, and what must be known to say so.
struct Criteria: ~Copyable {
  private let settings: SelectionSettings
  private var filter: Filter?
  private let pattern: RegularExpression?
  private let sender: Sender?
  /// Whether frames of messages are passed over, as the output shows the messages instead.
  private let leavesDataFramesOut: Bool
  /// Whether frames of messages are searched.
  private let searchesDataFrames: Bool

  private var start: Timestamp?
  private var facts: ConnectionMemory<ConnectionFacts>

  /// The criteria of `settings`, whose filter and pattern are right, for records of the types `shown`.
  ///
  /// - Parameter memory: bytes of handshakes that are remembered at most.
  init(
    _ settings: SelectionSettings, shown: RecordKinds, leavesDataFramesOut: Bool,
    memory: Int = ConnectionMemory<ConnectionFacts>.mostBytes
  ) {
    facts = ConnectionMemory(limit: memory)
    self.settings = settings
    filter = settings.filter.flatMap { try? Filter($0) }
    pattern = settings.pattern.flatMap { try? $0.compiled() }
    sender = settings.sender?.sender
    self.leavesDataFramesOut = leavesDataFramesOut
    searchesDataFrames = !shown.contains(.message)
  }

  /// The types of records that must be known, shown or not.
  var kinds: RecordKinds { [.capture, .connection, .end] }
  /// Whether payloads are looked into.
  var searchesPayloads: Bool { pattern != nil || filter?.needsPayload == true }
  /// How often a regular expression was given up.
  var abandonedSearches: UInt64 { (pattern?.abandoned ?? 0) + (filter?.abandonedSearches ?? 0) }

  /// Connections of whose handshakes nothing is known for want of memory.
  var forgottenConnections: UInt64 { facts.forgotten }

  // MARK: What is known

  mutating func note(_ record: CaptureRecord) { start = record.start }

  mutating func note(_ record: ConnectionRecord) {
    noteStart(record.time)
    guard filter?.needsConnection == true else { return }
    facts.note(ConnectionFacts(record), of: record, cost: record.cost)
  }

  mutating func forget(_ connection: UInt64) { facts.forget(connection) }

  /// Where the time of the first packet is not told, that of the first record serves.
  private mutating func noteStart(_ time: Timestamp?) {
    if start == nil { start = time }
  }

  private func around(_ connection: UInt64?) -> Surroundings {
    Surroundings(connection: connection.flatMap { facts[$0] }, start: start)
  }

  // MARK: What is selected

  /// Whether a frame is shown at all.
  func shows(_ record: borrowing FrameRecord) -> Bool {
    if record.header.opcode.isControl { return !settings.hidesControl }
    return leavesDataFramesOut ? record.message == 0 : true
  }

  mutating func accepts(_ record: borrowing FrameRecord, payload: RawSpan) -> Bool {
    noteStart(record.first.time)
    guard fits(record.sender, record.first.time) else { return false }
    if let pattern {
      if record.message != 0, !searchesDataFrames { return false }
      guard pattern.firstMatch(in: payload) != nil else { return false }
    }
    guard filter != nil else { return true }
    let around = around(record.connection.number)
    return filter?.accepts(record, payload: payload, around) ?? true
  }

  /// Whether the message of a piece may be accepted, by what is known before its end.
  mutating func mayAccept(_ piece: borrowing MessagePiece) -> Bool {
    noteStart(piece.first.time)
    return fits(piece.sender, piece.first.time)
  }

  mutating func accepts(_ record: borrowing MessageRecord, content: RawSpan) -> Bool {
    noteStart(record.first.time)
    guard fits(record.sender, record.first.time) else { return false }
    if let pattern, pattern.firstMatch(in: content) == nil { return false }
    guard filter != nil else { return true }
    let around = around(record.connection.number)
    return filter?.accepts(record, content: content, around) ?? true
  }

  mutating func accepts(_ record: ConnectionRecord) -> Bool {
    guard pattern == nil, fits(nil, record.time) else { return false }
    let around = around(record.connection.number)
    return filter?.accepts(record, around) ?? true
  }

  mutating func accepts(_ record: Diagnostic) -> Bool {
    noteStart(record.packet?.time)
    guard pattern == nil, fits(record.sender, record.packet?.time) else { return false }
    let around = around(record.connection?.number)
    return filter?.accepts(record, around) ?? true
  }

  mutating func accepts(_ record: EndRecord) -> Bool {
    guard pattern == nil, fits(nil, record.time) else { return false }
    let around = around(record.connection.number)
    return filter?.accepts(record, around) ?? true
  }

  mutating func accepts(_ record: TLSConnectionRecord) -> Bool {
    guard pattern == nil, fits(nil, record.first.time) else { return false }
    let around = around(record.connection?.number)
    return filter?.accepts(record, around) ?? true
  }

  /// Whether it is by the right sender, and at the right time; what has none of these is not kept out for that.
  private func fits(_ sender: Sender?, _ time: Timestamp?) -> Bool {
    if let wanted = self.sender, let sender, sender != wanted { return false }
    guard let time else { return true }
    if let from = settings.from?.time(from: start), time < from { return false }
    if let until = settings.until?.time(from: start), time > until { return false }
    return true
  }
}
