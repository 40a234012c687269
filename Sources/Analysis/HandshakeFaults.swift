import HTTP
import WebSocket

/// A rule that a head of the opening handshake breaks.
struct HandshakeFault {
  var code: DiagnosticCode
  /// Particulars; they may hold what came from the wire.
  var detail: String?
  var sender: Sender
}

/// Judges the heads of an opening handshake (RFC 6455 §4, RFC 9110, RFC 9112).
struct HandshakeJudge {
  private var faults: [HandshakeFault] = []
  /// What a server must not accept in the request, in words (§4.2.1).
  private var unacceptable: [String] = []

  /// What is wrong with the heads of `record`: either may not be known, and then nobody is blamed for what it does not say.
  static func faults(_ record: ConnectionRecord) -> [HandshakeFault] {
    var judge = HandshakeJudge()
    judge.judge(record)
    return judge.faults
  }

  private mutating func judge(_ record: ConnectionRecord) {
    let request = record.request?.head
    if let request { judge(request: request) }
    guard let response = record.response?.head else { return }
    if record.isUpgraded {
      judge(switching: response, acceptIsValid: record.acceptIsValid, request, record.extensions)
      guard let request else { return }
      judgeChoice(request, response, record.extensions)
      if !unacceptable.isEmpty { add(.acceptedFaulty, unacceptable.joined(separator: ", "), .server) }
    } else {
      judge(refusing: response, request)
    }
  }

  private mutating func add(_ code: DiagnosticCode, _ detail: String? = nil, _ sender: Sender) {
    faults.append(HandshakeFault(code: code, detail: detail, sender: sender))
  }

  // MARK: The request

  /// RFC 6455 §4.1, and the same as §4.2.1 has the server check it.
  private mutating func judge(request head: HTTPHead) {
    guard let method = head.methodPlace, let target = head.targetPlace else { return }
    func refuse(_ code: DiagnosticCode, _ detail: String?, _ word: String) {
      add(code, detail, .client)
      unacceptable.append(word)
    }
    if !head.isEqual(method, "GET") { refuse(.method, Self.excerpt(head.text(method)), "method") }
    if Self.isOld(head) { refuse(.httpVersion, head.text(head.versionPlace), "HTTP version") }
    if !Self.isResource(head, target) { refuse(.target, Self.excerpt(head.text(target)), "target") }
    if !head.has(.host) { refuse(.hostMissing, nil, "Host") }
    if !head.hasToken("websocket", in: .upgrade) { refuse(.upgradeField, Self.found(.upgrade, head), "Upgrade") }
    if !head.hasToken("upgrade", in: .connection) {
      refuse(.connectionField, Self.found(.connection, head), "Connection")
    }
    if let key = head.place(.key) {
      if !Self.isKey(head, key) { refuse(.keyInvalid, Self.excerpt(head.text(key)), "Sec-WebSocket-Key") }
    } else {
      refuse(.keyMissing, nil, "Sec-WebSocket-Key")
    }
    if !Self.wantsKnownVersion(head) {
      refuse(.version, head.value(.version).map { Self.excerpt($0) } ?? "there is none", "Sec-WebSocket-Version")
    }
    judgeFields(head, .host, .key, .version, .client)
    if head.has(.subprotocol) || head.has(.extensions), head.asksForWebSocket { judgeOffers(head) }
  }

  /// Whether the version is 13 (§4.1).
  private static func wantsKnownVersion(_ head: HTTPHead) -> Bool {
    head.place(.version).map { head.isEqual($0, "13") } ?? false
  }

  /// §4.1: an absolute path or an http URL, without a fragment (§3).
  private static func isResource(_ head: HTTPHead, _ target: Range<Int>) -> Bool {
    (head.begins(target, "/") || head.isSame(target.prefix(7), "http://") || head.isSame(target.prefix(8), "https://"))
      && !head.contains(UInt8(ascii: "#"), in: target)
  }

  /// §4.1: 16 bytes in base64. The bits that no byte needs may be set, as in the RFC's own example.
  private static func isKey(_ head: HTTPHead, _ key: Range<Int>) -> Bool {
    key.count == 24 && head.isEqual(key.suffix(2), "==")
      && head.allBytes(in: key.prefix(22)) { isBase64($0) }
  }

  /// Whether `byte` is a letter, a digit, + or /. What is below the first letter or digit wraps around to a large number.
  @inline(__always)
  private static func isBase64(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- 0x61 < 26 || byte &- 0x30 < 10 || byte == 0x2B || byte == 0x2F
  }

  /// What the client may not offer.
  private mutating func judgeOffers(_ head: HTTPHead) {
    var names: Set<String> = []
    for name in head.list(.subprotocol) {
      if !ExtensionElement.isToken(name) {
        add(.offeredSubprotocol, "\"\(Self.excerpt(name))\" is not a token", .client)
      } else if !names.insert(name).inserted {
        add(.offeredSubprotocol, "\"\(Self.excerpt(name))\" is there twice", .client)
      }
    }
    for offer in head.list(.extensions).map({ ExtensionElement($0) }) {
      if !offer.isWellFormed { add(.extensionSyntax, Self.excerpt(offer.name), .client) }
      for fault in offer.parameterFaults(.offer) { add(.offeredParameter, Self.excerpt(fault), .client) }
    }
  }

  // MARK: The response

