import Bytes

/// What a ClientHello says, as far as it is of use (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
struct ClientHello {
  var random: ClientRandom
  var sessionID: [UInt8]
  /// SNI; nil if it names no host.
  var serverName: String?
  /// ALPN: what the client offers, in order of preference.
  var protocols: [String] = []
  /// The hash of the ticket that a session of TLS 1.2 is to be resumed with (RFC 5077 §3.2); empty if there is none.
  var ticket: [UInt8] = []
  var offersEarlyData = false
  var hasEncryptedHello = false

  /// Reads a whole message, header included; nil if it is none.
  init?(_ message: [UInt8]) {
    let bytes = message.span.bytes
    var cursor = MessageCursor(4..<message.count)
    guard cursor.u16(bytes) != nil, let start = cursor.take(ClientRandom.length),
      let random = ClientRandom(bytes, at: start.lowerBound), let session = cursor.vector8(bytes),
      cursor.vector16(bytes) != nil, cursor.vector8(bytes) != nil
    else { return nil }
    self.random = random
    sessionID = bytes.copy(session)
    var extensions = HelloExtensions(&cursor, bytes)
    while let (type, data) = extensions.next(bytes) {
      switch type {
      case HelloExtensions.Kind.serverName:
        serverName = HelloExtensions.serverName(bytes, data).map { Self.text($0) }
      case HelloExtensions.Kind.applicationProtocols:
        protocols = HelloExtensions.protocols(bytes, data).map { Self.text($0) }
      case HelloExtensions.Kind.sessionTicket where !data.isEmpty:
        ticket = HashAlgorithm.sha256.digest(bytes.copy(data))
      case HelloExtensions.Kind.earlyData: offersEarlyData = true
      case HelloExtensions.Kind.encryptedClientHello: hasEncryptedHello = true
      default: break
      }
    }
  }

  /// What came from the wire and need not be UTF-8.
  static func text(_ bytes: [UInt8]) -> String { LosslessText.string(bytes) }
}

/// What a ServerHello says, as far as it is of use (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3).
struct ServerHello {
  var random: [UInt8]
  var version: TLSVersion
  var sessionID: [UInt8]
  var suite: CipherSuite
  /// How it protects records; nil where that is not known here.
  var parameters: SuiteParameters?
  var encryptsThenMACs = false
  var hasExtendedMasterSecret = false
  /// Whether a pre-shared key was chosen (TLS 1.3).
  var hasPreSharedKey = false
  /// ALPN: what the server chose, up to TLS 1.2.
  var chosenProtocol: String?

  /// Whether it asks for another ClientHello (RFC 8446 §4.1.3).
  var isRetryRequest: Bool { random == Self.retryRandom }

  /// The SHA-256 of `HelloRetryRequest`.
  private static let retryRandom: [UInt8] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91,
    0xC2, 0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
  ]

  /// Reads a whole message, header included; nil if it is none.
  init?(_ message: [UInt8]) {
    let bytes = message.span.bytes
    var cursor = MessageCursor(4..<message.count)
    guard let legacy = cursor.u16(bytes), let random = cursor.take(ClientRandom.length),
      let session = cursor.vector8(bytes), let suite = cursor.u16(bytes), cursor.u8(bytes) != nil
    else { return nil }
    version = TLSVersion(rawValue: legacy)
    self.random = bytes.copy(random)
    sessionID = bytes.copy(session)
    self.suite = CipherSuite(rawValue: suite)
    parameters = self.suite.parameters
    var extensions = HelloExtensions(&cursor, bytes)
    while let (type, data) = extensions.next(bytes) {
      switch type {
      case HelloExtensions.Kind.supportedVersions where data.count == 2:
        version = TLSVersion(rawValue: bytes.u16(data.lowerBound))
      case HelloExtensions.Kind.encryptThenMAC: encryptsThenMACs = true
      case HelloExtensions.Kind.extendedMasterSecret: hasExtendedMasterSecret = true
      case HelloExtensions.Kind.preSharedKey: hasPreSharedKey = true
      case HelloExtensions.Kind.applicationProtocols:
        chosenProtocol = HelloExtensions.protocols(bytes, data).first.map { ClientHello.text($0) }
      default: break
      }
    }
  }
}

/// What EncryptedExtensions say, as far as it is of use (RFC 8446 §4.3.1).
struct EncryptedExtensions {
  var chosenProtocol: String?
  var acceptsEarlyData = false

  /// Reads a whole message, header included.
  init(_ message: [UInt8]) {
    let bytes = message.span.bytes
    var cursor = MessageCursor(4..<message.count)
    var extensions = HelloExtensions(&cursor, bytes)
    while let (type, data) = extensions.next(bytes) {
      switch type {
      case HelloExtensions.Kind.applicationProtocols:
        chosenProtocol = HelloExtensions.protocols(bytes, data).first.map { ClientHello.text($0) }
      case HelloExtensions.Kind.earlyData: acceptsEarlyData = true
      default: break
      }
    }
  }
}
