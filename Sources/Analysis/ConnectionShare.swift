import Transport

/// The connections that one of several analyzers takes, all of which see all packets: each connection is taken by one.
public struct ConnectionShare: Equatable, Sendable {
  /// Which of them it is, 0 to `count` - 1.
  public var index: Int
  /// How many there are.
  public var count: Int

  /// The share number `index` of `count`.
  public init(index: Int, of count: Int) {
    self.index = index
    self.count = count
  }

  @inline(__always)
  func holds(_ key: FlowKey) -> Bool { key.share(of: count) == index }
}

extension SummaryRecord {
  /// Adds what `other`, of another share of the same packets, counted of its connections.
  ///
  /// What is counted of packets is the same in both, and stays.
  public mutating func add(share other: SummaryRecord) {
    let counts: [WritableKeyPath<SummaryRecord, UInt64>] = [
      \.tcpConnections, \.forgottenConnections, \.leftOutConnections, \.crowdedConnections, \.connections, \.refused,
      \.unanswered, \.cutHandshakes, \.suspectedConnections, \.frames, \.messages, \.otherBytes, \.webSocketBytes,
      \.missingBytes, \.undecodedBytes,
    ]
    for count in counts { self[keyPath: count] += other[keyPath: count] }
    tls.add(other.tls)
    suspectedPort = [suspectedPort, other.suspectedPort].compactMap { $0 }.min()
  }
}
