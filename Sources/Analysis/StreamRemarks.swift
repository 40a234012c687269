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
    guard let (code, detail, offset) = event.diagnosis(sender) else { return }
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
      let sender = Sender(direction, client: clientDirection)
      let remark = StreamRemark(event: event, direction: direction, packet: packet)
      remark.report(sender, &sockets[socket].shared.reporter, into: &sink)
    case .handshake(let session):
      handshakes[session].remark(event, direction, packet)
    case .tls(let t):
      remark(index, t, event, direction, packet, into: &sink)
    case .quiet, .dismissed:
      break
    }
  }
}

extension ReassemblyEvent {
  /// The diagnostic that tells of it, with particulars and place; nil if there is nothing to tell.
  fileprivate func diagnosis(_ sender: Sender) -> (DiagnosticCode, detail: String, StreamOffset?)? {
    switch self {
    case .gap(let gap): (gap.code, gap.detail(sender), gap.offset)
    case .conflict(let offset, let count): (.conflict, sender.said(count), offset)
    case .discarded(let count, .wrongChecksum): (.wrongChecksum, sender.said(count), nil)
    case .discarded(let count, let reason): (.discarded, "\(sender.said(count)), \(reason.phrase)", nil)
    case .stored(let segment) where segment.isDoubtful:
      (.wrongChecksumUsed, sender.said(segment.bytes.count), segment.offset)
    case .bytes, .stored, .end: nil
    }
  }
}

extension StreamGap {
  /// The diagnostic that tells of it.
  var code: DiagnosticCode {
    switch cause {
    case .cut: .snapped
    case .notDecrypted, .notDecryptedAtMost: .tlsGap
    case .acknowledged, .skipped, .numbered: .gap
    }
  }

  /// Whether its length is what is missing, and not more.
  var isExact: Bool { cause != .notDecryptedAtMost }

  /// How much is missing, of whom, and how that is known.
  func detail(_ sender: Sender) -> String {
    particulars(sender) + (isNearDrops ? "; the capture dropped packets then" : "")
  }

  private func particulars(_ sender: Sender) -> String {
    switch cause {
    case .acknowledged: "\(sender.said(length)), which the \(sender.peer.name) acknowledged"
    case .skipped: "\(sender.said(length)); later ones are there"
    case .numbered: "\(sender.said(length)), which its sequence numbers count"
    case .cut, .notDecrypted: sender.said(length)
    case .notDecryptedAtMost: length == 0 ? "all that follows" : "at most \(sender.said(length))"
    }
  }
}

extension Sender {
  /// `40 bytes from the server`.
  fileprivate func said(_ count: some BinaryInteger) -> String {
    "\(count) \(count == 1 ? "byte" : "bytes") from the \(name)"
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
    case .oldAcknowledgment: "in a segment whose acknowledgment is older than any window"
    case .ignoredOpening: "with the numbers of a SYN that began no connection"
    }
  }
}
