import Testing

@testable import Subprotocols

/// The examples of the protocol (https://centrifugal.dev/docs/transports/client_protocol).
struct CentrifugoTests {
  static let connect = #"{"id":1,"connect":{"token":"x"}}"#
  static let push = #"{"push":{"channel":"news","pub":{"data":{"a":1},"offset":4}}}"#

  @Test("replies are linked to commands by their ids")
  func pairs() throws {
    let peers = ViewTester()
    let command = try #require(peers.text(Self.connect))
    #expect(command["kind"] == "command" && command["method"] == "connect" && command["params.token"] == "x")
    let reply = try #require(peers.text(#"{"id":1,"connect":{"client":"c"}}"#, fromClient: false))
    #expect(reply["kind"] == "reply" && reply["reply_to"] == "1" && reply["result.client"] == "c")
    #expect(reply.words == #"Centrifugo reply #1 of connect {"client":"c"}"#)
    let subscribe = try #require(peers.text(#"{"id":2,"subscribe":{"channel":"news"}}"#))
    #expect(subscribe["channel"] == "news" && subscribe.words == #"Centrifugo subscribe #2 news {"channel":"news"}"#)
    let error = try #require(peers.text(#"{"id":2,"error":{"code":103,"message":"no"}}"#, fromClient: false))
    #expect(error["method"] == "subscribe" && error["error.code"] == "103" && error.replies.first?.isError == true)
  }

  @Test("a message may hold several, one on each line; empty ones are pings and pongs")
  func several() throws {
    let peers = ViewTester()
    let view = try #require(
      peers.text(Self.push + "\n" + #"{"id":9,"publish":{}}"# + "\n{}\n", fromClient: false))
    #expect(
      view["kind"] == "push" && view["method"] == "pub" && view["channel"] == "news" && view["push.offset"] == "4")
    #expect(view.values("more[*].kind") == ["reply", "ping"])
    #expect(view.words == #"Centrifugo push news pub {"data":{"a":1},"offset":4} + reply #9 of publish {} + ping"#)
    let pong = try #require(peers.text("{}"))
    #expect(pong["kind"] == "pong" && pong["reply_to"] == "1")
  }

  @Test("version 1 has numbers for methods, and pushes that are replies without ids")
  func version1() throws {
    let peers = ViewTester(target: "/connection/websocket")
    let command = try #require(peers.text(#"{"params":{"channel":"a"},"method":1,"id":7}"#))
    #expect(command["method"] == "subscribe" && command["channel"] == "a")
    let reply = try #require(peers.text(#"{"id":7,"result":{}}"#, fromClient: false))
    #expect(reply["method"] == "subscribe" && reply["reply_to"] == "1")
    #expect(peers.text(#"{"method":7,"id":8}"#)?["method"] == "ping")
    let push = try #require(peers.text(#"{"result":{"channel":"a","data":{"data":1}}}"#, fromClient: false))
    #expect(push["kind"] == "push" && push["channel"] == "a" && push["method"] == "pub" && push["push.data"] == "1")
    let join = #"{"result":{"type":1,"channel":"a","data":{"info":{}}}}"#
    #expect(peers.text(join, fromClient: false)?["method"] == "join")
    #expect(ViewTester(target: "/connection/websocket").text(#"{"id":1,"params":{}}"#)?["method"] == "connect")
  }

  @Test("other JSON with ids is not taken for it")
  func others() {
    for text in [
      #"{"id":1,"method":"Page.enable","params":{}}"#, #"{"id":1,"result":{}}"#, #"{"id":1,"type":"ping"}"#, "{}",
      #"{"push":{"a":1}}"#, #"{"id":1,"send":{"a":1}}"#, #"{"id":"1","connect":{}}"#,
    ] {
      #expect(ViewTester().text(text, fromClient: false)?["name"] == "json", "\(text)")
    }
  }

  @Test("what is no JSON is told of, unless the capture holds a part only")
  func faults() {
    let peers = ViewTester("centrifuge-json")
    for bad in [Self.connect + "\nx", #"{"id":1,"connect":{"#, #"{"id":3}"#, Self.connect + "\n{\"id\":"] {
      _ = peers.text(bad)
      #expect(peers.faults.count >= 1, "\(bad)")
    }
    let part = Array((Self.push + "\n{\"push\":{").utf8)
    #expect(peers.read(part, isText: true, fromClient: false, isWhole: false)?["method"] == "pub")
    #expect(peers.faults.isEmpty)
  }

  @Test("the unidirectional endpoint has pushes that nothing wraps, and pings without pongs")
  func unidirectional() throws {
    let peers = ViewTester(target: "/connection/uni_websocket")
    let hello = try #require(peers.text(#"{"connect":{"client":"c","ping":25}}"#, fromClient: false))
    #expect(hello["kind"] == "push" && hello["method"] == "connect" && hello["push.client"] == "c")
    let join = try #require(peers.text(#"{"channel":"news","join":{"info":{}}}"#, fromClient: false))
    #expect(join["method"] == "join" && join["channel"] == "news")
    #expect(join.words == #"Centrifugo push news join {"info":{}}"#)
    #expect(peers.text("{}", fromClient: false)?.requests.isEmpty == true)
    #expect(peers.text(#"{"token":"x"}"#)?["method"] == "connect")
    #expect(peers.faults.isEmpty)
    #expect(ViewTester().text(#"{"connect":{"client":"c"}}"#, fromClient: false)?["name"] == "json")
  }

  @Test("what is none of it is told of once the URL and messages say Centrifugo; own limits are not")
  func certain() throws {
    let peers = ViewTester(target: "/connection/websocket")
    _ = peers.text(Self.connect)
    #expect(peers.text("x")?["name"] == "centrifugo")
    #expect(peers.faults == ["Centrifugo client protocol 2: no command, reply or push"])
    let pings = try #require(peers.text(String(repeating: "{}\n", count: 1100), fromClient: false))
    #expect(pings["more_left_out"] == "100" && peers.faults.isEmpty)
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2])
  func mutations(_ seed: UInt64) {
    mutate(
      [
        Self.connect, Self.push, Self.push + "\n" + Self.connect + "\n{}",
        #"{"params":{"channel":"a"},"method":1,"id":7}"#,
      ],
      seed, ViewTester("centrifuge-json"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort([Self.connect, Self.push, Self.push + "\n" + Self.connect], after: [Self.connect]) {
      ViewTester("centrifuge-json")
    }
  }
}
