/// What names and values tell of being secret. Rather too much is hidden than too little.
enum SecretNames {
  private static let headerParts = ["token", "secret", "api-key", "apikey", "password", "x-auth", "x-amz-security"]
  private static let parameterParts = [
    "token", "auth", "secret", "passw", "pwd", "apikey", "api_key", "api-key", "signature", "session", "jwt", "ticket",
    "credential", "access_key",
  ]
  private static let parameters: Set<String> = ["key", "sig", "sid", "code", "pass", "hmac", "nonce", "otp", "pin"]
  private static let announcers: Set<String> = [
    "bearer", "token", "access_token", "access-token", "authorization", "auth", "jwt", "apikey", "api-key", "api_key",
  ]
  /// Kubernetes' way to send a token as a subprotocol; and similar ones.
  private static let prefixes = ["base64url.bearer.authorization.k8s.io.", "bearer.", "token.", "authorization."]

  /// Whether the header field `name`, in lower case, holds credentials.
  static func isOfHeader(_ name: String) -> Bool { headerParts.contains { name.contains($0) } }

  /// Whether the parameter `name`, in lower case, holds a secret.
  static func isOfParameter(_ name: String) -> Bool {
    parameters.contains(name) || parameterParts.contains { name.contains($0) } || name.hasSuffix("_key")
      || name.hasSuffix("-key")
  }

  /// Whether the subprotocol `name`, in lower case, says that the next one in the list is a token.
  static func announcesToken(_ name: String) -> Bool { announcers.contains(name) }

  /// What stands before the token in a subprotocol that holds one; nil if it holds none that is known by that.
  static func subprotocolPrefix(of name: Substring) -> Substring? {
    prefixes.first { name.lowercased().hasPrefix($0) && name.count > $0.count }.map { name.prefix($0.count) }
  }

  /// Whether `text` has the look of random bits: a JSON Web Token, a UUID, much hexadecimal, or letters mixed with digits.
  static func looksLikeToken(_ text: Substring) -> Bool {
    if text.hasPrefix("eyJ"), text.utf8.count >= 16 { return true }
    return text.split(separator: ".").contains { isRandom(Array($0.utf8)) }
  }

  private static func isRandom(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 16, bytes.allSatisfy({ isLetter($0) || isDigit($0) || Array("-_~+/=%:".utf8).contains($0) })
    else { return false }
    // Words with a version or a date in them have few changes between letters and digits.
    let changes = zip(bytes, bytes.dropFirst()).count { isLetter($0) && isDigit($1) || isDigit($0) && isLetter($1) }
    return changes >= 4 && bytes.count { isDigit($0) } >= 4
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }
  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
