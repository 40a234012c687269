import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// One JSON object a line: the contract that scripts and databases rely on (Samples and docs/output.schema.json).
public struct NDJSONExporter: Exporter, ~Copyable {
  /// `ndjson`.
  public static let name = "ndjson"
  /// What it is for.
  public static let summary = "one JSON object a line, for scripts and databases"

  var writer: ByteWriter
  var times = TimestampWriter()
  let hasSeveralFiles: Bool

  /// A writer whose lines go to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    writer = ByteWriter(threshold: options.flushesEachRecord ? 1 : 256 * 1024)
    writer.drain = drain
    hasSeveralFiles = options.hasSeveralFiles
  }

  /// Hands over all that is written.
  public mutating func flush() { writer.flush() }

  /// Writes a frame.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let header = record.header
    writer.literal(#"{"type":"frame","connection":"#)
    reference(record.connection)
    writer.literal(#","frame":"#)
    writer.decimal(record.number)
    span(record.first, record.last)
    ends(record.connection, record.sender)
    packets(record.first, record.last)
    writer.literal(#","offset":"#)
    writer.decimal(record.offset)
    flags(header)
    writer.literal(#","opcode":"#)
    writer.decimal(UInt64(header.opcode.rawValue))
    writer.literal(#","opcode_name":""#)
    writer.literal(header.opcode.name)
    if header.isMasked {
      writer.literal(#"","masked":true,"masking_key":""#)
      writer.hex(UInt64(header.maskingKey), digits: 8)
      writer.literal(#"","header_length":"#)
    } else {
      writer.literal(#"","masked":false,"masking_key":null,"header_length":"#)
    }
    writer.decimal(header.headerLength)
    writer.literal(#","length":"#)
    writer.decimal(header.payloadLength)
    writer.literal(#","captured_length":"#)
    writer.decimal(record.capturedLength)
    writer.literal(record.isComplete ? #","complete":true,"message":"# : #","complete":false,"message":"#)
    if record.message > 0 { writer.decimal(record.message) } else { writer.literal("null") }
    let isTruncated = UInt64(payload.byteCount) < record.capturedLength
    if header.opcode == .close {
      close(payload)
    } else {
      content(payload, isText: header.opcode == .text, isTruncated: isTruncated)
    }
    finish(isTruncated: isTruncated)
  }

  /// Writes a message.
  public mutating func message(_ record: borrowing MessageRecord, content bytes: RawSpan) {
    let message = record.message
    writer.literal(#"{"type":"message","connection":"#)
    reference(record.connection)
    writer.literal(#","message":"#)
    writer.decimal(record.number)
    span(record.first, record.last)
    ends(record.connection, record.sender)
    packets(record.first, record.last)
    writer.literal(message.opcode == .text ? #","kind":"text","first_frame":"# : #","kind":"binary","first_frame":"#)
    writer.decimal(record.firstFrame)
    writer.literal(#","last_frame":"#)
    writer.decimal(record.lastFrame)
    writer.literal(#","frame_count":"#)
    writer.decimal(message.frameCount)
    writer.literal(
      message.isCompressed ? #","compressed":true,"wire_length":"# : #","compressed":false,"wire_length":"#)
    writer.decimal(message.wireLength)
    writer.literal(#","length":"#)
    let isLengthKnown = message.isComplete || !message.isCompressed
    if isLengthKnown { writer.decimal(message.length) } else { writer.literal("null") }
    writer.literal(message.isComplete ? #","complete":true"# : #","complete":false"#)
    let isTruncated = UInt64(bytes.byteCount) < message.storableLength
    content(bytes, isText: message.opcode == .text, isTruncated: isTruncated)
    if message.opcode == .text {
      writer.literal(#","valid_utf8":"#)
      optional(message.isValidUTF8)
    }
    finish(isTruncated: isTruncated)
  }

  // MARK: Parts that records share

  /// The connection's number and identifier.
  mutating func reference(_ connection: ConnectionReference) {
    writer.decimal(connection.number)
    writer.literal(#","connection_id":""#)
    writer.hex(connection.identifier, digits: 16)
    writer.byte(0x22)
  }

  /// `time` and `end_time`.
  private mutating func span(_ first: PacketReference, _ last: PacketReference) {
    writer.literal(#","time":""#)
    times.write(first.time, to: &writer)
    writer.literal(#"","end_time":""#)
    times.write(last.time, to: &writer)
    writer.byte(0x22)
  }

  private mutating func ends(_ connection: ConnectionReference, _ sender: Sender) {
    writer.literal(sender == .client ? #","sender":"client","source":""# : #","sender":"server","source":""#)
    writer.endpoint(connection.endpoint(sender))
    writer.literal(#"","destination":""#)
    writer.endpoint(connection.endpoint(sender.peer))
    writer.byte(0x22)
  }

  private mutating func packets(_ first: PacketReference, _ last: PacketReference) {
    writer.literal(#","first_packet":"#)
    writer.decimal(first.number)
    writer.literal(#","last_packet":"#)
    writer.decimal(last.number)
    guard hasSeveralFiles else { return }
    writer.literal(#","file":"#)
    writer.decimal(UInt64(first.file))
    writer.literal(#","last_file":"#)
    writer.decimal(UInt64(last.file))
  }

  private mutating func flags(_ header: FrameHeader) {
    if header.firstByte & 0xF0 == 0x80 {  // the usual case in one piece
      writer.literal(#","fin":true,"rsv1":false,"rsv2":false,"rsv3":false"#)
      return
    }
    writer.literal(header.isFinal ? #","fin":true"# : #","fin":false"#)
    writer.literal(header.rsv1 ? #","rsv1":true"# : #","rsv1":false"#)
    writer.literal(header.rsv2 ? #","rsv2":true"# : #","rsv2":false"#)
    writer.literal(header.rsv3 ? #","rsv3":true"# : #","rsv3":false"#)
  }

  /// `text`, if `isText` and the bytes are UTF-8; `base64` otherwise.
  private mutating func content(_ bytes: RawSpan, isText: Bool, isTruncated: Bool) {
    if isText {
      var validator = UTF8Validator()
      validator.append(bytes)
      // A cut may have split the last character.
      let isCutInside = isTruncated && validator.firstInvalid == nil
      if validator.isValid || isCutInside {
        writer.literal(#","text":""#)
        writer.jsonEscaped(bytes.extracting(0..<bytes.byteCount - validator.pending))
        writer.byte(0x22)
        return
      }
    }
    writer.literal(#","base64":""#)
    writer.base64(bytes)
    writer.byte(0x22)
  }

  /// A close frame's payload: the reason as `text`, or all of it in `base64`, and what it says.
  private mutating func close(_ payload: RawSpan) {
    let reason = CloseReason(payload)
    if let text = reason.text, payload.byteCount != 1 {
      writer.literal(#","text":"#)
      writer.jsonString(text)
    } else {
      writer.literal(#","base64":""#)
      writer.base64(payload)
      writer.byte(0x22)
    }
    writer.literal(#","close":"#)
    closeReason(reason)
  }

  /// `{code, name, reason}`.
  mutating func closeReason(_ reason: CloseReason) {
    writer.literal(#"{"code":"#)
    if let code = reason.code {
      writer.decimal(UInt64(code.rawValue))
      writer.literal(#","name":"#)
      writer.jsonString(code.name)
    } else {
      writer.literal(#"null,"name":null"#)
    }
    writer.literal(#","reason":"#)
    optional(reason.text)
    writer.byte(0x7D)
  }

  private mutating func finish(isTruncated: Bool) {
    writer.literal(isTruncated ? ",\"truncated\":true}\n" : ",\"truncated\":false}\n")
    writer.flushIfFull()
  }

  // MARK: Values

  mutating func optional(_ value: Bool?) {
    switch value {
    case true: writer.literal("true")
    case false: writer.literal("false")
    case nil: writer.literal("null")
    }
  }

  mutating func optional(_ value: String?) {
    if let value { writer.jsonString(value) } else { writer.literal("null") }
  }

  mutating func optional(_ value: UInt64?) {
    if let value { writer.decimal(value) } else { writer.literal("null") }
  }

  /// Ends a record.
  mutating func endLine() {
    writer.literal("}\n")
    writer.flushIfFull()
  }
}
