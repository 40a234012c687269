import CCrypto

/// A hash function.
enum HashAlgorithm: Equatable {
  case md5, sha1, sha256, sha384

  /// libcrypto's implementation.
  var implementation: OpaquePointer? {
    switch self {
    case .md5: EVP_md5()
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha384: EVP_sha384()
    }
  }

  /// Bytes of its result.
  var length: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256: 32
    case .sha384: 48
    }
  }

  /// The hash of `bytes`.
  func digest(_ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: length)
    var count: UInt32 = 0
    _ = EVP_Digest(bytes, bytes.count, &result, &count, implementation, nil)
    return result
  }

  /// HMAC (RFC 2104) of `bytes` with `key`.
  func hmac(_ key: UnsafeRawBufferPointer, _ bytes: [UInt8]) -> [UInt8] {
    var result = [UInt8](repeating: 0, count: length)
    var count: UInt32 = 0
    // An empty key has no address, which HMAC takes for the key of the call before.
    if let start = key.baseAddress, !key.isEmpty {
      _ = HMAC(implementation, start, Int32(clamping: key.count), bytes, bytes.count, &result, &count)
    } else {
      _ = HMAC(implementation, [0], 0, bytes, bytes.count, &result, &count)
    }
    return result
  }
}

/// Overwrites what was secret.
func wipe(_ bytes: inout [UInt8]) {
  bytes.withUnsafeMutableBytes { OPENSSL_cleanse($0.baseAddress, $0.count) }
}
