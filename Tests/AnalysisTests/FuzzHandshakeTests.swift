import Analysis
import TestSupport
import Testing
import Transport

@Suite("Found by fuzzing: handshakes")
struct FuzzHandshakeTests {
  typealias Talk = ConversationBuilder

  @Test("the 101 answers the request for an upgrade, also where the capture lacks the answer to one before it")
  func lostAnswer() throws {
    var talk = Talk.opened()
    talk.say(.client, "GET /page HTTP/1.1\nHost: server.example.com\n\n")
    talk.lose(.server, Talk.lines("HTTP/1.1 200 OK\nContent-Length: 3\n\nabc").count)
    talk.upgrade()
    talk.frame(.server, .text, "hello")
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(connection.handshake.url == "ws://server.example.com/chat")
    #expect(connection.handshake.acceptIsValid == true)
    #expect(seen.connections.count == 1)
    #expect(seen.texts(.server) == ["hello"])
    #expect(!seen.slugs.contains { $0.hasPrefix("handshake.") }, "\(seen.slugs)")
  }

  @Test("as many extensions as a head can hold, offered and used, are compared at once")
  func extensions() throws {
    func list(_ letter: String) -> String { (0..<8000).map { "\(letter)\($0)" }.joined(separator: ",") }
    var talk = Talk.opened()
    talk.upgrade(
      requestFields: "Sec-WebSocket-Extensions: \(list("a"))\n",
      responseFields: "Sec-WebSocket-Extensions: \(list("b"))\n")
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(connection.handshake.extensions.count == 8000)
    #expect(seen.slugs.count { $0 == "handshake.extension-not-offered" } == 1000)
  }
}
