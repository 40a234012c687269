import Analysis
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("Finding the opening handshake (RFC 6455 §4)")
struct HandshakeTests {
  typealias Talk = ConversationBuilder

  @Test("on any port", arguments: [80, 1, 22, 443, 8080, 65_535] as [UInt16])
  func anyPort(port: UInt16) throws {
    var talk = Talk.opened(serverPort: port)
    talk.upgrade()
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(connection.isUpgraded)
    #expect(connection.connection.client == PacketBuilder.client)
    #expect(connection.connection.server.port == port)
    #expect(connection.handshake.acceptIsValid == true)
    #expect(connection.handshake.url == "ws://server.example.com/chat")
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.slugs == [])
  }

  @Test("with header names and tokens in any case")
  func anyCase() {
    var talk = Talk.opened()
    talk.say(
      .client,
      """
      GET / HTTP/1.1
      HOST: x
      upgrade: WebSocket
      CONNECTION: keep-alive, UPGRADE
      sec-websocket-KEY: \(Talk.key)
      SEC-WEBSOCKET-version: 13


      """)
    talk.say(
      .server,
      """
      HTTP/1.1 101 Anything
      UPGRADE: WEBSOCKET
      connection: upgrade
      sec-WebSocket-accept: \(Talk.accept)


      """)
    talk.frame(.server, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.first?.handshake.acceptIsValid == true)
    #expect(seen.texts(.server) == ["hello"])
  }

  @Test("split over packets anywhere, down to single bytes")
  func split() throws {
    var talk = Talk.opened()
    talk.segmentSize = 1
    talk.upgrade()
    talk.frame(.client, .text, "hello")
    talk.frame(.server, .text, "hi")
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(connection.isUpgraded)
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.texts(.server) == ["hi"])
    let request = Talk.lines(Talk.request()).count
    #expect(connection.request?.packet.number == UInt64(3 + request), "the packet that completes the head")
  }

  @Test("after other requests on the same connection, whose bodies are skipped")
  func afterOthers() {
    var talk = Talk.opened()
    talk.say(.client, "POST /log HTTP/1.1\nHost: x\nContent-Length: 11\n\nGET / HTTP/")
    talk.say(.server, "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n5\nHTTP/\n6;x=y\n1.1 10\n0\nTrailer: 1\n\n")
    talk.say(.client, "HEAD /big HTTP/1.1\nHost: x\n\n")
    talk.say(.server, "HTTP/1.1 200 OK\nContent-Length: 1000000\n\n")
    talk.say(.client, "GET /cached HTTP/1.1\nHost: x\n\n")
    talk.say(.server, "HTTP/1.1 304 Not Modified\nContent-Length: 7\n\n")
    talk.upgrade()
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.slugs == [])
  }

  @Test("after interim responses (RFC 9110 §15.2)")
  func interim() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    talk.say(.server, "HTTP/1.1 100 Continue\n\nHTTP/1.1 103 Early Hints\nLink: </s.css>\n\n" + Talk.response())
    talk.frame(.server, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.server) == ["hello"])
  }

  @Test("in a tunnel that CONNECT made")
  func connect() throws {
    var talk = Talk.opened(serverPort: 3128)
    talk.say(.client, "CONNECT server.example.com:80 HTTP/1.1\nHost: server.example.com:80\n\n")
    talk.say(.server, "HTTP/1.1 200 Connection established\n\n")
    talk.upgrade()
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.client) == ["hello"])
  }

  @Test("in a tunnel the other way round: the inner client is at the far end")
  func reverseTunnel() {
    var talk = Talk.opened(serverPort: 3128)
    talk.say(.client, "CONNECT relay:80 HTTP/1.1\nHost: relay:80\n\n")
    talk.say(.server, "HTTP/1.1 200 OK\n\n")
    talk.say(.server, Talk.request())
    talk.say(.client, Talk.response())
    talk.say(.server, Talk.frame(from: .client, .text, Array("hello".utf8)))
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.connection.server) == [PacketBuilder.client])
    #expect(seen.texts(.client) == ["hello"])
  }

  @Test("pipelined behind another request (RFC 9112 §9.3.2)")
  func pipelined() {
    var talk = Talk.opened()
    talk.say(.client, "GET /one HTTP/1.1\nHost: x\n\nGET /two HTTP/1.1\nHost: x\n\n" + Talk.request("/three"))
    talk.say(.server, "HTTP/1.1 200 OK\nContent-Length: 3\n\none")
    talk.say(.server, "HTTP/1.1 404 Not Found\nContent-Length: 0\n\n" + Talk.response())
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.handshake.url) == ["ws://server.example.com/three"])
    #expect(seen.connections.first?.handshake.acceptIsValid == true)
    #expect(seen.texts(.client) == ["hello"])
  }

  @Test("frames in the segment that ends the 101 belong to the session")
  func earlyServer() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    let head = Talk.lines(Talk.response())
    talk.say(.server, head + Talk.frame(.text, Array("one".utf8)) + Talk.frame(.ping) + [0x81])
    talk.say(.server, [1, 0x32])
    let seen = analyze(talk.packets)
    #expect(seen.texts(.server) == ["one", "2"])
    #expect(seen.frames.map(\.offset) == [UInt64(head.count), UInt64(head.count) + 5, UInt64(head.count) + 7])
    #expect(seen.frames.map(\.first.number) == [6, 6, 6])
    #expect(seen.frames.map(\.last.number) == [6, 6, 8])
    #expect(seen.records.firstIndex { if case .frame = $0 { true } else { false } } == 1, "the connection comes first")
  }

  @Test("frames that the client sends before the 101 arrives are its own, and are numbered in the order of the capture")
  func earlyClient() {
    var talk = Talk.opened()
    talk.say(.client, Talk.lines(Talk.request()) + Talk.frame(from: .client, .text, Array("one".utf8)))
    talk.frame(.client, .text, "two")
    talk.say(.server, Talk.lines(Talk.response()) + Talk.frame(.text, Array("three".utf8)))
    talk.frame(.client, .text, "four")
    let seen = analyze(talk.packets)
    #expect(seen.frames.map(\.number) == [1, 2, 3, 4])
    #expect(seen.frames.map(\.sender) == [.client, .client, .server, .client])
    #expect(seen.frames.map(\.first.number) == [4, 6, 8, 10])
    #expect(seen.texts(.client) == ["one", "two", "four"])
    #expect(seen.slugs == ["handshake.early-data"], "once")
    #expect(seen.diagnostics.first?.frame == 1)
  }

  // MARK: What else a 101 may mean

  @Test("a switch to another protocol is none of ours", arguments: ["h2c", "TLS/1.0, HTTP/1.1", "tcp"])
  func otherProtocol(name: String) {
    var talk = Talk.opened()
    talk.say(.client, "GET / HTTP/1.1\nHost: x\nUpgrade: \(name)\nConnection: upgrade\n\n")
    talk.say(.server, "HTTP/1.1 101 Switching Protocols\nUpgrade: \(name)\nConnection: upgrade\n\n")
    talk.say(.server, Talk.frame(.text, [1, 2, 3]))
    let seen = analyze(talk.packets)
    #expect(seen.connections == [])
    #expect(seen.frames == [])
  }

  @Test("nor is one that does not say what to, where nobody asked for WebSocket")
  func unnamedProtocol() {
    var talk = Talk.opened()
    talk.say(.client, "GET / HTTP/1.1\nHost: x\nUpgrade: h2c\nConnection: upgrade\n\n")
    talk.say(.server, "HTTP/1.1 101 Switching Protocols\nConnection: upgrade\n\n")
    talk.say(.server, Talk.frame(.text, [1, 2, 3]))
    #expect(analyze(talk.packets).connections == [])
  }

  @Test("a faulty accept value is told, and decoding goes on")
  func wrongAccept() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    talk.say(.server, "HTTP/1.1 101 Yes\nUpgrade: websocket\nConnection: upgrade\nSec-WebSocket-Accept: bm9wZQ==\n\n")
    talk.frame(.server, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["handshake.accept-mismatch"])
    #expect(seen.texts(.server) == ["hello"])
  }

  // MARK: Refusals

  @Test(
    "a refused upgrade is a connection record, and a later success on the same TCP connection is another one",
    arguments: [400, 401, 403, 426, 302, 200, 503])
  func refusedThenAccepted(status: Int) throws {
    var talk = Talk.opened()
    talk.say(.client, Talk.request("/first"))
    talk.say(.server, "HTTP/1.1 \(status) No\nContent-Length: 4\n\nHTTP")
    talk.upgrade("/second")
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [false, true])
    #expect(seen.connections.map(\.handshake.status) == [status, 101])
    #expect(seen.connections.map(\.connection.number) == [1, 2])
    #expect(Set(seen.connections.map(\.connection.identifier)).count == 1, "one TCP connection")
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.summary?.refused == 1)
    #expect(seen.ends.count == 1)
  }

  @Test("so is one without an answer")
  func unanswered() throws {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(!connection.isUpgraded)
    #expect(connection.response == nil)
    #expect(connection.request != nil)
    #expect(seen.connections.count == 1)
  }

  @Test("so is one whose answer is no HTTP")
  func answeredWithNoise() throws {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    talk.say(.server, [0, 1, 2, 3])
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [false])
    #expect(seen.connections.first?.response == nil)
  }

  @Test("so is one that a reset or the server's FIN cut off", arguments: [true, false])
  func cutOff(isReset: Bool) {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    if isReset {
      talk.reset(.server)
    } else {
      talk.finish(.server)
      talk.finish(.client)
    }
    #expect(analyze(talk.packets).connections.map(\.isUpgraded) == [false])
  }
}
