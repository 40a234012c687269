import Bytes

/// What becomes of records.
extension TLSConnection {
  /// Records that may fail before one was authentic. Later on, what it costs to look for the next one that is authentic sets
  /// the end (`RecordSearch.firstCredit`).
  private static let mostFailures = 8

  /// Takes a whole record, whose bytes behind the header are `fragment`.
  func take(
    _ side: Int, _ record: Record, _ use: RecordUse, _ fragment: RawSpan, _ log: borrowing KeyLog,
    _ buffers: inout TLSBuffers
  ) -> TLSEvent? {
    switch use {
    case .clear: takeContent(side, record.header.type, fragment, log)
    case .open: open(side, record, fragment, log, &buffers)
    case .drop, .wait, .stop: nil
    }
  }

  private func open(
    _ side: Int, _ record: Record, _ fragment: RawSpan, _ log: borrowing KeyLog, _ buffers: inout TLSBuffers
  ) -> TLSEvent? {
    guard case .keys(let epoch, let keys) = streams[side].protection else { return nil }
    let sequence = streams[side].sequence
    if let opened = keys.decryptor.open(record.header, fragment, sequence: sequence, into: &buffers.output) {
      let found = FoundRecord(opened: opened, sequence: sequence, epoch: epoch, keys: keys, isOther: false)
      return accept(side, record, found, fragment, log, buffers)
    }
    keys.decryptor.noteFailure(fragment)
    if streams[side].passesUnsound { return pass(side, record, epoch, keys, fragment, log, &buffers) }
    if streams[side].loss != nil, !keys.decryptor.wasAuthentic,
      let found = find(side, record, fragment, behind: [UInt8]().span.bytes, log, &buffers)
    {
      return accept(side, record, found, fragment, log, buffers)
    }
    if sequence == 0 { note(side, .wrongSecret) }
    streams[side].lose(from: record.start)
    streams[side].loss?.failures += 1
    streams[side].sequence &+= 1
    let failures = streams[side].loss?.failures ?? 0
    if streams[side].hasData ? streams[side].credit <= 0 : failures >= Self.mostFailures {
      return giveUp(side, .badRecords)
    }
    return failures == 1 ? .badRecord : nil
  }

  /// Takes what a record holds that is authentic.
  func accept(
    _ side: Int, _ record: Record, _ found: FoundRecord, _ fragment: RawSpan, _ log: borrowing KeyLog,
    _ buffers: borrowing TLSBuffers
  ) -> TLSEvent? {
    streams[side].noteSound(found, fragment)
    // The secret does fit, and what it takes to read data is there.
    if [.wrongSecret, .incompleteSecrets].contains(streams[side].obstacle) { streams[side].obstacle = nil }
    let gap = streams[side].loss.flatMap {
      found.isFirst($0)
        ? nil
        : streams[side].gap(
          $0, before: record.start, found: found.sequence, found.keys.decryptor, isOther: found.isOther || $0.isOther,
          sendsTickets: side != handshake.client)
    }
    if streams[side].loss?.failures ?? 0 > 0, let gap, gap.records != 0 { note(side, .badRecords) }
    streams[side].loss = nil
    let opened = found.opened
    var event: TLSEvent?
    if opened.type == .applicationData {
      if !opened.content.isEmpty {
        streams[side].hasData = true
        event = .data(opened.content, at: record.start + UInt64(RecordHeader.length + opened.offset))
      }
    } else {
      event = takeContent(side, opened.type, buffers.output.span.bytes.extracting(opened.content), log)
    }
    guard let gap, gap.most > 0 || !gap.isExact else { return event }
    if let event { streams[side].following.append(event) }
    return .gap(gap)
  }

  /// What is not application data, and is not encrypted any more.
  private func takeContent(
    _ side: Int, _ type: ContentType, _ content: RawSpan, _ log: borrowing KeyLog
  ) -> TLSEvent? {
    switch type {
    case .handshake:
      var position = 0
      while let message = streams[side].messages.next(content, &position) {
        if let event = take(side, message, log) { return event }
      }
    case .changeCipherSpec where handshake.serverHello != nil && !handshake.isTLS13:
      // RFC 5246 §7.1
      streams[side].expect(.session)
      if handshake.client != side { handshake.hasChangedCipher = true }
    case .alert where content.byteCount == 2:
      let number = content.u8(1)
      if number != TLSAlert.closeNotify, number != TLSAlert.userCanceled, !streams[side].hasData {
        note(side, .alert(number))
      }
    default:
      break
    }
    return nil
  }

  private func take(_ side: Int, _ message: HandshakeMessage, _ log: borrowing KeyLog) -> TLSEvent? {
    let hadHellos = handshake.hasBothHellos
    handshake.take(message, side, keepsExchange: log.readsKeyExchange)
    if handshake.client == nil {
      streams[side].giveUp()
      return .notTLS
    }
    if message.type == .serverHello, handshake.client != side, handshake.isTLS13,
      case .clear = streams[side].protection
    {
      streams[side].expect(.handshake)
    }
    if !hadHellos { endHellos() }
    switch message.type {
    case .endOfEarlyData where handshake.client == side:
      streams[side].expect(.handshake)
    case .finished where handshake.isTLS13:
      // That of a later authentication of the client (RFC 8446 §4.6.2) changes no keys.
      if case .keys(.handshake, _) = streams[side].protection { streams[side].expect(.application(generation: 0)) }
    case .keyUpdate where handshake.isTLS13:
      streams[side].updateKeys()
    default:
      break
    }
    return nil
  }
}

extension TLSConnection {
  /// Behind its last hello, what the client says in TLS 1.3 is encrypted.
  func endHellos() {
    guard handshake.hasBothHellos, handshake.isTLS13, let client = handshake.client,
      case .clear = streams[client].protection
    else { return }
    let hasEarlyData = handshake.clientHello?.offersEarlyData == true && !handshake.hasRetried
    streams[client].expect(hasEarlyData ? .early : .handshake)
  }
}

/// A record that is authentic, and under which keys and number.
struct FoundRecord {
  var opened: OpenedRecord
  var sequence: UInt64
  var epoch: Epoch
  var keys: TrafficKeys
  /// Whether these are other keys than those that were expected.
  var isOther: Bool

  /// Whether no application data can come before it in the bytes that are lost.
  func isFirst(_ loss: RecordLoss) -> Bool {
    guard loss.isBeforeData else { return false }
    switch epoch {
    case .early: return false
    case .handshake: return true
    case .application(let generation): return generation == 0 && sequence == 0
    case .session: return sequence <= 1  // number 0 is Finished
    }
  }
}

extension TLSStream {
  /// A record was authentic.
  mutating func noteSound(_ found: FoundRecord, _ fragment: RawSpan) {
    if found.isOther { protection = .keys(found.epoch, found.keys) }
    sequence = found.sequence &+ 1
    passesUnsound = false
    passed = []
    if case .session = found.epoch, fragment.byteCount >= 8 { lastNonce = (fragment.u64(0), found.sequence) }
    if found.opened.type == .applicationData {
      if found.opened.padding > 0 { padding.with += 1 } else { padding.without += 1 }
    }
    let (sum, isMuch) = credit.addingReportingOverflow(fragment.byteCount * RecordSearch.creditPerByte)
    credit = isMuch ? RecordSearch.mostCredit : min(sum, RecordSearch.mostCredit)
  }

  /// The sender goes on with other keys (RFC 8446 §4.6.3).
  mutating func updateKeys() {
    guard case .keys(.application(let generation), let keys) = protection, let next = keys.updated else { return }
    protection = .keys(.application(generation: generation &+ 1), next)
    sequence = 0
  }
}
