import CCrypto

/// Encrypts the records of one direction with TLS_AES_128_GCM_SHA256 (RFC 8446 §5.2).
final class RecordSealer {
  /// Bytes of content in a record, at most.
  static let longest = 16_384

  private let context: OpaquePointer?
  private let iv: [UInt8]
  private var sequence: UInt64 = 0
  private var output = [UInt8](repeating: 0, count: RecordSealer.longest + 1)

  /// What encrypts with the keys that follow from a traffic secret of 32 bytes.
  init(_ secret: [UInt8]) {
    context = EVP_CIPHER_CTX_new()
    iv = Self.expand(secret, "iv", count: 12)
    EVP_EncryptInit_ex(context, EVP_aes_128_gcm(), nil, Self.expand(secret, "key", count: 16), nil)
  }

  deinit { EVP_CIPHER_CTX_free(context) }

  /// HKDF-Expand-Label with an empty context, of no more bytes than the hash has (RFC 8446 §7.1).
  private static func expand(_ secret: [UInt8], _ label: String, count: Int) -> [UInt8] {
    let name = Array("tls13 \(label)".utf8)
    let info: [UInt8] = [0, UInt8(count), UInt8(name.count)] + name + [0, 1]
    var result = [UInt8](repeating: 0, count: 32)
    HMAC(EVP_sha256(), secret, Int32(secret.count), info, info.count, &result, nil)
    return Array(result.prefix(count))
  }

  /// Appends records of this type with `content` to `bytes`.
  func append(_ type: UInt8, _ content: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    var rest = content
    repeat {
      seal(type, rest.prefix(Self.longest), to: &bytes)
      rest = rest.dropFirst(Self.longest)
    } while !rest.isEmpty
  }

  private func seal(_ type: UInt8, _ content: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
    let length = content.count + 17
    let header: [UInt8] = [23, 3, 3, UInt8(length >> 8), UInt8(length & 0xff)]
    var nonce = iv
    for i in 0..<8 { nonce[4 + i] ^= UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * i)) }
    sequence += 1
    var written: Int32 = 0
    EVP_EncryptInit_ex(context, nil, nil, nil, nonce)
    EVP_EncryptUpdate(context, nil, &written, header, Int32(header.count))
    EVP_EncryptUpdate(context, &output, &written, Array(content) + [type], Int32(content.count + 1))
    var tag = [UInt8](repeating: 0, count: 16)
    EVP_EncryptFinal_ex(context, &tag, &written)
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), &tag)
    bytes.append(contentsOf: header)
    bytes.append(contentsOf: output[..<(content.count + 1)])
    bytes.append(contentsOf: tag)
  }
}
