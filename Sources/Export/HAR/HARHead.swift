import Analysis
import Bytes
import Capture
import HTTP
import Transport
import WebSocket

/// The parts of an archive's entry.
extension NDJSONExporter {
  /// Writes the beginning of an entry: what the handshake says.
  mutating func archiveHead(_ record: ConnectionRecord) {
    archiveStart(record.connection, record.request?.packet.time ?? record.time)
    if record.inference != nil { writer.literal(#","_inferred":true"#) }
    writer.literal(#","request":"#)
    let scheme = record.tls == nil ? "ws" : "wss"
    archiveRequest(
      record.request?.head, url: record.handshake.url ?? Self.place(scheme, record.connection))
    writer.literal(#","response":"#)
    archiveResponse(record.response?.head)
  }

  /// Writes the same of a connection of which no more is known than that it was there at `time`.
  mutating func archiveHead(_ connection: ConnectionReference, at time: Timestamp) {
    archiveStart(connection, time)
    writer.literal(#","request":"#)
    archiveRequest(nil, url: Self.place("ws", connection))
    writer.literal(#","response":"#)
    archiveResponse(nil)
  }

  private static func place(_ scheme: String, _ connection: ConnectionReference) -> String {
    "\(scheme)://\(Phrase.text { $0.endpoint(connection.server) })/"
  }

  private mutating func archiveStart(_ connection: ConnectionReference, _ time: Timestamp) {
    writer.literal(#"{"startedDateTime":""#)
    times.write(time, to: &writer)
    writer.literal(#"","_resourceType":"websocket","cache":{},"serverIPAddress":""#)
    writer.address(connection.server.address)
    // The server's port, as Chromium has it: it shows this as the port of the remote address.
    writer.literal(#"","connection":""#)
    writer.decimal(UInt64(connection.server.port))
    writer.literal(#"","_client":""#)
    writer.endpoint(connection.client)
    writer.literal(#"","_connection":"#)
    writer.decimal(connection.number)
    writer.literal(#","_connectionId":""#)
    writer.hex(connection.identifier, digits: 16)
    writer.byte(0x22)
  }

  private mutating func archiveRequest(_ head: HTTPHead?, url: String) {
    writer.literal(#"{"method":"#)
    writer.jsonString(head.flatMap { head in head.methodPlace.map { head.text($0) } } ?? "GET")
    writer.literal(#","url":"#)
    writer.jsonString(Self.escaped(url))
    archiveFields(head, cookies: Self.cookies(head))
    writer.literal(#","queryString":["#)
    list(Self.query(of: url)) { $0.pair($1) }
    writer.literal(#"],"headersSize":"#)
    writer.decimal(head?.bytes.count ?? -1)
    writer.literal(#","bodySize":0}"#)
  }

  private mutating func archiveResponse(_ head: HTTPHead?) {
    writer.literal(#"{"status":"#)
    writer.decimal(head?.status ?? 0)
    writer.literal(#","statusText":"#)
    writer.jsonString(head.flatMap { head in head.reasonPlace.map { head.text($0) } } ?? "")
    archiveFields(head, cookies: Self.setCookies(head))
    writer.literal(#","content":{"size":0,"mimeType":"#)
    writer.jsonString(head?.value("content-type") ?? "x-unknown")
    writer.literal(#"},"redirectURL":"#)
    writer.jsonString(head?.value("location") ?? "")
    writer.literal(#","headersSize":"#)
    writer.decimal(head?.bytes.count ?? -1)
    // The response that switches protocols has no body (RFC 9110 §15.2); of others it is not known.
    writer.literal(head?.status == 101 ? #","bodySize":0}"# : #","bodySize":-1}"#)
  }

  /// Version, headers and cookies.
  private mutating func archiveFields(_ head: HTTPHead?, cookies: [(String, String)]) {
    writer.literal(#","httpVersion":"#)
    writer.jsonString(head.map { $0.text($0.versionPlace) } ?? "HTTP/1.1")
    writer.literal(#","headers":["#)
    if let head { list(head.fieldPlaces) { $0.pair((head.text($1.name), head.text($1.value))) } }
    writer.literal(#"],"cookies":["#)
    list(cookies) { $0.pair($1) }
    writer.byte(0x5D)
  }

  private mutating func pair(_ pair: (String, String)) {
    writer.literal(#"{"name":"#)
    writer.jsonString(pair.0)
    writer.literal(#","value":"#)
    writer.jsonString(pair.1)
    writer.byte(0x7D)
  }

  /// Writes a message as Chromium does, up to the brace that ends it: text as it is, anything else in base64.
  mutating func archiveMessage(
    _ sender: Sender, at time: Timestamp, _ opcode: Opcode, _ content: RawSpan, isWhole: Bool
  ) {
    writer.literal(sender == .client ? #"{"type":"send","time":"# : #"{"type":"receive","time":"#)
    writer.seconds(nanoseconds: time.nanoseconds)
    writer.literal(#","opcode":"#)
    writer.decimal(UInt64(opcode.rawValue))
    writer.literal(#","data":""#)
    let length = opcode == .text ? Self.textLength(content, isTruncated: !isWhole) : nil
    if let length { writer.jsonEscaped(content.extracting(0..<length)) } else { writer.base64(content) }
    writer.literal("\"")
    if opcode == .text, length == nil { writer.literal(#","_encoding":"base64""#) }
    if !isWhole { writer.literal(#","_incomplete":true"#) }
  }

  // MARK: What headers say

  private static func cookies(_ head: HTTPHead?) -> [(String, String)] {
    (head?.values("cookie") ?? []).flatMap { $0.split(separator: ";").map { named($0) } }
  }

  private static func setCookies(_ head: HTTPHead?) -> [(String, String)] {
    (head?.values("set-cookie") ?? []).map { named($0.prefix { $0 != ";" }) }
  }

  /// The query's parameters as they are written.
  private static func query(of url: String) -> [(String, String)] {
    guard let mark = url.firstIndex(of: "?") else { return [] }
    return url[mark...].dropFirst().prefix { $0 != "#" }.split(separator: "&").map { named($0) }
  }

  private static func named(_ text: Substring) -> (String, String) {
    let text = text.drop { $0 == " " }
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return (String(parts.first ?? ""), parts.count > 1 ? String(parts[1]) : "")
  }

  /// `url` with what no URI may hold (RFC 3986 §2) in percent encoding.
  static func escaped(_ url: String) -> String {
    var bytes: [UInt8] = []
    for byte in url.utf8 {
      if byte > 0x20, byte < 0x7F, !#""<>\^`{|}"#.utf8.contains(byte) {
        bytes.append(byte)
      } else {
        let digits = Array("0123456789ABCDEF".utf8)
        bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
