import Bytes

/// The types of messages, and what their elements are (WAMP, "Message Definitions").
struct WAMPLayout {
  /// An element behind the type.
  struct Part {
    var name: StaticString
    var kind: Kind

    /// What it must be.
    enum Kind {
      case id, uri, text, map, list, type

      var words: StaticString {
        switch self {
        case .id: "an id"
        case .uri: "a URI"
        case .text: "a string"
        case .map: "a dictionary"
        case .list: "a list"
        case .type: "a type of messages"
        }
      }
    }

    init(_ name: StaticString, _ kind: Kind) {
      self.name = name
      self.kind = kind
    }

    func fits(_ element: WAMPMessage.Element) -> Bool {
      switch kind {
      case .id: if case .number = element.kind { true } else { false }
      case .type: if case .number(let value) = element.kind { WAMPLayout.all[value] != nil } else { false }
      case .uri, .text: element.kind == .text
      case .map: element.kind == .map
      // Payloads that the router does not look into are bytes.
      case .list: element.kind == .list || element.kind == .text || element.kind == .other
      }
    }
  }

  var name: StaticString
  var parts: [Part]
  /// How many of the parts must be there.
  var needed: Int
  /// Where the id of the request stands.
  var requestIndex: Int?
  /// How likely a message of this form is one of WAMP, if nothing else tells.
  var likelihood: Double

  private init(_ name: StaticString, _ parts: [Part], optional: [Part] = [], likelihood: Double) {
    self.name = name
    self.parts = parts + optional
    needed = parts.count
    requestIndex = parts.firstIndex { "\($0.name)" == "request" }.map { $0 + 1 }
    self.likelihood = likelihood
  }

  private static let payload = [Part("args", .list), Part("kwargs", .map)]
  private static let request = Part("request", .id)
  private static let options = Part("options", .map)
  private static let details = Part("details", .map)
  private static let topic = Part("topic", .uri)
  private static let procedure = Part("procedure", .uri)
  private static let reason = Part("reason", .uri)

  /// The numbers of the types.
  enum Number {
    static let hello: UInt64 = 1
    static let welcome: UInt64 = 2
    static let abort: UInt64 = 3
    static let challenge: UInt64 = 4
    static let authenticate: UInt64 = 5
    static let error: UInt64 = 8
    static let publish: UInt64 = 16
    static let published: UInt64 = 17
    static let subscribe: UInt64 = 32
    static let subscribed: UInt64 = 33
    static let unsubscribe: UInt64 = 34
    static let unsubscribed: UInt64 = 35
    static let event: UInt64 = 36
    static let call: UInt64 = 48
    static let result: UInt64 = 50
    static let register: UInt64 = 64
    static let registered: UInt64 = 65
    static let unregister: UInt64 = 66
    static let unregistered: UInt64 = 67
    static let invocation: UInt64 = 68
    static let yield: UInt64 = 70
  }

