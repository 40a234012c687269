import Analysis
import Capture
import HTTP
import TLS
import Transport
import WebSocket

/// Fields of the connection, which all its records have.
extension FieldTable {
  static let connection: [Field] = [
    Field(
      "start", .choice(["handshake", "midstream"]), "what decoding began with",
      facts: {
        .string($0.record.start == .handshake ? "handshake" : "midstream")
      }),
    Field(
      "upgraded", .bool, "whether the server switched to WebSocket",
      facts: {
        $0.record.outcome == .unanswered ? .absent : .bool($0.record.isUpgraded)
      }),
    Field("http_version", .string, "the HTTP version, such as 1.1", facts: { FieldValue($0.handshake.httpVersion) }),
    Field(
      "scheme", .choice(["ws", "wss"]), "wss with TLS, else ws",
      facts: {
        .string($0.record.tls == nil ? "ws" : "wss")
      }),
    Field("url", .string, "the URL, such as ws://example.com/chat", facts: { FieldValue($0.handshake.url) }),
    Field("host", .string, "the Host of the request", facts: { FieldValue($0.record.request?.head.value(.host)) }),
    Field(
      "path", .string, "the path of the request, without its query",
      facts: { facts in
        guard let target = target(facts.record) else { return .absent }
        return .string(String(target.prefix { $0 != "?" }))
      }),
    Field(
      "query", .string, "what follows the ? in the request's target",
      facts: { facts in
        guard let target = target(facts.record), let mark = target.firstIndex(of: "?") else { return .absent }
        return .string(String(target[target.index(after: mark)...]))
      }),
    Field(
      "subprotocol", .string, "the subprotocol that the server chose",
      facts: {
        FieldValue($0.handshake.subprotocol)
      }),
    Field(
      "offered_protocols", .string, "those that the client offered", isList: true,
      facts: {
        FieldValue($0.handshake.offeredProtocols)
      }),
    Field(
      "extensions", .string, "names of the extensions in use", isList: true,
      facts: {
        FieldValue($0.handshake.extensions.map(\.name))
      }),
    Field(
      "offered_extensions", .string, "names of those that the client offered", isList: true,
      facts: {
        FieldValue($0.handshake.offeredExtensions.map(\.name))
      }),
    Field("key", .string, "Sec-WebSocket-Key", facts: { FieldValue($0.handshake.key) }),
    Field("accept", .string, "Sec-WebSocket-Accept", facts: { FieldValue($0.handshake.accept) }),
    Field("accept_valid", .bool, "whether it fits the key", facts: { FieldValue($0.handshake.acceptIsValid) }),
    Field("version", .string, "Sec-WebSocket-Version", facts: { FieldValue($0.handshake.version) }),
  ]

  static let heads: [Field] = [
    Field(
      "tcp_round_trip.server", .duration, "from SYN to SYN/ACK",
      facts: { $0.record.roundTrip.server.map { .duration($0) } ?? .absent }),
    Field(
      "tcp_round_trip.client", .duration, "from SYN/ACK to ACK",
      facts: { $0.record.roundTrip.client.map { .duration($0) } ?? .absent }),
    Field(
      "request.method", .string, "the method of the request", facts: { FieldValue($0.record.request?.head.method) }),
    Field("request.target", .string, "the target of the request", facts: { FieldValue(target($0.record)) }),
    Field(
      "request.packet", .integer, "the packet that completed the request",
      facts: {
        FieldValue($0.record.request?.packet.number)
      }),
    Field(
      "response.status", .integer, "the status of the response",
      facts: {
        FieldValue($0.record.response?.head.status.map { UInt64(clamping: $0) })
      }),
    Field(
      "response.reason", .string, "its reason",
      facts: { facts in
        guard let head = facts.record.response?.head, let place = head.reasonPlace else { return .absent }
        return .string(head.text(place))
      }),
    Field(
      "response.packet", .integer, "the packet that completed the response",
      facts: {
        FieldValue($0.record.response?.packet.number)
      }),
    secured("tls.version", .string, "the version of TLS") { FieldValue($0.version?.name) },
    secured("tls.cipher_suite", .string, "the cipher suite") { FieldValue($0.suite?.name) },
    secured("tls.server_name", .string, "the host that the client asked for (SNI)") { FieldValue($0.serverName) },
    secured("tls.alpn", .string, "the protocol that was agreed upon (ALPN)") { FieldValue($0.chosenProtocol) },
    secured("tls.alpn_offered", .string, "those that the client offered", isList: true) {
      FieldValue($0.offeredProtocols)
    },
    secured("tls.resumed", .bool, "whether an earlier session was resumed") { FieldValue($0.isResumed) },
    secured("tls.decrypted", .bool, "whether all was decrypted") { .bool($0.obstacle == nil && $0.hasData) },
    secured("tls.reason", .string, "why not, in a word") { FieldValue($0.obstacle?.slug) },
    Field("client_bytes", .integer, "bytes that the client sent over TCP", tls: { .integer($0.clientBytes) }),
    Field("server_bytes", .integer, "bytes that the server sent over TCP", tls: { .integer($0.serverBytes) }),
  ]

  /// The field `request.header["NAME"]` or `response.header["NAME"]`; its name is compared without regard to case.
  static func header(_ name: String, ofRequest: Bool) -> Field {
    let lowerCase = name.lowercased()
    return Field(
      "\(ofRequest ? "request" : "response").header[\"\(name)\"]", .string, "the values of this header", isList: true,
      facts: { facts in
        let head = ofRequest ? facts.record.request?.head : facts.record.response?.head
        return head.map { FieldValue($0.values(lowerCase)) } ?? .absent
      })
  }

  private static func target(_ record: ConnectionRecord) -> String? {
    guard let head = record.request?.head, let place = head.targetPlace else { return nil }
    return head.text(place)
  }

  private static func secured(
    _ name: String, _ type: FieldType, _ help: String, isList: Bool = false,
    _ value: @escaping @Sendable (TLSInformation) -> FieldValue
  ) -> Field {
    Field(
      name, type, help, isList: isList, facts: { $0.record.tls.map { value($0) } ?? .absent },
      tls: { value($0.information) })
  }
}
