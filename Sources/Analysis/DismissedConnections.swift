import Capture
import Transport

/// Connections that are over or carry no WebSocket. What remains of them takes little room; where it becomes too much, one
/// that has said nothing for long is forgotten.
struct DismissedConnections {
  private struct Entry {
    var remains: ConnectionRemains
    /// Whether it has said something since the hand passed; false if it is not likely to say more.
    var isActive = false
    /// Whether it was a WebSocket that a RST ended, and has not gone on since.
    var wasReset = false
    /// Whether there is a record of it.
    var isShown = false
  }

  /// Connections whose names are kept at most, of those that a RST ended: half a megabyte.
  private static let mostNames = 4096

  private let limit: Int
  private var entries: [Entry] = []
  private var free: [Int32] = []
  /// What the first of those are called that a RST ended.
  private var names: [Int: ConnectionReference] = [:]
  /// Where the next one to be forgotten is looked for. It goes round, and spares once who said something meanwhile.
  private var hand = 0

  /// - Parameter limit: connections that are kept at most, 1 to 2^28.
  init(limit: Int) { self.limit = min(max(limit, 1), 1 << 28) }

  /// How many are known.
  var count: Int { entries.count - free.count }

  /// What remains of a connection.
  subscript(index: Int) -> ConnectionRemains { entries[index].remains }

  /// Whether there is a record of the connection.
  func isShown(_ index: Int) -> Bool { entries[index].isShown }

  /// Keeps what remains of a connection, and gives its index, 0 to 2^28-1. Where the limit is reached, another is
  /// forgotten: the second value is its key.
  ///
  /// - Parameters:
  ///   - reset: the WebSocket connection that it was, if a RST ended it.
  ///   - isShown: whether there is a record of it.
  mutating func insert(
    _ remains: ConnectionRemains, reset connection: ConnectionReference? = nil, isShown: Bool = false
  ) -> (index: Int, forgotten: FlowKey?) {
    let (index, forgotten) = insert(Entry(remains: remains, wasReset: connection != nil, isShown: isShown))
    if forgotten != nil { names[index] = nil }
    if let connection, names.count < Self.mostNames { names[index] = connection }
    return (index, forgotten)
  }

  private mutating func insert(_ entry: Entry) -> (index: Int, forgotten: FlowKey?) {
    if let index = free.popLast() {
      entries[Int(index)] = entry
      return (Int(index), nil)
    }
    if entries.count < limit {
      entries.append(entry)
      return (entries.count - 1, nil)
    }
    while entries[hand].isActive {
      entries[hand].isActive = false
      advance()
    }
    let index = hand
    advance()
    let forgotten = entries[index].remains.key
    entries[index] = entry
    return (index, forgotten)
  }

  private mutating func advance() { hand = hand + 1 == entries.count ? 0 : hand + 1 }

  /// The connection has said something, and will or will not go on.
  mutating func note(_ index: Int, goesOn: Bool) { entries[index].isActive = goesOn }

  /// A FIN or RST of the connection came at `time`.
  mutating func end(_ index: Int, at time: Timestamp) { entries[index].remains.end(at: time) }

  /// Whether the connection, which goes on, was a WebSocket that a RST ended; and which one, if that is known. It is told
  /// once.
  mutating func takeReset(_ index: Int) -> (wasReset: Bool, connection: ConnectionReference?) {
    guard entries[index].wasReset else { return (false, nil) }
    entries[index].wasReset = false
    return (true, names.removeValue(forKey: index))
  }

  /// Forgets a connection.
  mutating func remove(_ index: Int) {
    entries[index].isActive = false
    _ = takeReset(index)
    free.append(Int32(truncatingIfNeeded: index))
  }
}
