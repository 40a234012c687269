/// The requests of a connection that wait for their replies, of both ends.
public final class PendingRequests {
  /// Requests of each end that are remembered, those that came last.
  public static let most = 256

  struct Request {
    var fingerprint: UInt64
    var label: String
    var message: UInt64
    var end: Int64
    /// Whether a reply has come, and more may.
    var isAnswered = false
  }

  private var ofClient: [Request] = []
  private var ofServer: [Request] = []
  private let memory: ViewMemory

  /// None waits. Those that will are counted in `memory`.
  public init(_ memory: ViewMemory) { self.memory = memory }

  deinit { memory.giveBack(requests: count) }

  /// Requests that wait.
  public var count: Int { ofClient.count + ofServer.count }

  /// Remembers a request. What it gives is forgotten for it before a reply came; or is that request itself, where all connections
  /// have as many as may be.
  func add(_ request: Request, isFromClient: Bool) -> Request? {
    isFromClient ? add(request, to: &ofClient) : add(request, to: &ofServer)
  }

  private func add(_ request: Request, to list: inout [Request]) -> Request? {
    var forgotten: Request?
    if let same = list.lastIndex(where: { $0.fingerprint == request.fingerprint }) {
      forgotten = list.remove(at: same)
    } else if list.count >= Self.most || !memory.takeRequest() {
      guard !list.isEmpty else { return request }
      forgotten = list.removeFirst()
    }
    list.append(request)
    return forgotten.flatMap { $0.isAnswered ? nil : $0 }
  }

  /// The request of the client, or of the server, with this fingerprint; it is forgotten if it `isOver`.
  func find(_ fingerprint: UInt64, ofClient isOfClient: Bool, isOver: Bool) -> Request? {
    isOfClient ? find(fingerprint, in: &ofClient, isOver) : find(fingerprint, in: &ofServer, isOver)
  }

  private func find(_ fingerprint: UInt64, in list: inout [Request], _ isOver: Bool) -> Request? {
    guard let index = list.lastIndex(where: { $0.fingerprint == fingerprint }) else { return nil }
    if isOver {
      memory.giveBack(requests: 1)
      return list.remove(at: index)
    }
    let request = list[index]
    list[index].isAnswered = true
    return request
  }
}
