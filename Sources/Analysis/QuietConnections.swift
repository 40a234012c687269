import Transport

/// Connections that were opened and have said nothing yet, in the order in which they began. A scan or a flood brings
/// millions of them: each takes little room, and the oldest make room for new ones.
struct QuietConnections {
  /// A connection; `isUsed` is false once it has spoken, or was forgotten.
  struct Entry {
    var key: FlowKey
    var opening: ConnectionOpening
    var isUsed = true
  }

  private let limit: Int
  /// A ring whose size is a power of two. A connection stays at its number, modulo the size.
  private var ring: [Entry] = []
  private var head = 0
  private var tail = 0
  /// How many are known.
  private(set) var count = 0

  /// - Parameter limit: connections that are kept at most, 1 to 2^28; a connection that has gone counts until all that
  ///   began before it have gone too.
  init(limit: Int) { self.limit = min(max(limit, 1), 1 << 28) }

  subscript(number: Int) -> ConnectionOpening {
    get { ring[number & (ring.count - 1)].opening }
    _modify { yield &ring[number & (ring.count - 1)].opening }
  }

  /// Keeps a connection, and gives its number, 0 to 2^28-1. Where the limit is reached, the oldest one is forgotten: the
  /// second value is its key.
  mutating func insert(_ entry: Entry) -> (number: Int, forgotten: FlowKey?) {
    var forgotten: FlowKey?
    if tail - head == limit {
      forgotten = ring[head & (ring.count - 1)].key
      remove(head)
    }
    if tail - head == ring.count { grow(entry) }
    ring[tail & (ring.count - 1)] = entry
    count += 1
    tail += 1
    return ((tail - 1) & (1 << 28 - 1), forgotten)
  }

  /// Forgets a connection.
  mutating func remove(_ number: Int) {
    ring[number & (ring.count - 1)].isUsed = false
    count -= 1
    while head < tail, !ring[head & (ring.count - 1)].isUsed { head += 1 }
  }

  private mutating func grow(_ filler: Entry) {
    let old = ring
    ring = Array(repeating: filler, count: max(16, 2 * old.count))
    for number in head..<tail { ring[number & (ring.count - 1)] = old[number & (old.count - 1)] }
  }
}
