import Bytes
import Capture
import Transport

/// Packets that come as they are sent: what waits for later ones must not wait for ever.
extension Analyzer {
  /// Says that all packets that were captured before `time` have been given. What has waited long enough by then is given out.
  ///
  /// Of a saved capture nobody needs to say so: its packets' times do.
  public mutating func wait<S: RecordSink & ~Copyable>(until time: Timestamp, into sink: inout S) {
    settleResets(time, into: &sink)
    for index in flows.indices where flows[index].tcp.isWaiting {
      guard flows[index].tcp.isOverdueInSilence(at: time, options.reassembly) else { continue }
      let packet = flows[index].lastPacket
      let nothing: [UInt8] = []
      while let event = flows[index].tcp.nextInSilence(options.reassembly) {
        guard case .stream(let direction, let event) = event else { continue }
        handle(index, direction, event, nothing.span.bytes, packet, into: &sink)
        if case .dismissed = flows[index].stage { break }
      }
      if case .dismissed = flows[index].stage { continue }
      settle(index, packet, into: &sink)
      if flows[index].tcp.isClosed { close(index, .fin, into: &sink) }
    }
  }
}

extension Analyzer {
  /// WebSocket connections that are open, as far as anyone can tell.
  public var openConnections: Int { sockets.count }
}
