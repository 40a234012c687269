import Analysis
import HTTP
import TestSupport
import Testing
import Transport
import WebSocket

/// A handshake that breaks a rule, and the code that says so; or one that comes close and breaks none.
struct HandshakeCase: Sendable, CustomTestStringConvertible {
  var name: String
  /// The slugs, the client's before the server's.
  var slugs: [String]
  var sender: Sender
  /// Changes the request or the response.
  var change: @Sendable (inout String) -> Void

  init(_ name: String, _ slugs: String..., of sender: Sender, change: @escaping @Sendable (inout String) -> Void) {
    self.name = name
    self.slugs = slugs
    self.sender = sender
    self.change = change
  }

  /// One text of the head in place of another.
  init(_ slugs: String..., of sender: Sender, _ old: String, _ new: String) {
    name = "\(old) → \(new)"
    self.slugs = slugs
    self.sender = sender
    change = { text in text = text.split(separator: old, omittingEmptySubsequences: false).joined(separator: new) }
  }

  var testDescription: String { name }
}

/// Heads that break a rule, and heads that come close and break none.
enum HandshakeCases {
  typealias Talk = ConversationBuilder

  /// A request that a server must refuse has the server blamed too, if it does not.
  private static func refusable(_ slug: String, _ old: String, _ new: String) -> HandshakeCase {
    HandshakeCase("handshake.\(slug)", "handshake.accepted-faulty", of: .client, old, new)
  }

  private static func fault(_ slug: String, _ old: String, _ new: String, of sender: Sender = .server) -> HandshakeCase
  {
    HandshakeCase("handshake.\(slug)", of: sender, old, new)
  }

  private static func fine(_ old: String, _ new: String, of sender: Sender) -> HandshakeCase {
    var result = HandshakeCase(of: sender, old, new)
    result.slugs = []
    return result
  }

  static let key = "Sec-WebSocket-Key: \(Talk.key)"
  static let accept = "Sec-WebSocket-Accept: \(Talk.accept)"

  static let requests: [HandshakeCase] = [
    refusable("method", "GET", "POST"),
    refusable("http-version", "HTTP/1.1", "HTTP/1.0"),
    refusable("target", "/chat", "chat"), refusable("target", "/chat", "*"), refusable("target", "/chat", "/chat#top"),
    refusable("host-missing", "Host: server.example.com\n", ""),
    refusable("upgrade-header", "Upgrade: websocket\n", ""),
    refusable("upgrade-header", "Upgrade: websocket\n", "Upgrade: websockets\n"),
    refusable("connection-header", "Connection: Upgrade\n", ""),
    refusable("connection-header", "Connection: Upgrade\n", "Connection: keep-alive\n"),
    refusable("version", "Version: 13", "Version: 8"), refusable("version", "Version: 13", "Version: 13, 8"),
    refusable("version", "Sec-WebSocket-Version: 13\n", ""),
    fault("duplicate-header", "Host: server.example.com", "Host: server.example.com\nHost: b", of: .client),
    fault("duplicate-header", key, "\(key)\n\(key)", of: .client),
    fault(
      "duplicate-header", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13\nSec-WebSocket-Version: 13",
      of: .client),
    fault("malformed-header", key, "\(key)\nno field at all", of: .client),
    fault("offered-subprotocol", key, "\(key)\nSec-WebSocket-Protocol: a b", of: .client),
    fault("offered-subprotocol", key, "\(key)\nSec-WebSocket-Protocol: a\nSec-WebSocket-Protocol: b, a", of: .client),
    fault("extension-syntax", key, "\(key)\nSec-WebSocket-Extensions: x y", of: .client),
    fault("extension-syntax", key, "\(key)\nSec-WebSocket-Extensions: x;; y", of: .client),
    fault("extension-syntax", key, "\(key)\nSec-WebSocket-Extensions: x; y=", of: .client),
    fine("/chat", "http://server.example.com/chat", of: .client),
    fine("Upgrade: websocket", "Upgrade: h2c, WebSocket", of: .client),
    fine("Connection: Upgrade", "Connection: keep-alive\nConnection: close, UPGRADE", of: .client),
    fine("HTTP/1.1", "HTTP/2.0", of: .client),
    fine(key, "\(key)\nSec-WebSocket-Protocol: a\nSec-WebSocket-Protocol: A, v10.stomp", of: .client),
    fine(
      key, "\(key)\nSec-WebSocket-Extensions: x; y=\"z\"; w , permessage-deflate; client_max_window_bits", of: .client),
    fine(key, "\(key)\nCookie: a\nCookie: b", of: .client),
  ]

