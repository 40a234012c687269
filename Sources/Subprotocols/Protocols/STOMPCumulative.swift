/// The messages of subscriptions with `ack:client`, where ACK and NACK stand for all earlier messages, too (STOMP 1.1 and 1.2, "SUBSCRIBE").
struct STOMPCumulative {
  /// Messages that are remembered.
  static let most = 1024

  private var subscriptions: [[UInt8]] = []
  private var waiting: [(key: [UInt8], subscription: [UInt8])] = []

  /// A subscription begins, or begins anew, with this mode.
  mutating func subscribe(_ id: [UInt8], _ mode: [UInt8]) {
    subscriptions.removeAll { $0 == id }
    waiting.removeAll { $0.subscription == id }
    guard mode == Array("client".utf8), id.count <= 1024, subscriptions.count < STOMPRules.mostSubscriptions else {
      return
    }
    subscriptions.append(id)
  }

  /// A message that is acknowledged by `key` came.
  mutating func add(_ key: [UInt8], _ subscription: [UInt8]) {
    guard key.count <= 1024, subscriptions.contains(subscription) else { return }
    if waiting.count >= Self.most { waiting.removeFirst(Self.most / 2) }
    waiting.append((key, subscription))
  }

  /// The keys of the messages before that with `key`, which are acknowledged with it.
  mutating func take(_ key: [UInt8]) -> [[UInt8]] {
    guard let last = waiting.lastIndex(where: { $0.key == key }) else { return [] }
    let subscription = waiting[last].subscription
    let taken = waiting[..<last].filter { $0.subscription == subscription }.map(\.key)
    waiting = waiting[...last].filter { $0.subscription != subscription } + waiting[(last + 1)...]
    return taken
  }
}