  /// RFC 6455 §4.1 as the client checks it, and §4.2.2.
  private mutating func judge(
    switching head: HTTPHead, acceptIsValid: Bool?, _ request: HTTPHead?, _ extensions: [ExtensionElement]
  ) {
    if Self.isOld(head) { add(.httpVersion, head.text(head.versionPlace), .server) }
    if !head.isOnly("websocket", in: .upgrade) { add(.upgradeField, Self.found(.upgrade, head), .server) }
    if !head.hasToken("upgrade", in: .connection) {
      add(.connectionField, Self.found(.connection, head), .server)
    }
    if !head.has(.accept) { add(.acceptMissing, nil, .server) }
    if acceptIsValid == false, let key = request?.value(.key), let accept = head.value(.accept) {
      let expected = expectedAccept(forKey: key)
      add(.acceptMismatch, "expected \(expected), got \(Self.excerpt(accept))", .server)
    }
    judgeFields(head, .accept, .subprotocol, nil, .server)
    for field in [KnownField.contentLength, .transferEncoding] where head.has(field) {
      add(.body, "\(field.name): \(Self.excerpt(head.value(field) ?? ""))", .server)
    }
    if let subprotocol = head.value(.subprotocol), !ExtensionElement.isToken(subprotocol) {
      add(.subprotocolInvalid, "\"\(Self.excerpt(subprotocol))\"", .server)
    }
    judgeExtensions(extensions)
  }

  private mutating func judgeExtensions(_ extensions: [ExtensionElement]) {
    var names: Set<String> = []
    var compression: String?
    for used in extensions {
      if !used.isWellFormed { add(.extensionSyntax, Self.excerpt(used.name), .server) }
      for fault in used.parameterFaults(.response) { add(.extensionParameter, Self.excerpt(fault), .server) }
      if !names.insert(used.name).inserted {
        add(.extensionConflict, "\(Self.excerpt(used.name)) twice", .server)
      } else if Compression(used) != nil {
        if let compression { add(.extensionConflict, "\(compression) and \(used.name)", .server) }
        compression = used.name
      }
    }
  }

  /// Whether the server chose from what the client offered (§4.1, §9.1; RFC 7692 §7.1).
  private mutating func judgeChoice(_ request: HTTPHead, _ response: HTTPHead, _ extensions: [ExtensionElement]) {
    if let subprotocol = response.value(.subprotocol), ExtensionElement.isToken(subprotocol),
      !(request.asksForWebSocket && request.list(.subprotocol).contains(subprotocol))
    {
      add(.subprotocolNotOffered, Self.excerpt(subprotocol), .server)
    }
    guard !extensions.isEmpty else { return }
    let offered = request.asksForWebSocket ? request.list(.extensions).map { ExtensionElement($0) } : []
    let offers = Dictionary(grouping: offered, by: \.name)  // lists may be thousands long
    var hasJudgedCompression = false
    for used in extensions {
      guard let offered = offers[used.name] else {
        add(.extensionNotOffered, Self.excerpt(used.name), .server)
        continue
      }
      guard used.name == "permessage-deflate", !hasJudgedCompression else { continue }
      hasJudgedCompression = true
      if let misfit = used.misfit(to: offered) { add(.extensionMismatch, misfit, .server) }
    }
  }

  /// What a refusal must say, so that the client can try again.
  private mutating func judge(refusing head: HTTPHead, _ request: HTTPHead?) {
    let status = head.status
    if status == 426, !head.names(.upgrade) { add(.upgradeNotTold, nil, .server) }
    guard status == 426 || status == 400, !head.has(.version), let request, request.asksForWebSocket,
      !Self.wantsKnownVersion(request), let version = request.value(.version)
    else { return }
    add(.versionNotTold, "asked for \(Self.excerpt(version))", .server)
  }

  // MARK: Both

  /// Fields that may occur once (§11.3; Host: RFC 9112 §3.2), and lines that are none.
  private mutating func judgeFields(
    _ head: HTTPHead, _ first: KnownField, _ second: KnownField, _ third: KnownField?, _ sender: Sender
  ) {
    judgeField(head, first, sender)
    judgeField(head, second, sender)
    if let third { judgeField(head, third, sender) }
    if head.malformedLines > 0 { add(.malformedField, "\(head.malformedLines)", sender) }
  }

  private mutating func judgeField(_ head: HTTPHead, _ field: KnownField, _ sender: Sender) {
    if head.isRepeated(field) { add(.duplicateField, "\(field.name), \(head.count(of: field)) times", sender) }
  }

  /// What the fields `field` say instead.
  private static func found(_ field: KnownField, _ head: HTTPHead) -> String {
    let values = head.values(field)
    return values.isEmpty ? "there is no \(field.name)" : "\(field.name): \(excerpt(values.joined(separator: ", ")))"
  }

  /// Whether the version, such as `HTTP/1.0`, is below 1.1.
  private static func isOld(_ head: HTTPHead) -> Bool {
    if head.isEqual(head.versionPlace, "HTTP/1.1") { return false }
    let digits = head.versionPlace.dropFirst("HTTP/".utf8.count)
    return head.bytes[digits].first.map { $0 < 0x31 } == true || head.isEqual(digits, "1.0")
  }

  /// The beginning of what came from the wire, for a sentence: at most 80 characters of it.
  private static func excerpt(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(81)
    return start.count <= 80 ? text : String(start.dropLast()) + "…"
  }
}
