import Analysis
import Bytes
import HTTP
import WebSocket

/// Wireshark's names, as `tshark -G fields` lists them.
extension FieldTable {
  /// Those that mean what a field of ours means.
  static let wiresharkNames: [(name: String, field: String)] = [
    ("websocket", "connection"), ("websocket.fin", "fin"), ("websocket.rsv", "rsv"), ("websocket.pmc", "rsv1"),
    ("websocket.opcode", "opcode"), ("websocket.mask", "masked"), ("websocket.masking_key", "masking_key"),
    ("ip.addr", "address"), ("ip.src", "source.address"), ("ip.dst", "destination.address"),
    ("ipv6.addr", "address"), ("ipv6.src", "source.address"), ("ipv6.dst", "destination.address"),
    ("tcp.port", "port"), ("tcp.srcport", "source.port"), ("tcp.dstport", "destination.port"),
    ("frame.number", "packet"), ("frame.time", "time"), ("frame.time_epoch", "time"),
    ("frame.time_relative", "time_relative"), ("http.host", "host"), ("http.request.method", "request.method"),
    ("http.request.uri", "request.target"), ("http.request.full_uri", "url"), ("http.response.code", "response.status"),
    ("http.sec_websocket_key", "key"), ("http.sec_websocket_accept", "accept"),
    ("http.sec_websocket_version", "version"), ("tls.handshake.extensions_server_name", "tls.server_name"),
  ]

  /// Those that mean a part of one, or something that only a dissector of packets has.
  static let wiresharkFields: [Field] =
    lengths + payloads + [
      Field(
        "websocket.fragments", .bool, "whether it was put together from several frames", isAlias: true,
        baseName: "frame_count", message: { r, _ in r.message.frameCount > 1 ? .bool(true) : .absent }),
      Field(
        "websocket.fragment.count", .integer, "frame_count, where that is more than 1", isAlias: true,
        baseName: "frame_count",
        message: { r, _ in r.message.frameCount > 1 ? .integer(r.message.frameCount) : .absent }),
      Field(
        "websocket.reassembled.length", .integer, "wire_length of messages of several frames", isAlias: true,
        baseName: "wire_length",
        message: { r, _ in r.message.frameCount > 1 ? .integer(r.message.wireLength) : .absent }),
      Field(
        "http.sec_websocket_protocol", .string, "Sec-WebSocket-Protocol of request and response", isList: true,
        isAlias: true, baseName: "offered_protocols", facts: { both($0, .subprotocol) }),
      Field(
        "http.sec_websocket_extensions", .string, "Sec-WebSocket-Extensions of request and response", isList: true,
        isAlias: true, baseName: "offered_extensions", facts: { both($0, .extensions) }),
    ]

  /// Those that there is nothing for here, and what may be asked instead.
  static let wiresharkAdvice: [String: String] = [
    "websocket.fragment": "ask for frame_count, first_frame and last_frame of messages",
    "websocket.fragment.overlap":
      "frames cannot overlap; what TCP sent twice and differently is: code == \"tcp.conflict\"",
    "websocket.fragment.overlap.conflict":
      "frames cannot overlap; what TCP sent twice and differently is: code == \"tcp.conflict\"",
    "websocket.fragment.multipletails": "see: code == \"frame.orphan-continuation\"",
    "websocket.fragment.toolongfragment": "see: complete == false",
    "websocket.fragment.error": "see: code contains \"frame.\"",
    "websocket.payload.unknown.expert": "say: code == \"frame.reserved-opcode\"",
    "websocket.decompression.failed.expert": "say: code contains \"message.inflate\"",
    "tcp.stream": "connections are numbered from 1: connection == 1",
    "tcp.len": "say: length, for payload bytes", "frame.len": "say: length, for payload bytes",
    "http.user_agent": "say: request.header[\"User-Agent\"]", "http.cookie": "say: request.header[\"Cookie\"]",
    "http.origin": "say: request.header[\"Origin\"]", "http.location": "say: response.header[\"Location\"]",
    "data.data": "say: payload", "data": "say: payload", "data-text-lines": "say: text",
    "json.key": "name the path: json.a.b", "json.value.string": "name the path: json.a.b",
    "json.value.number": "name the path: json.a.b",
  ]

