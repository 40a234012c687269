import Analysis
import Bytes
import Subprotocols
import Transport
import WebSocket

/// Fields of frames and messages.
extension FieldTable {
  static let frame: [Field] = [
    Field(
      "frame", .integer, "number of the frame in its connection, from 1",
      frame: { r, _ in .integer(r.number) }, diagnostic: { FieldValue($0.frame) }),
    Field(
      "message", .integer, "number of the message in its connection, from 1",
      frame: { r, _ in r.message > 0 ? .integer(r.message) : .absent }, message: { r, _ in .integer(r.number) }),
    Field(
      "end_time", .time, "when its last byte came",
      frame: { r, _ in .time(r.last.time) }, message: { r, _ in .time(r.last.time) }, tls: { .time($0.last.time) }),
    Field(
      "first_packet", .integer, "the packet with its first byte",
      frame: { r, _ in .integer(r.first.number) }, message: { r, _ in .integer(r.first.number) },
      tls: { .integer($0.first.number) }),
    Field(
      "last_packet", .integer, "the packet with its last byte",
      frame: { r, _ in .integer(r.last.number) }, message: { r, _ in .integer(r.last.number) },
      tls: { .integer($0.last.number) }),
    Field(
      "packet", .integer, "first and last packet; of a diagnostic, its packet", isList: true,
      frame: { r, _ in packets(r.first, r.last) }, message: { r, _ in packets(r.first, r.last) },
      diagnostic: { FieldValue($0.packet?.number) }, tls: { packets($0.first, $0.last) }),
    Field(
      "file", .integer, "the input file of the first packet, from 0",
      frame: { r, _ in .integer(UInt64(r.first.file)) }, message: { r, _ in .integer(UInt64(r.first.file)) },
      diagnostic: { FieldValue($0.packet.map { UInt64($0.file) }) }, tls: { .integer(UInt64($0.first.file)) }),
    Field(
      "last_file", .integer, "the input file of the last packet",
      frame: { r, _ in .integer(UInt64(r.last.file)) }, message: { r, _ in .integer(UInt64(r.last.file)) },
      tls: { .integer(UInt64($0.last.file)) }),
    Field(
      "offset", .integer, "place in what the sender sent over TCP",
      frame: { r, _ in .integer(r.offset) }, diagnostic: { FieldValue($0.offset) }),
    Field(
      "length", .integer, "payload bytes; of a message, after inflating",
      frame: { r, _ in .integer(r.header.payloadLength) },
      message: { r, _ in r.message.isComplete || r.message.isLengthKnown ? .integer(r.message.length) : .absent }),
    Field(
      "complete", .bool, "whether all of it was captured",
      frame: { r, _ in .bool(r.isComplete) }, message: { r, _ in .bool(r.message.isComplete) }),
    Field(
      "truncated", .bool, "whether less is stored than was captured (--max-payload)",
      frame: { r, payload in .bool(UInt64(payload.byteCount) < r.capturedLength) },
      message: { r, content in .bool(UInt64(content.byteCount) < r.message.storableLength) }),
    Field(
      "inferred", .bool, "whether its place, or its content, was inferred",
      kinds: .connection, head: { .bool($0.facts?.record.inference != nil) },
      frame: { r, _ in .bool(r.inference != nil) },
      message: { r, _ in .bool(r.inference != nil || r.message.inference != nil) }),
    Field(
      "confidence", .number, "how sure that is, 0 to 1",
      kinds: .connection,
      head: { head in
        guard case .found(let found)? = head.facts?.record.inference else { return .absent }
        return confidence(found)
      },
      frame: { r, _ in confidence(r.inference) },
      message: { r, _ in confidence([r.inference, r.message.inference].compactMap { $0 }.min()) }),
    Field(
      "text", .string, "the payload of text, and the reason of a close frame",
      frame: { r, payload in
        guard r.isComplete || r.header.opcode != .close else { return .absent }
        return text(r.header.opcode, payload, isTruncated: UInt64(payload.byteCount) < r.capturedLength)
      },
      message: { r, content in
        text(r.message.opcode, content, isTruncated: UInt64(content.byteCount) < r.message.storableLength)
      }),
    Field(
      "payload", .bytes, "the payload, unmasked; of a message, inflated",
      frame: { _, payload in .payloadBytes(0..<payload.byteCount) },
      message: { _, content in .payloadBytes(0..<content.byteCount) }),
  ]

