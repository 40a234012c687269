/// The functions that make keys of secrets.
enum KeyDerivation {
  /// HKDF-Expand-Label with an empty context (RFC 8446 §7.1, RFC 5869 §2.3).
  static func expand(_ secret: Secret, _ label: String, count: Int, _ hash: HashAlgorithm) -> Secret {
    let name = Array("tls13 ".utf8) + Array(label.utf8)
    let info =
      [UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count), UInt8(name.count)] + name + [0]
    var result: [UInt8] = []
    result.reserveCapacity(count + hash.length)
    var block: [UInt8] = []
    var number: UInt8 = 1
    while result.count < count {
      let input = block + info + [number]
      wipe(&block)
      block = secret.withBytes { hash.hmac($0, input) }
      result += block
      number &+= 1
    }
    wipe(&block)

    result.removeLast(result.count - count)
    return Secret(taking: &result)
  }

  /// The pseudorandom function of `version` (RFC 5246 §5; before 1.2, RFC 2246 §5).
  static func pseudorandom(
    _ secret: Secret, _ label: String, _ seed: [UInt8], count: Int, _ version: TLSVersion, _ hash: HashAlgorithm
  ) -> Secret {
    let input = Array(label.utf8) + seed
    guard version < .tls12 else {
      var bytes = secret.withBytes { stretch($0, input, count: count, hash) }
      return Secret(taking: &bytes)
    }
    // Each half of the secret, which overlap in one byte where it is odd, for one of two hashes.
    let half = (secret.count + 1) / 2
    var first = secret.withBytes { stretch(.init(rebasing: $0[..<half]), input, count: count, .md5) }
    var second = secret.withBytes { stretch(.init(rebasing: $0[($0.count - half)...]), input, count: count, .sha1) }
    for i in first.indices { first[i] ^= second[i] }
    wipe(&second)
    return Secret(taking: &first)
  }

  /// P_hash (RFC 5246 §5).
  private static func stretch(
    _ key: UnsafeRawBufferPointer, _ seed: [UInt8], count: Int, _ hash: HashAlgorithm
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count + hash.length)
    var stage = seed
    while result.count < count {
      stage = hash.hmac(key, stage)
      result += hash.hmac(key, stage + seed)
    }
    result.removeLast(result.count - count)
    return result
  }
}
