import CCrypto

/// The SHA-256 of `bytes` as 64 hexadecimal digits, as programs that log messages give it.
public func sha256(_ bytes: [UInt8]) -> String {
  var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
  var length: UInt32 = 0
  guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else { return "" }
  return digest[..<Int(length)].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
