import Bytes
import JSON

/// MQTT 3.1, 3.1.1 and 5 over WebSocket: packets, which messages may share and which may span them, and what acknowledges what.
final class MQTT: PayloadView {
  static let description = ViewDescription(
    "mqtt", "MQTT", specification: "MQTT", subprotocols: ["mqtt", "mqttv3.1", "mqttv3.1.1", "mqttv5"],
    fields: [
      ViewField("packet", .string, "type of the packet, such as PUBLISH"),
      ViewField("topic", .string, "topic of a PUBLISH, also where an alias stands for it"),
      ViewField("qos", .number, "quality of service of a PUBLISH: 0, 1 or 2"),
      ViewField("retain", .boolean, "whether the message is retained, or was"),
      ViewField("dup", .boolean, "whether the PUBLISH was sent before"),
      ViewField("packet_id", .number, "packet identifier, by which acknowledgements are matched"),
      ViewField("properties", .json, "properties by name (MQTT 5); those that may come again last"),
      ViewField("payload", .json, "payload: a JSON value where it is one, otherwise text or base64"),
      ViewField("payload_length", .number, "bytes of the payload"),
      ViewField("protocol_name", .string, "name of the protocol in a CONNECT"),
      ViewField("protocol_level", .number, "level of the protocol in a CONNECT: 3, 4 or 5"),
      ViewField("version", .string, "version that the level stands for: 3.1, 3.1.1 or 5"),
      ViewField("client_id", .string, "client identifier"),
      ViewField("clean_session", .boolean, "whether a session is not to be resumed (3.1, 3.1.1)"),
      ViewField("clean_start", .boolean, "whether a session is not to be resumed (5)"),
      ViewField("keep_alive", .number, "seconds that may pass between packets of the client"),
      ViewField("will", .json, "message that the server sends if the client is lost: topic, qos, retain, payload"),
      ViewField("username", .string, "user name"),
      ViewField("password", .json, "password"),
      ViewField("session_present", .boolean, "whether the server has a session of the client"),
      ViewField("reason_code", .number, "return code or reason code"),
      ViewField("reason", .string, "what the code says"),
      ViewField("reason_codes", .json, "codes of a SUBACK or UNSUBACK, one for each topic filter"),
      ViewField("reasons", .json, "what they say"),
      ViewField("subscriptions", .json, "topic filters of a SUBSCRIBE with their options"),
      ViewField("topic_filters", .json, "topic filters of an UNSUBSCRIBE"),
      ViewField("version_guess", .string, "version by which the packet was read, where the CONNECT is not known"),
      ViewField("reply_to", .number, "number of the message that the packet answers"),
      ViewField("latency", .number, "seconds from that message to this one"),
    ])

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    guard !message.isText, case .header(let header) = MQTTHeader.read(content) else { return 0 }
    if header.type == .connect { return MQTTRecognition.beginsConnection(header, content) ? 1 : 0 }
    guard message.isWhole, MQTTStream.holdsPackets(content) else { return 0 }
    return MQTTRecognition.likelihood(header, content)
  }

  static func likelihood(ofTarget target: RequestTarget) -> Double {
    target.segments.contains("mqtt") ? 0.8 : 0
  }

  let fromClient: MQTTEnd
  let fromServer: MQTTEnd
  var connection: MQTTConnection
  var outline = JSONOutline()
  private var hasShown = false

  init(_ context: ViewContext) {
    fromClient = MQTTEnd(context.memory)
    fromServer = MQTTEnd(context.memory)
    connection = MQTTConnection()
    if context.subprotocol?.lowercased() == "mqttv3.1" { connection.version = .v31 }
  }

  func unfinished(ofClient: Bool) -> UInt64? {
    let stream = ofClient ? fromClient.stream : fromServer.stream
    return stream.held.isEmpty ? nil : stream.held.message
  }

  func lose(ofClient: Bool) {
    (ofClient ? fromClient : fromServer).lose()
    connection.filters.removeAll()
    hasShown = true  // what comes first need not begin with a CONNECT
  }

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    guard content.byteCount > 0, !message.isText || MQTTStream.holdsPackets(content) else { return .foreign }
    let end = message.isFromClient ? fromClient : fromServer
    view.say("MQTT")
    // Of a message that is merely cut, what comes first is known to follow the message before.
    if !message.isWhole, !message.isCut, !end.stream.held.isEmpty { end.lose() }
    if end.stream.isLost {
      let begins = MQTTResync.holdsPackets(
        content, isCut: !message.isWhole, connection, fromClient: message.isFromClient)
      guard begins else {
        if !message.isWhole { lose(ofClient: message.isFromClient) }
        return showContinuation(message, &view)
      }
      end.stream.isLost = false
    }
    if message.isText { view.fault("packets in a text message") }
    var units = ViewUnits()
    guard let isOpen = readPackets(message, content, end, &units, &view) else { return .foreign }
    hasShown = true
    units.finish(&view)
    if !message.isWhole { lose(ofClient: message.isFromClient) }
    if isOpen { return showContinuation(message, &view) }
    showCut(message, &view)
    return .shown
  }

  private func showContinuation(_ message: ViewedMessage, _ view: inout ViewWriter) -> ViewReading {
    guard !message.isCut else {
      showCut(message, &view)
      return .shown
    }
    view.boolean("continues", true)
    view.say("…")
    return .shown
  }

  private func showCut(_ message: ViewedMessage, _ view: inout ViewWriter) {
    guard message.isCut else { return }
    view.tellCut()
    view.say("(cut by --max-payload)")
  }

  /// Shows the packets of a message; whether its last one goes on in later messages. Nil if there is none.
  private func readPackets(
    _ message: ViewedMessage, _ content: RawSpan, _ end: MQTTEnd, _ units: inout ViewUnits, _ view: inout ViewWriter
  ) -> Bool? {
    let stream = end.stream
    var position = 0
    while true {
      let first = stream.held.message
      switch stream.next(content, &position, message.number) {
      case .packet(let header, let range):
        if units.begin(&view) {
          if let range {
            show(header, content.extracting(range), message, end, &view)
          } else {
            if first != message.number { view.integer("first_message", first) }
            show(header, stream.held.bytes.span.bytes, message, end, &view)
          }
          units.end(&view)
        }
        if range == nil { stream.removeHeld() }
      case .unfinished(let range):
        guard let range else { return message.isCut ? showHeld(message, end, &units, &view) : true }
        return takeUnfinished(message, content, range, end, &units, &view)
      case .malformed:
        guard hasShown || units.count > 0 else { return nil }
        stream.removeHeld()
        stream.isLost = true
        if message.isWhole { view.fault("a packet of type 0, or one whose remaining length has more than four bytes") }
        if units.count == 0 { view.say("malformed") }
        return false
      case .end: return false
      }
    }
  }

  /// Shows what is held of a packet, whose rest is cut. Whether it goes on, though its length is not known.
  private func showHeld(
    _ message: ViewedMessage, _ end: MQTTEnd, _ units: inout ViewUnits, _ view: inout ViewWriter
  ) -> Bool {
    let held = end.stream.held.bytes
    guard case .header(let header) = MQTTHeader.read(held.span.bytes), units.begin(&view) else { return true }
    view.integer("first_message", end.stream.held.message)
    show(header, held.span.bytes, message, end, &view)
    units.end(&view)
    return false
  }

  /// Keeps the beginning of a packet, or shows it, if its rest was not captured. Whether it goes on in later messages; nil if it does not
  /// look like one.
  private func takeUnfinished(
    _ message: ViewedMessage, _ content: RawSpan, _ range: Range<Int>, _ end: MQTTEnd, _ units: inout ViewUnits,
    _ view: inout ViewWriter
  ) -> Bool? {
    let bytes = content.extracting(range)
    let isLikely =
      hasShown || units.count > 0 || MQTTRecognition.mayBeginConnection(bytes)
      || !message.isWhole
        && MQTTResync.holdsPackets(bytes, isCut: true, connection, fromClient: message.isFromClient)
    guard isLikely else { return nil }
    guard message.isWhole else {
      guard case .header(let header) = MQTTHeader.read(bytes) else { return true }
      guard units.begin(&view) else { return false }
      show(header, bytes, message, end, &view)
      units.end(&view)
      return false
    }
    end.stream.hold(content, range, message.number)
    return true
  }
}

