import Bytes

/// How a direction goes on behind bytes that the capture lacks: with the next record that is authentic.
///
/// How many records are missing is not known, so their numbers are tried. What that may cost is bounded, and paid for by the
/// bytes of the direction.
extension TLSConnection {
  /// Looks for a record in what is kept behind a gap.
  func look(_ side: Int, _ log: borrowing KeyLog, _ buffers: inout TLSBuffers) -> TLSEvent? {
    guard var search = streams[side].search.popLast() else { return nil }
    while let header = search.nextHeader() {
      let start = search.place + RecordHeader.length
      let record = Record(header: header, start: search.base + UInt64(search.place))
      let buffer = search.buffer
      let fragment = buffer.span.bytes.extracting(start..<start + header.count)
      let lead = max(search.place - RecordSearch.lead, 0)
      let preceding = buffer.span.bytes.extracting(lead..<search.place)
      if case .keys(_, let keys) = streams[side].protection, preceding.byteCount == RecordSearch.lead {
        keys.decryptor.noteGap(preceding)
      }
      if let found = find(side, record, fragment, behind: preceding, log, &buffers) {
        search.place = start + header.count
        streams[side].goOn(at: record.start + UInt64(RecordHeader.length + header.count), search.rest())
        if found.epoch == .session, handshake.client != side { handshake.hasChangedCipher = true }
        return accept(side, record, found, fragment, log, buffers)
      }
      if case .clear = streams[side].protection, Self.looksClear(header, fragment) {
        streams[side].loss = nil
        streams[side].goOn(at: record.start, search.rest())
        return nil
      }
      search.place += 1
    }
    if search.searched > RecordSearch.patience || streams[side].credit <= 0 { return giveUp(side, .gap) }
    streams[side].search.append(search)
    return nil
  }

  /// Whether what stands behind `header` is what only records in clear have.
  private static func looksClear(_ header: RecordHeader, _ fragment: RawSpan) -> Bool {
    switch header.type {
    case .changeCipherSpec:
      return header.count == 1 && fragment.u8(0) == 1
    case .handshake where header.count >= 4:
      let length = Int(fragment.u8(1)) << 16 | Int(fragment.u16(2))
      return HandshakeType(rawValue: fragment.u8(0)).isDefined && length <= header.count - 4
    default:
      return false
    }
  }

  /// Opens a record of which it is not known which number it has, or which keys; `preceding` stands right before it.
  func find(
    _ side: Int, _ record: Record, _ fragment: RawSpan, behind preceding: RawSpan, _ log: borrowing KeyLog,
    _ buffers: inout TLSBuffers
  ) -> FoundRecord? {
    let isClient = handshake.client == side
    switch streams[side].protection {
    case .opaque:
      return nil
    case .clear:
      guard !handshake.isTLS13, case .keys(let keys) = handshake.keys(.session, isClient: isClient, log) else {
        return nil
      }
      keys.decryptor.noteGap(preceding)
      if let found = attempt(side, record, fragment, .session, keys, isOther: true, &buffers) { return found }
      if keys.decryptor.wasAuthentic { streams[side].protection = .keys(.session, keys) }
      return nil
    case .pending(.session):
      // They are kept, as what one record ends with may be what the next one begins with (TLS 1.0).
      guard case .keys(let keys) = handshake.keys(.session, isClient: isClient, log) else { return nil }
      keys.decryptor.noteGap(preceding)
      streams[side].protection = .keys(.session, keys)
      return attempt(side, record, fragment, .session, keys, isOther: false, &buffers)
    case .pending(let epoch):
      if case .keys(let keys) = handshake.keys(epoch, isClient: isClient, log) {
        if let found = attempt(side, record, fragment, epoch, keys, isOther: true, &buffers) { return found }
        if case .application(let generation) = epoch {
          return attemptUpdated(side, record, fragment, keys, generation, &buffers)
        }
      }
      return attemptLater(side, record, fragment, log, &buffers)
    case .keys(let epoch, let keys):
      if let found = attempt(side, record, fragment, epoch, keys, isOther: false, &buffers) { return found }
      guard case .application(let generation) = epoch else {
        return epoch == .session ? nil : attemptLater(side, record, fragment, log, &buffers)
      }
      return attemptUpdated(side, record, fragment, keys, generation, &buffers)
    }
  }

