import Analysis
import Bytes
import TLS

/// What is said of TLS.
extension NDJSONExporter {
  /// Writes a TLS connection, where such are listed.
  public mutating func tls(_ record: TLSConnectionRecord) {
    writer.literal(#"{"type":"tls","connection":"#)
    if let connection = record.connection {
      reference(connection)
    } else if let identifier = record.identifier {
      writer.literal(#"null,"connection_id":""#)
      writer.hex(identifier, digits: 16)
      writer.byte(0x22)
    } else {
      writer.literal(#"null,"connection_id":null"#)
    }
    span(record.first, record.last)
    writer.literal(#","client":""#)
    writer.endpoint(record.client)
    writer.literal(#"","server":""#)
    writer.endpoint(record.server)
    writer.byte(0x22)
    packets(record.first, record.last)
    writer.literal(#","client_bytes":"#)
    writer.decimal(record.clientBytes)
    writer.literal(#","server_bytes":"#)
    writer.decimal(record.serverBytes)
    writer.literal(#","tls":"#)
    tls(record.information)
    endLine()
  }

  /// What the handshake says.
  mutating func tls(_ information: TLSInformation) {
    writer.literal(#"{"version":"#)
    optional(information.version?.name)
    writer.literal(#","cipher_suite":"#)
    optional(information.suite?.name)
    writer.literal(#","server_name":"#)
    optional(information.serverName.map { LosslessText.spelled($0) })
    writer.literal(#","encrypted_client_hello":"#)
    optional(information.hasEncryptedHello)
    writer.literal(#","alpn_offered":["#)
    list(information.offeredProtocols) { $0.writer.jsonString(LosslessText.spelled($1)) }
    writer.literal(#"],"alpn":"#)
    optional(information.chosenProtocol.map { LosslessText.spelled($0) })
    writer.literal(#","resumed":"#)
    optional(information.isResumed)
    writer.literal(#","certificate":"#)
    if let certificate = information.certificate {
      writer.literal(#"{"subject":"#)
      writer.jsonString(LosslessText.spelled(certificate.subject))
      writer.literal(#","names":["#)
      list(certificate.names) { $0.writer.jsonString(LosslessText.spelled($1)) }
      writer.literal("]}")
    } else {
      writer.literal("null")
    }
    writer.literal(#","decrypted":"#)
    optional(information.obstacle == nil && information.hasData)
    writer.literal(#","reason":"#)
    optional(information.obstacle?.slug)
    writer.literal(#","explanation":"#)
    optional(information.explanation)
    writer.byte(0x7D)
  }

  /// What became of TLS connections; nothing if there was none.
  mutating func tlsCounts(_ counts: TLSCounts) {
    guard counts.connections > 0 else { return }
    writer.literal(#","tls":{"connections":"#)
    writer.decimal(counts.connections)
    writer.literal(#","decrypted":"#)
    writer.decimal(counts.decrypted)
    writer.literal(#","not_decrypted":{"#)
    list(counts.byReason) { exporter, entry in
      exporter.writer.jsonString(entry.slug)
      exporter.writer.byte(0x3A)
      exporter.writer.decimal(entry.count)
    }
    writer.literal("}}")
  }
}
