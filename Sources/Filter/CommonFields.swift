import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// The words of the output as strings, made once.
enum Word {
  static let senders = ["client", "server"]
  static let kinds = ["connection", "frame", "message", "diagnostic", "end", "tls"]
  static let opcodes = (0..<16).map { string(Opcode(rawValue: $0).name) }

  static func string(_ text: StaticString) -> String {
    String(decoding: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), as: UTF8.self)
  }

  static func of(_ sender: Sender?) -> FieldValue { sender.map { .string(senders[Int($0.rawValue)]) } ?? .absent }
}

/// Fields that records of several types have.
extension FieldTable {
  static let common: [Field] = [
    Field("type", .choice(Word.kinds), "the type of the record", kinds: Field.ofAll) { head in
      switch head.kind {
      case .connection: .string("connection")
      case .frame: .string("frame")
      case .message: .string("message")
      case .diagnostic: .string("diagnostic")
      case .end: .string("end")
      default: .string("tls")
      }
    },
    Field("connection", .integer, "number of the connection, from 1", kinds: Field.ofAll) {
      FieldValue($0.connection?.number)
    },
    Field("connection_id", .string, "16 hexadecimal digits, the same in every run", kinds: Field.ofAll) {
      FieldValue($0.connection.map { padded($0.identifier, to: 16, radix: 16) })
    },
    Field("time", .time, "when it was, or began", kinds: Field.ofAll) { FieldValue($0.time) },
    Field("time_relative", .duration, "the same, since the first packet of the capture", kinds: Field.ofAll) { head in
      guard let time = head.time, let start = head.start else { return .absent }
      return .duration(time.since(start))
    },
    Field(
      "sender", .choice(Word.senders), "who sent it", kinds: [.frame, .message, .diagnostic],
      head: { Word.of($0.sender) }),
    endpoint("client", "the end that asked for the upgrade", of: .client),
    address("client.address", "its address", of: .client),
    port("client.port", "its TCP port", of: .client),
    endpoint("server", "the end that answered", of: .server),
    address("server.address", "its address", of: .server),
    port("server.port", "its TCP port", of: .server),
    Field("address", .address, "the addresses of both ends", isList: true, kinds: Field.ofAll) { head in
      guard let ends = head.connection else { return .absent }
      return .list([.address(ends.client.address), .address(ends.server.address)])
    },
    Field("port", .integer, "the TCP ports of both ends", isList: true, kinds: Field.ofAll) { head in
      guard let ends = head.connection else { return .absent }
      return .list([.integer(UInt64(ends.client.port)), .integer(UInt64(ends.server.port))])
    },
    Field("source", .endpoint, "the end that sent it", kinds: sent) {
      end($0, ofPeer: false).map { .endpoint($0) } ?? .absent
    },
    Field("source.address", .address, "its address", kinds: sent) {
      end($0, ofPeer: false).map { .address($0.address) } ?? .absent
    },
    Field("source.port", .integer, "its TCP port", kinds: sent) {
      end($0, ofPeer: false).map { .integer(UInt64($0.port)) } ?? .absent
    },
    Field("destination", .endpoint, "the end that it was sent to", kinds: sent) {
      end($0, ofPeer: true).map { .endpoint($0) } ?? .absent
    },
    Field("destination.address", .address, "its address", kinds: sent) {
      end($0, ofPeer: true).map { .address($0.address) } ?? .absent
    },
    Field("destination.port", .integer, "its TCP port", kinds: sent) {
      end($0, ofPeer: true).map { .integer(UInt64($0.port)) } ?? .absent
    },
  ]

  private static let sent: RecordKinds = [.frame, .message, .diagnostic]

  private static func end(_ head: borrowing RecordHead, ofPeer: Bool) -> Endpoint? {
    guard let connection = head.connection, let sender = head.sender else { return nil }
    return connection.endpoint(ofPeer ? sender.peer : sender)
  }

  private static func endpoint(_ name: String, _ help: String, of sender: Sender) -> Field {
    Field(
      name, .endpoint, help, kinds: Field.ofConnection,
      head: { $0.connection.map { .endpoint($0.endpoint(sender)) } ?? .absent },
      tls: { .endpoint(sender == .client ? $0.client : $0.server) })
  }

  private static func address(_ name: String, _ help: String, of sender: Sender) -> Field {
    Field(
      name, .address, help, kinds: Field.ofConnection,
      head: { $0.connection.map { .address($0.endpoint(sender).address) } ?? .absent },
      tls: { .address(sender == .client ? $0.client.address : $0.server.address) })
  }

  private static func port(_ name: String, _ help: String, of sender: Sender) -> Field {
    Field(
      name, .integer, help, kinds: Field.ofConnection,
      head: { $0.connection.map { .integer(UInt64($0.endpoint(sender).port)) } ?? .absent },
      tls: { .integer(UInt64(sender == .client ? $0.client.port : $0.server.port)) })
  }
}
