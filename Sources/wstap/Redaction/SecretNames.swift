/// What names and values tell of being secret. Rather too much is hidden than too little.
enum SecretNames {
  private static let headerParts = bytes([
    "token", "secret", "api-key", "api_key", "apikey", "passw", "passphrase", "x-auth", "x-amz-security", "jwt",
    "authorization", "authentication", "session", "csrf", "xsrf", "credential", "cookie2", "signature",
  ])
  private static let parameterParts = bytes([
    "token", "auth", "secret", "passw", "pwd", "apikey", "api_key", "api-key", "signature", "session", "jwt", "ticket",
    "credential", "access_key", "bearer", "sessid", "passphrase", "csrf", "xsrf",
  ])
  private static let parameters: Set<String> = [
    "key", "sig", "sid", "code", "pass", "pw", "hmac", "nonce", "otp", "pin",
  ]
  private static let announcers: Set<String> = [
    "bearer", "token", "access_token", "access-token", "authorization", "auth", "jwt", "apikey", "api-key", "api_key",
  ]
  /// Kubernetes' way to send a token as a subprotocol; and similar ones.
  private static let prefixes = ["base64url.bearer.authorization.k8s.io.", "bearer.", "token.", "authorization."]

  /// Header fields and other members of messages that hold credentials.
  static let members: Set<String> = ["authorization", "proxy-authorization", "passcode", "password"]

  /// Those that hold cookies.
  static let cookies: Set<String> = ["cookie", "cookie2", "set-cookie"]

  /// Whether the header field `name`, in lower case, holds credentials.
  static func isOfHeader(_ name: String) -> Bool { holdsOne(of: headerParts, name) }

  /// Whether the parameter `name` holds a secret, however it is spelled (RFC 3986 §2.1).
  static func isOfParameter(_ name: Substring) -> Bool {
    let name = decoded(name).lowercased()
    return parameters.contains(name) || holdsOne(of: parameterParts, name) || name.hasSuffix("_key")
      || name.hasSuffix("-key")
  }

  private static func decoded(_ text: Substring) -> String {
    guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let value = UInt8(Substring(rest.prefix(2)), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether the subprotocol `name`, in lower case, says that the next one in the list is a token.
  static func announcesToken(_ name: String) -> Bool { announcers.contains(name) }

  /// What stands before the token in a subprotocol that holds one; nil if it holds none that is known by that.
  static func subprotocolPrefix(of name: Substring) -> Substring? {
    prefixes.first { name.lowercased().hasPrefix($0) && name.count > $0.count }.map { name.prefix($0.count) }
  }

  /// Whether `text` has the look of random bits: a JSON Web Token, a UUID, much hexadecimal, or letters mixed with digits.
  static func looksLikeToken(_ text: Substring) -> Bool {
    guard text.utf8.count >= leastRandom else { return false }
    if text.hasPrefix("eyJ") { return true }
    var run = Run()
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") {
        if run.isRandom { return true }
        run = Run()
      } else {
        run.add(byte)
      }
    }
    return run.isRandom
  }

  private static let leastRandom = 16

  /// Bytes without a dot among them.
  private struct Run {
    var length = 0
    var digits = 0
    /// How often a letter stands beside a digit. Words with a version or a date in them have few such places.
    var changes = 0
    var isPlain = true
    var last = Kind.other

    enum Kind { case letter, digit, other }

    mutating func add(_ byte: UInt8) {
      let kind: Kind =
        switch byte {
        case 0x30...0x39: .digit
        case 0x41...0x5A, 0x61...0x7A: .letter
        default: .other
        }
      if kind == .other { isPlain = isPlain && "-_~+/=%:".utf8.contains(byte) }
      if kind == .digit { digits += 1 }
      if kind != last, kind != .other, last != .other { changes += 1 }
      last = kind
      length += 1
    }

    var isRandom: Bool { isPlain && length >= leastRandom && changes >= 4 && digits >= 4 }
  }

  private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }

  private static func holdsOne(of parts: [[UInt8]], _ name: String) -> Bool {
    let name = Array(name.utf8)
    return parts.contains { part in
      name.count >= part.count && (0...name.count - part.count).contains { name[$0...].starts(with: part) }
    }
  }
}
