import Bytes

/// Master secrets that private keys told, by what the sessions are resumed with (RFC 5246 §7.3, RFC 5077): a resumed one
/// exchanges no keys.
struct SessionStore: Sendable {
  /// Sessions kept at most; beyond, the oldest is forgotten. 4,096: servers forget theirs as well, sooner.
  private static let limit = 4096

  private var masters: [[UInt8]: Secret] = [:]
  private var ages: [[UInt8]] = []
  private var oldest = 0

  /// The master secret of the session that `name` resumes.
  func master(_ name: [UInt8]) -> Secret? { masters[name] }

  /// Keeps the master secret of a session.
  mutating func add(_ name: [UInt8], _ master: Secret) {
    guard masters.updateValue(master, forKey: name) == nil else { return }
    ages.append(name)
    guard masters.count > Self.limit else { return }
    masters[ages[oldest]] = nil
    oldest += 1
    if oldest > Self.limit {
      ages.removeFirst(oldest)
      oldest = 0
    }
  }
}

extension KeyLog {
  /// Keeps what a private key told of `connection`, for those that resume its session. Call when its `secretsGeneration` has
  /// changed.
  public mutating func learn(from connection: TLSConnection) {
    guard hasPrivateKeys, let (names, master) = connection.handshake.resumable else { return }
    for name in names { sessions.add(name, master) }
  }
}

extension TLSHandshake {
  /// What resumes the session, and its master secret, where a private key told it.
  var resumable: (names: [[UInt8]], master: Secret)? {
    guard let derivedMaster, let serverHello else { return nil }
    let names = [serverHello.sessionID, issuedTicket].filter { !$0.isEmpty }
    return names.isEmpty ? nil : (names, derivedMaster)
  }

  /// The master secret of the session that is resumed; nil if none is, or if it is not known.
  func resumedMaster(_ log: borrowing KeyLog) -> Secret? {
    guard !isFull, let clientHello, let serverHello else { return nil }
    if !clientHello.ticket.isEmpty, let master = log.sessions.master(clientHello.ticket) { return master }
    guard !serverHello.sessionID.isEmpty, serverHello.sessionID == clientHello.sessionID else { return nil }
    return log.sessions.master(serverHello.sessionID)
  }
}
