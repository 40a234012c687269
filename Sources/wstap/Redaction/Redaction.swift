import Analysis
import Bytes
import Export
import HTTP
import Subprotocols

/// Hides what is secret in records, before anything is written.
struct Redaction: RecordWriter, ~Copyable {
  /// Secrets of a connection that are looked for in its diagnostics; where there are more, nothing is quoted.
  private static let mostSecrets = 64
  /// Characters by which a part of a secret is known.
  private static let leastPart = 6

  private var next: AnyRecordWriter
  private let rules: RedactionRules
  private let json: JSONRedaction?
  private let showsConnections: Bool
  private let showsViews: Bool
  private var labels = HiddenLabels()
  /// What messages are recognised as, where another view is forced on them that may not know what is secret in them; nil where none is.
  private var recognised: MessageViews?
  /// What was hidden of each connection that is open, the longest first; nil: too much.
  private var secrets: ConnectionMemory<[String]?>

  /// Hides what `rules` say in front of `next`. What diagnostics may quote is known from connections, whether or not `next` takes
  /// them.
  ///
  /// - Parameters:
  ///   - isViewForced: whether the views that messages come with are not those that they are recognised as.
  ///   - memory: bytes of what was hidden that are remembered at most.
  init(
    _ next: consuming AnyRecordWriter, _ rules: RedactionRules, showsConnections: Bool, showsViews: Bool = true,
    isViewForced: Bool = false, memory: Int = ConnectionMemory<[String]?>.mostBytes
  ) {
    secrets = ConnectionMemory(limit: memory)
    self.showsConnections = showsConnections
    self.showsViews = showsViews
    self.next = next
    self.rules = rules
    let members = rules.allMembers
    json = members.isEmpty ? nil : JSONRedaction(members)
    if isViewForced, !members.isEmpty { recognised = MessageViews(ViewOptions()) }
  }

  var kinds: RecordKinds { next.kinds.union(.connection) }

  var remarks: [String] {
    guard secrets.forgotten > 0 else { return next.remarks }
    return ["what diagnostics quote is hidden from a point on: too many connections were open to know what is secret"]
      + next.remarks
  }

  mutating func flush() { next.flush() }
  mutating func finish() { next.finish() }
  mutating func capture(_ record: CaptureRecord) { next.capture(record) }
  mutating func tls(_ record: TLSConnectionRecord) { next.tls(record) }
  mutating func summary(_ record: SummaryRecord) { next.summary(record) }

  mutating func connection(_ record: ConnectionRecord) {
    let redacted = redacted(record)
    if showsConnections { next.connection(redacted) } else { next.note(hidden: redacted) }
  }

  mutating func note(hidden record: ConnectionRecord) { next.note(hidden: redacted(record)) }

  private mutating func redacted(_ record: ConnectionRecord) -> ConnectionRecord {
    recognised?.begin(
      record.connection.number, subprotocol: record.response?.head.value(.subprotocol),
      target: record.request?.head.target)
    let isValid = record.handshake.acceptIsValid
    var record = record
    var redaction = HeadRedaction(rules)
    if let head = record.request?.head { record.request?.head = redaction.redacted(head) }
    if let head = record.response?.head { record.response?.head = redaction.redacted(head) }
    record.handshake = HandshakeSummary(
      request: record.request?.head, response: record.response?.head, isSecure: record.tls != nil)
    record.handshake.acceptIsValid = isValid
    if let session = record.polling?.session, redaction.secrets.contains(session) {
      record.polling?.session = HeadRedaction.mask
    }
    if !redaction.secrets.isEmpty { remember(redaction.secrets, of: record) }
    return record
  }

