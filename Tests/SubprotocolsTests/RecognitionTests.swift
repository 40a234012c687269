import Testing

@testable import Subprotocols

/// Which views claim a message of which nothing is known but its text: that of its protocol, and no other.
struct RecognitionTests {
  @Test("where JSON was agreed on, any value is JSON, however deep")
  func agreedJSON() throws {
    for text in [
      "5", #""x""#, "null", " true ", String(repeating: "[", count: 600) + String(repeating: "]", count: 600),
    ] {
      let peers = ViewTester("json")
      #expect(peers.text(text)?.name == "json")
      #expect(peers.faults.isEmpty)
    }
    let peers = ViewTester("json")
    _ = peers.text("[1")
    #expect(!peers.faults.isEmpty)
  }

  /// Names of the views that would take the message, and the name of the one that shows it.
  private func claims(_ text: String, fromClient: Bool) -> (names: [String], shown: String?) {
    let bytes = Array(text.utf8)
    let message = ViewedMessage(isFromClient: fromClient, isText: true)
    var outline = JSONOutline()
    outline.read(bytes.span.bytes)
    var names: [String] = []
    for view in PayloadViews.protocols {
      let likelihood = view.likelihood(of: message, bytes.span.bytes, outline)
      if likelihood >= ViewSession.least { names.append(view.description.name) }
    }
    return (names, ViewTester().text(text, fromClient: fromClient)?.name)
  }

