import Bytes
import CCrypto

/// The header of a record (RFC 8446 §5.1, RFC 5246 §6.2).
struct RecordHeader: Equatable {
  static let length = 5
  /// Bytes that an encrypted record may have at most (RFC 5246 §6.2.3).
  static let longest = 16_384 + 2048

  var type: ContentType
  /// As on the wire: in TLS 1.3, that of 1.2.
  var version: UInt16
  /// Bytes behind the header.
  var count: Int

  /// The header in `bytes`; nil if it is none.
  init?(_ bytes: RawSpan, at position: Int) {
    type = ContentType(rawValue: bytes.u8(position))
    version = bytes.u16(position + 1)
    count = Int(bytes.u16(position + 3))
    guard type.isDefined, version >> 8 == 3, version & 0xFF <= 4, count <= Self.longest else { return nil }
  }
}

/// What a record holds (RFC 8446 §5.1).
struct ContentType: RawRepresentable, Equatable {
  let rawValue: UInt8

  static let changeCipherSpec = ContentType(rawValue: 20)
  static let alert = ContentType(rawValue: 21)
  static let handshake = ContentType(rawValue: 22)
  static let applicationData = ContentType(rawValue: 23)
  /// RFC 6520.
  static let heartbeat = ContentType(rawValue: 24)

  /// Whether it has a meaning.
  var isDefined: Bool { (20...24).contains(rawValue) }
}

/// A record that was decrypted, and is what its sender encrypted.
struct OpenedRecord: Equatable {
  var type: ContentType
  /// Where its content is in the output.
  var content: Range<Int>
  /// How many bytes of the record, without header, come before those of the content.
  var offset: Int
  /// Bytes of padding (RFC 8446 §5.4).
  var padding: Int
}

/// Decrypts the records of one direction with one key. It keeps a context of libcrypto, so that a record costs no set-up.
final class RecordDecryptor {
  let protection: RecordProtection
  private let version: TLSVersion
  private let encryptsThenMACs: Bool
  private let context: OpaquePointer
  private var mac: OpaquePointer?
  /// The nonce; in TLS 1.2, its first part.
  private var iv: [UInt8]
  private var nonce: [UInt8]
  private var additional = [UInt8](repeating: 0, count: 13)
  private var digest = [UInt8](repeating: 0, count: 64)
  /// The last block of the record before, which TLS 1.0 begins with.
  private var previousBlock: [UInt8]
  /// Whether that block is what its sender sent. Where the MAC is one of the ciphertext, it does not cover this block.
  private var previousIsSound = true
  /// Whether the last record was authentic, and could not be read for want of that block.
  private(set) var wasAuthentic = false

  /// A decryptor with `key`, `iv` and, for CBC, `macKey`; nil where libcrypto has no such cipher.
  init?(
    _ protection: RecordProtection, _ version: TLSVersion, key: Secret, iv: Secret, macKey: Secret? = nil,
    encryptsThenMACs: Bool = false
  ) {
    guard let context = EVP_CIPHER_CTX_new() else { return nil }
    self.context = context
    self.protection = protection
    self.version = version
    self.encryptsThenMACs = encryptsThenMACs
    self.iv = iv.withBytes { Array($0) }
    previousBlock = self.iv
    nonce = [UInt8](repeating: 0, count: 12)
    mac = nil
    guard prepare(key) else { return nil }
    if case .cbc(_, let hash) = protection {
      guard let macKey, let mac = HMAC_CTX_new() else { return nil }
      self.mac = mac
      let status = macKey.withBytes {
        HMAC_Init_ex(mac, $0.baseAddress, Int32(clamping: $0.count), hash.implementation, nil)
      }
      guard status == 1 else { return nil }
    }
  }

  deinit {
    EVP_CIPHER_CTX_free(context)
    HMAC_CTX_free(mac)
    wipe(&iv)
    wipe(&nonce)
    wipe(&previousBlock)
  }

