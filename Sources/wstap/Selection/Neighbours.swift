import Analysis
import Export

/// Shows, beside selected records, those next to them in the same connection.
///
/// The last few records of each connection are kept, until a selected one comes, or the connection is over.
struct Neighbours {
  /// A record that waits, with its payload.
  enum Record {
    case connection(ConnectionRecord)
    case frame(FrameRecord, [UInt8])
    case message(MessageRecord, [UInt8])
    case diagnostic(Diagnostic)
    case end(EndRecord)

    /// About how many bytes it takes.
    var cost: Int {
      switch self {
      case .frame(_, let payload), .message(_, let payload): 512 + payload.count
      case .connection(let record): record.cost
      case .diagnostic(let record): 1024 + (record.detail?.utf8.count ?? 0)
      case .end: 1024
      }
    }
  }

  /// What is known of a connection.
  private struct Recent {
    /// The last records, which were not written; twice as many as are shown, so that they are let go of many at a time.
    var before: [Record] = []
    /// How many are still to be shown behind a selected one.
    var behind = 0
  }

  /// Bytes of records that wait, of all connections together (64 MiB).
  static let mostBytes = 64 << 20

  private let count: Int
  private let counts: SelectionCounts
  /// Those of connections that are open, and of the last refused ones.
  private var recents: [UInt64: Recent] = [:]
  private var refused = RefusedConnections()
  private var bytes = 0

  /// Keeps `count` records before a selected one, and shows as many behind it.
  init(_ count: Int, _ counts: SelectionCounts) {
    self.count = count
    self.counts = counts
  }

  /// Notes a connection, before its records come; one that was refused has no end, and is forgotten after others.
  mutating func note(_ record: ConnectionRecord, _ next: inout AnyRecordWriter) {
    if !record.isUpgraded, let old = refused.note(record.connection.number) { forget(old, &next) }
  }

  /// Takes a frame; a copy is made only where it has to wait.
  mutating func take(
    _ record: borrowing FrameRecord, _ payload: RawSpan, _ isSelected: Bool, into next: inout AnyRecordWriter
  ) {
    let connection = record.connection.number
    if shows(connection, isSelected, into: &next) {
      next.frame(record, payload: payload)
    } else {
      wait(.frame(copy record, payload.withUnsafeBytes { Array($0) }), connection, &next)
    }
  }

  /// Takes a message; a copy is made only where it has to wait.
  mutating func take(
    _ record: borrowing MessageRecord, _ content: RawSpan, _ isSelected: Bool, into next: inout AnyRecordWriter
  ) {
    let connection = record.connection.number
    if shows(connection, isSelected, into: &next) {
      next.message(record, content: content)
    } else {
      wait(.message(copy record, content.withUnsafeBytes { Array($0) }), connection, &next)
    }
  }

  /// Takes any other record.
  mutating func take(
    _ record: Record, of connection: UInt64, _ isSelected: Bool, into next: inout AnyRecordWriter
  ) {
    if shows(connection, isSelected, into: &next) {
      Self.write(record, to: &next)
    } else {
      wait(record, connection, &next)
    }
  }

  /// Forgets a connection that is over.
  mutating func forget(_ connection: UInt64, _ next: inout AnyRecordWriter) {
    if let recent = recents.removeValue(forKey: connection) { drop(recent.before[...], &next) }
  }

  /// Lets go of records that waited; those of messages may have come in pieces before.
  private mutating func drop(_ records: ArraySlice<Record>, _ next: inout AnyRecordWriter) {
    for record in records {
      bytes -= record.cost
      if case .message(let message, _) = record { next.note(hidden: message) }
    }
  }

  /// Whether the record that comes is shown; those before a selected one are written then.
  private mutating func shows(_ connection: UInt64, _ isSelected: Bool, into next: inout AnyRecordWriter) -> Bool {
    if isSelected {
      let before = recents[connection]?.before ?? []
      drop(before.dropLast(count), &next)
      for record in before.suffix(count) {
        bytes -= record.cost
        Self.write(record, to: &next)
      }
      recents[connection] = Recent(behind: count)
      return true
    }
    guard let behind = recents[connection]?.behind, behind > 0 else { return false }
    recents[connection]?.behind = behind - 1
    return true
  }

  private mutating func wait(_ record: Record, _ connection: UInt64, _ next: inout AnyRecordWriter) {
    if count > 0, bytes + record.cost > Self.mostBytes { giveUp(&next) }
    guard count > 0, record.cost <= Self.mostBytes else {
      if count > 0 { counts.lostNeighbours += 1 }
      if case .message(let message, _) = record { next.note(hidden: message) }
      return
    }
    bytes += record.cost
    recents[connection, default: Recent()].before.append(record)
    if let recent = recents[connection], recent.before.count >= 2 * count {
      drop(recent.before.prefix(count), &next)
      recents[connection]?.before.removeFirst(count)
    }
  }

  /// Lets go of all that waits.
  private mutating func giveUp(_ next: inout AnyRecordWriter) {
    for (connection, recent) in recents {
      counts.lostNeighbours += UInt64(recent.before.count)
      recents[connection]?.before = []
      drop(recent.before[...], &next)
    }
  }

  private static func write(_ record: Record, to next: inout AnyRecordWriter) {
    switch record {
    case .connection(let record): next.connection(record)
    case .frame(let record, let payload): next.frame(record, payload: payload.span.bytes)
    case .message(let record, let content): next.message(record, content: content.span.bytes)
    case .diagnostic(let record): next.diagnostic(record)
    case .end(let record): next.end(record)
    }
  }
}
