import Bytes

/// What both directions of a TLS connection have said in their handshake, and the keys that follow from it.
struct TLSHandshake {
  /// Which direction is the client's; nil while no hello was seen.
  var client: Int?
  private(set) var clientHello: ClientHello?
  /// The client's hello of the first handshake, where there was a later one (renegotiation).
  private var firstHello: ClientHello?
  private(set) var serverHello: ServerHello?
  private(set) var extensions: EncryptedExtensions?
  private(set) var certificate: ServerCertificate?
  /// How many ClientHellos there were in this handshake.
  private var helloCount = 0
  /// What the server chose in the first handshake, where there was a later one.
  private var firstProtocol: String?
  /// Whether the server asked for another ClientHello.
  private(set) var hasRetried = false
  /// Whether the capture lacks bytes of the client in clear, which may hold one of its two hellos. Both have the same random
  /// (RFC 8446 §4.1.2), so that one is enough.
  var mayLackHello = false
  /// Whether the server has sent ServerHelloDone: a full handshake of TLS 1.2.
  private(set) var isFull = false
  /// Whether the server has changed its cipher (TLS 1.2).
  var hasChangedCipher = false
  private var keyExchange: RSAKeyExchange?
  /// The master secret, where a private key told it, or the key log by what the client encrypted.
  private(set) var derivedMaster: Secret?
  /// The hash of the ticket that the server has sent for later sessions (RFC 5077 §3.3); empty if there is none.
  private(set) var issuedTicket: [UInt8] = []
  /// Rises with every ClientHello, with `derivedMaster` and with `issuedTicket`.
  private(set) var secretsGeneration = 0

  /// The version agreed upon; nil without a ServerHello.
  var version: TLSVersion? { serverHello?.version }
  /// Whether the client, asked for another hello, has not sent it.
  var lacksSecondHello: Bool { hasRetried && helloCount + (mayLackHello ? 1 : 0) < 2 }
  /// Whether both ends have sent all of their hellos.
  var hasBothHellos: Bool { serverHello != nil && helloCount + (mayLackHello ? 1 : 0) > (hasRetried ? 1 : 0) }
  /// Whether it is TLS 1.3.
  var isTLS13: Bool { (version ?? .ssl30) >= .tls13 }

  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int { keyExchange?.heldBytes ?? 0 }

  // MARK: Messages

  /// Takes a message of the direction `side`; what `keepsExchange` asks for is needed to read the client's secret.
  mutating func take(_ message: HandshakeMessage, _ side: Int, keepsExchange: Bool) {
    guard let bytes = message.bytes else {
      keyExchange = nil
      return
    }
    switch message.type {
    case .clientHello: takeClientHello(bytes, side, keepsExchange)
    case .serverHello: takeServerHello(bytes, side)
    case .encryptedExtensions where side != client: extensions = EncryptedExtensions(bytes)
    case .certificate where side != client:
      if let version, certificate == nil { certificate = ServerCertificate(bytes, version) }
    case .serverHelloDone: isFull = true
    case .newSessionTicket where side != client && !isTLS13: takeTicket(bytes)
    default: break
    }
    guard let client, message.type != .helloRequest, !isTLS13 else { return }
    keyExchange?.take(message.type, bytes, isClient: side == client)
  }

  private mutating func takeClientHello(_ bytes: [UInt8], _ side: Int, _ keepsExchange: Bool) {
    guard client == nil || client == side, let hello = ClientHello(bytes) else { return }
    client = side
    if serverHello != nil, !hasRetried, clientHello != nil {
      firstHello = firstHello ?? clientHello
      firstProtocol = firstProtocol ?? serverHello?.chosenProtocol
      serverHello = nil
      helloCount = 0
      isFull = false
      hasChangedCipher = false
    }
    clientHello = hello
    helloCount += 1
    derivedMaster = nil
    issuedTicket = []
    secretsGeneration += 1
    keyExchange = keepsExchange ? RSAKeyExchange() : nil
  }

  /// RFC 5077 §3.3.
  private mutating func takeTicket(_ message: [UInt8]) {
    let bytes = message.span.bytes
    var cursor = MessageCursor(4..<message.count)
    guard cursor.take(4) != nil, let ticket = cursor.vector16(bytes), !ticket.isEmpty else { return }
    issuedTicket = HashAlgorithm.sha256.digest(bytes.copy(ticket))
    secretsGeneration += 1
  }

  private mutating func takeServerHello(_ bytes: [UInt8], _ side: Int) {
    guard client != side, let hello = ServerHello(bytes) else { return }
    client = 1 - side
    if hello.isRetryRequest {
      hasRetried = true
    } else {
      serverHello = hello
    }
  }

  /// What is told of the connection.
  func describe(_ information: inout TLSInformation) {
    if let hello = firstHello ?? clientHello {
      information.serverName = hello.serverName
      information.offeredProtocols = hello.protocols
      information.hasEncryptedHello = hello.hasEncryptedHello
    }
    if let serverHello {
      information.version = serverHello.version
      information.suite = serverHello.suite
      information.chosenProtocol = firstProtocol ?? extensions?.chosenProtocol ?? serverHello.chosenProtocol
      if isTLS13 {
        information.isResumed = serverHello.hasPreSharedKey
      } else if isFull || hasChangedCipher {
        information.isResumed = !isFull
      }
    }
    information.certificate = certificate
  }

