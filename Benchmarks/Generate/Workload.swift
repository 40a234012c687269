/// Connections of one kind that are open side by side.
struct Group {
  /// How much of the capture's bytes is theirs, in proportion.
  var share = 1.0
  /// How many are open at a time.
  var width: Int
  /// How many more are made, one whenever another is over.
  var more = 0
  var port: UInt16
  var conversation: (inout Random) -> any Conversation
  var active: [Connection] = []
  var bytes = 0

  /// Makes the connections that are open from the start.
  mutating func fill(_ world: inout World) {
    for _ in 0..<width { active.append(connection(&world)) }
  }

  /// Lets one of the connections go on; when it is over, another takes its place.
  mutating func step(_ world: inout World) {
    let before = world.trace.size
    let index = world.random.below(active.count)
    if !active[index].step(&world) {
      if more > 0, !world.isEnding {
        more -= 1
        active[index] = connection(&world)
      } else {
        active.swapAt(index, active.count - 1)
        active.removeLast()
      }
    }
    bytes += world.trace.size - before
  }

  private func connection(_ world: inout World) -> Connection {
    defer { world.connectionsMade += 1 }
    return Connection(world.connectionsMade, port: port, conversation(&world.random), &world.random)
  }
}

/// A kind of traffic, and how much of it.
struct Workload {
  static let names = ["small", "large", "secure", "deflate", "mixed", "one", "many", "idle"]

  private let request: Request
  private var groups: [Group]

  /// The workload that `request` names; nil if there is none.
  init?(_ request: Request) {
    self.request = request
    func webSockets(_ style: MessageStyle, _ width: Int, share: Double = 1) -> Group {
      Group(share: share, width: width, port: 8080) { WebSocketConversation(style, &$0) }
    }
    // Small captures have fewer connections, so that they consist of more than handshakes.
    let fitting = request.connections ?? min(2000, max(1, request.size >> 16))
    switch request.workload {
    case "small": groups = [webSockets(MessageStyle(), fitting)]
    case "large": groups = [webSockets(MessageStyle(content: .large), request.connections ?? 64)]
    case "secure":
      let style = MessageStyle(content: .large)
      groups = [
        Group(width: request.connections ?? 64, port: 443) {
          SecureConversation(WebSocketConversation(style, &$0), &$0)
        }
      ]
    case "deflate": groups = [webSockets(MessageStyle(isCompressed: true), request.connections ?? min(200, fitting))]
    case "one": groups = [webSockets(MessageStyle(), 1)]
    case "mixed":
      groups = [
        webSockets(MessageStyle(), request.connections ?? 20, share: 1),
        Group(share: 50, width: 100, more: .max, port: 80) { HTTPConversation(&$0) },
        Group(share: 49, width: 100, more: .max, port: 443) { TLSConversation(&$0) },
      ]
    case "many":
      let count = request.connections ?? 100_000
      groups = [webSockets(MessageStyle(frames: 10), min(count, 1000))]
      groups[0].more = max(count - 1000, 0)
    case "idle":
      groups = [webSockets(MessageStyle(frames: 10, fallsSilent: true), request.connections ?? 100_000)]
    default: return nil
    }
  }

  /// Writes the capture and gives what is in it, as a JSON object.
  consuming func run() throws(GenerateError) -> String {
    var messages: MessageFile?
    if let path = request.messages { messages = try MessageFile(path) }
    var keys: KeyFile?
    if let path = request.keys { keys = try KeyFile(path) }
    var world = World(seed: request.seed, trace: try Trace(request.output), messages: messages, keys: keys)
    for index in groups.indices { groups[index].fill(&world) }
    let limit = groups.contains { $0.more != .max && $0.more > 0 } || request.workload == "idle" ? .max : request.size
    while let index = nextGroup() {
      groups[index].step(&world)
      if !world.isEnding, world.trace.size + closingSize >= limit { world.isEnding = true }
    }
    try world.trace.finish()
    try world.messages?.finish()
    try world.keys?.finish()
    return report(world)
  }

  /// About what it takes to close all connections: two Close frames and three packets each.
  private var closingSize: Int { groups.reduce(0) { $0 + $1.active.count } * 430 }

  /// The group that is most behind its share.
  private func nextGroup() -> Int? {
    var best: Int?
    var least = Double.infinity
    for (index, group) in groups.enumerated() where !group.active.isEmpty {
      let progress = Double(group.bytes) / group.share
      if progress < least { (best, least) = (index, progress) }
    }
    return best
  }

  private func report(_ world: World) -> String {
    let tally = world.tally
    let counts: KeyValuePairs = [
      "bytes": world.trace.size, "packets": world.trace.packets, "tcp_connections": tally.tcpConnections,
      "websocket_connections": tally.webSocketConnections, "frames": tally.frames, "messages": tally.messages,
      "payload_bytes": tally.payloadBytes, "message_bytes": tally.messageBytes, "records": tally.records,
    ]
    let keys = counts.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    return "{\"workload\":\"\(request.workload)\",\"seed\":\(request.seed),\(keys)}"
  }
}
