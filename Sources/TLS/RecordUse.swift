import Bytes

/// What is to be done with the bytes behind a record's header.
enum RecordUse: Equatable {
  /// They are not encrypted.
  case clear
  /// They are decrypted.
  case open
  /// They are of no use.
  case drop
  /// The other direction, or a secret, must come first.
  case wait
  /// Nothing more of this direction will be decrypted.
  case stop(TLSEvent)
}

/// Which records are encrypted, and with which keys.
extension TLSConnection {
  /// What is to be done with the record behind `header`.
  func judge(_ side: Int, _ header: RecordHeader, _ log: borrowing KeyLog) -> RecordUse {
    switch streams[side].protection {
    case .opaque: return .drop
    case .clear: return judgeClear(side, header)
    case .keys: return isPlain(header) ? .clear : .open
    case .pending(let epoch): return isPlain(header) ? .clear : prepare(side, epoch, log)
    }
  }

  /// Whether the record is in clear although all are encrypted: change_cipher_spec, which means nothing (RFC 8446 §5), and
  /// alerts of an end that has no keys yet.
  private func isPlain(_ header: RecordHeader) -> Bool {
    handshake.isTLS13 && (header.type == .changeCipherSpec || header.type == .alert && header.count == 2)
  }

  private func judgeClear(_ side: Int, _ header: RecordHeader) -> RecordUse {
    let mayBeClient = handshake.client == nil || handshake.client == side
    switch header.type {
    case .handshake, .alert:
      return .clear
    case .changeCipherSpec where handshake.serverHello == nil && !handshake.hasRetried,
      .applicationData where handshake.serverHello == nil && !handshake.lacksSecondHello:
      // What this means depends on the version, which the server chooses.
      guard handshake.client != nil else { return .stop(giveUp(side, .noClientHello)) }
      guard mayBeClient else { return .stop(giveUp(side, .noServerHello)) }
      streams[side].waiting = .peer
      return .wait
    case .changeCipherSpec:
      return .clear
    default:
      return .drop  // early data before a second ClientHello, which nobody accepts (RFC 8446 §4.2.10)
    }
  }

  /// Makes the keys of `epoch`.
  private func prepare(_ side: Int, _ epoch: Epoch, _ log: borrowing KeyLog) -> RecordUse {
    let isClient = handshake.client == side
    if epoch == .early {
      guard let isAccepted = acceptsEarlyData(side, log) else {
        streams[side].waiting = .peer
        return .wait
      }
      if !isAccepted {
        passEarlyData(side)
        return prepare(side, .handshake, log)
      }
    }
    switch handshake.keys(epoch, isClient: isClient, log) {
    case .keys(let keys):
      streams[side].protection = .keys(epoch, keys)
      return .open
    case .never(let obstacle):
      return .stop(giveUp(side, obstacle))
    case .wait(.peer):
      streams[side].waiting = .peer
      return .wait
    case .wait(.secret):
      return prepareOthers(side, epoch, log)
    }
  }

  /// The secret of `epoch` is not known. Where a later one is, what comes before is passed over.
  private func prepareOthers(_ side: Int, _ epoch: Epoch, _ log: borrowing KeyLog) -> RecordUse {
    let isClient = handshake.client == side
    if epoch == .early, case .keys = handshake.keys(.handshake, isClient: isClient, log) {
      streams[side].loss = RecordLoss(start: streams[side].recordStart, sequence: 0, isOther: true)
      passEarlyData(side)
      return prepare(side, .handshake, log)
    }
    let first = Epoch.application(generation: 0)
    if epoch != .session, epoch != first, case .keys(let keys) = handshake.keys(first, isClient: isClient, log) {
      note(side, .incompleteSecrets)
      streams[side].protection = .keys(first, keys)
      streams[side].sequence = 0
      streams[side].passesUnsound = true
      return .open
    }
    streams[side].waiting = .secret
    return .wait
  }

  /// Whether the server takes the client's early data; nil where that is still to be seen.
  private func acceptsEarlyData(_ side: Int, _ log: borrowing KeyLog) -> Bool? {
    guard handshake.serverHello?.hasPreSharedKey == true else { return false }
    if let extensions = handshake.extensions { return extensions.acceptsEarlyData }
    let server = streams[1 - side]
    return server.isOver || server.passesUnsound ? true : nil
  }

  /// The client's early data is of no use, or will not be decrypted: the handshake is looked for behind it.
  func passEarlyData(_ side: Int) {
    streams[side].expect(.handshake)
    streams[side].passesUnsound = true
  }
}