  static let header: [Field] = [
    Field("fin", .bool, "whether it is the last frame of its message", frame: { r, _ in .bool(r.header.isFinal) }),
    Field("rsv1", .bool, "RSV1; with permessage-deflate: compressed", frame: { r, _ in .bool(r.header.rsv1) }),
    Field("rsv2", .bool, "RSV2", frame: { r, _ in .bool(r.header.rsv2) }),
    Field("rsv3", .bool, "RSV3", frame: { r, _ in .bool(r.header.rsv3) }),
    Field(
      "rsv", .integer, "the three as a number, 0 to 7",
      frame: { r, _ in
        .integer(UInt64(r.header.firstByte >> 4 & 7))
      }),
    Field(
      "opcode", .integer, "what the payload is, 0 to 15",
      frame: { r, _ in
        .integer(UInt64(r.header.opcode.rawValue))
      }),
    Field(
      "opcode_name", .choice(Word.opcodes), "the same in a word",
      frame: { r, _ in
        .string(Word.opcodes[Int(r.header.opcode.rawValue)])
      }),
    Field("masked", .bool, "whether the payload was masked", frame: { r, _ in .bool(r.header.isMasked) }),
    Field(
      "masking_key", .bytes, "the four bytes of the mask",
      frame: { r, _ in
        guard r.header.isMasked, !r.header.lacksMaskingKey else { return .absent }
        let key = r.header.maskingKey
        return .bytes((0..<4).map { UInt8(truncatingIfNeeded: key >> (24 - 8 * UInt32($0))) })
      }),
    Field(
      "header_length", .integer, "bytes of the header",
      frame: { r, _ in
        .integer(UInt64(clamping: r.header.headerLength))
      }),
    Field(
      "captured_length", .integer, "payload bytes that were captured",
      frame: { r, _ in
        .integer(r.capturedLength)
      }),
    Field(
      "close.code", .integer, "the code of a close frame", isList: true,
      frame: { r, payload in FieldValue(close(r, payload).flatMap(\.code).map { UInt64($0.rawValue) }) },
      end: { codes([$0.clientClose, $0.serverClose]) }),
    Field(
      "close.name", .string, "what the code means",
      frame: { r, payload in
        FieldValue(close(r, payload).flatMap(\.code)?.name)
      }),
    Field(
      "close.reason", .string, "the reason of a close frame",
      frame: { r, payload in
        FieldValue(close(r, payload)?.text)
      }),
  ]

  static let message: [Field] = [
    Field(
      "kind", .choice(["text", "binary"]), "text or binary",
      message: { r, _ in
        .string(r.message.opcode == .text ? "text" : "binary")
      }),
    Field("first_frame", .integer, "number of its first frame", message: { r, _ in .integer(r.firstFrame) }),
    Field("last_frame", .integer, "number of its last frame", message: { r, _ in .integer(r.lastFrame) }),
    Field("frame_count", .integer, "how many frames it has", message: { r, _ in .integer(r.message.frameCount) }),
    Field("compressed", .bool, "whether it was compressed", message: { r, _ in .bool(r.message.isCompressed) }),
    Field(
      "wire_length", .integer, "the payload bytes of its frames",
      message: { r, _ in
        .integer(r.message.wireLength)
      }),
    Field(
      "valid_utf8", .bool, "whether a text is UTF-8",
      message: { r, _ in
        r.message.opcode == .text ? FieldValue(r.message.isValidUTF8) : .absent
      }),
    Field(
      "view", .choice(PayloadViews.all.map { $0.description.name }),
      "names of the views of what it means, such as mqtt; see docs/views.md", isList: true,
      message: { r, _ in FieldValue(r.view.map { [$0.name] + $0.carried } ?? []) }),
    Field(
      "view.line", .string, "what it means, in one line",
      message: { r, _ in
        r.view.map { $0.line.isEmpty ? .absent : .string(String(decoding: $0.line, as: UTF8.self)) } ?? .absent
      }),
    Field(
      "view.reply_to", .integer, "numbers of the messages that it replies to", isList: true,
      message: { r, _ in list(r.view?.replies.map { .integer($0.request) }) }),
    Field(
      "view.latency", .duration, "time from the request's last byte to the first of this reply", isList: true,
      message: { r, _ in list(r.view?.replies.compactMap { $0.latency.map { .duration(Int64(clamping: $0)) } }) }),
  ]

  private static func list(_ values: [FieldValue]?) -> FieldValue {
    values.map { $0.isEmpty ? .absent : .list($0) } ?? .absent
  }

  /// As it is written: with six digits, rounded down.
  private static func confidence(_ confidence: Confidence?) -> FieldValue {
    confidence.map { .double(($0.probability * 1e6).rounded(.down) / 1e6) } ?? .absent
  }

  private static func packets(_ first: PacketReference, _ last: PacketReference) -> FieldValue {
    first.number == last.number ? .integer(first.number) : .list([.integer(first.number), .integer(last.number)])
  }

  static func codes(_ reasons: [CloseReason?]) -> FieldValue {
    let codes = reasons.compactMap { $0?.code }.map { FieldValue.integer(UInt64($0.rawValue)) }
    return codes.isEmpty ? .absent : .list(codes)
  }

  /// What is `text` in the JSON output. A character that a limit cuts in two is left out.
  private static func text(_ opcode: Opcode, _ payload: RawSpan, isTruncated: Bool) -> FieldValue {
    guard opcode == .text || opcode == .close, payload.byteCount != 1 || opcode == .text else { return .absent }
    let start = opcode == .close ? min(2, payload.byteCount) : 0
    let bytes = payload.extracting(start..<payload.byteCount)
    var validator = UTF8Validator()
    validator.append(bytes)
    guard validator.isValid || isTruncated && validator.firstInvalid == nil else { return .absent }
    return .payloadText(start..<payload.byteCount - validator.pending)
  }

  /// What a close frame says; nil for others, and where it is not known which part of it was captured.
  static func close(_ record: borrowing FrameRecord, _ payload: RawSpan) -> CloseReason? {
    guard record.header.opcode == .close, record.isComplete else { return nil }
    return CloseReason(payload)
  }
}
