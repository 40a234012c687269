import Analysis
import Bytes
import Capture
import Transport
import WebSocket

/// Frames and messages as short arrays; `page/model.js` reads them.
extension HTMLExporter {
  /// What a row says of a frame or message in bits.
  private struct Flags: OptionSet {
    let rawValue: UInt64
    static let compressed = Flags(rawValue: 1)
    static let complete = Flags(rawValue: 2)
    static let lengthIsKnown = Flags(rawValue: 4)
    static let truncated = Flags(rawValue: 8)
    static let validUTF8 = Flags(rawValue: 16)
    static let invalidUTF8 = Flags(rawValue: 32)
  }

  /// In place of a payload's block: the payload had no room.
  private static let leftOut: StaticString = "-1,0,0"
  /// In place of a payload's block: the message of the frame has it.
  private static let withMessage: StaticString = "-2,0,0"

  /// Writes a message.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    guard tally.messages < limits.messages, admits(record.connection) else { return tally.messagesLeftOut += 1 }
    tally.messages += 1
    let message = record.message
    var flags: Flags = message.isCompressed ? .compressed : []
    if message.isComplete { flags.insert(.complete) }
    if message.isLengthKnown || message.isComplete { flags.insert(.lengthIsKnown) }
    if UInt64(content.byteCount) < message.storableLength { flags.insert(.truncated) }
    if let isValid = message.isValidUTF8, message.opcode == .text {
      flags.insert(isValid ? .validUTF8 : .invalidUTF8)
    }
    begin("[0", record.connection, record.number, record.sender, record.first, record.last)
    numbers(
      UInt64(message.opcode.rawValue), flags.rawValue, message.length, message.wireLength, message.frameCount,
      record.firstFrame, record.lastFrame)
    payload(content)
    let inference = [record.inference, message.inference].compactMap { $0 }.min()
    var members = Members()
    rare(record.first, record.last, inference, unknown: record.unknown, &members)
    if let view = record.view { write(view, &members) }
    members.end(&lines.writer)
    endLine()
  }

  /// Writes a frame.
  public mutating func frame(_ record: borrowing FrameRecord, payload bytes: RawSpan) {
    // Behind the last message that has room, control frames would look as if nothing else had been said.
    guard tally.frames < limits.frames, tally.messages < limits.messages, admits(record.connection) else {
      return tally.framesLeftOut += 1
    }
    tally.frames += 1
    let header = record.header
    var flags: Flags = record.isComplete ? .complete : []
    if UInt64(bytes.byteCount) < record.capturedLength { flags.insert(.truncated) }
    begin("[1", record.connection, record.number, record.sender, record.first, record.last)
    numbers(UInt64(header.firstByte), UInt64(header.secondByte))
    if header.lacksMaskingKey { lines.writer.literal(",-1") } else { numbers(UInt64(header.maskingKey)) }
    numbers(header.payloadLength, record.capturedLength, flags.rawValue, record.message, record.offset)
    if record.message > 0, hasMessages {
      lines.writer.byte(0x2C)
      lines.writer.literal(Self.withMessage)
    } else {
      payload(bytes)
    }
    var members = Members()
    rare(record.first, record.last, record.inference, unknown: [], &members)
    members.end(&lines.writer)
    endLine()
  }

  // MARK: Parts

  /// What all rows begin with: connection, number, sender, time, duration, packets.
  private mutating func begin(
    _ kind: StaticString, _ connection: ConnectionReference, _ number: UInt64, _ sender: Sender,
    _ first: PacketReference, _ last: PacketReference
  ) {
    let base = begin(at: first.time)
    lines.writer.literal(kind)
    numbers(connection.number, number, UInt64(sender.rawValue))
    signed(first.time.since(base))
    signed(last.time.since(first.time))
    numbers(first.number, last.number)
  }

  mutating func numbers(_ values: UInt64...) {
    for value in values {
      lines.writer.byte(0x2C)
      // What a browser's numbers cannot hold is a string.
      let isLong = value > 1 << 53
      if isLong { lines.writer.byte(0x22) }
      lines.writer.decimal(value)
      if isLong { lines.writer.byte(0x22) }
    }
  }

  private mutating func signed(_ value: Int64) {
    lines.writer.byte(0x2C)
    if value < 0 { lines.writer.byte(0x2D) }
    lines.writer.decimal(value.magnitude)
  }

  /// Keeps `bytes`, and writes their block, their place in it and their number.
  private mutating func payload(_ bytes: RawSpan) {
    let count = UInt64(bytes.byteCount)
    guard tally.payloadBytes + count <= limits.payloadBytes else {
      tally.payloadsLeftOut += 1
      lines.writer.byte(0x2C)
      lines.writer.literal(Self.leftOut)
      return
    }
    tally.payloadBytes += count
    let place = blocks.payload(bytes)
    numbers(place.block, place.offset, count)
  }

  /// Members of the object at the end of a row.
  struct Members {
    private var areThere = false

    /// Begins the next one.
    mutating func begin(_ key: StaticString, _ writer: inout ByteWriter) {
      writer.literal(areThere ? "," : ",{")
      areThere = true
      writer.literal(key)
    }

    /// Ends the object, if there is one, and the row.
    func end(_ writer: inout ByteWriter) { writer.literal(areThere ? "}]\n" : "]\n") }
  }

  /// What few rows have.
  private mutating func rare(
    _ first: PacketReference, _ last: PacketReference, _ inference: Confidence?, unknown: [Range<UInt64>],
    _ members: inout Members
  ) {
    if hasSeveralFiles {
      members.begin(#""files":["#, &lines.writer)
      lines.writer.decimal(UInt64(first.file))
      numbers(UInt64(last.file))
      lines.writer.byte(0x5D)
    }
    if !unknown.isEmpty {
      members.begin(#""unknown":"#, &lines.writer)
      lines.ranges(unknown)
    }
    if let inference {
      members.begin(#""confidence":"#, &lines.writer)
      lines.writer.probability(inference)
    }
  }
}
