import Analysis
import Export

/// Sees to it that a connection comes before its records, and its end after them, selected or not: for formats that make one
/// thing of a connection and what belongs to it. Where too many wait, a connection is written though nothing of it may be selected.
struct Introductions {
  /// Connections of which nothing was selected yet. Those that were refused have nothing that could be.
  private var waiting: ConnectionMemory<ConnectionRecord>
  /// Those that are open, and written.
  private var known: Set<UInt64> = []

  /// Connections that were written as too many waited.
  var early: UInt64 { waiting.forgotten }

  /// Nothing waits, and `limit` bytes of connections wait at most.
  init(limit: Int = ConnectionMemory<ConnectionRecord>.mostBytes) { waiting = ConnectionMemory(limit: limit) }

  /// Keeps a connection until something of it is selected.
  mutating func keep(_ record: ConnectionRecord, _ next: inout AnyRecordWriter) {
    guard record.isUpgraded, !waiting.note(record, of: record, cost: record.cost) else { return }
    note(record)
    next.connection(record)
  }

  /// Notes that a connection is written.
  mutating func note(_ record: ConnectionRecord) { known.insert(record.connection.number) }

  /// Writes the connection of a record that is about to be written, if that was not done.
  mutating func introduce(_ connection: UInt64?, to next: inout AnyRecordWriter) {
    guard let connection, let record = waiting.forget(connection) else { return }
    known.insert(connection)
    next.connection(record)
  }

  /// Forgets a connection that is over; whether it was written.
  mutating func end(_ connection: UInt64) -> Bool {
    waiting.forget(connection)
    return known.remove(connection) != nil
  }
}
