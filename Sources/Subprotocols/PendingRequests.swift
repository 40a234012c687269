/// The requests of a connection that wait for their replies, of both ends.
public final class PendingRequests {
  /// Requests of each end that are remembered, those that came last.
  public static let most = 2048

  struct Request {
    var fingerprint: UInt64
    var label: String
    var message: UInt64
    var end: Int64
    /// Whether a reply has come, and more may.
    var isAnswered = false
  }

  private var ofClient = WaitingRequests()
  private var ofServer = WaitingRequests()
  private let memory: ViewMemory

  /// None waits. Those that will are counted in `memory`.
  public init(_ memory: ViewMemory) { self.memory = memory }

  deinit { memory.giveBack(requests: count) }

  /// Requests that wait.
  public var count: Int { ofClient.count + ofServer.count }

  /// Remembers a request. What it gives is forgotten for it before a reply came; or is that request itself, where all connections
  /// have as many as may be.
  func add(_ request: Request, isFromClient: Bool) -> Request? {
    isFromClient ? ofClient.add(request, memory) : ofServer.add(request, memory)
  }

  /// The request of the client, or of the server, with this fingerprint; it is forgotten if it `isOver`.
  func find(_ fingerprint: UInt64, ofClient isOfClient: Bool, isOver: Bool) -> Request? {
    isOfClient ? ofClient.find(fingerprint, isOver, memory) : ofServer.find(fingerprint, isOver, memory)
  }
}

/// The requests of one end.
private struct WaitingRequests {
  private typealias Request = PendingRequests.Request

  private var byFingerprint: [UInt64: (request: PendingRequests.Request, turn: UInt64)] = [:]
  /// In the order of their coming; those that wait no more are among them until they are tidied away.
  private var order: [(fingerprint: UInt64, turn: UInt64)] = []
  private var first = 0
  private var turns: UInt64 = 0

  var count: Int { byFingerprint.count }

  mutating func add(_ request: PendingRequests.Request, _ memory: ViewMemory) -> PendingRequests.Request? {
    turns += 1
    var forgotten = byFingerprint.removeValue(forKey: request.fingerprint)?.request
    if forgotten == nil, count >= PendingRequests.most || !memory.takeRequest() {
      forgotten = removeOldest()
      if forgotten == nil { return request }
    }
    byFingerprint[request.fingerprint] = (request, turns)
    if order.count - first > 2 * count + 64 { tidy() }
    order.append((request.fingerprint, turns))
    return forgotten.flatMap { $0.isAnswered ? nil : $0 }
  }

  mutating func find(_ fingerprint: UInt64, _ isOver: Bool, _ memory: ViewMemory) -> PendingRequests.Request? {
    if isOver {
      guard let found = byFingerprint.removeValue(forKey: fingerprint) else { return nil }
      memory.giveBack(requests: 1)
      return found.request
    }
    let found = byFingerprint[fingerprint]?.request
    if found != nil { byFingerprint[fingerprint]?.request.isAnswered = true }
    return found
  }

  private mutating func removeOldest() -> PendingRequests.Request? {
    while first < order.count {
      let (fingerprint, turn) = order[first]
      first += 1
      if first >= 4096 { tidy() }
      if byFingerprint[fingerprint]?.turn == turn { return byFingerprint.removeValue(forKey: fingerprint)?.request }
    }
    return nil
  }

  private mutating func tidy() {
    order = order[first...].filter { byFingerprint[$0.fingerprint]?.turn == $0.turn }
    first = 0
  }
}
