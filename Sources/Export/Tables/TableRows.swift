import Analysis
import Bytes
import Capture
import Subprotocols
import Transport
import WebSocket

/// Makes rows of records, in the columns of `RecordTable`.
public struct TableRows: ~Copyable {
  /// Whether rows repeat what their connection's row says, because there is no other table.
  let isFlat: Bool
  /// Makes the values that are JSON, or text that has to be put together.
  var scratch: NDJSONExporter

  /// - Parameters:
  ///   - isFlat: whether columns that repeat what the connection's row says are filled as well.
  ///   - hasSeveralFiles: whether packet numbers inside JSON need their file.
  public init(isFlat: Bool, hasSeveralFiles: Bool) {
    self.isFlat = isFlat
    var options = ExportOptions()
    options.hasSeveralFiles = hasSeveralFiles
    scratch = NDJSONExporter(options, leavingOut: nil)
  }

  /// Gives the row of a frame.
  mutating func frame<Row: RowSink & ~Copyable>(
    _ record: borrowing FrameRecord, payload: RawSpan, into row: inout Row
  ) {
    let header = record.header
    reference(record.connection, into: &row)
    row.count(record.number)
    row.time(record.first.time)
    row.time(record.last.time)
    ends(record.connection, record.sender, into: &row)
    packets(record.first, record.last, into: &row)
    row.count(record.offset)
    row.boolean(header.isFinal)
    row.boolean(header.rsv1)
    row.boolean(header.rsv2)
    row.boolean(header.rsv3)
    row.integer(Int64(header.opcode.rawValue))
    row.word(header.opcode.name)
    row.boolean(header.isMasked || header.lacksMaskingKey)
    if header.isMasked, !header.lacksMaskingKey {
      text(into: &row) { $0.writer.hex(UInt64(header.maskingKey), digits: 8) }
    } else {
      row.null()
    }
    row.count(UInt64(header.headerLength))
    row.count(header.payloadLength)
    row.count(record.capturedLength)
    row.boolean(record.isComplete)
    row.count(record.message > 0 ? record.message : nil)
    let isTruncated = UInt64(payload.byteCount) < record.capturedLength
    var reason: CloseReason?
    if header.opcode == .close {
      reason = close(payload, isComplete: record.isComplete, isTruncated: isTruncated, into: &row)
    } else {
      content(payload, isText: header.opcode == .text, isTruncated: isTruncated, into: &row)
    }
    row.boolean(isTruncated)
    close(reason, into: &row)
    inferred(record.inference, into: &row)
  }

  /// Gives the row of a message.
  mutating func message<Row: RowSink & ~Copyable>(
    _ record: borrowing MessageRecord, content bytes: RawSpan, into row: inout Row
  ) {
    let message = record.message
    reference(record.connection, into: &row)
    row.count(record.number)
    row.time(record.first.time)
    row.time(record.last.time)
    ends(record.connection, record.sender, into: &row)
    packets(record.first, record.last, into: &row)
    row.word(message.opcode == .text ? "text" : "binary")
    row.count(record.firstFrame)
    row.count(record.lastFrame)
    row.count(message.frameCount)
    row.boolean(message.isCompressed)
    row.count(message.wireLength)
    row.count(message.isComplete || message.isLengthKnown ? message.length : nil)
    row.boolean(message.isComplete)
    let isTruncated = UInt64(bytes.byteCount) < message.storableLength
    content(bytes, isText: message.opcode == .text, isTruncated: isTruncated, into: &row)
    row.boolean(isTruncated)
    row.boolean(message.opcode == .text ? message.isValidUTF8 : nil)
    if record.unknown.isEmpty {
      row.null()
    } else {
      let unknown = record.unknown
      text(into: &row) { $0.ranges(unknown) }
    }
    inferred([record.inference, message.inference].compactMap { $0 }.min(), into: &row)
    if let view = record.view { self.view(view, into: &row) } else { for _ in 0..<3 { row.null() } }
  }

  /// What a message means: the name of the view, its object if that says more, and what it replies to.
  private func view<Row: RowSink & ~Copyable>(_ view: borrowing MessageView, into row: inout Row) {
    row.text(view.name)
    if view.hasFields { row.text(view.json.span.bytes) } else { row.null() }
    row.count(view.request)
  }

  // MARK: Parts that rows share

  /// The text that `write` puts together.
  @inline(__always)
  mutating func text<Row: RowSink & ~Copyable>(into row: inout Row, _ write: (inout NDJSONExporter) -> Void) {
    scratch.writer.removeAll()
    write(&scratch)
    scratch.writer.withBytes { row.text($0.bytes) }
  }

  mutating func reference<Row: RowSink & ~Copyable>(_ connection: ConnectionReference, into row: inout Row) {
    row.count(connection.number)
    if isFlat { identifier(connection.identifier, into: &row) }
  }

  mutating func identifier<Row: RowSink & ~Copyable>(_ identifier: UInt64, into row: inout Row) {
    text(into: &row) { $0.writer.hex(identifier, digits: 16) }
  }

  private mutating func ends<Row: RowSink & ~Copyable>(
    _ connection: ConnectionReference, _ sender: Sender, into row: inout Row
  ) {
    row.word(sender.name)
    guard isFlat else { return }
    text(into: &row) { $0.writer.endpoint(connection.endpoint(sender)) }
    text(into: &row) { $0.writer.endpoint(connection.endpoint(sender.peer)) }
  }

  mutating func packets<Row: RowSink & ~Copyable>(
    _ first: PacketReference, _ last: PacketReference, into row: inout Row
  ) {
    row.count(first.number)
    row.count(last.number)
    row.integer(Int64(first.file))
    row.integer(Int64(last.file))
  }

  /// The bytes as text, if they are meant as text and are, or else as bytes.
  private func content<Row: RowSink & ~Copyable>(
    _ bytes: RawSpan, isText: Bool, isTruncated: Bool, into row: inout Row
  ) {
    let length = isText ? NDJSONExporter.textLength(bytes, isTruncated: isTruncated) : nil
    if let length {
      row.text(bytes.extracting(0..<length))
      row.null()
    } else {
      row.null()
      row.bytes(bytes)
    }
  }

  /// A close frame's payload: the reason as text, or all of it as bytes; gives what it says.
  private func close<Row: RowSink & ~Copyable>(
    _ payload: RawSpan, isComplete: Bool, isTruncated: Bool, into row: inout Row
  ) -> CloseReason? {
    // Of a payload that was captured in part, it is not known which part.
    let isKnown = isComplete && (payload.byteCount >= 2 || !isTruncated)
    let start = min(payload.byteCount, 2)
    let reason = payload.extracting(start..<payload.byteCount)
    let length = isKnown && start != 1 ? NDJSONExporter.textLength(reason, isTruncated: isTruncated) : nil
    if let length {
      row.text(reason.extracting(0..<length))
      row.null()
    } else {
      row.null()
      row.bytes(payload)
    }
    return isKnown ? CloseReason(payload.extracting(0..<start + (length ?? reason.byteCount))) : nil
  }

  mutating func close<Row: RowSink & ~Copyable>(_ reason: CloseReason?, into row: inout Row) {
    row.count(reason?.code.map { UInt64($0.rawValue) })
    row.text(reason?.text)
  }

  /// `inferred` and `confidence`.
  func inferred<Row: RowSink & ~Copyable>(_ confidence: Confidence?, into row: inout Row) {
    row.boolean(confidence != nil)
    row.probability(confidence)
  }
}
