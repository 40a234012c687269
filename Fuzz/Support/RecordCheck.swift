import Analysis
import Bytes
import WebSocket

/// A sink that holds records against each other.
struct RecordCheck: RecordSink {
  private var connections: [UInt64: ConnectionCheck] = [:]
  private var last: UInt64 = 0
  private let limits: MessageLimits
  private(set) var frames: UInt64 = 0
  private(set) var messages: UInt64 = 0
  private(set) var upgraded: UInt64 = 0
  /// Upgrades that were refused or not answered.
  private(set) var refused: UInt64 = 0
  /// What all senders sent, by their ends.
  private var wireBytes: UInt64 = 0
  private var missingBytes: UInt64 = 0
  /// The latest of them; what is told about it follows at once.
  private var lastRefused: UInt64?

  init(_ limits: MessageLimits) { self.limits = limits }

  mutating func capture(_ record: CaptureRecord) {}

  mutating func connection(_ record: ConnectionRecord) {
    require(record.connection.number == last + 1, "connection \(record.connection.number) after \(last)")
    last += 1
    if record.isUpgraded {
      upgraded += 1
      connections[last] = ConnectionCheck(record.connection)
    } else {
      refused += 1
      lastRefused = last
    }
  }

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    let record = copy record
    let captured = record.capturedLength
    require(captured <= record.header.payloadLength, "\(captured) bytes of \(record.header.payloadLength)")
    require(UInt64(payload.byteCount) <= captured, "\(payload.byteCount) bytes of \(captured) captured")
    require(payload.byteCount <= limits.stored, "\(payload.byteCount) bytes are stored")
    let stored = min(captured, UInt64(limits.stored))
    require(UInt64(payload.byteCount) == stored, "\(payload.byteCount) of \(stored) bytes are stored")
    require(record.isComplete == (captured == record.header.payloadLength), "completeness")
    require(record.inference ?? .least >= .least, "a frame that is not sure: \(record)")
    guard connections[record.connection.number]?.take(record) != nil else { fatalError("a frame of no connection") }
    frames += 1
  }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let record = copy record
    require(content.byteCount <= limits.stored, "\(content.byteCount) bytes are stored")
    require(UInt64(content.byteCount) <= record.message.storableLength, "more is stored than there was")
    require(record.message.frameCount > 0, "a message without frames")
    record.message.requireAgrees(with: record.unknown, stored: content.byteCount)
    require(record.inference ?? .least >= .least, "a message that is not sure: \(record)")
    guard connections[record.connection.number]?.take(record) != nil else { fatalError("a message of no connection") }
    messages += 1
  }

  mutating func diagnostic(_ record: Diagnostic) {
    guard let number = record.connection?.number, number != lastRefused, record.code.slug != "tcp.after-reset" else {
      return
    }
    guard connections[number]?.takeDiagnostic() != nil else { fatalError("\(record) of no connection") }
  }

  mutating func end(_ record: EndRecord) {
    guard let connection = connections[record.connection.number] else { fatalError("the end of no connection") }
    connection.check(record)
    wireBytes += record.client.wireBytes + record.server.wireBytes
    missingBytes &+= record.client.missingBytes &+ record.server.missingBytes
    connections[record.connection.number] = nil
  }

  mutating func summary(_ record: SummaryRecord) {
    require(connections.isEmpty, "no end of \(connections.keys)")
    require(record.frames == frames && record.messages == messages, "\(record) not \(frames) and \(messages)")
    require(wireBytes <= record.webSocketBytes, "\(wireBytes) bytes, but \(record.webSocketBytes) of WebSockets")
    require(record.webSocketBytes + record.otherBytes <= record.bytes, "more bytes than were captured: \(record)")
    require(missingBytes == record.missingBytes, "\(missingBytes) bytes are missing, not \(record.missingBytes)")
    let limits = record.forgottenConnections + record.leftOutConnections + record.crowdedConnections
    require(limits <= 2 * record.tcpConnections, "\(record)")
    let others = record.refused + record.unanswered
    require(record.connections == upgraded && others == refused, "\(record) not \(upgraded) and \(refused)")
  }
}

