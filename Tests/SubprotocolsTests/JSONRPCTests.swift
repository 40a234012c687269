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

  @Test("elements of a batch that are no messages are passed over, and told")
  func brokenBatch() throws {
    let peers = ViewTester()
    let view = try #require(
      peers.text(
        #"[{"jsonrpc":"2.0","method":"a","id":1},{"foo":"boo"},7,[1],{"jsonrpc":"2.0","method":"b","id":2}]"#))
    #expect(view.values("more[*].method") == ["b"])
    #expect(peers.faults == ["JSON-RPC 2.0: 3 in a batch that are no messages"])
  }

  @Test("notifications belong to the subscription of an Ethereum node")
  func subscription() throws {
    let peers = ViewTester()
    _ = peers.text(#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#)
    _ = peers.text(#"{"jsonrpc":"2.0","id":1,"result":"0x9cef478923ff08bf67fde6c64013158d"}"#, fromClient: false)
    let head = try #require(
      peers.text(
        #"{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x9cef478923ff08bf67fde6c64013158d","result":{"number":"0x1b4"}}}"#,
        fromClient: false))
    #expect(head["subscription"] == "0x9cef478923ff08bf67fde6c64013158d")
    #expect(head["reply_to"] == "1")
    #expect(head.words.hasPrefix("JSON-RPC eth_subscription of eth_subscribe newHeads {"))
  }

  @Test("JSON-RPC 1.0: requests, replies and notifications with three members each")
  func old() throws {
    let peers = ViewTester("jsonrpc")
    let echo = try #require(peers.text(#"{ "method": "echo", "params": ["Hello JSON-RPC"], "id": 1}"#))
    #expect(echo.words == #"JSON-RPC echo #1 ["Hello JSON-RPC"]"#)
    let reply = try #require(
      peers.text(#"{ "result": "Hello JSON-RPC", "error": null, "id": 1}"#, fromClient: false))
    #expect(reply["kind"] == "result")
    #expect(reply["reply_to"] == "1")
    let note = try #require(peers.text(#"{"method":"chat","params":["hi"],"id":null}"#))
    #expect(note["kind"] == "notification")
    #expect(note.requests.isEmpty)
    #expect(ViewTester().text(#"{"result":null,"error":{"code":1},"id":1}"#)?.name == "jsonrpc")
    for other in [
      #"{"method":"echo","params":["x"],"id":1}"#,
      #"{"method":"echo","params":{},"id":1}"#, #"{"method":"echo","id":1}"#, #"{"result":1,"error":2,"id":1}"#,
      #"{"msg":"method","method":"a","params":[],"id":"1"}"#, #"{"method":"echo","params":[],"id":null}"#,
    ] { #expect(ViewTester().text(other)?.name == "json", "\(other)") }
  }

  @Test("what looks like JSON-RPC 1.0, but has replies without an error, is none")
  func likeOld() throws {
    let peers = ViewTester()
    for text in [#"{"method":"SUBSCRIBE","params":["a@trade"],"id":1}"#, #"{"result":null,"id":1}"#] {
      #expect(peers.text(text)?.name == "json")
    }
    #expect(peers.text(#"{"result":1,"error":null,"id":1}"#, fromClient: false)?.name == "jsonrpc")
    #expect(peers.text(#"{"result":1,"id":1}"#, fromClient: false)?.name == "json")
    #expect(peers.text(#"{"method":"echo","params":["x"],"id":2}"#)?.name == "jsonrpc")
    #expect(peers.faults.isEmpty)
    let told = ViewTester(forced: "jsonrpc")
    #expect(told.text(#"{"method":"a","id":1}"#)?.name == "jsonrpc")
    #expect(told.text(#"{"result":null,"id":1}"#, fromClient: false)?["reply_to"] == "1")
  }

  @Test("what JSON-RPC 2.0 forbids is told")
  func rules() {
    let peers = ViewTester()
    func faults(_ members: String) -> [String] {
      _ = peers.text(#"{"jsonrpc":"2.0",\#(members)}"#, fromClient: false)
      return peers.faults.map { String($0.dropFirst("JSON-RPC 2.0: ".count)) }
    }
    #expect(faults(#""method":5,"id":1"#) == ["the method is no string"])
    #expect(faults(#""method":"a","params":"x""#) == ["the parameters are neither an object nor an array"])
    #expect(faults(#""method":"a","id":true"#) == ["the id is neither a string nor a number"])
    #expect(faults(#""method":"a","id":{}"#) == ["the id is neither a string nor a number"])
    #expect(faults(#""result":1,"error":{"code":1,"message":"m"},"id":1"#) == ["both a result and an error"])
    #expect(faults(#""result":1"#) == ["a reply without an id"])
    #expect(faults(#""id":1,"error":"bad""#) == ["the error is no object"])
    #expect(
      faults(#""id":1,"error":{"code":"x"}"#)
        == ["an error without a code that is a whole number", "an error without a message"])
    #expect(faults(#""id":null,"error":{"code":-32700,"message":"Parse error"}"#).isEmpty)
    #expect(faults(#""method":"a","params":[],"id":1.5"#).isEmpty)
  }

  @Test("an error with the id null replies to nothing that is known")
  func nullID() throws {
    let peers = ViewTester()
    _ = peers.text(#"{"jsonrpc":"2.0","method":"a","id":null}"#)
    let error = try #require(
      peers.text(#"{"jsonrpc":"2.0","error":{"code":-32700,"message":"x"},"id":null}"#, fromClient: false))
    #expect(error["reply_to"] == nil)
    #expect(error.replies.isEmpty)
  }

  @Test("our own limits are no faults: a thousand messages of a batch, and a depth of 512")
  func limits() throws {
    let peers = ViewTester()
    let one = #"{"jsonrpc":"2.0","method":"a"}"#
    let batch = try #require(peers.text("[\(Array(repeating: one, count: 1003).joined(separator: ","))]"))
    #expect(batch["more_left_out"] == "3")
    #expect(peers.faults.isEmpty)
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    let view = try #require(peers.text(#"{"jsonrpc":"2.0","method":"a","params":\#(deep)}"#))
    #expect(view["method"] == "a")
    #expect(peers.faults.isEmpty)
  }

  @Test("a subscription that has ended is linked no more")
  func endOfSubscription() throws {
    let peers = ViewTester()
    let push = #"{"jsonrpc":"2.0","method":"eth_subscription","params":{"subscription":"0x9c","result":{}}}"#
    _ = peers.text(#"{"jsonrpc":"2.0","id":1,"method":"eth_subscribe","params":["newHeads"]}"#)
    _ = peers.text(#"{"jsonrpc":"2.0","id":1,"result":"0x9c"}"#, fromClient: false)
    _ = peers.text(#"{"jsonrpc":"2.0","id":4,"method":"eth_unsubscribe","params":["0x9c"]}"#)
    #expect(peers.text(push, fromClient: false)?["reply_to"] == "1")
    _ = peers.text(#"{"jsonrpc":"2.0","id":4,"result":true}"#, fromClient: false)
    #expect(peers.text(push, fromClient: false)?["reply_to"] == nil)
  }

  @Test("what is neither request nor reply is told")
  func malformed() throws {
    let peers = ViewTester()
    #expect(peers.text(#"{"jsonrpc":"2.0","id":1}"#) != nil)
    #expect(peers.faults == ["JSON-RPC 2.0: neither a method nor a result nor an error"])
    #expect(peers.text(#"{"jsonrpc": "2.0", "method""#) != nil)
    #expect(peers.faults == ["JSON-RPC 2.0: no JSON text"])
  }

  @Test("other JSON is JSON")
  func otherJSON() throws {
    let peers = ViewTester()
    #expect(peers.text(#"{"type":"x"}"#)?.text == #"{"name":"json"}"#)
    #expect(peers.text("hello") == nil)
    #expect(peers.text(#"{"type":}"#) == nil)
  }
}
