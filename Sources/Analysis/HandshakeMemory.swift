/// What following a handshake takes.
extension HandshakeSession {
  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int {
    var bytes = costs.remarks + held[0].cost + held[1].cost + streams[0].heldBytes + streams[1].heldBytes
    if !requests.isEmpty { bytes += costs.request + requests.count * 256 }
    if earlyResponse != nil { bytes += costs.response }
    return midstream.isEmpty ? bytes : bytes + midstream[0].heldBytes
  }

  /// What it holds is too much for all connections together.
  mutating func overflow() {
    if !isDecided { giveUp(.overflowed) }
  }
}