  /// The gap may hold KeyUpdates (RFC 8446 §4.6.3) behind `keys`.
  private func attemptUpdated(
    _ side: Int, _ record: Record, _ fragment: RawSpan, _ keys: TrafficKeys, _ generation: Int,
    _ buffers: inout TLSBuffers
  ) -> FoundRecord? {
    var next = keys
    for step in 1...RecordSearch.mostKeyUpdates {
      guard let updated = next.updated else { return nil }
      let later = Epoch.application(generation: generation &+ step)
      if let found = attempt(side, record, fragment, later, updated, isOther: true, &buffers) { return found }
      next = updated
    }
    return nil
  }

  /// The gap may hold the end of the handshake.
  private func attemptLater(
    _ side: Int, _ record: Record, _ fragment: RawSpan, _ log: borrowing KeyLog, _ buffers: inout TLSBuffers
  ) -> FoundRecord? {
    let isClient = handshake.client == side
    for epoch in [Epoch.handshake, .application(generation: 0)] {
      guard case .keys(let keys) = handshake.keys(epoch, isClient: isClient, log) else { continue }
      if let found = attempt(side, record, fragment, epoch, keys, isOther: true, &buffers) { return found }
    }
    return nil
  }

  private func attempt(
    _ side: Int, _ record: Record, _ fragment: RawSpan, _ epoch: Epoch, _ keys: TrafficKeys, isOther: Bool,
    _ buffers: inout TLSBuffers
  ) -> FoundRecord? {
    let decryptor = keys.decryptor
    guard record.header.count >= decryptor.overhead else { return nil }
    for sequence in numbers(side, record, decryptor, fragment, isOther: isOther) {
      guard streams[side].credit > 0 else { return nil }
      streams[side].credit -= fragment.byteCount + 64
      if let opened = decryptor.open(record.header, fragment, sequence: sequence, into: &buffers.output) {
        return FoundRecord(opened: opened, sequence: sequence, epoch: epoch, keys: keys, isOther: isOther)
      }
      if decryptor.wasAuthentic { return nil }
    }
    return nil
  }

  /// The numbers that the record may have, the likeliest first.
  private func numbers(
    _ side: Int, _ record: Record, _ decryptor: RecordDecryptor, _ fragment: RawSpan, isOther: Bool
  ) -> [UInt64] {
    let stream = streams[side]
    let start = stream.loss?.start ?? record.start
    let distance = record.start - min(start, record.start)
    let most = min(distance / UInt64(RecordHeader.length + decryptor.overhead), .max / 4)
    // Those that were there and failed may be none of the sender's.
    let least =
      isOther || (stream.loss?.failures ?? 0) > 0
      ? 0 : (distance + UInt64(RecordHeader.longest)) / UInt64(RecordHeader.longest + RecordHeader.length)
    let first = isOther ? 0 : stream.loss?.sequence ?? stream.sequence
    guard least <= most else { return [first &+ most] }
    var numbers: [UInt64] = []
    // TLS 1.2: most senders count in the nonce that they write down.
    if !isOther, let last = stream.lastNonce, fragment.byteCount >= 8 {
      let step = fragment.u64(0) &- last.value
      if step > 0, step <= most &+ 2 { numbers.append(last.sequence &+ step) }
    }
    let end = min(most, least + RecordSearch.mostNumbers)
    for number in least...end { numbers.append(first &+ number) }
    return numbers
  }
}

extension TLSStream {
  /// Goes on behind what was searched: `rest`, which begins at `start` in the TCP stream, comes next.
  mutating func goOn(at start: UInt64, _ rest: [UInt8]) {
    search = []
    reader.reset()
    wire = start
    replay = rest
  }
}
