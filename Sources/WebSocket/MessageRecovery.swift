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
      let recovery = ContextRecovery(window.dropLast(dropped))
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
    if infersLengths, recovery.infer(&searchCredit) { events.insert(.inferred) }
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

  // MARK: What proves wrong

  /// Whether inferred bytes have a part in what makes the text no UTF-8.
  var isInferenceDisproved: Bool {
    let place = validator.firstInvalid ?? message.length
    let start = place - UInt64(unfinishedCharacter(before: place))
    return inferred.contains { $0.lowerBound <= place && $0.upperBound > start }
  }

  /// How many bytes before `place` are a character's that goes on there, 0 to 3. Where they are not stored, 3.
  private func unfinishedCharacter(before place: UInt64) -> Int {
    guard let end = Int(exactly: place), end <= content.count else { return Int(min(place, 3)) }
    for (number, byte) in content[..<end].suffix(3).reversed().enumerated() where byte & 0xC0 != 0x80 {
      let length = byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      return number + 1 < length ? number + 1 : 0
    }
    return 0
  }

  /// Makes the message's inferred bytes unknown ones; there are no others.
  mutating func withdrawInferred() {
    message.isComplete = false
    message.inference = nil
    var (known, start): ([UInt8], Int) = ([], 0)
    for range in inferred {
      message.storableLength -= range.upperBound - range.lowerBound
      let lower = Int(clamping: range.lowerBound)
      guard lower <= content.count else { continue }
      known += content[start..<lower]
      start = min(Int(clamping: range.upperBound), content.count)
      unknown.append(range)
    }
    content = known + content[start...]
  }
}
