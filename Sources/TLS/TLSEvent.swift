/// What a direction of a TLS connection brings next.
public enum TLSEvent: Equatable, Sendable {
  /// Application data: a range of the output; the first byte of it stands, encrypted, at this offset of the TCP stream.
  case data(Range<Int>, at: UInt64)
  /// Application data cannot be decrypted: what comes after stands behind it.
  case gap(TLSGap)
  /// A record is not what its sender sent, and is left out.
  case badRecord
  /// Nothing more of this direction will be decrypted.
  case opaque(TLSObstacle)
  /// This is no TLS.
  case notTLS
}

/// Application data that cannot be decrypted.
public struct TLSGap: Equatable, Sendable {
  /// Bytes of application data that it has at most.
  public var most: UInt64
  /// Whether it has just as many.
  public var isExact: Bool
  /// Records that are lost; nil where that is not known.
  public var records: UInt64?
  /// Offset of its first byte in the TCP stream.
  public var start: UInt64
}

/// What a direction waits for, before it can go on.
public enum TLSWait: Equatable, Sendable {
  /// What the other direction says.
  case peer
  /// A secret of this connection.
  case secret
}

/// Why something is not decrypted.
public enum TLSObstacle: Hashable, Sendable {
  /// There are no secrets at all.
  case noKeys
  /// The key log has no secret for this client random.
  case noSecret
  /// The key log has secrets for this client random, but not the one that is needed.
  case incompleteSecrets
  /// There are private keys only, and the client did not encrypt its secret with any server's key.
  case noRSAKeyExchange
  /// What the client encrypted is for none of the private keys.
  case wrongPrivateKey
  /// There are private keys only, and the session was begun in a connection that the capture lacks.
  case resumedSession
  /// The cipher suite is not known here.
  case unsupportedSuite
  /// The version is not known here, or too old.
  case unsupportedVersion
  /// The capture lacks the ClientHello, or the connection began before it.
  case noClientHello
  /// The capture lacks the ServerHello.
  case noServerHello
  /// The first record with these keys is not authentic: the secret is that of another connection.
  case wrongSecret
  /// Records are not authentic any more.
  case badRecords
  /// After bytes that the capture lacks, no record was found that is authentic.
  case gap
  /// An alert ended the handshake.
  case alert(UInt8)

  /// In words, as the reason why a connection is not decrypted.
  public var description: String {
    switch self {
    case .noKeys: "there are no keys"
    case .noSecret: "no secret for this client random"
    case .incompleteSecrets: "the secret that is needed is not among those for this client random"
    case .noRSAKeyExchange: "a private key does not serve for this cipher suite, which exchanges keys by Diffie-Hellman"
    case .wrongPrivateKey: "no private key is that of this server"
    case .resumedSession: "the session was resumed, and the connection that began it was not decrypted"
    case .unsupportedSuite: "the cipher suite is not supported"
    case .unsupportedVersion: "the version is not supported"
    case .noClientHello: "the ClientHello is not in the capture, which must begin before the connection does"
    case .noServerHello: "the ServerHello is not in the capture"
    case .wrongSecret: "the secret for this client random does not fit"
    case .badRecords: "records failed authentication"
    case .gap: "no authentic record was found after a gap"
    case .alert(let number): "an alert ended the handshake: \(TLSAlert.name(number))"
    }
  }

  /// The same as a word, for programs.
  public var slug: String {
    switch self {
    case .noKeys: "no-keys"
    case .noSecret: "no-secret"
    case .incompleteSecrets: "incomplete-secrets"
    case .noRSAKeyExchange: "no-rsa-key-exchange"
    case .wrongPrivateKey: "wrong-private-key"
    case .resumedSession: "resumed-session"
    case .unsupportedSuite: "unsupported-suite"
    case .unsupportedVersion: "unsupported-version"
    case .noClientHello: "no-client-hello"
    case .noServerHello: "no-server-hello"
    case .wrongSecret: "wrong-secret"
    case .badRecords: "bad-records"
    case .gap: "gap"
    case .alert: "alert"
    }
  }
}

/// The alerts of TLS (RFC 8446 §6).
enum TLSAlert {
  static let closeNotify: UInt8 = 0
  static let userCanceled: UInt8 = 90

  /// The name of the alert `number`.
  static func name(_ number: UInt8) -> String {
    let names: [UInt8: String] = [
      0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 21: "decryption_failed", 22: "record_overflow",
      40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked",
      45: "certificate_expired", 46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca",
      49: "access_denied", 50: "decode_error", 51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security",
      80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension",
      110: "unsupported_extension", 112: "unrecognized_name", 113: "bad_certificate_status_response",
      115: "unknown_psk_identity", 116: "certificate_required", 120: "no_application_protocol", 121: "ech_required",
    ]
    return names[number] ?? "\(number)"
  }
}
