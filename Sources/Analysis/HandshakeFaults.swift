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
  private(set) var faults: [HandshakeFault] = []
  /// What a server must not accept in the request, in words (§4.2.1).
  private var unacceptable: [String] = []

  /// Judges what is there: either head may not be known, and then nobody is blamed for what it does not say.
  init(_ record: ConnectionRecord) {
    let handshake = record.handshake
    if let head = record.request?.head { judge(request: head, handshake) }
    guard let head = record.response?.head else { return }
    if record.isUpgraded {
      judge(switching: head, handshake)
      guard record.request != nil else { return }
      judgeChoice(handshake)
      if !unacceptable.isEmpty { add(.acceptedFaulty, unacceptable.joined(separator: ", "), .server) }
    } else if let status = handshake.status {
      judge(refusing: head, status, handshake)
    }
  }

  private mutating func add(_ code: DiagnosticCode, _ detail: String? = nil, _ sender: Sender) {
    faults.append(HandshakeFault(code: code, detail: detail, sender: sender))
  }

  // MARK: The request

  /// RFC 6455 §4.1, and the same as §4.2.1 has the server check it.
  private mutating func judge(request head: HTTPHead, _ handshake: HandshakeSummary) {
    guard case .request(let method, let target, let version) = head.startLine else { return }
    func refuse(_ code: DiagnosticCode, _ detail: String?, _ word: String) {
      add(code, detail, .client)
      unacceptable.append(word)
    }
    if method != "GET" { refuse(.method, Self.excerpt(method), "method") }
    if Self.isOld(version) { refuse(.httpVersion, version, "HTTP version") }
    if !Self.isResource(target) { refuse(.target, Self.excerpt(target), "target") }
    if head.value("host") == nil { refuse(.hostMissing, nil, "Host") }
    if !head.hasToken("websocket", in: "upgrade") { refuse(.upgradeField, Self.found("Upgrade", head), "Upgrade") }
    if !head.hasToken("upgrade", in: "connection") {
      refuse(.connectionField, Self.found("Connection", head), "Connection")
    }
    if let key = head.value("sec-websocket-key") {
      if !Self.isKey(key) { refuse(.keyInvalid, Self.excerpt(key), "Sec-WebSocket-Key") }
    } else {
      refuse(.keyMissing, nil, "Sec-WebSocket-Key")
    }
    let wanted = head.value("sec-websocket-version")
    if wanted != "13" { refuse(.version, wanted.map { Self.excerpt($0) } ?? "there is none", "Sec-WebSocket-Version") }
    judgeFields(head, ["Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"], .client)
    judgeOffers(handshake)
  }

  /// §4.1: an absolute path or an http URL, without a fragment (§3).
  private static func isResource(_ target: String) -> Bool {
    let start = target.prefix(8).lowercased()
    return (start.hasPrefix("/") || start.hasPrefix("http://") || start == "https://")
      && !target.utf8.contains(UInt8(ascii: "#"))
  }

  /// §4.1: 16 bytes in base64. The bits that no byte needs may be set, as in the RFC's own example.
  private static func isKey(_ key: String) -> Bool {
    let bytes = Array(key.utf8)
    return bytes.count == 24 && bytes[22...] == [0x3D, 0x3D]
      && bytes[..<22].allSatisfy { isAlphanumeric($0) || $0 == 0x2B || $0 == 0x2F }
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & ~0x20)
  }

  /// What the client may not offer.
  private mutating func judgeOffers(_ handshake: HandshakeSummary) {
    var names: Set<String> = []
    for name in handshake.offeredProtocols {
      if !ExtensionElement.isToken(name) {
        add(.offeredSubprotocol, "\"\(Self.excerpt(name))\" is not a token", .client)
      } else if !names.insert(name).inserted {
        add(.offeredSubprotocol, "\"\(Self.excerpt(name))\" is there twice", .client)
      }
    }
    for offer in handshake.offeredExtensions {
      if !offer.isWellFormed { add(.extensionSyntax, Self.excerpt(offer.name), .client) }
      for fault in offer.parameterFaults(.offer) { add(.offeredParameter, Self.excerpt(fault), .client) }
    }
  }

  // MARK: The response

  /// RFC 6455 §4.1 as the client checks it, and §4.2.2.
  private mutating func judge(switching head: HTTPHead, _ handshake: HandshakeSummary) {
    guard case .response(let version, _, _) = head.startLine else { return }
    if Self.isOld(version) { add(.httpVersion, version, .server) }
    let upgrade = head.list("upgrade")
    if upgrade.count != 1 || upgrade[0].lowercased() != "websocket" {
      add(.upgradeField, Self.found("Upgrade", head), .server)
    }
    if !head.hasToken("upgrade", in: "connection") {
      add(.connectionField, Self.found("Connection", head), .server)
    }
    if handshake.accept == nil { add(.acceptMissing, nil, .server) }
    if handshake.acceptIsValid == false, let key = handshake.key, let accept = handshake.accept {
      let expected = expectedAccept(forKey: key)
      add(.acceptMismatch, "expected \(expected), got \(Self.excerpt(accept))", .server)
    }
    judgeFields(head, ["Sec-WebSocket-Accept", "Sec-WebSocket-Protocol"], .server)
    for name in ["Content-Length", "Transfer-Encoding"] {
      if let value = head.value(name.lowercased()) { add(.body, "\(name): \(Self.excerpt(value))", .server) }
    }
    if let subprotocol = handshake.subprotocol, !ExtensionElement.isToken(subprotocol) {
      add(.subprotocolInvalid, "\"\(Self.excerpt(subprotocol))\"", .server)
    }
    judgeExtensions(handshake.extensions)
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
  private mutating func judgeChoice(_ handshake: HandshakeSummary) {
    if let subprotocol = handshake.subprotocol, ExtensionElement.isToken(subprotocol),
      !handshake.offeredProtocols.contains(subprotocol)
    {
      add(.subprotocolNotOffered, Self.excerpt(subprotocol), .server)
    }
    let offers = Dictionary(grouping: handshake.offeredExtensions, by: \.name)  // lists may be thousands long
    var hasJudgedCompression = false
    for used in handshake.extensions {
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
  private mutating func judge(refusing head: HTTPHead, _ status: Int, _ handshake: HandshakeSummary) {
    if status == 426, head.list("upgrade").isEmpty { add(.upgradeNotTold, nil, .server) }
    guard status == 426 || status == 400, head.value("sec-websocket-version") == nil,
      let version = handshake.version, version != "13"
    else { return }
    add(.versionNotTold, "asked for \(Self.excerpt(version))", .server)
  }

  // MARK: Both

  /// Fields that may occur once (§11.3; Host: RFC 9112 §3.2), and lines that are none.
  private mutating func judgeFields(_ head: HTTPHead, _ names: [String], _ sender: Sender) {
    for name in names {
      let count = head.values(name.lowercased()).count
      if count > 1 { add(.duplicateField, "\(name), \(count) times", sender) }
    }
    if head.malformedLines > 0 { add(.malformedField, "\(head.malformedLines)", sender) }
  }

  /// What the fields `name` say instead.
  private static func found(_ name: String, _ head: HTTPHead) -> String {
    let values = head.values(name.lowercased())
    return values.isEmpty ? "there is no \(name)" : "\(name): \(excerpt(values.joined(separator: ", ")))"
  }

  /// Whether `version`, such as `HTTP/1.0`, is below 1.1.
  private static func isOld(_ version: String) -> Bool {
    let digits = version.utf8.drop { $0 != 0x2F }.dropFirst()
    return digits.first.map { $0 < 0x31 } == true || digits.elementsEqual("1.0".utf8)
  }

  /// The beginning of what came from the wire, for a sentence: at most 80 characters of it.
  private static func excerpt(_ text: String) -> String {
    let start = text.unicodeScalars.prefix(81)
    return start.count <= 80 ? text : String(start.dropLast()) + "…"
  }
}
