import Bytes

/// What becomes of messages after bytes are missing that they may refer to (RFC 7692 §7.2.3.2).
extension MessageAssembler {
  /// The rest of the message's compressed data, or the frame's, makes no sense.
  mutating func loseRest(dropping isDropped: Bool = false) {
    if !isRestLost { loseWindow(dropping: isDropped) }
    isRestLost = true
    message.isComplete = false
    message.isLengthKnown = false
  }

  /// Bytes are missing that later messages may refer to.
  ///
  /// - Parameter isDropped: whether what came of the current message is not to be relied upon.
  mutating func loseWindow(dropping isDropped: Bool = false) {
    guard let compression, !compression.isWithoutContextTakeover else { return }
    if let recovery {
      store(recovery)
      if isDropped { recovery.dropMessage() }
      recovery.addHole()
    } else if let inflater {
      let window = inflater.window()
      let dropped = isDropped ? Int(clamping: message.storableLength) : 0
      let recovery = ContextRecovery(window.dropLast(dropped), compressedBytes: compressedBytes)
      recovery.addHole()
      self.recovery = recovery
      self.inflater = nil
      isLossNew = true
    } else {
      isContextKnown = false
    }
  }

  mutating func recover(_ bytes: RawSpan, _ recovery: ContextRecovery) {
    var position = 0
    while recovery.take(bytes, &position) {
      store(recovery)
      recovery.trim()
    }
    if recovery.isDamaged { damage() }
  }

  mutating func endRecovered(_ recovery: ContextRecovery) {
    guard recovery.end() else { return damage() }
    if infersLengths, recovery.infer() { events.insert(.inferred) }
    store(recovery)
    recovery.trim()
    guard let compression, let window = recovery.knownEnd(of: 1 << compression.windowBits) else { return }
    let inflater = Inflater()
    inflater.reset(window: window)
    self.inflater = inflater
    self.recovery = nil
    // Where nothing was copied from before the loss, there was none to speak of.
    if !isLossNew { events.insert(.restored) }
    isLossNew = false
  }

  /// Puts what was recovered of the message into its content.
  mutating func store(_ recovery: ContextRecovery) {
    var bytes: [UInt8] = []
    while let run = recovery.next(&bytes) {
      if run.knowledge != .known { tellLoss() }
      switch run.knowledge {
      case .known:
        keep(bytes.span.bytes, limit: inflatedLimit)
      case .inferred:
        message.inference = recovery.confidence
        addInferred(run.count)
        keep(bytes.span.bytes, limit: inflatedLimit)
      case .unknown:
        addUnknown(UInt64(run.count))
      }
    }
  }

  /// The loss matters: something was copied from before it.
  mutating func tellLoss() {
    if isLossNew { events.insert(.lost) }
    isLossNew = false
  }
}
