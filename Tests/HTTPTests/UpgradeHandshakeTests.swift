import HTTP
import Testing

@Suite("The opening handshake, RFC 6455 §4")
struct UpgradeHandshakeTests {
  @Test("the accept value of the sample nonce, RFC 6455 §1.3")
  func accept() {
    #expect(expectedAccept(forKey: "dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(expectedAccept(forKey: "x3JJHMbDL1EzLkh9GBhXDw==") == "HSmrc0sMlYUkAGmm5OPpG2HaGWk=")
    #expect(expectedAccept(forKey: "").count == 28)
    #expect(expectedAccept(forKey: String(repeating: "key", count: 10_000)).count == 28)
  }

  @Test("a request for an upgrade says what it offers")
  func request() throws {
    let head = try #require(
      headOf(
        "GET /chat HTTP/1.1", "Host: x", "CONNECTION: keep-alive, Upgrade", "UPGRADE: h2c, WebSocket",
        "sec-websocket-key:  dGhlIHNhbXBsZSBub25jZQ==  ", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Protocol: mqtt",
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, permessage-deflate",
        "Sec-WebSocket-Extensions: x; a=\"b, c\""))
    let request = try #require(UpgradeRequest(head))
    #expect(request.key == "dGhlIHNhbXBsZSBub25jZQ==")
    #expect(request.version == "13")
    #expect(request.protocols == ["chat", "superchat", "mqtt"])
    #expect(
      request.extensions == ["permessage-deflate; client_max_window_bits", "permessage-deflate", "x; a=\"b, c\""])
  }

  @Test("other requests ask for no WebSocket")
  func otherRequests() throws {
    for lines in [["Upgrade: h2c"], ["Connection: websocket"], [], ["Upgrade: websockets"], ["Upgrade: web socket"]] {
      let text = (["GET / HTTP/1.1"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
      let head = try #require(HTTPReading(text).heads.first)
      #expect(UpgradeRequest(head) == nil, "\(lines)")
      #expect(UpgradeResponse(head) == nil)
    }
    let response = try #require(headOf("HTTP/1.1 101 x", "Upgrade: websocket"))
    #expect(UpgradeRequest(response) == nil)
  }

  @Test("a response switches with status 101, unless it switches to something else")
  func response() throws {
    let cases: [(Int, [String], Bool)] = [
      (101, ["Upgrade: websocket"], true), (101, ["upgrade: WEBSOCKET"], true), (101, [], true),
      (101, ["Upgrade: h2c"], false), (200, ["Upgrade: websocket"], false), (403, [], false),
      (101, ["Upgrade: foo/2", "Upgrade: websocket"], true),
    ]
    for (status, lines, isUpgraded) in cases {
      let text = (["HTTP/1.1 \(status) x"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
      let head = try #require(HTTPReading(text).heads.first)
      #expect(UpgradeResponse(head)?.isUpgraded == isUpgraded, "\(status), \(lines)")
    }
  }

  @Test("a response says what was chosen")
  func chosen() throws {
    let head = try #require(
      headOf(
        "HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Extensions: permessage-deflate;server_max_window_bits=10, y"))
    let response = try #require(UpgradeResponse(head))
    #expect(response.accept == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
    #expect(response.subprotocol == "chat")
    #expect(response.extensions == ["permessage-deflate;server_max_window_bits=10", "y"])
  }
}
