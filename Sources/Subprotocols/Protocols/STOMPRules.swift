import Bytes

/// What a connection that speaks STOMP has agreed on, and what follows from it for its frames.
struct STOMPRules {
  /// Subscriptions that are remembered.
  static let mostSubscriptions = 256

  /// Its version, once that is known.
  private(set) var version: STOMPVersion?
  private var isConnected = false
  /// Messages of which each acknowledges those before it as well.
  private var cumulative = STOMPCumulative()
  /// The versions that the client offers, if it names any.
  private(set) var offered: [String]?
  /// Subscriptions of 1.0 and 1.1 whose messages are to be acknowledged.
  private var acknowledged: [[UInt8]] = []

  /// The rules of a connection with this subprotocol.
  init(_ subprotocol: String?) {
    switch subprotocol?.lowercased() {
    case "v10.stomp": version = .v10
    case "v11.stomp": version = .v11
    case "v12.stomp": version = .v12
    default: break
    }
  }

  /// How the headers of `frame` are written.
  func escapes(_ frame: STOMPFrame) -> STOMPEscapes { STOMPEscapes(version, frame.command) }

  /// The headers of which people want to see the values first.
  static func told(of command: STOMPCommand?) -> [StaticString] {
    switch command {
    case .connect, .stomp: ["accept-version", "host"]
    case .connected: ["version", "server"]
    case .send: ["destination"]
    case .subscribe: ["destination", "id"]
    case .unsubscribe: ["id", "destination"]
    case .ack, .nack: ["id", "message-id"]
    case .begin, .commit, .abort: ["transaction"]
    case .message: ["destination", "message-id"]
    case .receipt: ["receipt-id"]
    case .error: ["message"]
    case .disconnect, nil: []
    }
  }

  /// The headers that `command` must have: in `version`, or in all if that is not known.
  static func required(of command: STOMPCommand?, _ version: STOMPVersion?) -> [StaticString] {
    let since11 = (version ?? .v10) >= .v11
    switch command {
    case .send: return ["destination"]
    case .subscribe: return since11 ? ["destination", "id"] : ["destination"]
    case .unsubscribe: return since11 ? ["id"] : []
    case .ack, .nack:
      switch version {
      case .v12: return ["id"]
      case .v11: return ["message-id", "subscription"]
      case .v10: return ["message-id"]
      case nil: return []
      }
    case .begin, .commit, .abort: return ["transaction"]
    case .message: return since11 ? ["destination", "message-id", "subscription"] : ["destination", "message-id"]
    case .receipt: return ["receipt-id"]
    case .connect, .stomp, .connected, .disconnect, .error, nil: return []
    }
  }

  // MARK: Faults

  /// Tells what is wrong with `frame`.
  func check(_ frame: STOMPFrame, _ bytes: RawSpan, _ message: ViewedMessage, _ view: inout ViewWriter) {
    for fault in frame.faults { view.fault(fault.words) }
    let name = String(decoding: bytes.extracting(frame.commandName).withUnsafeBytes { Array($0) }, as: UTF8.self)
    guard let command = frame.command else { return view.fault("there is no command \(name)") }
    if command.isOfClient != message.isFromClient {
      view.fault("\(name) from the \(message.isFromClient ? "client" : "server")")
    }
    checkValues(command, frame, bytes, &view)
    for header in Self.required(of: command, version) where frame.header(header, bytes) == nil {
      if frame.headersLeftOut > 0 { break }
      view.fault("\(name) without the header \(header)")
    }
    let escapes = escapes(frame)
    for header in frame.headers {
      if !escapes.decode(bytes.extracting(header.name)).isSound
        || !escapes.decode(bytes.extracting(header.value)).isSound
      {
        view.fault("a header with an escape that is not defined")
        break
      }
    }
    for header in frame.headers where (version ?? .v10) >= .v11 {
      if !UTF8Validator.isValid(bytes.extracting(header.name.lowerBound..<header.value.upperBound)) {
        view.fault("a header that is not UTF-8")
        break
      }
    }
    if (version ?? .v10) >= .v11, !command.mayHaveBody, frame.bodyLength > 0 { view.fault("\(name) with a body") }
  }

  // MARK: What is learnt

  /// Bytes of the client, or of the server, are missing. Without the CONNECTED, a version is no more than what the handshake hoped for.
  mutating func lose(ofClient: Bool) { if !ofClient, !isConnected { version = nil } }