  private static let lengths: [Field] = [
    Field(
      "websocket.payload_length", .integer, "the 7 bits of the header: 126 or 127 where length stands behind them",
      isAlias: true, baseName: "length", frame: { r, _ in .integer(UInt64(r.header.secondByte & 0x7F)) }),
    Field(
      "websocket.payload_length_ext_16", .integer, "length, where the header has it in 16 bits", isAlias: true,
      baseName: "length",
      frame: { r, _ in r.header.lengthForm == .sixteen ? .integer(r.header.payloadLength) : .absent }),
    Field(
      "websocket.payload_length_ext_64", .integer, "length, where the header has it in 64 bits", isAlias: true,
      baseName: "length",
      frame: { r, _ in r.header.lengthForm == .sixtyFour ? .integer(r.header.payloadLength) : .absent }),
  ]

  private static let payloads: [Field] = [
    Field(
      "websocket.payload", .bytes, "payload, where there is any", isAlias: true, baseName: "payload",
      frame: { r, payload in bytes(payload, r.header.payloadLength > 0) },
      message: { r, content in bytes(content, r.message.wireLength > 0) }),
    Field(
      "websocket.masked_payload", .bytes, "the payload as it was sent, where it was masked", isAlias: true,
      baseName: "payload",
      frame: { r, payload in
        guard r.header.isMasked, !r.header.lacksMaskingKey, r.header.payloadLength > 0 else { return .absent }
        var sent = payload.withUnsafeBytes { Array($0) }
        sent.applyMask(from: 0, key: r.header.maskingKey)
        return .bytes(sent)
      }),
    Field(
      "websocket.payload.text", .string, "text of messages, and of frames that are whole messages, not compressed",
      isAlias: true, baseName: "text",
      frame: { r, payload in
        let isWhole = r.header.opcode == .text && r.header.isFinal && !r.header.rsv1 && r.header.payloadLength > 0
        return isWhole ? .payloadText(0..<payload.byteCount) : .absent
      },
      message: { r, content in
        r.message.opcode == .text && r.message.wireLength > 0 ? .payloadText(0..<content.byteCount) : .absent
      }),
    Field(
      "websocket.payload.close", .bytes, "payload of a close frame", isAlias: true, baseName: "payload",
      frame: { r, payload in bytes(payload, r.header.opcode == .close && r.header.payloadLength > 0) }),
    Field(
      "websocket.payload.close.status_code", .integer, "close.code of a frame", isAlias: true, baseName: "close.code",
      frame: { r, payload in FieldValue(close(r, payload).flatMap(\.code).map { UInt64($0.rawValue) }) }),
    Field(
      "websocket.payload.close.reason", .string, "close.reason, where there is one", isAlias: true,
      baseName: "close.reason",
      frame: { r, payload in
        let reason = close(r, payload)?.text
        return reason?.isEmpty == false ? FieldValue(reason) : .absent
      }),
    Field(
      "websocket.payload.ping", .bytes, "payload of a ping", isAlias: true, baseName: "payload",
      frame: { r, payload in bytes(payload, r.header.opcode == .ping && r.header.payloadLength > 0) }),
    Field(
      "websocket.payload.pong", .bytes, "payload of a pong", isAlias: true, baseName: "payload",
      frame: { r, payload in bytes(payload, r.header.opcode == .pong && r.header.payloadLength > 0) }),
    Field(
      "websocket.payload.continue", .bytes, "payload of a continuation that is not the last one", isAlias: true,
      baseName: "payload",
      frame: { r, payload in
        let isContinued = r.header.opcode == .continuation && !r.header.isFinal
        return bytes(payload, isContinued && r.header.payloadLength > 0)
      }),
    Field(
      "websocket.payload.unknown", .bytes, "payload of a reserved opcode, or of the end of what never began",
      isAlias: true, baseName: "payload",
      frame: { r, payload in
        let opcode = r.header.opcode
        let isOrphan = opcode == .continuation && r.header.isFinal && r.message == 0
        return bytes(payload, (isOrphan || (opcode.rawValue & 7) > 2) && r.header.payloadLength > 0)
      }),
  ]

  private static func bytes(_ payload: RawSpan, _ isThere: Bool) -> FieldValue {
    isThere ? .payloadBytes(0..<payload.byteCount) : .absent
  }

  private static func both(_ facts: borrowing ConnectionFacts, _ name: KnownField) -> FieldValue {
    let heads = [facts.record.request?.head, facts.record.response?.head]
    return FieldValue(heads.compactMap { $0?.value(name) })
  }
}
