import Analysis
import Capture
import Transport
import WebSocket

/// What one end of a connection sent, as far as its records were wanted.
public struct SenderStatistics: Equatable, Sendable {
  /// Messages.
  public var messages: UInt64 = 0
  /// Frames, control frames included.
  public var frames: UInt64 = 0
  /// Control frames.
  public var controlFrames: UInt64 = 0
  /// Bytes of messages, after inflating, as far as their lengths are known.
  public var contentBytes: UInt64 = 0
  /// Payload bytes of frames, before inflating.
  public var payloadBytes: UInt64 = 0
  /// Of compressed messages, bytes after inflating.
  public var inflatedBytes: UInt64 = 0
  /// Of compressed messages, bytes before inflating.
  public var compressedBytes: UInt64 = 0
  /// Bytes of its stream that the capture lacks.
  public var missingBytes: UInt64 = 0

  mutating func addFrame(_ bytes: UInt64, isControl: Bool) {
    frames += 1
    if isControl { controlFrames += 1 }
    payloadBytes &+= bytes
  }

  mutating func addMessage(_ message: Message) {
    messages += 1
    if message.isLengthKnown { contentBytes &+= message.length }
    guard message.isCompressed, message.isComplete else { return }
    inflatedBytes &+= message.length
    compressedBytes &+= message.wireLength
  }

  /// How many times as long compressed messages are when they are inflated; nil if there are none.
  public var gain: Double? { compressedBytes > 0 ? Double(inflatedBytes) / Double(compressedBytes) : nil }
}

/// A few values of a connection.
public struct Extremes: Equatable, Sendable {
  /// How many there were.
  public private(set) var count: UInt64 = 0
  /// The least; 0 if there was none.
  public private(set) var minimum: UInt64 = 0
  /// The greatest; 0 if there was none.
  public private(set) var maximum: UInt64 = 0
  private var sum = 0.0

  /// The arithmetic mean; nil if there was none.
  public var mean: Double? { count > 0 ? sum / Double(count) : nil }

  mutating func add(_ value: UInt64) {
    minimum = count == 0 ? value : min(minimum, value)
    maximum = max(maximum, value)
    count += 1
    sum += Double(value)
  }
}

/// What a connection comes to.
public struct ConnectionStatistics: Sendable {
  /// Characters (Unicode scalars) of a URL or subprotocol that are kept.
  static let mostText = 256

  /// Number, identifier and ends.
  public let connection: ConnectionReference
  /// When the handshake was complete; nil if its record was not wanted.
  public var time: Timestamp?
  /// Where it led, cut to 256 characters; nil if that is not known.
  public var url: String?
  /// The subprotocol that was agreed on.
  public var subprotocol: String?
  /// What became of the request to switch protocols.
  public var outcome = UpgradeOutcome.upgraded
  /// The status code of the response to it; nil if that is not known.
  public var status: Int?
  /// How long the opening of the TCP connection took.
  public var roundTrip = TCPRoundTrip()
  /// Nanoseconds from the request for an upgrade to the response; nil if one of them is not known.
  public var upgradeTime: UInt64?
  /// What the client sent.
  public var client = SenderStatistics()
  /// What the server sent.
  public var server = SenderStatistics()
  /// Nanoseconds from ping to pong, whoever pings.
  public var pings = Extremes()
  /// Nanoseconds from request to reply, whoever requests, as views tell them.
  public var replies = Extremes()
  /// Requests, and what became of them, whoever requests.
  public var requests = RequestCounts()
  /// Diagnostics that are warnings or errors.
  public var faults: UInt64 = 0
  /// How it ended; nil if that record was not wanted.
  public var end: EndRecord?

  var pingTimes = (client: PingTimes(), server: PingTimes())

  /// All payload bytes.
  public var bytes: UInt64 { client.payloadBytes &+ server.payloadBytes }

  init(_ connection: ConnectionReference) { self.connection = connection }

  /// Nothing more is to come: keeps what was counted, and nothing that waits for its answer, since there may be 20,000 of these.
  mutating func finish() { pingTimes = (PingTimes(), PingTimes()) }

  mutating func take(_ record: ConnectionRecord) {
    time = record.time
    url = record.handshake.url.map { Self.cut($0) }
    subprotocol = record.handshake.subprotocol.map { Self.cut($0) }
    outcome = record.outcome
    status = record.handshake.status
    roundTrip = record.roundTrip
    if let request = record.request?.packet, let response = record.response?.packet {
      upgradeTime = nanoseconds(from: request.time, to: response.time)
    }
  }

  mutating func count(_ sender: Sender, _ body: (inout SenderStatistics) -> Void) {
    if sender == .client { body(&client) } else { body(&server) }
  }

  mutating func ping(_ payload: [UInt8], _ sender: Sender, at time: Timestamp) {
    if sender == .client { pingTimes.client.ping(payload, at: time) } else { pingTimes.server.ping(payload, at: time) }
  }

  /// Nanoseconds since the ping that is answered by this pong; nil if there is none.
  mutating func pong(_ payload: [UInt8], _ sender: Sender, at time: Timestamp) -> UInt64? {
    let answer =
      sender == .client ? pingTimes.server.pong(payload, at: time) : pingTimes.client.pong(payload, at: time)
    if let answer { pings.add(answer) }
    return answer
  }

  // A `Character` has no greatest length, so that these are not counted.
  private static func cut(_ text: String) -> String {
    var kept = String.UnicodeScalarView()
    kept.append(contentsOf: text.unicodeScalars.prefix(mostText))
    return String(kept)
  }
}
