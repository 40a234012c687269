import Analysis
import Bytes
import Capture
import WebSocket

/// Entries of an archive whose connections are not over.
struct HAREntries: ~Copyable {
  private final class Entry {
    /// The entry without its times and messages.
    var head: [UInt8]
    /// The messages, with commas between.
    var messages = ByteBlocks()
    let start: Timestamp
    /// When the response was complete.
    let answer: Timestamp
    /// The time of what came last.
    var last: Timestamp
    /// How the connection ended, as JSON members with a comma before each.
    var ending: [UInt8] = []
    var part = 1
    /// Whether it is written only if there is a message in it.
    let isHidden: Bool

    init(_ head: [UInt8], start: Timestamp, answer: Timestamp, isHidden: Bool) {
      self.isHidden = isHidden
      self.head = head
      self.start = start
      self.answer = answer
      last = answer
    }
  }

  private var entries: [UInt64: Entry] = [:]
  private var json = NDJSONExporter(ExportOptions(), leavingOut: nil)
  /// Bytes that wait.
  private(set) var size = 0

  /// The connections with an entry, in order.
  var numbers: [UInt64] { entries.keys.sorted() }

  /// Forgets all.
  mutating func removeAll() {
    entries.removeAll()
    size = 0
  }

  /// Begins the entry of a connection.
  ///
  /// - Parameter isHidden: whether it is written only if there is a message in it.
  mutating func begin(_ record: ConnectionRecord, isHidden: Bool = false) {
    json.writer.removeAll()
    json.archiveHead(record)
    insert(
      record.connection.number, start: record.request?.packet.time ?? record.time,
      answer: record.response?.packet.time ?? record.request?.packet.time ?? record.time, isHidden: isHidden)
  }

  private mutating func insert(_ number: UInt64, start: Timestamp, answer: Timestamp, isHidden: Bool = false) {
    let head = json.writer.withBytes { [UInt8]($0) }
    entries[number] = Entry(head, start: start, answer: answer, isHidden: isHidden)
    size += head.count + 256
  }

  /// Adds a message, or a frame.
  mutating func add(
    _ connection: ConnectionReference, _ sender: Sender, at time: Timestamp, _ opcode: Opcode, _ content: RawSpan,
    isWhole: Bool, viewJSON: [UInt8]? = nil
  ) {
    if entries[connection.number] == nil {
      // Its head was forgotten, or is not wanted.
      json.writer.removeAll()
      json.archiveHead(connection, at: time)
      insert(connection.number, start: time, answer: time)
    }
    guard let entry = entries[connection.number] else { return }
    json.writer.removeAll()
    json.archiveMessage(sender, at: time, opcode, content, isWhole: isWhole)
    if let viewJSON {
      json.writer.literal(#","_view":"#)
      json.writer.json(viewJSON.span.bytes)
    }
    json.writer.byte(0x7D)
    if !entry.messages.isEmpty { entry.messages.append(0x2C) }
    json.writer.withBytes { entry.messages.append($0) }
    size += json.writer.count + 1
    entry.last = max(entry.last, time)
  }

  /// Notes how a connection ended.
  mutating func end(_ record: EndRecord) {
    guard let entry = entries[record.connection.number] else { return }
    json.writer.removeAll()
    json.writer.literal(#","_endedBy":""#)
    json.writer.literal(record.cause.name)
    json.writer.literal(#"","_explanation":"#)
    json.writer.jsonString(LosslessText.spelled(EndExplanation.sentence(record)))
    entry.ending = json.writer.withBytes { [UInt8]($0) }
    entry.last = max(entry.last, record.time)
  }

  /// Whether the connection's entry is to be written now.
  func hasToStand(_ number: UInt64) -> Bool {
    guard let entry = entries[number] else { return false }
    return !entry.isHidden || !entry.messages.isEmpty
  }

  /// Forgets an entry.
  mutating func forget(_ number: UInt64) {
    guard let entry = entries.removeValue(forKey: number) else { return }
    size -= entry.head.count + entry.messages.count + 256
  }

  /// Writes an entry, and forgets its messages; if the connection `isOver`, all of it.
  mutating func write(_ number: UInt64, isOver: Bool, to writer: inout ByteWriter) {
    guard let entry = entries[number] else { return writer.literal("{}") }
    writer.raw(entry.head.span.bytes)
    writer.raw(entry.ending.span.bytes)
    times(entry, &writer)
    if entry.part > 1 || !isOver {
      writer.literal(#","comment":"part "#)
      writer.decimal(entry.part)
      writer.literal(isOver ? #", the last one""# : #"; the connection goes on in a later entry""#)
    }
    writer.literal(#","_webSocketMessages":["#)
    size -= entry.messages.count
    entry.messages.move(to: &writer)
    writer.literal("]}")
    entry.part += 1
    if isOver {
      entries[number] = nil
      size -= entry.head.count + 256
    }
  }

  /// The times: `wait` up to the response, `receive` up to the end of the connection.
  private func times(_ entry: Entry, _ writer: inout ByteWriter) {
    let wait = max(entry.answer.since(entry.start), 0)
    let receive = max(entry.last.since(entry.answer), 0)
    writer.literal(#","time":"#)
    writer.milliseconds(wait.addingReportingOverflow(receive).partialValue)
    writer.literal(#","timings":{"blocked":-1,"dns":-1,"connect":-1,"ssl":-1,"send":0,"wait":"#)
    writer.milliseconds(wait)
    writer.literal(#","receive":"#)
    writer.milliseconds(receive)
    writer.literal("}")
  }
}

extension ByteWriter {
  /// Writes a time that is not negative.
  fileprivate mutating func milliseconds(_ nanoseconds: Int64) {
    decimal(UInt64(clamping: nanoseconds / 1_000_000))
    let rest = UInt64(clamping: nanoseconds % 1_000_000)
    if rest > 0 {
      byte(0x2E)
      decimal(rest, width: 6)
    }
  }
}
