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
  /// Requests that were forgotten, or whose id came again, before a reply came.
  public private(set) var forgotten: UInt64 = 0

  /// None waits.
  public init() {}

  /// Requests that wait.
  public var count: Int { ofClient.count + ofServer.count }

  func add(_ request: Request, isFromClient: Bool) {
    if isFromClient { add(request, to: &ofClient) } else { add(request, to: &ofServer) }
  }

  private func add(_ request: Request, to list: inout [Request]) {
    if let same = list.lastIndex(where: { $0.fingerprint == request.fingerprint }) {
      if !list.remove(at: same).isAnswered { forgotten += 1 }
    } else if list.count >= Self.most {
      if !list.removeFirst().isAnswered { forgotten += 1 }
    }
    list.append(request)
  }

  /// The request of the client, or of the server, with this fingerprint; it is forgotten if it `isOver`.
  func find(_ fingerprint: UInt64, ofClient isOfClient: Bool, isOver: Bool) -> Request? {
    isOfClient ? Self.find(fingerprint, in: &ofClient, isOver) : Self.find(fingerprint, in: &ofServer, isOver)
  }

  private static func find(_ fingerprint: UInt64, in list: inout [Request], _ isOver: Bool) -> Request? {
    guard let index = list.lastIndex(where: { $0.fingerprint == fingerprint }) else { return nil }
    if isOver { return list.remove(at: index) }
    let request = list[index]
    list[index].isAnswered = true
    return request
  }
}
