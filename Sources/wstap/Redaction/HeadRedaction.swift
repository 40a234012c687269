import Analysis
import HTTP

/// Hides what is secret in the heads of a handshake, and remembers what that was: diagnostics may quote it.
struct HeadRedaction {
  /// What stands in place of a secret.
  static let mask = "***"

  private let rules: RedactionRules
  /// What was hidden.
  private(set) var secrets: Set<String> = []

  init(_ rules: RedactionRules) { self.rules = rules }

  /// `head` without its secrets.
  mutating func redacted(_ head: HTTPHead) -> HTTPHead {
    var line = head.startLine
    if case .request(let method, let target, let version) = line, rules.hidesTokens {
      line = .request(method: method, target: url(target), version: version)
    }
    return HTTPHead(line, head.fields.map { HeaderField($0.name, value($0.value, of: $0.name.lowercased())) })
  }

  private mutating func value(_ value: String, of name: String) -> String {
    if rules.headers.contains(name) { return hide(value) }
    switch name {
    case "cookie" where rules.hidesCookies: return cookies(value, areAll: true)
    case "set-cookie" where rules.hidesCookies: return cookies(value, areAll: false)
    case "authorization" where rules.hidesAuthorization, "proxy-authorization" where rules.hidesAuthorization:
      return credentials(value)
    case "sec-websocket-protocol" where rules.hidesTokens: return subprotocols(value)
    case "referer" where rules.hidesTokens, "location" where rules.hidesTokens, "origin" where rules.hidesTokens:
      return url(value)
    default:
      return rules.hidesAuthorization && SecretNames.isOfHeader(name) ? hide(value) : value
    }
  }

  // MARK: Header fields

  /// Cookies keep their names; of Set-Cookie, all behind the first `;` are attributes (RFC 6265 §4.1).
  private mutating func cookies(_ value: String, areAll: Bool) -> String {
    let parts = value.split(separator: ";", omittingEmptySubsequences: false)
    return parts.enumerated().map { index, part in
      guard areAll || index == 0 else { return String(part) }
      guard let equals = part.firstIndex(of: "=") else { return areAll ? String(part) : hide(String(part)) }
      return "\(part[...equals])\(hide(String(part[part.index(after: equals)...])))"
    }.joined(separator: ";")
  }

  /// Credentials keep their scheme (RFC 9110 §11.4).
  private mutating func credentials(_ value: String) -> String {
    guard let space = value.firstIndex(of: " ") else { return hide(value) }
    return "\(value[...space])\(hide(String(value[space...].drop { $0 == " " })))"
  }

  /// A name in the list that looks like a token, or follows one that announces it.
  private mutating func subprotocols(_ value: String) -> String {
    var isAnnounced = false
    return value.split(separator: ",", omittingEmptySubsequences: false).map { part in
      let name = part.drop { $0 == " " || $0 == "\t" }
      let space = part[..<name.startIndex]
      defer { isAnnounced = SecretNames.announcesToken(String(name).lowercased()) }
      if let prefix = SecretNames.subprotocolPrefix(of: name) {
        return "\(space)\(prefix)\(hide(String(name.dropFirst(prefix.count))))"
      }
      guard isAnnounced || secrets.contains(String(name)) || SecretNames.looksLikeToken(name) else {
        return String(part)
      }
      return "\(space)\(hide(String(name)))"
    }.joined(separator: ",")
  }

  // MARK: URLs

  /// A URL or a request's target without user information, values of telling parameters, and segments that look like tokens.
  private mutating func url(_ text: String) -> String {
    let ends = text.firstIndex { $0 == "?" || $0 == "#" } ?? text.endIndex
    var result = path(String(text[..<ends]))
    var rest = text[ends...]
    while let mark = rest.first {
      let end = rest.dropFirst().firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
      result.append(mark)
      result += parameters(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[end...]
    }
    return result
  }

  private mutating func path(_ text: String) -> String {
    var start = text.startIndex
    var result = ""
    if let scheme = text.range(ofFirst: "://") {
      let authorityEnd = text[scheme.upperBound...].firstIndex(of: "/") ?? text.endIndex
      result = String(text[..<scheme.upperBound])
      let authority = text[scheme.upperBound..<authorityEnd]
      if let at = authority.lastIndex(of: "@") {
        result += hide(String(authority[..<at])) + authority[at...]
      } else {
        result += authority
      }
      start = authorityEnd
    }
    let segments = text[start...].split(separator: "/", omittingEmptySubsequences: false)
    result += segments.map { SecretNames.looksLikeToken($0) ? hide(String($0)) : String($0) }.joined(separator: "/")
    return result
  }

  private mutating func parameters(_ text: Substring) -> String {
    text.split(separator: "&", omittingEmptySubsequences: false).map { part in
      guard let equals = part.firstIndex(of: "=") else {
        return SecretNames.looksLikeToken(part) ? hide(String(part)) : String(part)
      }
      let value = part[part.index(after: equals)...]
      guard SecretNames.isOfParameter(part[..<equals].lowercased()) || SecretNames.looksLikeToken(value) else {
        return String(part)
      }
      return "\(part[...equals])\(hide(String(value)))"
    }.joined(separator: "&")
  }

  private mutating func hide(_ secret: String) -> String {
    if secret.isEmpty { return secret }
    secrets.insert(secret)
    return Self.mask
  }
}

extension String {
  /// Where `other` stands first.
  fileprivate func range(ofFirst other: String) -> Range<Index>? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
      start = index(after: start)
    }
    return nil
  }
}
