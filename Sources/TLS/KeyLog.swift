import Bytes

/// The secrets of a key log (RFC 9850), by connection.
///
/// It never says what they are, and forgets them in a way that overwrites them.
public struct KeyLog: Sendable {
  /// Secrets kept at most; beyond, the oldest are forgotten. 500,000: those of 100,000 connections of TLS 1.3; about 100 MB.
  public static let limit = 500_000

  /// The secrets of a connection.
  struct Entry {
    /// `CLIENT_RANDOM`: the master secret, up to TLS 1.2.
    var master: Secret?
    var clientEarly: Secret?
    var clientHandshake: Secret?
    var serverHandshake: Secret?
    var clientTraffic: Secret?
    var serverTraffic: Secret?
    /// Which of them stand in the capture itself: a bit for each of `KeyLogLabel.kept`.
    var embedded: UInt8 = 0

    /// How many there are.
    var count: Int {
      [master, clientEarly, clientHandshake, serverHandshake, clientTraffic, serverTraffic].count { $0 != nil }
    }
  }

  private var entries: [ClientRandom: Entry] = [:]
  /// `RSA`: by the first 8 bytes of the encrypted premaster secret, what is in it.
  private var premasters: [UInt64: Secret] = [:]
  /// Keys of servers, for connections whose client encrypted the secret with them.
  private var privateKeys: [RSAPrivateKey] = []
  /// What they told, for sessions that are resumed.
  var sessions = SessionStore()
  /// How many secrets there are.
  public private(set) var count = 0
  /// Rises with every secret: who waits for one, looks again when this has changed.
  public private(set) var generation = 0

  /// What there is, the oldest first, from `oldest` on.
  private var ages: [Age] = []
  private var oldest = 0
  private let limit: Int

  /// What is forgotten at once.
  private enum Age {
    case connection(ClientRandom)
    case premaster(UInt64)
  }

  /// One without secrets, which keeps `limit` of them: the newest.
  public init(limit: Int = KeyLog.limit) { self.limit = limit }

  /// Whether there is nothing that could decrypt anything.
  public var isEmpty: Bool { count == 0 && privateKeys.isEmpty }

  /// Whether there are private keys.
  public var hasPrivateKeys: Bool { !privateKeys.isEmpty }

  /// Whether there are private keys, and nothing else.
  var hasOnlyPrivateKeys: Bool { count == 0 && !privateKeys.isEmpty }

  /// Whether secrets may be found by what the client encrypted for the server.
  var readsKeyExchange: Bool { !premasters.isEmpty || !privateKeys.isEmpty }

  /// The secrets of the connection whose ClientHello has `random`.
  func entry(_ random: ClientRandom) -> Entry? { entries[random] }

  /// The premaster secret in `encrypted`, by a line of the key log or by a private key.
  func premaster(_ encrypted: RawSpan) -> Secret? {
    if encrypted.byteCount >= 8, let known = premasters[encrypted.u64(0)] { return known }
    for key in privateKeys {
      if let secret = key.decrypt(encrypted) { return secret }
    }
    return nil
  }

  /// Adds the private key of a server.
  public mutating func add(_ key: RSAPrivateKey) {
    privateKeys.append(key)
    generation += 1
  }

  /// Adds the secret of the line `label` for `random`, which stands in the capture itself if `isEmbedded`; false where older
  /// ones had to be forgotten for it.
  mutating func add(
    _ label: KeyLogLabel, _ random: ClientRandom, _ secret: Secret, isEmbedded: Bool = false
  ) -> Bool {
    guard let place = label.place else { return true }
    let hasRoom = entries[random]?[keyPath: place] != nil || makeRoom()
    if entries[random] == nil { ages.append(.connection(random)) }
    var entry = entries[random] ?? Entry()
    if entry[keyPath: place] == nil { count += 1 }
    entry[keyPath: place] = secret
    if isEmbedded { entry.embedded |= label.bit }
    entries[random] = entry
    generation += 1
    return hasRoom
  }

  /// The same for the line `RSA`, which names the first 8 bytes of an encrypted secret.
  mutating func add(premaster secret: Secret, for encrypted: UInt64) -> Bool {
    let hasRoom = premasters[encrypted] != nil || makeRoom()
    if premasters.updateValue(secret, forKey: encrypted) == nil {
      count += 1
      ages.append(.premaster(encrypted))
    }
    generation += 1
    return hasRoom
  }

  /// Forgets the oldest secrets, as long as there is no room for another one; whether there was room.
  private mutating func makeRoom() -> Bool {
    let hadRoom = count < limit
    while count >= limit, oldest < ages.count {
      switch ages[oldest] {
      case .connection(let random): count -= entries.removeValue(forKey: random)?.count ?? 0
      case .premaster(let encrypted): count -= premasters.removeValue(forKey: encrypted) == nil ? 0 : 1
      }
      oldest += 1
    }
    if oldest > 1024, oldest > ages.count / 2 {
      ages.removeFirst(oldest)
      oldest = 0
    }
    return hadRoom
  }
}

/// The first word of a line of a key log.
enum KeyLogLabel: String {
  case clientRandom = "CLIENT_RANDOM"
  case clientEarly = "CLIENT_EARLY_TRAFFIC_SECRET"
  case clientHandshake = "CLIENT_HANDSHAKE_TRAFFIC_SECRET"
  case serverHandshake = "SERVER_HANDSHAKE_TRAFFIC_SECRET"
  case clientTraffic = "CLIENT_TRAFFIC_SECRET_0"
  case serverTraffic = "SERVER_TRAFFIC_SECRET_0"
  case rsa = "RSA"
  // Of no use here:
  case exporter = "EXPORTER_SECRET"
  case earlyExporter = "EARLY_EXPORTER_SECRET"
  case echSecret = "ECH_SECRET"
  case echConfig = "ECH_CONFIG"

  /// Those whose secrets are kept by client random.
  static let kept: [KeyLogLabel] = [
    .clientRandom, .clientEarly, .clientHandshake, .serverHandshake, .clientTraffic, .serverTraffic,
  ]

  /// A bit for it, if it is among `kept`; else 0.
  var bit: UInt8 { Self.kept.firstIndex(of: self).map { 1 << UInt8($0) } ?? 0 }

  /// Where its secret is kept; nil for those that are of no use, and for `RSA`.
  var place: WritableKeyPath<KeyLog.Entry, Secret?>? {
    switch self {
    case .clientRandom: \.master
    case .clientEarly: \.clientEarly
    case .clientHandshake: \.clientHandshake
    case .serverHandshake: \.serverHandshake
    case .clientTraffic: \.clientTraffic
    case .serverTraffic: \.serverTraffic
    case .rsa, .exporter, .earlyExporter, .echSecret, .echConfig: nil
    }
  }

  /// How long its secret may be, in bytes: a master secret has 48, others are as long as a hash.
  var secretLengths: ClosedRange<Int> {
    switch self {
    case .clientRandom, .rsa: 48...48
    case .echSecret, .echConfig: 1...KeyLogReader.longestLine
    default: 16...64
    }
  }
}