  /// All types, by their numbers.
  static let all: [UInt64: WAMPLayout] = [
    1: WAMPLayout("HELLO", [Part("realm", .uri), details], likelihood: 0.5),
    2: WAMPLayout("WELCOME", [Part("session", .id), details], likelihood: 0.5),
    3: WAMPLayout("ABORT", [details, reason], optional: payload, likelihood: 0.5),
    4: WAMPLayout("CHALLENGE", [Part("authmethod", .text), Part("extra", .map)], likelihood: 0.4),
    5: WAMPLayout("AUTHENTICATE", [Part("signature", .text), Part("extra", .map)], likelihood: 0.4),
    6: WAMPLayout("GOODBYE", [details, reason], likelihood: 0.5),
    8: WAMPLayout(
      "ERROR", [Part("request_type", .type), request, details, Part("error", .uri)], optional: payload, likelihood: 0.95
    ),
    16: WAMPLayout("PUBLISH", [request, options, topic], optional: payload, likelihood: 0.9),
    17: WAMPLayout("PUBLISHED", [request, Part("publication", .id)], likelihood: 0.3),
    32: WAMPLayout("SUBSCRIBE", [request, options, topic], likelihood: 0.9),
    33: WAMPLayout("SUBSCRIBED", [request, Part("subscription", .id)], likelihood: 0.3),
    34: WAMPLayout("UNSUBSCRIBE", [request, Part("subscription", .id)], likelihood: 0.3),
    35: WAMPLayout("UNSUBSCRIBED", [request], optional: [details], likelihood: 0.2),
    36: WAMPLayout(
      "EVENT", [Part("subscription", .id), Part("publication", .id), details], optional: payload, likelihood: 0.85),
    48: WAMPLayout("CALL", [request, options, procedure], optional: payload, likelihood: 0.9),
    49: WAMPLayout("CANCEL", [request, options], likelihood: 0.5),
    50: WAMPLayout("RESULT", [request, details], optional: payload, likelihood: 0.7),
    64: WAMPLayout("REGISTER", [request, options, procedure], likelihood: 0.9),
    65: WAMPLayout("REGISTERED", [request, Part("registration", .id)], likelihood: 0.3),
    66: WAMPLayout("UNREGISTER", [request, Part("registration", .id)], likelihood: 0.3),
    67: WAMPLayout("UNREGISTERED", [request], optional: [details], likelihood: 0.2),
    68: WAMPLayout("INVOCATION", [request, Part("registration", .id), details], optional: payload, likelihood: 0.85),
    69: WAMPLayout("INTERRUPT", [request, options], likelihood: 0.5),
    70: WAMPLayout("YIELD", [request, options], optional: payload, likelihood: 0.7),
  ]

  /// How well `message` has this form.
  func likelihood(_ message: WAMPMessage, _ bytes: RawSpan) -> Double {
    let count = message.elements.count - 1
    guard message.end != nil, count >= needed, count <= parts.count else { return 0 }
    for (i, part) in parts.prefix(count).enumerated() {
      guard let element = message[i + 1], part.fits(element) else { return 0 }
      if part.kind == .uri, let uri = message.text(element, bytes) {
        guard Self.isURI(uri) else { return 0 }
        if uri.hasPrefix("wamp.") { return 0.98 }
      }
    }
    // The roles that a peer plays must be told (WAMP, "Client: Role and Feature Announcement").
    let saysRoles = likelihood == 0.5 && message.has("roles", in: message[2], bytes)
    return saysRoles ? 0.98 : likelihood
  }

  /// What rule the value of `part` breaks, in a few words; nil if it breaks none.
  func fault(_ part: Part, _ element: WAMPMessage.Element, _ message: WAMPMessage, _ bytes: RawSpan) -> String? {
    switch part.kind {
    case .id:
      guard let id = element.number else { return nil }
      // Ids are 1 to 2^53 (WAMP, "IDs"). The router ends a subscription or registration of its own accord with 0.
      if id > 1 << 53 { return "\(part.name) is beyond 2^53" }
      let isRevocation = message.type == Number.unsubscribed || message.type == Number.unregistered
      return id == 0 && "\(part.name)" == "request" && !isRevocation ? "request is 0" : nil
    case .uri:
      guard let uri = message.text(element, bytes) else { return nil }
      return Self.isURI(uri) ? nil : "\(part.name) is not a URI"
    case .list:
      guard element.kind != .list else { return nil }
      // A payload that the router does not look into is told of in the options or details.
      let map = parts.firstIndex { $0.kind == .map }.flatMap { message[$0 + 1] }
      let isPassedThrough = message.has("enc_algo", in: map, bytes) || message.has("ppt_scheme", in: map, bytes)
      return isPassedThrough ? nil : "\(part.name) is not a list"
    case .text, .map, .type: return nil
    }
  }

  /// Whether `text` can be a URI: no white space, no `#` (WAMP, "URIs").
  private static func isURI(_ text: String) -> Bool {
    !text.utf8.contains { $0 <= 0x20 || $0 == 0x23 || $0 == 0x7F }
  }
}
