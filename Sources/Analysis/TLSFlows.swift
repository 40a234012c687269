/// TLS connections, found by index; places of removed ones are used again.
struct TLSFlows: ~Copyable {
  private var flows: [TLSFlow] = []
  private var free: [Int] = []
  /// What stands at a place that is free.
  private let nobody = TLSFlow(inner: .quiet)

  /// How many there are.
  var count: Int { flows.count - free.count }

  /// Stores `flow` and gives its index.
  mutating func insert(_ flow: TLSFlow) -> Int {
    if let index = free.popLast() {
      flows[index] = flow
      return index
    }
    flows.append(flow)
    return flows.count - 1
  }

  /// Forgets the one at `index`, and what it holds.
  mutating func remove(_ index: Int) {
    flows[index] = nobody
    free.append(index)
  }

  /// The one at `index`, which must be in use.
  subscript(index: Int) -> TLSFlow { flows[index] }
}
