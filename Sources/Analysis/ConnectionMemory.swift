/// What is remembered of connections for the records that follow, until they are over, in bounded memory.
///
/// Where there is no room, what comes is not remembered, and that is counted: what is remembered of others stays. Connections
/// that were refused have no end; of those, the last ones are remembered (`RefusedConnections`).
public struct ConnectionMemory<Value> {
  /// Bytes that are remembered at most (512 MiB): the handshakes of a hundred thousand connections that are open at a time.
  public static var mostBytes: Int { 512 << 20 }
  /// What each connection costs at least, so that their number is bounded too.
  private static var leastCost: Int { 1024 }

  private var entries: [UInt64: (value: Value, cost: Int)] = [:]
  private var refused = RefusedConnections()
  private let limit: Int
  /// Bytes that are remembered, about.
  public private(set) var bytes = 0
  /// Connections that were not remembered for want of room.
  public private(set) var forgotten: UInt64 = 0

  /// Remembers nothing yet, and `limit` bytes at most.
  public init(limit: Int = mostBytes) { self.limit = limit }

  /// What is remembered of the connection with this number.
  public subscript(number: UInt64) -> Value? { entries.isEmpty ? nil : entries[number]?.value }

  /// Remembers `value`, which takes about `cost` bytes, of the connection of `record`; false if there is no room.
  @discardableResult
  public mutating func note(_ value: Value, of record: ConnectionRecord, cost: Int) -> Bool {
    let number = record.connection.number
    forget(number)
    let cost = max(cost, Self.leastCost)
    if !record.isUpgraded, let old = refused.note(number) { forget(old) }
    guard cost <= limit - bytes else {
      forgotten += 1
      return false
    }
    bytes += cost
    entries[number] = (value, cost)
    return true
  }

  /// Forgets a connection, as it is over; gives what was remembered of it.
  @discardableResult
  public mutating func forget(_ number: UInt64) -> Value? {
    guard !entries.isEmpty, let entry = entries.removeValue(forKey: number) else { return nil }
    bytes -= entry.cost
    return entry.value
  }
}

extension ConnectionMemory: Sendable where Value: Sendable {}

extension ConnectionRecord {
  /// Bytes of memory that it takes, about: heads as they were sent, the places of their fields, and what the handshake says,
  /// which may be as much again.
  public var cost: Int {
    let names = tls.map { $0.offeredProtocols.reduce($0.serverName?.utf8.count ?? 0) { $0 + 32 + $1.utf8.count } } ?? 0
    return names
      + [request, response].reduce(1024) { sum, head in
        sum + (head.map { 2 * $0.head.bytes.count + $0.head.cost } ?? 0)
      }
  }
}
