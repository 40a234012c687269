import Transport

/// Something about a TCP stream that is worth a diagnostic.
struct StreamRemark {
  var event: ReassemblyEvent
  var direction: Direction
  var packet: PacketReference

  /// Whether it is about a gap that stands among the held pieces, and will be told with them.
  func isAbout(_ chunk: HeldChunk, in direction: Direction) -> Bool {
    guard case .gap(let held) = chunk.content, case .gap(let mine) = event else { return false }
    return held == mine && direction == self.direction
  }

  /// Tells it, if there is something to tell.
  func report<S: RecordSink & ~Copyable>(_ sender: Sender, _ reporter: inout Reporter, into sink: inout S) {
    guard let (code, detail, offset) = event.diagnosis else { return }
    reporter.report(code, detail: detail, sender, packet, offset, into: &sink)
  }
}

extension Analyzer {
  /// Tells what `event` says about a stream, if it says something: at once, or when the connection has turned out to be a
  /// WebSocket.
  mutating func report<S: RecordSink & ~Copyable>(
    _ index: Int, _ direction: Direction, _ event: ReassemblyEvent, _ packet: PacketReference, into sink: inout S
  ) {
    if case .quiet = flows[index].stage { listen(index) }
    switch flows[index].stage {
    case .webSocket(let socket, let clientDirection):
      let sender: Sender = direction == clientDirection ? .client : .server
      let remark = StreamRemark(event: event, direction: direction, packet: packet)
      remark.report(sender, &sockets[socket].shared.reporter, into: &sink)
    case .handshake(let session):
      handshakes[session].remark(event, direction, packet)
    case .quiet, .dismissed:
      break
    }
  }
}

extension ReassemblyEvent {
  /// The diagnostic that tells of it, with particulars and place; nil if there is nothing to tell.
  fileprivate var diagnosis: (DiagnosticCode, detail: String, StreamOffset?)? {
    switch self {
    case .gap(let gap): (gap.cause == .cut ? .snapped : .gap, "\(gap.length) bytes", gap.offset)
    case .conflict(let offset, let count): (.conflict, "\(count) bytes", offset)
    case .discarded(let count, .wrongChecksum): (.wrongChecksum, "\(count) bytes", nil)
    case .discarded(let count, let reason): (.discarded, "\(count) bytes, \(reason.phrase)", nil)
    case .stored(let segment) where segment.isDoubtful:
      (.wrongChecksumUsed, "\(segment.bytes.count) bytes", segment.offset)
    case .bytes, .stored, .end: nil
    }
  }
}

extension DiscardReason {
  /// The reason as the end of a sentence.
  var phrase: String {
    switch self {
    case .beyondWindow: "too far ahead of the stream"
    case .afterEnd: "after the sender's FIN"
    case .beforeStart: "before the start of the stream"
    case .wrongChecksum: "with a wrong checksum"
    case .late: "after they were given up"
    }
  }
}
