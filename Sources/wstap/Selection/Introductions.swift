import Analysis
import Export

/// Sees to it that a connection comes before its records, and its end after them, selected or not: for formats that make one
/// thing of a connection and what belongs to it.
struct Introductions {
  /// Connections of which nothing was selected yet. Those that were refused have nothing that could be.
  private var waiting: [UInt64: ConnectionRecord] = [:]
  /// Those that are open, and written.
  private var known: Set<UInt64> = []

  /// Keeps a connection until something of it is selected.
  mutating func keep(_ record: ConnectionRecord) {
    if record.isUpgraded { waiting[record.connection.number] = record }
  }

  /// Notes that a connection is written.
  mutating func note(_ record: ConnectionRecord) { known.insert(record.connection.number) }

  /// Writes the connection of a record that is about to be written, if that was not done.
  mutating func introduce(_ connection: UInt64?, to next: inout AnyRecordWriter) {
    guard let connection, let record = waiting.removeValue(forKey: connection) else { return }
    known.insert(connection)
    next.connection(record)
  }

  /// Forgets a connection that is over; whether it was written.
  mutating func end(_ connection: UInt64) -> Bool {
    waiting.removeValue(forKey: connection)
    return known.remove(connection) != nil
  }
}