  /// Learns the version and the subscriptions.
  mutating func learn(_ frame: STOMPFrame, _ bytes: RawSpan) {
    switch frame.command {
    case .connect, .stomp: offered = Self.offered(frame, bytes)
    case .connected:
      isConnected = true
      guard let value = frame.header("version", bytes) else {
        // It may stand where the frame breaks off, or behind those that are kept.
        return version = frame.headLength > 0 && frame.headersLeftOut == 0 ? .v10 : nil
      }
      version = STOMPVersion(bytes.extracting(STOMPEscapes.trimmed(bytes, value))) ?? version
    case .subscribe:
      cumulative.subscribe(
        frame.text("id", bytes, escapes(frame)) ?? [], frame.text("ack", bytes, escapes(frame)) ?? [])
      guard version != .v12, let mode = frame.text("ack", bytes, escapes(frame)), mode != Array("auto".utf8) else {
        return
      }
      let id = frame.text("id", bytes, escapes(frame)) ?? frame.text("destination", bytes, escapes(frame)) ?? []
      guard acknowledged.count < Self.mostSubscriptions, id.count <= 1024 else { return }
      acknowledged.append(id)
    case .unsubscribe:
      let id = frame.text("id", bytes, escapes(frame)) ?? frame.text("destination", bytes, escapes(frame)) ?? []
      acknowledged.removeAll { $0 == id }
    default: break
    }
  }

  // MARK: Pairs

  /// Links `frame` to the one that it answers, and remembers what it asks for.
  mutating func pair(_ frame: STOMPFrame, _ bytes: RawSpan, _ view: inout ViewWriter) {
    let escapes = escapes(frame)
    func key(_ kind: UInt8, _ header: StaticString) -> [UInt8]? {
      frame.text(header, bytes, escapes).map { [kind] + $0 }
    }
    let receipt = UInt8(ascii: "r")
    switch frame.command {
    case .connect, .stomp: view.request([0].span.bytes, "CONNECT")
    case .connected: view.reply([0].span.bytes)
    case .receipt: if let id = key(receipt, "receipt-id") { view.reply(id.span.bytes) }
    case .error:
      if let id = key(receipt, "receipt-id") {
        view.reply(id.span.bytes, isError: true)
      } else if !isConnected {
        view.reply([0].span.bytes, isError: true)
      }
    case .message:
      guard let id = acknowledgement(frame, bytes, escapes) else { break }
      if version != .v10 {
        let subscription = frame.text("subscription", bytes, escapes) ?? []
        cumulative.add(id, subscription)
      }
      view.request(id.span.bytes, label("MESSAGE", frame.text("destination", bytes, escapes)))
    case .ack, .nack:
      let id = frame.text("id", bytes, escapes).flatMap { version == .v11 || version == .v10 ? nil : [0x61] + $0 }
      let key = id ?? messageID(frame, bytes, escapes)
      view.reply(key.span.bytes, isError: frame.command == .nack)
      for earlier in cumulative.take(key) { view.replyAlso(earlier.span.bytes, isError: frame.command == .nack) }
    default: break
    }
    if let command = frame.command, command.mayAskForReceipt, let id = key(receipt, "receipt") {
      view.request(id.span.bytes, label(command.rawValue, frame.text("destination", bytes, escapes)))
    }
  }

  private func label(_ command: String, _ destination: [UInt8]?) -> String {
    destination.map { "\(command) \(String(decoding: $0, as: UTF8.self))" } ?? command
  }

  /// By what a message is acknowledged; nil if it need not be.
  private func acknowledgement(_ frame: STOMPFrame, _ bytes: RawSpan, _ escapes: STOMPEscapes) -> [UInt8]? {
    if let ack = frame.text("ack", bytes, escapes) { return [0x61] + ack }  // STOMP 1.2, "ACK"
    let subscription =
      frame.text("subscription", bytes, escapes) ?? frame.text("destination", bytes, escapes) ?? []
    return acknowledged.contains(subscription) ? messageID(frame, bytes, escapes) : nil
  }

  /// What stands for a message in 1.0 and 1.1.
  private func messageID(_ frame: STOMPFrame, _ bytes: RawSpan, _ escapes: STOMPEscapes) -> [UInt8] {
    let subscription = version == .v11 ? frame.text("subscription", bytes, escapes) ?? [] : []
    return [0x6D] + (frame.text("message-id", bytes, escapes) ?? []) + [0] + subscription
  }
}
