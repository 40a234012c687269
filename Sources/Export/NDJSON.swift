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
  /// Where connection numbers are left out; nil: they are written.
  private let gaps: NumberGaps?

  /// A writer whose lines go to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    self.init(options, leavingOut: nil)
    writer.drain = drain
  }

  /// A writer that leaves connection numbers out, for which `gaps` notes the places, and that hands its buffers over
  /// (`ByteWriter.exchange`).
  public init(
    _ options: ExportOptions, leavingOut gaps: NumberGaps,
    exchange: @escaping (UnsafeMutablePointer<UInt8>, Int, Int) -> (UnsafeMutablePointer<UInt8>, Int)
  ) {
    self.init(options, leavingOut: gaps)
    writer.exchange = exchange
  }

  init(_ options: ExportOptions, leavingOut gaps: NumberGaps?) {
    self.gaps = gaps
    writer = ByteWriter(threshold: options.flushesEachRecord ? 1 : 256 * 1024)
    writer.escapesForTerminal = options.isForTerminal
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
    mask(header)
    writer.decimal(header.headerLength)
    writer.literal(#","length":"#)
    writer.decimal(header.payloadLength)
    writer.literal(#","captured_length":"#)
    writer.decimal(record.capturedLength)
    writer.literal(record.isComplete ? #","complete":true,"message":"# : #","complete":false,"message":"#)
    if record.message > 0 { writer.decimal(record.message) } else { writer.literal("null") }
    let isTruncated = UInt64(payload.byteCount) < record.capturedLength
    if header.opcode == .close {
      close(payload, isComplete: record.isComplete, isTruncated: isTruncated)
    } else {
      content(payload, isText: header.opcode == .text, isTruncated: isTruncated)
    }
    if let inference = record.inference { inferred(inference) }
    finish(isTruncated: isTruncated)
  }

  /// Writes the end of the opcode's name, the mask, and what comes before the header's length.
  @inline(__always)
  private mutating func mask(_ header: FrameHeader) {
    if header.lacksMaskingKey {
      writer.literal(#"","masked":true,"masking_key":null,"header_length":"#)
    } else if header.isMasked {
      writer.literal(#"","masked":true,"masking_key":""#)
      writer.hex(UInt64(header.maskingKey), digits: 8)
      writer.literal(#"","header_length":"#)
    } else {
      writer.literal(#"","masked":false,"masking_key":null,"header_length":"#)
    }
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
    if message.isComplete {
      writer.decimal(message.length)
      writer.literal(#","complete":true"#)
    } else {
      lack(message, record.unknown)
    }
    let isTruncated = UInt64(bytes.byteCount) < message.storableLength
    content(bytes, isText: message.opcode == .text, isTruncated: isTruncated)
    if message.opcode == .text {
      writer.literal(#","valid_utf8":"#)
      optional(message.isValidUTF8)
    }
    if record.inference != nil || message.inference != nil {
      inferred([record.inference, message.inference].compactMap { $0 }.min())
    }
    if let json = record.view?.json {
      writer.literal(#","view":"#)
      writer.json(json.span.bytes)
    }
    finish(isTruncated: isTruncated)
  }

  /// The length of a message that is not complete, and what of it is not known.
  private mutating func lack(_ message: Message, _ unknown: [Range<UInt64>]) {
    if message.isLengthKnown {
      writer.decimal(message.length)
    } else {
      writer.literal("null")
    }
    writer.literal(#","complete":false"#)
    if !unknown.isEmpty {
      writer.literal(#","unknown":"#)
      ranges(unknown)
    }
  }

  /// Ranges as `[[start, length], …]`.
  mutating func ranges(_ ranges: [Range<UInt64>]) {
    writer.byte(0x5B)
    list(ranges) { exporter, range in
      exporter.writer.byte(0x5B)
      exporter.writer.decimal(range.lowerBound)
      exporter.writer.byte(0x2C)
      exporter.writer.decimal(range.upperBound - range.lowerBound)
      exporter.writer.byte(0x5D)
    }
    writer.byte(0x5D)
  }

  // MARK: Parts that records share

  /// The connection's number and identifier.
  mutating func reference(_ connection: ConnectionReference) {
    let number = if let gaps { gaps.number(of: connection.number) } else { connection.number as UInt64? }
    if let number {
      writer.decimal(number)
    } else {
      gaps?.leaveOut(connection.number, at: writer.written)
    }
    writer.literal(#","connection_id":""#)
    writer.hex(connection.identifier, digits: 16)
    writer.byte(0x22)
  }

  /// `time` and `end_time`.
  mutating func span(_ first: PacketReference, _ last: PacketReference) {
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

  mutating func packets(_ first: PacketReference, _ last: PacketReference) {
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
    if isText, let length = Self.textLength(bytes, isTruncated: isTruncated) {
      text(bytes.extracting(0..<length))
    } else {
      base64(bytes)
    }
  }

  /// How many of the bytes are whole characters in UTF-8; nil if they are not UTF-8. Only a cut may split the last one.
  static func textLength(_ bytes: RawSpan, isTruncated: Bool) -> Int? {
    if bytes.isASCII() { return bytes.byteCount }
    var validator = UTF8Validator()
    validator.append(bytes)
    guard validator.isValid || (isTruncated && validator.firstInvalid == nil) else { return nil }
    return bytes.byteCount - validator.pending
  }

  /// A close frame's payload: the reason as `text`, or all of it in `base64`, and what it says.
  private mutating func close(_ payload: RawSpan, isComplete: Bool, isTruncated: Bool) {
    // Of a payload that was captured in part, it is not known which part.
    guard isComplete, payload.byteCount >= 2 || !isTruncated else {
      base64(payload)
      writer.literal(#","close":{"code":null,"name":null,"reason":null}"#)
      return
    }
    let start = min(payload.byteCount, 2)
    let reason = payload.extracting(start..<payload.byteCount)
    let length = start == 1 ? nil : Self.textLength(reason, isTruncated: isTruncated)
    if let length { text(reason.extracting(0..<length)) } else { base64(payload) }
    writer.literal(#","close":"#)
    closeReason(CloseReason(payload.extracting(0..<start + (length ?? reason.byteCount))))
  }

  /// `text`; the bytes must be UTF-8.
  private mutating func text(_ bytes: RawSpan) {
    writer.literal(#","text":""#)
    writer.jsonEscaped(bytes)
    writer.byte(0x22)
  }

  private mutating func base64(_ bytes: RawSpan) {
    writer.literal(#","base64":""#)
    writer.base64(bytes)
    writer.byte(0x22)
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

  /// `inferred` and `confidence`, of what was not seen; nil where the user said so.
  mutating func inferred(_ confidence: Confidence?) {
    writer.literal(#","inferred":true,"confidence":"#)
    guard let confidence else { return writer.literal("null") }
    writer.probability(confidence)
  }

  private mutating func finish(isTruncated: Bool) {
    writer.literal(isTruncated ? ",\"truncated\":true}\n" : ",\"truncated\":false}\n")
    recordIsDone()
  }

  @inline(__always)
  private mutating func recordIsDone() {
    if let gaps { gaps.recordIsDone(at: writer.written) }
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

  mutating func optional(nanoseconds value: Int64?) {
    if let value { writer.seconds(nanoseconds: value) } else { writer.literal("null") }
  }

  mutating func optional(_ value: UInt64?) {
    if let value { writer.decimal(value) } else { writer.literal("null") }
  }

  /// Ends a record.
  mutating func endLine() {
    writer.literal("}\n")
    recordIsDone()
  }
}
