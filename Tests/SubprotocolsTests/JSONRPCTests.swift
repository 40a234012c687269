import Testing

@testable import Subprotocols

/// The examples of the specification (https://www.jsonrpc.org/specification, section 7), and those of its users.
struct JSONRPCTests {
  @Test("a request and its reply are linked, with the time between them")
  func pair() throws {
    let peers = ViewTester()
    let request = try #require(peers.text(#"{"jsonrpc": "2.0", "method": "subtract", "params": [42, 23], "id": 1}"#))
    #expect(
      request.text == #"{"name":"jsonrpc","kind":"request","method":"subtract","id":1,"params":[42, 23]}"#)
    #expect(request.words == "JSON-RPC subtract #1 [42, 23]")
    #expect(request.requests == [ViewRequest(label: "subtract")])
    let reply = try #require(peers.text(#"{"jsonrpc": "2.0", "result": 19, "id": 1}"#, fromClient: false))
    #expect(
      reply.text
        == #"{"name":"jsonrpc","kind":"result","id":1,"reply_to":1,"latency":0.001000000,"method":"subtract","result":19}"#
    )
    #expect(reply.words == "JSON-RPC result #1 of subtract 19")
    #expect(reply.replies == [ViewReply(label: "subtract", request: 1, isError: false, latency: 1_000_000)])
  }

  @Test("1 and \"1\" are different ids, and a reply comes from the other end")
  func ids() throws {
    let peers = ViewTester()
    _ = peers.text(#"{"jsonrpc":"2.0","method":"a","id":1}"#)
    #expect(try #require(peers.text(#"{"jsonrpc":"2.0","result":0,"id":1}"#)).replies.isEmpty)
    #expect(try #require(peers.text(#"{"jsonrpc":"2.0","result":0,"id":"1"}"#, fromClient: false)).replies.isEmpty)
    #expect(
      try #require(peers.text(#"{"jsonrpc":"2.0","error":{"code":-32601},"id":1}"#, fromClient: false)).replies.count
        == 1)
  }

  @Test("a batch shows its first message, and the others below it")
  func batch() throws {
    let peers = ViewTester()
    let view = try #require(
      peers.text(
        #"[{"jsonrpc":"2.0","method":"sum","params":[1,2,4],"id":"1"},{"jsonrpc":"2.0","method":"notify_hello","params":[7]},{"jsonrpc":"2.0","method":"get_data","id":"9"}]"#
      ))
    #expect(view.values("method") == [#"sum"#])
    #expect(view.values("more[*].method") == ["notify_hello", "get_data"])
    #expect(view.requests.map(\.label) == ["sum", "get_data"])
    #expect(view.words == #"JSON-RPC sum #1 [1,2,4] + notify_hello [7] + get_data #9"#)
  }

  @Test("what is neither request nor reply is told")
  func malformed() throws {
    let peers = ViewTester()
    #expect(peers.text(#"{"jsonrpc":"2.0","id":1}"#) != nil)
    #expect(peers.faults == ["JSON-RPC 2.0: neither a method nor a result nor an error"])
  }

  @Test("other JSON is JSON")
  func otherJSON() throws {
    let peers = ViewTester()
    #expect(peers.text(#"{"type":"x"}"#)?.text == #"{"name":"json"}"#)
    #expect(peers.text("hello") == nil)
    #expect(peers.text(#"{"type":}"#) == nil)
  }
}
