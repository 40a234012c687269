import Capture

/// A connection of which nothing comes: what waits for missing bytes must not wait for a packet, where packets come as they are
/// sent.
extension TCPConnection {
  /// No packet of the connection has come until `time`. True when missing bytes are overdue: then call `nextInSilence` until
  /// nil.
  public mutating func isOverdueInSilence(at time: Timestamp, _ limits: ReassemblyLimits) -> Bool {
    guard isWaiting else { return false }
    overdue = [false, false]
    for i in 0..<2 where streams[i].isWaiting {
      overdue[i] = streams[i].isOverdueInSilence(at: time, peerIsSeen: isSeen[1 - i], limits)
    }
    return overdue[0] || overdue[1]
  }

  /// What becomes ready now that missing bytes are given up; nil when nothing more does.
  public mutating func nextInSilence(_ limits: ReassemblyLimits) -> TCPEvent? {
    var step = TCPStep.overdue
    return nextOverdue(&step, limits)
  }
}

extension StreamReassembler {
  /// Whether missing bytes have been waited for long enough at `time`, though no packet has come since.
  mutating func isOverdueInSilence(at time: Timestamp, peerIsSeen: Bool, _ limits: ReassemblyLimits) -> Bool {
    guard hasWaited, let patience = wait.patience, patience.offset == next, patience.isOver(at: time, limits) else {
      return false
    }
    guard isStarted else { return true }
    guard let end = awaitedEnd(peerIsSeen: peerIsSeen) else { return false }
    wait.patience = nil
    wait.giveUpTo = end
    return true
  }
}