  private mutating func remember(_ hidden: Set<String>, of record: ConnectionRecord) {
    let isTooMuch = hidden.count > Self.mostSecrets
    let cost = isTooMuch ? 0 : hidden.reduce(0) { $0 + 64 + $1.utf8.count }
    secrets.note(isTooMuch ? nil : hidden.sorted { $0.utf8.count > $1.utf8.count }, of: record, cost: cost)
  }

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let header = record.header
    guard let json else { return next.frame(record, payload: payload) }
    // What is compressed, or a part of a message, cannot be searched for itself; the message can. So it is where values have no names
    // before them, which the view of the message knows.
    let isWhole = header.isFinal && header.opcode == .text && !header.rsv1 && Self.isObject(payload)
    guard isWhole || header.opcode.isControl else {
      let nothing: [UInt8] = []
      return next.frame(record, payload: nothing.span.bytes)
    }
    guard let redacted = json.redacted(payload) else { return next.frame(record, payload: payload) }
    next.frame(record, payload: redacted.span.bytes)
  }

  private static func isObject(_ payload: RawSpan) -> Bool {
    for i in 0..<payload.byteCount {
      let byte = payload.u8(i)
      if byte > 0x20 { return byte == 0x7B }
    }
    return false
  }

  /// Where payloads are looked through, only what came with the message is.
  mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) {
    if json == nil { next.piece(piece, content: content) }
  }

  mutating func note(hidden record: borrowing MessageRecord) {
    // Replies to what it asks for name that again.
    if let json, let view = record.view, !view.requests.isEmpty {
      let nothing: [UInt8] = []
      _ = ViewRedaction(json: json).redacted(view, nothing.span.bytes, nil, &labels)
    }
    recognised?.lose(record.connection.number, ofClient: record.sender == .client)
    next.note(hidden: record)
  }

  /// What is left of `content` by the view that it is recognised as; nil: all.
  private mutating func recognise(
    _ record: borrowing MessageRecord, _ content: RawSpan, _ redacted: [UInt8]?, _ json: JSONRedaction
  ) -> [UInt8]? {
    let (number, isFromClient) = (record.connection.number, record.sender == .client)
    let view = recognised?.read(ViewedMessage(record, content), of: number, content)
    if !record.message.isComplete { recognised?.lose(number, ofClient: isFromClient) }
    guard let view else { return redacted }
    return ViewRedaction(json: json).redacted(view, content, redacted, &labels).content
  }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    guard let json else { return next.message(record, content: content) }
    let redacted = recognise(record, content, json.redacted(content), json)
    if let view = record.view {
      // Where all is hidden, another view does not know what of it is secret.
      if recognised != nil, let redacted, redacted.allSatisfy({ $0 == 0x2A }) {
        var record = copy record
        record.view = nil
        return next.message(record, content: redacted.span.bytes)
      }
      let hidden = ViewRedaction(json: json).redacted(view, content, redacted, &labels)
      var record = copy record
      record.view = showsViews ? hidden.view : nil
      guard let bytes = hidden.content else { return next.message(record, content: content) }
      return next.message(record, content: bytes.span.bytes)
    }
    guard let redacted else { return next.message(record, content: content) }
    next.message(record, content: redacted.span.bytes)
  }

  mutating func diagnostic(_ record: Diagnostic) {
    if !showsViews, record.code.slug == "view.malformed" { return }
    // What is secret in a connection that was forgotten is not known: nothing that may be its is quoted then.
    var record = record
    if let json, let detail = record.detail.map({ Array($0.utf8) }), let hidden = json.redacted(detail.span.bytes) {
      record.detail = String(decoding: hidden, as: UTF8.self)
    }
    guard let detail = record.detail, let number = record.connection?.number,
      let hidden = secrets[number] ?? (secrets.forgotten > 0 ? .some(nil) : nil)
    else {
      return next.diagnostic(record)
    }
    let redacted = hidden?.reduce(detail) { $0.replacing($1, with: HeadRedaction.mask) } ?? HeadRedaction.mask
    // What is quoted may be cut.
    let quotesPart = hidden?.contains { $0.utf8.count > Self.leastPart && redacted.contains($0.prefix(Self.leastPart)) }
    record.detail = quotesPart == true ? HeadRedaction.mask : redacted
    next.diagnostic(record)
  }

  mutating func end(_ record: EndRecord) {
    secrets.forget(record.connection.number)
    recognised?.end(record.connection.number)
    guard let json else { return next.end(record) }
    var record = record
    for reason in [\EndRecord.clientClose, \EndRecord.serverClose] {
      guard let bytes = record[keyPath: reason]?.reason, let redacted = json.redacted(bytes.span.bytes) else {
        continue
      }
      record[keyPath: reason]?.reason = redacted
    }
    next.end(record)
  }
}
