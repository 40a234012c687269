/// What `--redact` hides.
struct RedactionRules: Equatable, Sendable {
  /// The values of cookies.
  var hidesCookies = false
  /// Credentials in header fields.
  var hidesAuthorization = false
  /// Tokens in URLs and in the list of subprotocols.
  var hidesTokens = false
  /// Names of further header fields whose values are hidden, in lower case.
  var headers: Set<String> = []
  /// Names of JSON members whose values are hidden, in lower case.
  var members: Set<String> = []

  /// The names of all members whose values are hidden in messages.
  var allMembers: Set<String> {
    members.union(hidesAuthorization ? SecretNames.members : []).union(hidesCookies ? SecretNames.cookies : [])
  }

  /// Whether messages are looked through.
  var looksIntoMessages: Bool { !allMembers.isEmpty }

  /// What each rule is, for the help.
  static let summary = "cookies, authorization, tokens, all (these three), header.NAME, json.NAME"

  /// Adds a rule; false if there is none of that name.
  mutating func add(_ rule: Substring) -> Bool {
    if rule == "cookies" || rule == "all" { hidesCookies = true }
    if rule == "authorization" || rule == "all" { hidesAuthorization = true }
    if rule == "tokens" || rule == "all" { hidesTokens = true }
    for (prefix, names) in [("header.", \RedactionRules.headers), ("json.", \RedactionRules.members)]
    where rule.hasPrefix(prefix) && rule.count > prefix.count {
      self[keyPath: names].insert(rule.dropFirst(prefix.count).lowercased())
      return true
    }
    return ["cookies", "authorization", "tokens", "all"].contains(rule)
  }
}
