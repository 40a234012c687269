import Analysis
import HTTP

/// Hides what is secret in the heads of a handshake, and remembers what that was: diagnostics may quote it.
struct HeadRedaction {
  /// What stands in place of a secret.
  static let mask = "***"

  private let rules: RedactionRules
  /// What was hidden.
  private(set) var secrets: Set<String> = []

  /// Whether the last subprotocol said that a token follows; its list may go on in another field.
  private var isAnnounced = false

  private static let semicolon = UInt8(ascii: ";")
  private static let comma = UInt8(ascii: ",")
  private static let slash = UInt8(ascii: "/")
  private static let ampersand = UInt8(ascii: "&")
  private static let equals = UInt8(ascii: "=")

  init(_ rules: RedactionRules) { self.rules = rules }

  /// `head` without its secrets.
  mutating func redacted(_ head: HTTPHead) -> HTTPHead {
    var line = head.startLine
    if case .request(let method, let target, let version) = line, rules.hidesTokens {
      line = .request(method: method, target: url(target), version: version)
    }
    let fields = head.fields.map { HeaderField($0.name, value($0.value, of: $0.name.lowercased())) }
    return secrets.isEmpty ? head : HTTPHead(line, fields)
  }

  private mutating func value(_ value: String, of name: String) -> String {
    if rules.headers.contains(name) { return hide(value[...]) }
    switch name {
    case "cookie" where rules.hidesCookies: return cookies(value, areAll: true)
    case "set-cookie" where rules.hidesCookies: return cookies(value, areAll: false)
    case "authorization" where rules.hidesAuthorization, "proxy-authorization" where rules.hidesAuthorization:
      return credentials(value)
    case "sec-websocket-protocol" where rules.hidesTokens: return subprotocols(value)
    case "referer" where rules.hidesTokens, "location" where rules.hidesTokens, "origin" where rules.hidesTokens:
      return url(value)
    default:
      return rules.hidesAuthorization && SecretNames.isOfHeader(name) ? hide(value[...]) : value
    }
  }

  // MARK: Header fields

  /// Cookies keep their names; of Set-Cookie, all behind the first `;` are attributes (RFC 6265 §4.1).
  private mutating func cookies(_ value: String, areAll: Bool) -> String {
    let parts = value.utf8.split(separator: Self.semicolon, omittingEmptySubsequences: false)
    return parts.enumerated().map { index, part in
      guard areAll || index == 0 else { return String(Substring(part)) }
      guard let equals = part.firstIndex(of: Self.equals) else { return hide(Substring(part)) }
      return "\(Substring(part[...equals]))\(hide(Substring(part[part.index(after: equals)...])))"
    }.joined(separator: ";")
  }

  /// Credentials keep their scheme (RFC 9110 §11.4).
  private mutating func credentials(_ value: String) -> String {
    guard let space = value.utf8.firstIndex(of: 0x20) else { return hide(value[...]) }
    return "\(value[...space])\(hide(Substring(value.utf8[space...].drop { $0 == 0x20 })))"
  }

  /// A name in the list that looks like a token, or follows one that announces it.
  private mutating func subprotocols(_ value: String) -> String {
    value.utf8.split(separator: Self.comma, omittingEmptySubsequences: false).map { part in
      let name = Substring(part.drop { $0 == 0x20 || $0 == 0x09 })
      let space = Substring(part[..<name.startIndex])
      defer { isAnnounced = SecretNames.announcesToken(name.lowercased()) }
      if let prefix = SecretNames.subprotocolPrefix(of: name) {
        return "\(space)\(prefix)\(hide(name[prefix.endIndex...]))"
      }
      let isToken = isAnnounced || secrets.contains(String(name)) || SecretNames.looksLikeToken(name)
      return isToken ? "\(space)\(hide(name))" : String(Substring(part))
    }.joined(separator: ",")
  }

  // MARK: URLs

  /// A URL or a request's target without user information, values of telling parameters, and segments that look like tokens.
  private mutating func url(_ text: String) -> String {
    func isMark(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") }
    let ends = text.utf8.firstIndex(where: isMark) ?? text.endIndex
    var result = path(text[..<ends])
    var rest = text[ends...]
    while let mark = rest.utf8.first {
      let end = rest.utf8.dropFirst().firstIndex(where: isMark) ?? rest.endIndex
      result += mark == UInt8(ascii: "?") ? "?" : "#"
      let query = rest[rest.utf8.index(after: rest.startIndex)..<end]
      let parts = query.utf8.split(separator: Self.ampersand, omittingEmptySubsequences: false)
      result += parts.map { parameters(Substring($0), separator: Self.semicolon) }.joined(separator: "&")
      rest = rest[end...]
    }
    return result
  }

  private mutating func path(_ text: Substring) -> String {
    var start = text.startIndex
    var result = ""
    if let authority = authority(of: text) {
      result = String(text[..<authority.startIndex])
      if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
        result += hide(authority[..<at]) + authority[at...]
      } else {
        result += authority
      }
      start = authority.endIndex
    }
    let segments = text[start...].utf8.split(separator: Self.slash, omittingEmptySubsequences: false)
    result += segments.map { segment in
      parameters(Substring(segment), separator: Self.semicolon)
    }.joined(separator: "/")
    return result
  }

  /// What stands between `://` and the next slash; nil if `text` has no scheme.
  private func authority(of text: Substring) -> Substring? {
    if text.hasPrefix("//") { return untilSlash(Substring(text.utf8.dropFirst(2))) }
    guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")), text[colon...].hasPrefix("://") else { return nil }
    return untilSlash(Substring(text[colon...].utf8.dropFirst(3)))
  }

  private func untilSlash(_ rest: Substring) -> Substring {
    rest[..<(rest.utf8.firstIndex(of: Self.slash) ?? rest.endIndex)]
  }

  /// Values of parameters that `;` separates, as of a path's segment or a query.
  private mutating func parameters(_ text: Substring, separator: UInt8) -> String {
    text.utf8.split(separator: separator, omittingEmptySubsequences: false).map { part in
      let part = Substring(part)
      guard let equals = part.utf8.firstIndex(of: Self.equals) else {
        return SecretNames.looksLikeToken(part) ? hide(part) : String(part)
      }
      // Base64 may end with that sign.
      if SecretNames.looksLikeToken(part[..<equals]) { return hide(part) }
      let value = part[part.utf8.index(after: equals)...]
      guard SecretNames.isOfParameter(part[..<equals]) || SecretNames.looksLikeToken(value) else {
        return String(part)
      }
      return "\(part[...equals])\(hide(value))"
    }.joined(separator: ";")
  }

  private mutating func hide(_ secret: Substring) -> String {
    if secret.isEmpty { return "" }
    secrets.insert(String(secret))
    return Self.mask
  }
}
