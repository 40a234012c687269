import Bytes

/// Records before the first one that is authentic, where the secrets of the handshake are not known: those of the handshake cannot be
/// told from application data that was damaged.
extension TLSConnection {
  /// Records that are passed over at most, before the secret is taken for wrong: no handshake has so many behind its hellos.
  private static let mostPassed = 64
  /// Records of application data that may be damaged before the first one that is not.
  private static let mostDamaged = 8
  /// Records behind the hellos that one end sends at least in a handshake that nobody would call long.
  private static let usual = 8

  /// Takes a record that is not the first one under `keys`. Damaged ones may be before it, so that other numbers are tried.
  func pass(
    _ side: Int, _ record: Record, _ epoch: Epoch, _ keys: TrafficKeys, _ fragment: RawSpan, _ log: borrowing KeyLog,
    _ buffers: inout TLSBuffers
  ) -> TLSEvent? {
    guard case .application = epoch else { return nil }
    let passed = streams[side].passed
    for number in 0..<min(passed.count, Self.mostDamaged) where streams[side].credit > 0 {
      streams[side].credit -= fragment.byteCount + 64
      let sequence = UInt64(number + 1)
      guard let opened = keys.decryptor.open(record.header, fragment, sequence: sequence, into: &buffers.output) else {
        continue
      }
      streams[side].loss = RecordLoss(start: passed[passed.count - 1 - number], sequence: 0, failures: number + 1)
      let found = FoundRecord(opened: opened, sequence: sequence, epoch: epoch, keys: keys, isOther: false)
      let event = accept(side, record, found, fragment, log, buffers)
      if let event { streams[side].following.insert(event, at: 0) }
      return .badRecord
    }
    streams[side].passed.append(record.start)
    guard passed.count + 1 >= Self.mostPassed else { return nil }
    streams[side].obstacle = nil
    return giveUp(side, .wrongSecret)
  }

  /// Why nothing of the direction `side`, which is over, was decrypted although its secret was there; nil if that is not so.
  func obstacleOfPassed(_ side: Int) -> TLSObstacle? {
    let stream = streams[side]
    guard stream.passesUnsound, !stream.passed.isEmpty else { return nil }
    if stream.passed.count > Self.usual { streams[side].obstacle = nil }
    return .wrongSecret
  }
}