/// What came of one connection.
private struct ConnectionCheck {
  private struct Side {
    var lastNumber: UInt64 = 0
    /// Offset behind the last frame, as far as is known.
    var offset: UInt64 = 0
    var frames: UInt64 = 0
    var messages: UInt64 = 0
    var payload: UInt64 = 0
    var headers: UInt64 = 0
    /// Of the message whose frames come: its number, frames and payload.
    var message: UInt64 = 0
    var messageFrames: UInt64 = 0
    var messageLength: UInt64 = 0
  }

  private let reference: ConnectionReference
  private var client = Side()
  private var server = Side()
  private var frames: Set<UInt64> = []
  private var messages: Set<UInt64> = []
  private var diagnostics = 0

  init(_ reference: ConnectionReference) { self.reference = reference }

  mutating func take(_ record: FrameRecord) {
    require(record.connection == reference, "another connection with this number")
    require(frames.insert(record.number).inserted, "frame \(record.number) twice")
    if record.sender == .client { Self.take(record, &client) } else { Self.take(record, &server) }
  }

  private static func take(_ record: FrameRecord, _ side: inout Side) {
    require(record.number > side.lastNumber, "frame \(record.number) after \(side.lastNumber)")
    require(record.offset >= side.offset, "offset \(record.offset), expected \(side.offset) at least")
    side.lastNumber = record.number
    let length = UInt64(record.header.headerLength).addingReportingOverflow(record.capturedLength).partialValue
    side.offset = record.offset + length
    // What was captured of a header without its key is not decoded.
    if !record.header.lacksMaskingKey { side.headers += UInt64(record.header.headerLength) }
    side.frames += 1
    side.payload += record.capturedLength
    guard record.message > 0 else { return }
    require(record.header.opcode.isMessage, "a message of control frames")
    if record.message != side.message {
      require(record.message > side.message, "message \(record.message) after \(side.message)")
      (side.message, side.messageFrames, side.messageLength) = (record.message, 0, 0)
    }
    side.messageFrames += 1
    let (sum, isOver) = side.messageLength.addingReportingOverflow(record.header.payloadLength)
    side.messageLength = isOver ? .max : sum
  }

  mutating func take(_ record: MessageRecord) {
    require(messages.insert(record.number).inserted, "message \(record.number) twice")
    require(record.firstFrame <= record.lastFrame, "frames \(record.firstFrame) to \(record.lastFrame)")
    if record.sender == .client { Self.take(record, &client) } else { Self.take(record, &server) }
  }

  private static func take(_ record: MessageRecord, _ side: inout Side) {
    require(record.number == side.message, "message \(record.number), but frames of \(side.message)")
    let message = record.message
    require(message.frameCount == side.messageFrames, "\(message.frameCount) frames, not \(side.messageFrames)")
    require(message.wireLength == side.messageLength, "length \(message.wireLength), not \(side.messageLength)")
    side.messages += 1
  }

  /// A connection says no more than a thousand things, and that it says no more; its handshake's are among them.
  mutating func takeDiagnostic() {
    diagnostics += 1
    require(diagnostics <= 1001, "\(diagnostics) diagnostics")
  }

  func check(_ record: EndRecord) {
    require(record.connection == reference, "another connection with this number")
    for (side, tally) in [(client, record.client), (server, record.server)] {
      require(tally.frames == side.frames && tally.messages == side.messages, "\(tally), not \(side)")
      require(tally.payloadBytes == side.payload, "\(tally), not \(side)")
      require(side.payload + side.headers + tally.undecodedBytes <= tally.wireBytes, "\(tally), and \(side)")
    }
    require(frames.count == Int(frames.max() ?? 0), "frames \(frames.sorted())")
    require(messages.count == Int(messages.max() ?? 0), "messages \(messages.sorted())")
  }
}
