import CCrypto

/// The private key of a server, for connections of which the client encrypted the secret with the public one
/// (RFC 5246 §7.4.7.1): TLS up to 1.2, without Diffie-Hellman.
public final class RSAPrivateKey: @unchecked Sendable {  // libcrypto's keys may be used by several threads
  private let key: OpaquePointer

  /// Why a file gives no key.
  public enum Failure: Error {
    /// It is no private key in PEM, or one with a passphrase.
    case unreadable
    /// It is a key of another kind: only RSA serves.
    case otherKind
  }

  /// The key in `text`, in PEM and without a passphrase.
  public init(pem text: RawSpan) throws(Failure) {
    let key: OpaquePointer? = text.withUnsafeBytes { bytes in
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
      defer { BIO_free(source) }
      // Without a callback, libcrypto would ask for a passphrase on the terminal.
      return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
    }
    ERR_clear_error()
    guard let key else { throw .unreadable }
    guard EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA else {
      EVP_PKEY_free(key)
      throw .otherKind
    }
    self.key = key
  }

  deinit { EVP_PKEY_free(key) }

  /// The premaster secret in `encrypted`; nil if it was not encrypted for this key.
  func decrypt(_ encrypted: RawSpan) -> Secret? {
    guard let context = EVP_PKEY_CTX_new(key, nil) else { return nil }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    guard encrypted.byteCount == Int(EVP_PKEY_get_size(key)), EVP_PKEY_decrypt_init(context) > 0,
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0
    else { return nil }
    var output = [UInt8](repeating: 0, count: encrypted.byteCount)
    defer { wipe(&output) }
    var count = output.count
    let status = encrypted.withUnsafeBytes {
      EVP_PKEY_decrypt(context, &output, &count, $0.bindMemory(to: UInt8.self).baseAddress, $0.count)
    }
    // §7.4.7.1: two bytes of version, 46 of chance. Newer versions of libcrypto make something up where it does not fit.
    guard status > 0, count == 48, output[0] == 3 else { return nil }
    return Secret(output.span.bytes.extracting(0..<count))
  }
}
