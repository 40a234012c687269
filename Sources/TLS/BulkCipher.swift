import CCrypto

/// A symmetric cipher.
enum BulkCipher: Equatable {
  case aes128, aes256, camellia128, camellia256, aria128, aria256, tripleDES, chaCha20

  /// Reads the first words of what stands behind `WITH` in a suite's name; gives the words that are left as well.
  static func read(_ words: ArraySlice<Substring>) -> (BulkCipher, ArraySlice<Substring>)? {
    let first = words.first.map { String($0) }
    let second = words.dropFirst().first.map { String($0) }
    switch (first, second) {
    case ("AES", "128"): return (.aes128, words.dropFirst(2))
    case ("AES", "256"): return (.aes256, words.dropFirst(2))
    case ("CAMELLIA", "128"): return (.camellia128, words.dropFirst(2))
    case ("CAMELLIA", "256"): return (.camellia256, words.dropFirst(2))
    case ("ARIA", "128"): return (.aria128, words.dropFirst(2))
    case ("ARIA", "256"): return (.aria256, words.dropFirst(2))
    case ("3DES", "EDE"): return (.tripleDES, words.dropFirst(2))
    case ("CHACHA20", _): return (.chaCha20, words.dropFirst())
    default: return nil
    }
  }

  /// Bytes of its key.
  var keyLength: Int {
    switch self {
    case .aes128, .camellia128, .aria128: 16
    case .aes256, .camellia256, .aria256, .chaCha20: 32
    case .tripleDES: 24
    }
  }

  /// Bytes of its block.
  var blockLength: Int { self == .tripleDES ? 8 : 16 }

  /// libcrypto's implementation of GCM with it; nil where there is none.
  var gcm: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_gcm()
    case .aes256: EVP_aes_256_gcm()
    case .aria128: EVP_aria_128_gcm()
    case .aria256: EVP_aria_256_gcm()
    case .camellia128, .camellia256, .tripleDES, .chaCha20: nil
    }
  }

  /// The same for CCM.
  var ccm: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_ccm()
    case .aes256: EVP_aes_256_ccm()
    case .aria128: EVP_aria_128_ccm()
    case .aria256: EVP_aria_256_ccm()
    case .camellia128, .camellia256, .tripleDES, .chaCha20: nil
    }
  }

  /// The same for CBC.
  var cbc: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_cbc()
    case .aes256: EVP_aes_256_cbc()
    case .camellia128: EVP_camellia_128_cbc()
    case .camellia256: EVP_camellia_256_cbc()
    case .aria128: EVP_aria_128_cbc()
    case .aria256: EVP_aria_256_cbc()
    case .tripleDES: EVP_des_ede3_cbc()
    case .chaCha20: nil
    }
  }
}

/// How a cipher suite protects records.
enum RecordProtection: Equatable {
  case gcm(BulkCipher)
  case ccm(BulkCipher, tagLength: Int)
  case chaCha20Poly1305
  /// With HMAC, before or after encryption.
  case cbc(BulkCipher, HashAlgorithm)

  /// The cipher.
  var cipher: BulkCipher {
    switch self {
    case .gcm(let cipher), .ccm(let cipher, _), .cbc(let cipher, _): cipher
    case .chaCha20Poly1305: .chaCha20
    }
  }

  /// Bytes of the MAC's key in the key block (RFC 5246 §6.3).
  var macKeyLength: Int {
    if case .cbc(_, let hash) = self { return hash.length }
    return 0
  }

  /// Bytes of the tag of an authenticated cipher.
  var tagLength: Int {
    switch self {
    case .gcm, .chaCha20Poly1305: 16
    case .ccm(_, let length): length
    case .cbc: 0
    }
  }

  /// Bytes of the nonce that the key block gives in TLS 1.2 (RFC 5288 §3, RFC 6655 §3, RFC 7905 §2), or of the first
  /// initialization vector of TLS 1.0.
  func fixedIVLength(_ version: TLSVersion) -> Int {
    switch self {
    case .gcm, .ccm: 4
    case .chaCha20Poly1305: 12
    case .cbc(let cipher, _): version <= .tls10 ? cipher.blockLength : 0
    }
  }

  /// Bytes of a record before its ciphertext: the nonce of TLS 1.2, or the initialization vector of CBC.
  func explicitLength(_ version: TLSVersion) -> Int {
    switch self {
    case .gcm, .ccm: version >= .tls13 ? 0 : 8
    case .chaCha20Poly1305: 0
    case .cbc(let cipher, _): version <= .tls10 ? 0 : cipher.blockLength
    }
  }
}