/// What is known of one end of a connection.
final class MQTTEnd {
  /// Bytes of topics that are remembered: 256 KiB.
  private static let mostOfTopics = 1 << 18

  let stream: MQTTStream
  /// Whether it sent DISCONNECT.
  var hasDisconnected = false
  /// Whether topics may have got an alias that is not remembered.
  private(set) var lacksTopics = false
  private var topics: [UInt16: [UInt8]] = [:]
  private var held = 0
  private let memory: ViewMemory

  init(_ memory: ViewMemory) {
    stream = MQTTStream(memory)
    self.memory = memory
  }

  deinit { memory.give(back: held) }

  /// The topic that `alias` stands for (MQTT 5 §3.3.2.3.4); nil if that is not known.
  func topic(_ alias: UInt16) -> [UInt8]? { topics[alias] }

  /// Packets of this end are missing.
  func lose() {
    stream.lose()
    topics.removeAll()
    memory.give(back: held)
    held = 0
    lacksTopics = true
  }

  /// From now on, `alias` stands for `topic`.
  func remember(_ topic: RawSpan, as alias: UInt16) {
    let before = topics.removeValue(forKey: alias)?.count ?? 0
    memory.give(back: before)
    held -= before
    guard held + topic.byteCount <= Self.mostOfTopics, memory.take(topic.byteCount) else { return lacksTopics = true }
    held += topic.byteCount
    topics[alias] = topic.withUnsafeBytes { Array($0) }
  }
}

