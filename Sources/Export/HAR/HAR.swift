import Analysis
import Bytes
import WebSocket

/// An HTTP archive (HAR 1.2) with an entry for each connection, whose messages stand in it as Chromium's developer tools write
/// them (`_webSocketMessages`).
///
/// An entry is written when its connection is over. What waits for that is bounded: where it reaches `mostBytes`, all that waits is
/// written, and the connections go on in further entries.
public struct HARExporter: Exporter, ~Copyable {
  /// `har`.
  public static let name = "har"
  /// What it is for.
  public static let summary = "an HTTP archive with messages as Chromium writes them, for developer tools"
  /// Entries are made of these, whatever else is asked for.
  public static let neededKinds: RecordKinds = [.connection, .end]

  /// Bytes of messages and heads that wait for the ends of their connections (64 MiB).
  private static let mostBytes = 1 << 26

  private var writer = ByteWriter()
  private var entries = HAREntries()
  /// Whether frames are listed, control frames included, and not messages.
  private let listsFrames: Bool
  private let flushesEachRecord: Bool
  private var hasBegun = false
  private var isEmpty = true

  /// A writer whose archive goes to `drain`.
  public init(_ options: ExportOptions, drain: @escaping (UnsafeRawBufferPointer) -> Void) {
    listsFrames = options.requestedKinds?.contains(.frame) == true
    flushesEachRecord = options.flushesEachRecord
    writer.drain = drain
  }

  /// Begins an entry; that of an upgrade that did not happen is complete at once.
  public mutating func connection(_ record: ConnectionRecord) {
    entries.begin(record)
    if !record.isUpgraded { write(record.connection.number, isOver: true) }
    keepBounded()
  }

  /// Begins an entry that is written if a message is to stand in it.
  public mutating func note(hidden record: ConnectionRecord) {
    guard record.isUpgraded else { return }
    entries.begin(record, isHidden: true)
    keepBounded()
  }

  /// Adds a message to its connection's entry.
  public mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    if listsFrames { return }
    let message = record.message
    entries.add(
      record.connection, record.sender, at: record.first.time, message.opcode, content,
      isWhole: message.isComplete && UInt64(content.byteCount) == message.storableLength, viewJSON: record.view?.json)
    keepBounded()
  }

  /// Adds a frame to its connection's entry, if frames are asked for.
  public mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) {
    guard listsFrames else { return }
    let captured = record.capturedLength
    entries.add(
      record.connection, record.sender, at: record.first.time, record.header.opcode, payload,
      isWhole: record.isComplete ? UInt64(payload.byteCount) == captured : false)
    keepBounded()
  }

  /// Writes the connection's entry.
  public mutating func end(_ record: EndRecord) {
    entries.end(record)
    write(record.connection.number, isOver: true)
  }

  /// Hands over the entries that are complete.
  public mutating func flush() { writer.flush() }

  /// Writes what waits, and ends the archive.
  public mutating func finish() {
    for number in entries.numbers { write(number, isOver: true) }
    begin()
    writer.literal("\n]}}\n")
    writer.flush()
  }

  private mutating func begin() {
    guard !hasBegun else { return }
    hasBegun = true
    writer.literal(#"{"log":{"version":"1.2","creator":{"name":"wstap","version":"#)
    writer.jsonString(Version.current)
    writer.literal(#"},"entries":["#)
  }

  private mutating func write(_ number: UInt64, isOver: Bool) {
    begin()
    guard entries.hasToStand(number) else { return entries.forget(number) }
    writer.literal(isEmpty ? "\n" : ",\n")
    isEmpty = false
    entries.write(number, isOver: isOver, to: &writer)
    if flushesEachRecord { writer.flush() } else { writer.flushIfFull() }
  }

  private mutating func keepBounded() {
    guard entries.size > Self.mostBytes else { return }
    for number in entries.numbers { write(number, isOver: false) }
    // Where there are so many connections that their heads alone are too much, these are forgotten as well.
    if entries.size > Self.mostBytes / 2 { entries.removeAll() }
  }
}