  // MARK: Keys

  /// What becomes of the question for keys.
  enum KeyAnswer {
    case keys(TrafficKeys)
    case wait(TLSWait)
    case never(TLSObstacle)
  }

  /// The keys of `epoch` for what one end sends.
  mutating func keys(_ epoch: Epoch, isClient: Bool, _ log: borrowing KeyLog) -> KeyAnswer {
    guard let serverHello, let clientHello else { return .wait(.peer) }
    let version = serverHello.version
    guard version >= .tls10, version <= .tls13 else { return .never(.unsupportedVersion) }
    guard let suite = serverHello.parameters else { return .never(.unsupportedSuite) }
    if case .session = epoch { return sessionKeys(clientHello, serverHello, suite, isClient: isClient, log) }
    guard let entry = log.entry(clientHello.random) else { return .wait(.secret) }
    let secret: Secret?
    switch epoch {
    case .early: secret = entry.clientEarly
    case .handshake: secret = isClient ? entry.clientHandshake : entry.serverHandshake
    case .application, .session: secret = isClient ? entry.clientTraffic : entry.serverTraffic
    }
    guard let secret else { return .wait(.secret) }
    return TrafficKeys(secret, suite).map { .keys($0) } ?? .never(.unsupportedSuite)
  }

  /// Why there is no secret: there is none at all, or another one is missing.
  func missingSecret(_ log: borrowing KeyLog) -> TLSObstacle {
    if log.isEmpty { return .noKeys }
    guard let clientHello, log.entry(clientHello.random) != nil else {
      guard log.hasPrivateKeys, let serverHello else { return .noSecret }
      guard serverHello.suite.usesRSAKeyExchange else { return log.hasOnlyPrivateKeys ? .noRSAKeyExchange : .noSecret }
      if keyExchange?.isWaiting == false { return .wrongPrivateKey }
      return log.hasOnlyPrivateKeys && !isFull && hasChangedCipher ? .resumedSession : .noSecret
    }
    return .incompleteSecrets
  }

  /// RFC 5246 §6.3.
  private mutating func sessionKeys(
    _ clientHello: ClientHello, _ serverHello: ServerHello, _ suite: SuiteParameters, isClient: Bool,
    _ log: borrowing KeyLog
  ) -> KeyAnswer {
    let version = serverHello.version
    var master = log.entry(clientHello.random)?.master
    if master == nil, serverHello.suite.usesRSAKeyExchange, log.readsKeyExchange {
      let seed = clientHello.random.bytes + serverHello.random
      master = keyExchange?.master(
        log, seed: seed, version, suite.hash, isExtended: serverHello.hasExtendedMasterSecret)
      if master == nil, keyExchange?.isWaiting == true, isFull { return .wait(.peer) }
      master = master ?? resumedMaster(log)
      if let master, derivedMaster == nil {
        derivedMaster = master
        secretsGeneration += 1
      }
    }
    guard let master else { return .wait(.secret) }
    let protection = suite.protection
    let lengths = [protection.macKeyLength, protection.cipher.keyLength, protection.fixedIVLength(version)]
    let block = KeyDerivation.pseudorandom(
      master, "key expansion", serverHello.random + clientHello.random.bytes, count: 2 * lengths.reduce(0, +), version,
      suite.hash)
    var parts: [Secret] = []
    var position = 0
    for length in lengths {
      let start = isClient ? position : position + length
      parts.append(
        Secret(count: length) { part in
          block.withBytes { part.copyMemory(from: .init(rebasing: $0[start..<start + length])) }
        })
      position += 2 * length
    }
    guard
      let decryptor = RecordDecryptor(
        protection, version, key: parts[1], iv: parts[2], macKey: parts[0],
        encryptsThenMACs: serverHello.encryptsThenMACs)
    else { return .never(.unsupportedSuite) }
    return .keys(TrafficKeys(decryptor: decryptor))
  }
}

/// Which keys protect records.
enum Epoch: Equatable {
  /// Those of early data (0-RTT).
  case early
  /// Those of the handshake of TLS 1.3.
  case handshake
  /// Those after the handshake of TLS 1.3; each KeyUpdate begins a new generation.
  case application(generation: Int)
  /// Those of TLS 1.2 and before.
  case session
}

/// The keys of what one end sends.
final class TrafficKeys {
  let decryptor: RecordDecryptor
  /// The secret that they were made of, which makes those after the next KeyUpdate; nil before TLS 1.3.
  private let next: (secret: Secret, suite: SuiteParameters)?

  init(decryptor: RecordDecryptor) {
    self.decryptor = decryptor
    next = nil
  }

  /// RFC 8446 §7.3.
  init?(_ secret: Secret, _ suite: SuiteParameters) {
    let key = KeyDerivation.expand(secret, "key", count: suite.protection.cipher.keyLength, suite.hash)
    let iv = KeyDerivation.expand(secret, "iv", count: 12, suite.hash)
    guard let decryptor = RecordDecryptor(suite.protection, .tls13, key: key, iv: iv) else { return nil }
    self.decryptor = decryptor
    next = (secret, suite)
  }

  /// Those after a KeyUpdate (RFC 8446 §7.2).
  var updated: TrafficKeys? {
    guard let (secret, suite) = next else { return nil }
    return TrafficKeys(KeyDerivation.expand(secret, "traffic upd", count: suite.hash.length, suite.hash), suite)
  }
}