  private func prepare(_ key: Secret) -> Bool {
    let implementation: OpaquePointer?
    switch protection {
    case .gcm(let cipher): implementation = cipher.gcm
    case .ccm(let cipher, _): implementation = cipher.ccm
    case .chaCha20Poly1305: implementation = EVP_chacha20_poly1305()
    case .cbc(let cipher, _): implementation = cipher.cbc
    }
    guard let implementation, EVP_DecryptInit_ex(context, implementation, nil, nil, nil) == 1 else { return false }
    switch protection {
    case .gcm, .chaCha20Poly1305:
      guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 12, nil) == 1 else { return false }
    case .ccm(_, let tagLength):
      guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, 12, nil) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(tagLength), nil) == 1
      else { return false }
    case .cbc:
      EVP_CIPHER_CTX_set_padding(context, 0)
    }
    return key.withBytes {
      EVP_DecryptInit_ex(context, nil, nil, $0.bindMemory(to: UInt8.self).baseAddress, nil) == 1
    }
  }

  /// Whether the length of a record tells how much is in it: not where there may be padding.
  var tellsLength: Bool {
    if case .cbc = protection { return false }
    return version < .tls13
  }

  /// Bytes of a record that are no content, at least.
  var overhead: Int {
    switch protection {
    case .cbc(_, let hash): protection.explicitLength(version) + hash.length + 1
    case .gcm, .ccm, .chaCha20Poly1305:
      protection.explicitLength(version) + protection.tagLength + (version >= .tls13 ? 1 : 0)
    }
  }

  /// Decrypts the record `fragment` behind `header`, the one with the number `sequence` under this key, into `output`.
  /// Nil if it is not what the sender sent.
  func open(
    _ header: RecordHeader, _ fragment: RawSpan, sequence: UInt64, into output: inout [UInt8]
  ) -> OpenedRecord? {
    if output.count < RecordHeader.longest {
      output.append(contentsOf: repeatElement(0, count: RecordHeader.longest - output.count))
    }
    if case .cbc(let cipher, let hash) = protection {
      return openCBC(header, fragment, sequence, cipher.blockLength, hash.length, &output)
    }
    let explicit = protection.explicitLength(version)
    let count = fragment.byteCount - explicit - protection.tagLength
    guard count >= 0 else { return nil }
    setNonce(fragment, sequence)
    let isTLS13 = version >= .tls13
    setAdditional(header, sequence, count: isTLS13 ? fragment.byteCount : count)
    guard
      decrypt(
        fragment.extracting(explicit..<explicit + count), tag: fragment.extracting((explicit + count)...),
        additional: isTLS13 ? 8..<13 : 0..<13, into: &output)
    else { return nil }
    guard isTLS13 else {
      return OpenedRecord(type: header.type, content: 0..<count, offset: explicit, padding: 0)
    }
    // RFC 8446 §5.2: the content, its type, and any number of zeros.
    var end = count
    while end > 0, output[end - 1] == 0 { end -= 1 }
    guard end > 0 else { return nil }
    return OpenedRecord(
      type: ContentType(rawValue: output[end - 1]), content: 0..<end - 1, offset: 0, padding: count - end)
  }

  /// RFC 5288 §3 and RFC 6655 §3 (the record says half of it), RFC 7905 §2, RFC 8446 §5.3.
  private func setNonce(_ fragment: RawSpan, _ sequence: UInt64) {
    let count = iv.count
    for i in 0..<count { nonce[i] = iv[i] }
    if count == 4 {
      for i in 0..<8 { nonce[4 + i] = fragment.u8(i) }
    } else {
      for i in 0..<8 { nonce[4 + i] ^= UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * i)) }
    }
  }

  /// RFC 5246 §6.2.3.3; the last five bytes are those of RFC 8446 §5.2.
  private func setAdditional(_ header: RecordHeader, _ sequence: UInt64, count: Int) {
    for i in 0..<8 { additional[i] = UInt8(truncatingIfNeeded: sequence >> UInt64(56 - 8 * i)) }
    additional[8] = header.type.rawValue
    additional[9] = UInt8(truncatingIfNeeded: header.version >> 8)
    additional[10] = UInt8(truncatingIfNeeded: header.version)
    additional[11] = UInt8(truncatingIfNeeded: count >> 8)
    additional[12] = UInt8(truncatingIfNeeded: count)
  }

  private func decrypt(
    _ ciphertext: RawSpan, tag: RawSpan, additional range: Range<Int>, into output: inout [UInt8]
  ) -> Bool {
    var written: Int32 = 0
    var isCCM = false
    if case .ccm = protection { isCCM = true }
    let count = Int32(truncatingIfNeeded: ciphertext.byteCount)
    return ciphertext.withUnsafeBytes { source in
      tag.withUnsafeBytes { tag in
        additional.withUnsafeBufferPointer { additional in
          output.withUnsafeMutableBufferPointer { target in
            // libcrypto never writes through the tag; its type merely lacks the const.
            let tagStart = UnsafeMutableRawPointer(mutating: tag.baseAddress)
            let tagCount = Int32(truncatingIfNeeded: tag.count)
            if isCCM {
              guard EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tagCount, tagStart) == 1 else { return false }
            }
            guard EVP_DecryptInit_ex(context, nil, nil, nil, nonce) == 1 else { return false }
            if isCCM { guard EVP_DecryptUpdate(context, nil, &written, nil, count) == 1 else { return false } }
            guard
              EVP_DecryptUpdate(
                context, nil, &written, additional.baseAddress.map { $0 + range.lowerBound }, Int32(range.count)) == 1
            else { return false }
            var nothing: UInt8 = 0
            let input = source.bindMemory(to: UInt8.self).baseAddress
            let status = withUnsafePointer(to: &nothing) { empty in
              EVP_DecryptUpdate(context, target.baseAddress, &written, input ?? empty, count)
            }
            if isCCM { return status == 1 }
            guard status == 1, EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tagCount, tagStart) == 1 else {
              return false
            }
            return EVP_DecryptFinal_ex(context, target.baseAddress.map { $0 + Int(written) }, &written) == 1
          }
        }
      }
    }
  }

  // MARK: CBC

  /// Says that the record before ended with `block`, as far as it is known.
  private func setPreviousBlock(_ fragment: RawSpan) {
    guard version <= .tls10, case .cbc(let cipher, _) = protection, fragment.byteCount >= cipher.blockLength else {
      return
    }
    for i in 0..<cipher.blockLength {
      previousBlock[i] = fragment.u8(fragment.byteCount - cipher.blockLength + i)
    }
  }

  /// Records are missing before the next one, which `preceding` comes right before, as far as that is known.
  func noteGap(_ preceding: RawSpan) {
    if encryptsThenMACs, wasAuthentic { return }
    previousIsSound = false
    wasAuthentic = false
    if !encryptsThenMACs { setPreviousBlock(preceding) }
  }

  /// The record `fragment` could not be opened: what it ends with begins the next one all the same.
  func noteFailure(_ fragment: RawSpan) {
    guard !wasAuthentic else { return }
    previousIsSound = false
    if !encryptsThenMACs { setPreviousBlock(fragment) }
  }

  /// RFC 5246 §6.2.3.2; RFC 7366 where the MAC comes after encryption.
  private func openCBC(
    _ header: RecordHeader, _ fragment: RawSpan, _ sequence: UInt64, _ block: Int, _ macLength: Int,
    _ output: inout [UInt8]
  ) -> OpenedRecord? {
    let explicit = protection.explicitLength(version)
    let end = encryptsThenMACs ? fragment.byteCount - macLength : fragment.byteCount
    let count = end - explicit
    wasAuthentic = false
    guard count >= block, count % block == 0 else { return nil }
    if encryptsThenMACs {
      setAdditional(header, sequence, count: end)
      guard isAuthentic(fragment.extracting(0..<end), fragment.extracting(end...)) else { return nil }
    }
    if encryptsThenMACs, explicit == 0, !previousIsSound {
      setPreviousBlock(fragment.extracting(0..<end))
      previousIsSound = true
      wasAuthentic = true
      return nil
    }
    let iv = explicit > 0 ? (0..<block).map { fragment.u8($0) } : previousBlock
    guard decipher(iv, fragment.extracting(explicit..<end), into: &output) else { return nil }
    // §6.2.3.2: padding, each byte its length; no timing has to be hidden here.
    let padding = Int(output[count - 1])
    let tail = padding + 1 + (encryptsThenMACs ? 0 : macLength)
    guard tail <= count, output[count - 1 - padding..<count].allSatisfy({ Int($0) == padding }) else { return nil }
    let content = 0..<count - tail
    if !encryptsThenMACs {
      setAdditional(header, sequence, count: content.count)
      let plain = output.span.bytes
      guard isAuthentic(plain.extracting(content), plain.extracting(content.count..<content.count + macLength)) else {
        return nil
      }
    }
    // Only now: other numbers may be tried with the same block.
    if explicit == 0 { setPreviousBlock(fragment.extracting(0..<end)) }
    return OpenedRecord(type: header.type, content: content, offset: explicit, padding: padding)
  }

  private func decipher(_ iv: [UInt8], _ ciphertext: RawSpan, into output: inout [UInt8]) -> Bool {
    var written: Int32 = 0
    guard EVP_DecryptInit_ex(context, nil, nil, nil, iv) == 1 else { return false }
    return ciphertext.withUnsafeBytes { source in
      output.withUnsafeMutableBufferPointer { target in
        EVP_DecryptUpdate(
          context, target.baseAddress, &written, source.bindMemory(to: UInt8.self).baseAddress,
          Int32(clamping: source.count)) == 1
      }
    }
  }

  /// Whether `tag` is the MAC of `additional` and `content`.
  private func isAuthentic(_ content: RawSpan, _ tag: RawSpan) -> Bool {
    var count: UInt32 = 0
    guard let mac, HMAC_Init_ex(mac, nil, 0, nil, nil) == 1, HMAC_Update(mac, additional, additional.count) == 1
    else { return false }
    content.withUnsafeBytes {
      guard let start = $0.bindMemory(to: UInt8.self).baseAddress else { return }
      HMAC_Update(mac, start, $0.count)
    }
    guard HMAC_Final(mac, &digest, &count) == 1, Int(count) == tag.byteCount else { return false }
    return tag.withUnsafeBytes { CRYPTO_memcmp($0.baseAddress, digest, $0.count) == 0 }
  }
}