  static let responses: [HandshakeCase] = [
    fault("http-version", "HTTP/1.1", "HTTP/1.0"),
    fault("upgrade-header", "Upgrade: websocket\n", ""), fault("upgrade-header", "Upgrade: websocket", "Upgrade: h2c"),
    fault("upgrade-header", "Upgrade: websocket", "Upgrade: websocket, h2c"),
    fault("connection-header", "Connection: Upgrade\n", ""),
    fault("connection-header", "Connection: Upgrade", "Connection: close"),
    fault("accept-missing", "\(accept)\n", ""),
    fault("accept-mismatch", accept, "Sec-WebSocket-Accept: \(Talk.accept.lowercased())"),
    fault("duplicate-header", accept, "\(accept)\n\(accept)"),
    fault("malformed-header", accept, "\(accept)\n: no name"),
    fault("body", accept, "\(accept)\nContent-Length: 0"),
    fault("body", accept, "\(accept)\nTransfer-Encoding: chunked"),
    fault("subprotocol-not-offered", accept, "\(accept)\nSec-WebSocket-Protocol: chat"),
    fault("subprotocol-invalid", accept, "\(accept)\nSec-WebSocket-Protocol: a, b"),
    fault("subprotocol-invalid", accept, "\(accept)\nSec-WebSocket-Protocol:"),
    fault("extension-not-offered", accept, "\(accept)\nSec-WebSocket-Extensions: permessage-deflate"),
    fine("Upgrade: websocket", "Upgrade: WebSocket", of: .server),
    fine("Connection: Upgrade", "Connection: keep-alive, upgrade", of: .server),
    fine(accept, "Sec-WebSocket-Accept:    \(Talk.accept)   ", of: .server),
    fine(accept, "\(accept)\nSet-Cookie: a\nSet-Cookie: b", of: .server),
  ]

  /// An offer, an answer, and what is wrong with them.
  static let extensions: [(offer: String, answer: String, slugs: [String])] = [
    ("permessage-deflate", "permessage-deflate", []),
    ("permessage-deflate", "permessage-deflate; server_max_window_bits=8; client_no_context_takeover", []),
    ("permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits=10", []),
    ("permessage-deflate; client_max_window_bits=9", "permessage-deflate; client_max_window_bits=15", []),
    ("permessage-deflate; server_max_window_bits=\"12\"", "permessage-deflate; server_max_window_bits=\"10\"", []),
    ("permessage-deflate; server_max_window_bits=12", "permessage-deflate; server_max_window_bits=12", []),
    ("permessage-deflate; server_max_window_bits=12", "", []),
    // The second offer is the one that is accepted.
    ("permessage-deflate; server_max_window_bits=9, permessage-deflate", "permessage-deflate", []),
    ("x-webkit-deflate-frame", "x-webkit-deflate-frame; max_window_bits=10; no_context_takeover", []),
    ("x; y=1; y=2", "x; y=3", []),
    ("permessage-deflate; server_max_window_bits=12", "permessage-deflate", ["extension-mismatch"]),
    (
      "permessage-deflate; server_max_window_bits=12", "permessage-deflate; server_max_window_bits=13",
      ["extension-mismatch"]
    ),
    ("permessage-deflate", "permessage-deflate; client_max_window_bits=10", ["extension-mismatch"]),
    ("permessage-deflate; server_no_context_takeover", "permessage-deflate", ["extension-mismatch"]),
    ("permessage-deflate", "permessage-deflate; server_max_window_bits=16", ["extension-parameter"]),
    ("permessage-deflate", "permessage-deflate; server_max_window_bits=7", ["extension-parameter"]),
    ("permessage-deflate", "permessage-deflate; server_max_window_bits=010", ["extension-parameter"]),
    ("permessage-deflate", "permessage-deflate; server_max_window_bits", ["extension-parameter"]),
    (
      "permessage-deflate; client_max_window_bits", "permessage-deflate; client_max_window_bits",
      ["extension-parameter"]
    ),
    ("permessage-deflate", "permessage-deflate; client_no_context_takeover=1", ["extension-parameter"]),
    ("permessage-deflate", "permessage-deflate; max_window_bits=9", ["extension-parameter"]),
    (
      "permessage-deflate", "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
      ["extension-parameter"]
    ),
    ("deflate-frame", "deflate-frame; max_window_bits=99", ["extension-parameter"]),
    ("permessage-deflate; client_max_window_bits=7", "", ["offered-parameter"]),
    ("permessage-deflate; server_max_window_bits", "", ["offered-parameter"]),
    ("permessage-deflate; colour=red", "", ["offered-parameter"]),
    ("permessage-deflate", "permessage-deflate, permessage-deflate", ["extension-conflict"]),
    ("permessage-deflate, deflate-frame", "deflate-frame, permessage-deflate", ["extension-conflict"]),
    ("x", "x, x", ["extension-conflict"]),
    ("x", "x; y=", ["extension-syntax"]),
    ("x", "y", ["extension-not-offered"]),
  ]
}

