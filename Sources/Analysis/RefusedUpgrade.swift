extension Analyzer {
  /// Gives an upgrade that did not come about, or of which the capture does not tell.
  mutating func turnDown<S: RecordSink & ~Copyable>(
    _ index: Int, _ session: Int, _ upgrade: Upgrade, into sink: inout S
  ) {
    let isRefused = upgrade.response != nil
    let record = connectionRecord(index, upgrade, isRefused ? .refused : .unanswered, sink.kinds)
    sink.connection(record)
    markShown(index, record.connection.number)
    var reporter = Reporter(record.connection)
    reporter.report(HandshakeJudge.faults(record), of: record, into: &sink)
    if isRefused {
      summary.refused += 1
      return
    }
    summary.unanswered += 1
    for remark in handshakes[session].remarks {
      let sender = Sender(remark.direction, client: upgrade.clientDirection)
      remark.report(sender, &reporter, into: &sink)
    }
  }
}
