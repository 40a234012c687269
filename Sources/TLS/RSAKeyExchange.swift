import Bytes

/// What is kept of a handshake to find the master secret in what the client encrypted for the server (RFC 5246 §8.1.1).
struct RSAKeyExchange {
  /// Bytes kept at most. 256 KiB: two chains of certificates.
  private static let limit = 256 << 10

  private var encrypted: [UInt8]?
  /// The messages so far, which the extended master secret depends on (RFC 7627 §3).
  private var hello: [UInt8] = []
  private var server: [UInt8] = []
  private var client: [UInt8] = []
  private var isServerDone = false
  private var master: Secret?

  /// Whether the client's message has not come.
  var isWaiting: Bool { encrypted == nil }

  var heldBytes: Int { hello.count + server.count + client.count }

  mutating func take(_ type: HandshakeType, _ bytes: [UInt8], isClient: Bool) {
    guard encrypted == nil, heldBytes + bytes.count <= Self.limit else { return }
    if type == .clientHello {
      hello = bytes
    } else if isClient {
      client += bytes
    } else if !isServerDone {
      server += bytes
      isServerDone = type == .serverHelloDone
    }
    guard type == .clientKeyExchange, isClient else { return }
    var cursor = MessageCursor(4..<bytes.count)
    encrypted = cursor.vector16(bytes.span.bytes).map { bytes.span.bytes.copy($0) } ?? []
  }

  /// The master secret; nil if it cannot be found.
  mutating func master(
    _ log: borrowing KeyLog, seed: [UInt8], _ version: TLSVersion, _ hash: HashAlgorithm, isExtended: Bool
  ) -> Secret? {
    if let master { return master }
    guard let encrypted, let premaster = log.premaster(encrypted.span.bytes) else { return nil }
    if isExtended {
      let messages = hello + server + client
      let digest =
        version < .tls12
        ? HashAlgorithm.md5.digest(messages) + HashAlgorithm.sha1.digest(messages) : hash.digest(messages)
      master = KeyDerivation.pseudorandom(premaster, "extended master secret", digest, count: 48, version, hash)
    } else {
      master = KeyDerivation.pseudorandom(premaster, "master secret", seed, count: 48, version, hash)
    }
    hello = []
    server = []
    client = []
    return master
  }
}
