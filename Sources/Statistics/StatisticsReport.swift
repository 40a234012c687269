import Analysis
import Capture
import Transport

/// What an address sent and received in WebSocket connections.
public struct Talker: Equatable, Sendable {
  /// The address.
  public var address: IPAddress
  /// Connections that it was an end of.
  public var connections: UInt64 = 0
  /// Messages that it sent.
  public var sentMessages: UInt64 = 0
  /// Payload bytes that it sent.
  public var sentBytes: UInt64 = 0
  /// Messages that were sent to it.
  public var receivedMessages: UInt64 = 0
  /// Payload bytes that were sent to it.
  public var receivedBytes: UInt64 = 0

  /// All payload bytes.
  public var bytes: UInt64 { sentBytes &+ receivedBytes }
}

/// Times, in nanoseconds, of what can be told apart of a delay.
public struct Latencies: Equatable, Sendable {
  /// From SYN to SYN/ACK: to the server and back through the network.
  public var toServer = Distribution()
  /// From SYN/ACK to ACK: to the client and back through the network.
  public var toClient = Distribution()
  /// From the request for an upgrade to the response.
  public var upgrade = Distribution()
  /// From a client's ping to the server's pong.
  public var clientPing = Distribution()
  /// From a server's ping to the client's pong.
  public var serverPing = Distribution()
  /// From the first byte of a client's message to its last one.
  public var clientMessage = Distribution()
  /// From the first byte of a server's message to its last one.
  public var serverMessage = Distribution()
  /// From a client's request to the first byte of the reply, as views tell them.
  public var clientRequest = Distribution()
  /// The same less `toServer` of its connection: about what the server took. Only of connections of which that is known.
  public var clientRequestAtServer = Distribution()
  /// From a server's request to the first byte of the reply.
  public var serverRequest = Distribution()
}

/// What all records come to.
public struct StatisticsReport: Sendable {
  /// What was read, found and left out.
  public var summary = SummaryRecord()
  /// The input files.
  public var files: [CaptureRecord.File] = []
  /// The time of the first record; nil if there is none.
  public var start: Timestamp?
  /// The time of the last record; nil if there is none.
  public var end: Timestamp?
  /// The connections in order of their numbers, as far as they are listed.
  public var connections: [ConnectionStatistics] = []
  /// Connections that are counted, but not listed: those with the fewest bytes.
  public var unlistedConnections: UInt64 = 0
  /// What all clients sent.
  public var client = SenderStatistics()
  /// What all servers sent.
  public var server = SenderStatistics()
  /// Bytes of the clients' messages, after inflating.
  public var clientSizes = Distribution()
  /// Bytes of the servers' messages, after inflating.
  public var serverSizes = Distribution()
  /// When messages came.
  public var rate = RateSeries()
  /// Delays.
  public var latencies = Latencies()
  /// Requests of all connections, and what became of them.
  public var requests = RequestCounts()
  /// Requests of connections without a reply, as far as that is known.
  public var unansweredRequests: UInt64 = 0
  /// What messages are, the most frequent first.
  public var views: [ViewStatistics] = []
  /// What was asked for, the most frequent first.
  public var methods: [MethodStatistics] = []
  /// Addresses, those with the most bytes first.
  public var talkers: [Talker] = []
  /// Diagnostics by code, the most frequent first.
  public var diagnostics: [(code: DiagnosticCode, count: UInt64)] = []

  /// Nanoseconds from the first record to the last one; nil if there is none.
  public var duration: UInt64? {
    guard let start, let end else { return nil }
    return nanoseconds(from: start, to: end)
  }
}
