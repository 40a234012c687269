/// A cipher suite: its number in IANA's registry.
public struct CipherSuite: RawRepresentable, Hashable, Sendable {
  /// The number, as in ServerHello.
  public let rawValue: UInt16

  /// The suite with the number `rawValue`.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The name in IANA's registry, such as `TLS_AES_128_GCM_SHA256`; `0x1a2b` for a number without one.
  public var name: String {
    if let name = CipherSuiteNames.find(rawValue) { return "TLS_" + name }
    let digits = String(rawValue, radix: 16)
    return "0x" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }

  /// Whether the client chooses the secret, and sends it encrypted with the server's RSA key (RFC 5246 §7.4.7.1).
  var usesRSAKeyExchange: Bool {
    guard let name = CipherSuiteNames.find(rawValue) else { return false }
    return name.hasPrefix("RSA_WITH_")
  }

  /// How records are protected; nil where that is not known here.
  ///
  /// The names say it: `…_WITH_` cipher, mode, and the hash of its MAC or of key derivation.
  var parameters: SuiteParameters? {
    guard let name = CipherSuiteNames.find(rawValue) else { return nil }
    let isTLS13 = rawValue >> 8 == 0x13
    let words = name.split(separator: "_")
    let rest: ArraySlice<Substring>
    if isTLS13 {
      rest = words[...]
    } else if let with = words.firstIndex(of: "WITH") {
      rest = words[(with + 1)...]
    } else {
      return nil
    }
    guard let (cipher, mode) = BulkCipher.read(rest) else { return nil }
    return SuiteParameters(cipher, mode)
  }
}

/// What a cipher suite says of records and of key derivation.
struct SuiteParameters: Equatable {
  let protection: RecordProtection
  /// The hash of key derivation; of TLS 1.0 and 1.1, another one is used.
  let hash: HashAlgorithm

  init?(_ cipher: BulkCipher, _ mode: ArraySlice<Substring>) {
    let lastWord = mode.last.map { String($0) }
    hash = lastWord == "SHA384" ? .sha384 : .sha256
    switch (mode.first.map { String($0) }, mode.dropFirst().first.map { String($0) }) {
    case ("GCM", _): protection = .gcm(cipher)
    case ("CCM", "8"): protection = .ccm(cipher, tagLength: 8)
    case ("CCM", _): protection = .ccm(cipher, tagLength: 16)
    case ("POLY1305", _): protection = .chaCha20Poly1305
    case ("CBC", "SHA"): protection = .cbc(cipher, .sha1)
    case ("CBC", "SHA256"): protection = .cbc(cipher, .sha256)
    case ("CBC", "SHA384"): protection = .cbc(cipher, .sha384)
    default: return nil
    }
  }
}