  private static let ofClients: [(String, String)] = [
    ("graphql", #"{"type": "connection_init", "payload": {"client": "alice"}}"#),
    (
      "graphql",
      #"{"id": "1", "type": "subscribe", "payload": {"query": "query Ferry($pier: Int!) {\n  ferry(pier: $pier)\n}", "variables": {"pier": 1}}}"#
    ),
    ("graphql", #"{"id": "2", "type": "start", "payload": {"query": "mutation {\n  rename(to: \"Sk\\\"ua\")\n}"}}"#),
    ("graphql", #"{"type": "connection_terminate"}"#),
    (
      "ocpp",
      #"[2,"a78031f9-5239-4076-bafd-3ad1b7b6dfe9","BootNotification",{"chargePointModel":"Model \u00d6","chargePointVendor":"VendorX"}]"#
    ),
    ("ocpp", #"[2,"f041adb7-a75f-48f3-8acb-6449e6d6e0fd","Heartbeat",{}]"#),
    ("ocpp", #"[3,"c9a7f919-1d23-4fb8-828e-e4c87e0502a5",{"status":"Accepted"}]"#),
    ("ocpp", #"[4,"2beee94a-ae04-4e6a-b399-6178a8b359e0","SecurityError","not from you",{}]"#),
    ("cdp", #"{"id": 1, "method": "Runtime.enable", "params": {}}"#),
    ("cdp", #"{"id": 2, "method": "Page.navigate", "params": {"url": "about:blank"}}"#),
    (
      "cdp",
      #"{"id": 3, "method": "Runtime.evaluate", "params": {"expression": "6 * 7"}, "sessionId": "71B956406D44E9B0BD50C4EF15440188"}"#
    ),
    (
      "jupyter",
      #"{"header": {"msg_id": "faa9f68c", "msg_type": "execute_request", "username": "alice", "session": "c6c49269", "date": "2026-11-20T20:00:00Z", "version": "5.4"}, "parent_header": {}, "metadata": {}, "content": {"code": "6 * 7"}, "channel": "shell"}"#
    ),
    (
      "jsonrpc",
      #"{"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"processId": null, "rootUri": null, "capabilities": {}}}"#
    ),
    ("jsonrpc", #"{"id": 1, "jsonrpc": "2.0", "method": "eth_subscribe", "params": ["newHeads"]}"#),
    (
      "jsonrpc",
      #"[{"id": 3, "jsonrpc": "2.0", "method": "eth_blockNumber", "params": []},{"id": 4, "jsonrpc": "2.0", "method": "eth_chainId", "params": []}]"#
    ),
    ("jsonrpc", #"{"jsonrpc": "2.0", "id": 7, "method": "Page.navigate", "params": {}}"#),
    ("xmpp", #"<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="localhost" version="1.0"/>"#),
    ("xmpp", #"<iq xmlns="jabber:client" type="get" id="r1"><query xmlns="jabber:iq:roster"/></iq>"#),
    ("soap", #"<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><a/></e:Body></e:Envelope>"#),
  ]

  private static let ofServers: [(String, String)] = [
    ("graphql", #"{"type":"connection_ack"}"#),
    ("graphql", #"{"id":"1","type":"next","payload":{"data":{"ferry":"Tern"}}}"#),
    ("graphql", #"{"type":"data","id":"3","payload":{"data":{"minutes":2}}}"#),
    (
      "graphql",
      #"{"id":"6","type":"error","payload":[{"message":"Cannot query field 'boat' on type 'Query'.","locations":[{"line":2,"column":3}]}]}"#
    ),
    ("ocpp", #"[2,"2beee94a-ae04-4e6a-b399-6178a8b359e0","Reset",{"type":"Immediate"}]"#),
    ("ocpp", #"[3,"20a4bc67-d264-4ce0-b9cb-56d76b280326",{"totalCost":2.5}]"#),
    ("cdp", #"{"method":"Runtime.executionContextsCleared","params":{}}"#),
    (
      "cdp",
      #"{"method":"Network.webSocketFrameSent","params":{"requestId":"1.2","timestamp":1.5,"response":{"opcode":1}}}"#
    ),
    ("jsonrpc", #"{"jsonrpc": "2.0", "result": "0x539", "id": 0}"#),
    ("jsonrpc", #"{"jsonrpc": "2.0", "error": {"code": -32700, "message": "Parse error"}, "id": null}"#),
    (
      "jsonrpc",
      #"{"jsonrpc": "2.0", "method": "eth_subscription", "params": {"subscription": "0x9c", "result": {"number": "0x1b6"}}}"#
    ),
    ("jsonrpc", #"{"id": 1, "result": [["mining.notify", "a"], "f8", 4], "error": null}"#),
    ("xmpp", "<stream:features xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'/>"),
  ]

  @Test("real messages are recognised one by one, by one view", arguments: [true, false])
  func protocols(fromClient: Bool) {
    for (name, text) in fromClient ? Self.ofClients : Self.ofServers {
      let (names, shown) = claims(text, fromClient: fromClient)
      #expect(names == [name], "\(text)")
      #expect(shown == name, "\(text)")
    }
  }

  /// Messages of applications, which follow nothing but their own habits.
  private static let ordinary = [
    #"{"id": 1, "method": "mining.subscribe", "params": ["cpuminer/2.5.0"]}"#, #"{"result":null,"id":1}"#,
    #"{"method":"SUBSCRIBE","params":["btcusdt@aggTrade"],"id":1}"#, #"{"type":"ping"}"#, #"{"type":"pong"}"#,
    #"{"type":"subscribe","id":"1","payload":{"query":"hello { world"}}"#,
    #"{"type":"subscribe","id":"1","payload":{"query":"cats and dogs"}}"#,
    "{}", "[]", "[1,2,3]", "[0.5,-1.5e3]", #"["a",1]"#, #"["a","b"]"#, "[[1,2],[3,4]]", "[null,true]",
    #"[{"x":1},{"x":2}]"#,
    #"[2,"id"]"#, #"[3,"7",{}]"#, #"[2,"a","say",{}]"#, #"[1,"join","room",{"name":"x"}]"#, #"[42,{"a":1}]"#,
    #"{"type":"message","text":"hello"}"#, #"{"type":"chat","id":7,"data":{"text":"hi"}}"#,
    #"{"type":"data","id":1,"data":[1,2]}"#,
    #"{"type":"subscribe","id":"1","payload":{"topic":"tides"}}"#, #"{"type":"subscribe","channels":["ticker"]}"#,
    #"{"type":"data","payload":{"value":3}}"#, #"{"type":"error","message":"no such room"}"#,
    #"{"type":"error","id":"4","payload":"x"}"#,
    #"{"type":"next","id":3}"#, #"{"type":"start","payload":{"level":1}}"#, #"{"type":"complete","progress":1}"#,
    #"{"type":"connection_init","user":"a","token":"b"}"#, #"{"type":"stop"}"#,
    #"{"type":"Feature","geometry":{"type":"Point","coordinates":[1.5,2.5]},"properties":{}}"#,
    #"{"type":"FeatureCollection","features":[]}"#, #"{"event":"tick","price":"101.5","volume":3}"#,
    #"{"e":"trade","E":1672515782136,"s":"BNBBTC","p":"0.001","q":"100"}"#,
    #"{"op":"subscribe","args":["trade"]}"#, #"{"action":"move","x":3,"y":4}"#, #"{"cmd":"ping","ts":1}"#,
    #"{"status":"ok"}"#,
    #"{"id":1,"result":"ok"}"#, #"{"id":1,"result":{}}"#, #"{"id":1,"error":"bad"}"#,
    #"{"id":"a","method":"login","params":{"user":"x"}}"#,
    #"{"id":1,"method":"login"}"#, #"{"id":1,"method":"device.list","params":{}}"#,
    #"{"method":"update","params":{"a":1}}"#,
    #"{"method":"Light.set","params":{"on":true},"id":2}"#, #"{"method":"POST","url":"/x","body":{}}"#,
    #"{"header":{"id":1},"content":"x"}"#, #"{"header":{"msg_id":"1","kind":"a"},"content":{},"parent_header":{}}"#,
    #"{"channel":"shell","data":"ls"}"#,
    #"{"players":[{"id":1,"x":0.5,"y":0.25}],"tick":881,"state":"running"}"#, #"{"query":"{ a }","variables":{}}"#,
    #"{"data":{"user":{"name":"x"}}}"#, #"{"errors":[{"message":"x"}]}"#, #"{"payload":{"data":1}}"#,
    #"{"version":"1.1","host":"a","short_message":"b"}"#,
    #"{"a":{"b":{"c":[1,{"d":null}]}}}"#, #"{"topic":"room:1","event":"x","body":{}}"#,
    #"{"temperature":21.5,"unit":"C","time":"2026-11-20T20:00:00Z"}"#,
  ]

  @Test("JSON of applications stays JSON", arguments: [true, false])
  func ordinary(fromClient: Bool) {
    #expect(Self.ordinary.count >= 50)
    for text in Self.ordinary {
      let (names, shown) = claims(text, fromClient: fromClient)
      #expect(names == [], "\(text)")
      #expect(shown == "json", "\(text)")
    }
  }

  @Test("messages of which the capture holds a part break no rule", arguments: [true, false])
  func parts(fromClient: Bool) {
    for (name, text) in fromClient ? Self.ofClients : Self.ofServers {
      let bytes = Array(text.utf8)
      for end in bytes.indices {
        let peers = ViewTester(forced: name)
        let view = peers.read(Array(bytes[..<end]), isText: true, fromClient: fromClient, isWhole: false)
        #expect(peers.faults == [], "\(text.utf8.prefix(end))")
        #expect(view?.text != "")
      }
    }
  }

  @Test("messages that are changed anywhere, or cut, never break a view; nor do views of others' messages")
  func mutations() {
    var random = SystemRandomNumberGenerator()
    let seed = random.next()
    var state = seed
    func next(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    let texts = (Self.ofClients + Self.ofServers).map { Array($0.1.utf8) }
    for view in PayloadViews.all {
      let peers = ViewTester(forced: view.description.name)
      for _ in 0..<400 {
        var bytes = texts[next(texts.count)]
        for _ in 0..<next(4) { bytes[next(bytes.count)] = UInt8(truncatingIfNeeded: next(256)) }
        if next(3) == 0 { bytes.removeLast(next(bytes.count)) }
        let isText = next(4) > 0
        let shown = peers.read(bytes, isText: isText, fromClient: next(2) == 0, isWhole: next(4) > 0)
        #expect(shown?.text != "", "seed \(seed)")
      }
    }
  }
}