@Suite("Rules of the opening handshake (RFC 6455 §4, RFC 7692 §7.1)")
struct HandshakeFaultTests {
  typealias Talk = ConversationBuilder

  private func seen(_ request: String, _ response: String, hello: Bool = true) -> RecordCollector {
    var talk = Talk.opened()
    talk.say(.client, request)
    talk.say(.server, response)
    if hello { talk.frame(.client, .text, "hello") }
    return analyze(talk.packets)
  }

  @Test("of the client", arguments: HandshakeCases.requests)
  func request(_ example: HandshakeCase) throws {
    var request = Talk.request()
    example.change(&request)
    let seen = seen(request, Talk.response())
    #expect(seen.slugs == example.slugs, "\(seen.diagnostics.map(\.message))")
    #expect(seen.texts(.client) == ["hello"], "decoding goes on")
    for diagnostic in seen.diagnostics {
      let isClients = diagnostic.code.slug != "handshake.accepted-faulty"
      #expect(diagnostic.sender == (isClients ? .client : .server))
      #expect(diagnostic.packet?.number == (isClients ? 4 : 6))
      #expect(diagnostic.offset == 0)
    }
  }

  @Test("of the server", arguments: HandshakeCases.responses)
  func response(_ example: HandshakeCase) throws {
    var response = Talk.response()
    example.change(&response)
    let seen = seen(Talk.request(), response)
    #expect(seen.slugs == example.slugs, "\(seen.diagnostics.map(\.message))")
    #expect(seen.texts(.client) == ["hello"], "decoding goes on")
    #expect(seen.diagnostics.allSatisfy { $0.sender == .server && $0.packet?.number == 6 && $0.offset == 0 })
  }

  @Test(
    "the key is 16 bytes in base64; what the bits behind them are does not matter, as in §4.1's own example",
    arguments: [
      ("AQIDBAUGBwgJCgsMDQ4PEC==", true), ("AQIDBAUGBwgJCgsMDQ4PEA==", true), ("+/AAAAAAAAAAAAAAAAAAAA==", true),
      ("AQIDBAUGBwgJCgsMDQ4PEA=", false), ("AQIDBAUGBwgJCgsMDQ4P", false), ("AQIDBAUGBwgJCgsMDQ4PEBE=", false),
      ("AQIDBAUGBwgJCgsMDQ4-EA==", false), ("=", false), ("", false),
    ])
  func key(_ key: String, isValid: Bool) {
    let request = Talk.request().split(separator: Talk.key).joined(separator: key)
    let accept = expectedAccept(forKey: key)
    let response = Talk.response().split(separator: Talk.accept).joined(separator: accept)
    #expect(seen(request, response).slugs == (isValid ? [] : ["handshake.key-invalid", "handshake.accepted-faulty"]))
  }

  @Test("a request without a key")
  func noKey() {
    let request = Talk.request().split(separator: "\(HandshakeCases.key)\n").joined()
    #expect(seen(request, Talk.response()).slugs == ["handshake.key-missing", "handshake.accepted-faulty"])
  }

