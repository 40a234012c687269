import Analysis
import Capture
import HTTP
import Transport
import WebSocket

/// What records say about one connection, without what depends on how the capture was written: packet numbers, and the
/// order in which the two directions come. Packets are named by their times.
public struct ConnectionStory: Equatable, Sendable {
  /// A frame.
  public struct Frame: Equatable, Sendable {
    var header: FrameHeader
    var payload: [UInt8]
    var offset: UInt64
    var capturedLength: UInt64
    var first: Timestamp
    var last: Timestamp
  }

  /// A message.
  public struct Message: Equatable, Sendable {
    var message: WebSocket.Message
    var content: [UInt8]
    var first: Timestamp
    var last: Timestamp
  }

  /// The records of the handshakes, with numbers made 0.
  public var connections: [ConnectionRecord] = []
  /// The client's frames, then the server's.
  public var frames: [[Frame]] = [[], []]
  /// The client's messages, then the server's.
  public var messages: [[Message]] = [[], []]
  /// What is wrong, sorted.
  public var diagnostics: [String] = []
  /// The end.
  public var end: EndRecord?

  /// The stories that `records` tell, by the connections' identifiers.
  public static func all(_ records: [CollectedRecord], withTimes hasTimes: Bool = true) -> [UInt64: ConnectionStory] {
    var stories: [UInt64: ConnectionStory] = [:]
    for record in records {
      guard let identifier = record.connection?.identifier else { continue }
      stories[identifier, default: ConnectionStory()].add(record, hasTimes)
    }
    for identifier in stories.keys { stories[identifier]?.diagnostics.sort() }
    return stories
  }

  private mutating func add(_ record: CollectedRecord, _ hasTimes: Bool) {
    func time(_ time: Timestamp) -> Timestamp { hasTimes ? time : Timestamp(nanoseconds: 0) }
    switch record {
    case .connection(var record):
      record.connection.number = 0
      record.roundTrip = TCPRoundTrip()
      record.time = time(record.time)
      if let packet = record.request?.packet { record.request?.packet = .init(number: 0, time: time(packet.time)) }
      if let packet = record.response?.packet { record.response?.packet = .init(number: 0, time: time(packet.time)) }
      connections.append(record)
    case .frame(let record, let payload):
      frames[Int(record.sender.rawValue)].append(
        Frame(
          header: record.header, payload: payload, offset: record.offset, capturedLength: record.capturedLength,
          first: time(record.first.time), last: time(record.last.time)))
    case .message(var record, let content):
      record.message.isPayloadItself = false  // how it came, not what it says
      messages[Int(record.sender.rawValue)].append(
        Message(
          message: record.message, content: content, first: time(record.first.time), last: time(record.last.time)))
    case .diagnostic(let record):
      let sender = record.sender.map { "\($0.name)" } ?? "-"
      diagnostics.append("\(record.code.slug) \(sender) \(record.offset.map { "\($0)" } ?? "-")")
    case .end(var record):
      record.connection.number = 0
      record.time = time(record.time)
      if !hasTimes {
        record.duration = 0
        record.idle = record.idle.map { _ in 0 }
      }
      for i in record.tcpEndings.indices {
        record.tcpEndings[i].packet = .init(number: 0, time: time(record.tcpEndings[i].packet.time))
      }
      record.client.lastTime = record.client.lastTime.map(time)
      record.server.lastTime = record.server.lastTime.map(time)
      record.client.firstUnansweredPing = record.client.firstUnansweredPing.map(time)
      record.server.firstUnansweredPing = record.server.firstUnansweredPing.map(time)
      end = record
    case .capture, .tls, .summary:
      break
    }
  }
}

extension CollectedRecord {
  /// The connection that the record is about.
  public var connection: ConnectionReference? {
    switch self {
    case .connection(let record): record.connection
    case .frame(let record, _): record.connection
    case .message(let record, _): record.connection
    case .diagnostic(let record): record.connection
    case .end(let record): record.connection
    case .tls(let record): record.connection
    case .capture, .summary: nil
    }
  }
}