/// What is known of a connection.
struct MQTTConnection {
  /// A version of MQTT: the level in CONNECT.
  enum Version: UInt8 {
    case v31 = 3
    case v311 = 4
    case v5 = 5

    var name: StaticString {
      switch self {
      case .v31: "3.1"
      case .v311: "3.1.1"
      case .v5: "5"
      }
    }
  }

  /// Its version, once that is known.
  var version: Version?
  /// Whether its CONNECT was seen.
  var hasConnect = false
  /// How many topic filters a SUBSCRIBE or UNSUBSCRIBE had that is not answered, by its type and packet identifier.
  var filters: [[UInt8]: Int] = [:]
  /// Of how many that is remembered.
  static let mostFilters = 256
}

/// Whether messages are MQTT.
enum MQTTRecognition {
  /// Whether the CONNECT with `header`, or its beginning, names a protocol and a level that there are.
  static func beginsConnection(_ header: MQTTHeader, _ content: RawSpan) -> Bool {
    guard header.flags == 0, header.remaining >= 10 else { return false }
    let names: [(StaticString, ClosedRange<UInt8>)] = [("\0\u{4}MQTT", 4...5), ("\0\u{6}MQIsdp", 3...3)]
    for (name, levels) in names where content.begins(with: name, at: header.count) {
      let level = header.count + name.utf8CodeUnitCount
      // The bit for a bridge is set beside the level by some brokers.
      return level < content.byteCount && levels.contains(content.u8(level) & 0x7F)
    }
    return false
  }

  /// Whether `bytes` may be the beginning of a CONNECT.
  static func mayBeginConnection(_ bytes: RawSpan) -> Bool {
    guard bytes.u8(0) == 0x10 else { return false }
    guard case .header(let header) = MQTTHeader.read(bytes) else { return bytes.byteCount < 5 }
    for (i, byte) in [0, UInt8(ascii: "M"), UInt8(ascii: "Q")].enumerated() {
      let at = header.count + (i == 0 ? 0 : i + 1)
      guard at < bytes.byteCount else { return true }
      if bytes.u8(at) != byte { return false }
    }
    return true
  }

  /// How well `content`, which is nothing but packets with sound headers, the first of them `header`, fits.
  static func likelihood(_ header: MQTTHeader, _ content: RawSpan) -> Double {
    let weak = 0.5
    guard header.type == .publish || header.type == .subscribe else { return weak }
    var cursor = MQTTCursor(header.count..<min(header.total, content.byteCount))
    if header.type == .subscribe { _ = cursor.two(content) }
    guard let topic = cursor.string(content), topic.count > 1, isTopic(content, topic) else { return 0 }
    let rest = content.byteCount - cursor.range.lowerBound
    return rest > 0 && topic.contains { content.u8($0) == UInt8(ascii: "/") } ? 0.8 : weak
  }

  static func isTopic(_ bytes: RawSpan, _ range: Range<Int>) -> Bool {
    for i in range where bytes.u8(i) < 0x20 || bytes.u8(i) == 0x7F { return false }
    return UTF8Validator.isValid(bytes.extracting(range))
  }
}