  // MARK: Extensions

  @Test("extensions: what is offered, and what is used", arguments: HandshakeCases.extensions)
  func extensions(offer: String, answer: String, slugs: [String]) {
    let response = answer.isEmpty ? Talk.response() : Talk.response(fields: "Sec-WebSocket-Extensions: \(answer)\n")
    let seen = seen(Talk.request(fields: "Sec-WebSocket-Extensions: \(offer)\n"), response)
    #expect(seen.slugs == slugs.map { "handshake.\($0)" }, "\(seen.diagnostics.map(\.message))")
  }

  // MARK: Refusals, and what is not known

  @Test("a refused request is told what is wrong with it")
  func refused() {
    let request = Talk.request().split(separator: "Upgrade: websocket\n").joined()
    let seen = seen(request, "HTTP/1.1 400 Bad Request\nContent-Length: 0\n\n", hello: false)
    #expect(seen.connections.map(\.outcome) == [.refused], "a key shows what was wanted")
    #expect(seen.slugs == ["handshake.upgrade-header"])
  }

  @Test("a 426 says what to upgrade to, and which versions there are")
  func upgradeRequired() {
    let request = Talk.request().split(separator: "Version: 13").joined(separator: "Version: 7")
    let short = "HTTP/1.1 426 Upgrade Required\nContent-Length: 0\n\n"
    #expect(
      seen(request, short, hello: false).slugs
        == ["handshake.version", "handshake.upgrade-not-told", "handshake.version-not-told"])
    let whole = "HTTP/1.1 426 No\nContent-Length: 0\nUpgrade: websocket\nSec-WebSocket-Version: 13, 8\n\n"
    #expect(seen(request, whole, hello: false).slugs == ["handshake.version"])
    #expect(seen(Talk.request(), "HTTP/1.1 400 No\nContent-Length: 0\n\n", hello: false).slugs == [])
  }

  @Test("where the capture lacks a head, nobody is blamed for what it does not say")
  func missingHeads() {
    var talk = Talk.opened()
    let faulty = Talk.request().split(separator: "Version: 13").joined(separator: "Version: 7")
    talk.say(.client, faulty)
    talk.packets.removeLast(2)
    talk.say(
      .server, Talk.response(fields: "Sec-WebSocket-Extensions: permessage-deflate\nSec-WebSocket-Protocol: x\n"))
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(!seen.slugs.contains { $0.hasPrefix("handshake.") }, "\(seen.slugs)")
  }

  @Test("nor is an earlier request blamed for not asking, where the one that did is not in the capture")
  func otherRequest() {
    var talk = Talk.opened()
    talk.say(.client, "GET /style.css HTTP/1.1\nHost: x\n\n")
    talk.lose(.server, 70)
    talk.lose(.client, 200)
    talk.say(.server, Talk.response())
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(!seen.slugs.contains { $0.hasPrefix("handshake.") }, "\(seen.slugs)")
    #expect(seen.connections.allSatisfy { $0.request == nil })
  }

  @Test("a head that a snaplen cut is counted, once a connection; one that is whole is not")
  func cutHeads() {
    var talk = Talk.opened()
    for (end, text) in [(Talk.End.client, Talk.request()), (.server, Talk.response())] {
      talk.say(end, text)
      let index = talk.packets.count - 2
      talk.packets[index].originalLength = UInt32(talk.packets[index].bytes.count)
      talk.packets[index].bytes = Array(talk.packets[index].bytes[..<96])
    }
    talk.frame(.client, .text, "hello")
    #expect(analyze(talk.packets).summary?.cutHandshakes == 1)
    #expect(seen(Talk.request(), Talk.response()).summary?.cutHandshakes == 0)
  }

  @Test("what the peers wrote is cut in a diagnostic")
  func longWords() throws {
    let word = String(repeating: "x", count: 5000)
    let seen = seen(Talk.request(), Talk.response(fields: "Sec-WebSocket-Protocol: \(word)\n"))
    #expect(seen.slugs == ["handshake.subprotocol-not-offered"])
    #expect(try #require(seen.diagnostics.first).message.utf8.count < 200)
  }
}
