import Testing

@testable import Subprotocols

/// The Chrome DevTools protocol, as Chromium speaks it.
struct CDPTests {
  @Test("a command is linked to its result, and events stand on their own")
  func pairs() throws {
    let peers = ViewTester(target: "/devtools/page/59A4F67E867EA7871A6050862E2F2FA8")
    let command = try #require(
      peers.text(#"{"id": 2, "method": "Page.navigate", "params": {"url": "https://example.net/"}}"#))
    #expect(
      command.text
        == #"{"name":"cdp","inferred":true,"confidence":0.99,"kind":"command","method":"Page.navigate","id":2,"params":{"url": "https://example.net/"}}"#
    )
    #expect(command.words == #"CDP Page.navigate #2 {"url": "https://example.net/"}"#)
    let event = try #require(
      peers.text(
        #"{"method":"Network.webSocketFrameSent","params":{"requestId":"1.2","response":{"opcode":1,"payloadData":"x"}}}"#,
        fromClient: false))
    #expect(event["kind"] == "event")
    #expect(event["params.response.payloadData"] == "x")
    let result = try #require(peers.text(#"{"id":2,"result":{"frameId":"59A4"}}"#, fromClient: false))
    #expect(result["reply_to"] == "1")
    #expect(result["method"] == "Page.navigate")
    #expect(result.words == #"CDP result #2 of Page.navigate {"frameId":"59A4"}"#)
    #expect(peers.faults.isEmpty)
  }

  @Test("sessions have ids of their own; an error for one that is not known does not name it")
  func sessions() throws {
    let peers = ViewTester(target: "/devtools/browser/1")
    _ = peers.text(#"{"id":3,"method":"Runtime.evaluate","params":{},"sessionId":"A"}"#)
    _ = peers.text(#"{"id":3,"method":"Page.reload","params":{},"sessionId":"B"}"#)
    let reply = try #require(peers.text(#"{"id":3,"result":{},"sessionId":"A"}"#, fromClient: false))
    #expect(reply["method"] == "Runtime.evaluate")
    #expect(reply["session_id"] == "A")
    let error = try #require(
      peers.text(#"{"id":3,"error":{"code":-32001,"message":"Session with given id not found."}}"#, fromClient: false))
    #expect(error["method"] == "Page.reload")
    #expect(error["error.code"] == "-32001")
    #expect(error.replies.map(\.isError) == [true])
  }

  @Test("what breaks the rules is told")
  func malformed() {
    let peers = ViewTester(target: "/devtools/browser/1")
    _ = peers.text(#"{"id":3,"method":"Runtime.evaluate"}"#)
    _ = peers.text(#"{"id":"4","method":"Runtime.evaluate"}"#)
    #expect(peers.faults == ["Chrome DevTools Protocol: the id is no number"])
    _ = peers.text(#"{"id":4,"result":{}}"#)
    #expect(peers.faults == ["Chrome DevTools Protocol: a reply of the client"])
    #expect(peers.text(#"{"id":4}"#)?.name == "json")
    #expect(peers.text(#"{"method":"Runtime.evaluate"}"#)?["kind"] == "command")
    #expect(peers.faults == ["Chrome DevTools Protocol: a command without an id"])
    _ = peers.text(#"{"id":5,"method":"Runtime.evaluate","params":[]}"#)
    #expect(peers.faults == ["Chrome DevTools Protocol: the parameters are no object"])
  }

  @Test("methods of other protocols are none of it")
  func recognition() {
    #expect(ViewTester().text(#"{"id":1,"method":"Runtime.enable"}"#)?.name == "cdp")
    #expect(
      ViewTester().text(#"{"method":"Page.loadEventFired","params":{"timestamp":1}}"#, fromClient: false)?.name == "cdp"
    )
    for other in [
      #"{"id":1,"method":"session.new","params":{}}"#,
      #"{"id":1,"src":"user","method":"Switch.Set","params":{"id":0}}"#,
      #"{"id":1,"method":"Runtime.enable","params":7}"#,
      #"{"method":"Page.loadEventFired","params":{"timestamp":1}}"#,
    ] { #expect(ViewTester().text(other)?.name == "json", "\(other)") }
    #expect(ViewTester().text(#"{"id":1,"result":{}}"#, fromClient: false)?.name == "json")
  }
}
