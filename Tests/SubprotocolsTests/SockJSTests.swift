import Testing

@testable import Subprotocols

/// The frames of the protocol (https://sockjs.github.io/sockjs-protocol/sockjs-protocol-0.3.3.html), and what they carry.
struct SockJSTests {
  static let target = "/echo/000/abcdefgh/websocket"

  @Test("a session opens, beats, speaks and closes")
  func session() throws {
    let peers = ViewTester(target: Self.target)
    #expect(peers.text("o", fromClient: false)?["frame"] == "open")
    #expect(peers.text("h", fromClient: false)?.words == "SockJS heartbeat")
    let call = try #require(peers.text(#"["hello \"you\""]"#))
    #expect(call["frame"] == "messages" && call["message"] == #"hello \"you\""#)
    #expect(call.words == #"SockJS hello "you""#)
    let answer = try #require(peers.text(#"a["x","y"]"#, fromClient: false))
    #expect(answer["message"] == "x" && answer.values("more[*].message") == ["y"] && answer.words == "SockJS x + y")
    #expect(peers.text(#""single""#)?["message"] == "single")
    #expect(peers.text(#"m"single""#, fromClient: false)?["message"] == "single")
    let end = try #require(peers.text(#"c[3000,"Go away!"]"#, fromClient: false))
    #expect(end["frame"] == "close" && end["code"] == "3000" && end["reason"] == "Go away!")
    #expect(end.words == "SockJS close 3000 Go away!")
  }

  @Test("requests and replies that are carried are linked")
  func carried() throws {
    let peers = ViewTester(target: Self.target)
    _ = peers.text("o", fromClient: false)
    let call = try #require(peers.text(#"["{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"id\":1}"]"#))
    #expect(call["carries.name"] == "jsonrpc" && call.words == "SockJS JSON-RPC x #1")
    let reply = try #require(
      peers.text(#"a["hello","{\"jsonrpc\":\"2.0\",\"result\":2,\"id\":1}"]"#, fromClient: false))
    #expect(reply["more[0].carries.reply_to"] == "2" && reply.replies.count == 1)
    #expect(reply.words == "SockJS hello + JSON-RPC result #1 of x 2")
  }

  @Test("SockJS in SockJS ends")
  func nested() throws {
    let peers = ViewTester(target: Self.target)
    var text = "a[\"o\"]"
    for _ in 0..<8 {
      text = #"a[""# + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + #""]"#
    }
    _ = try #require(peers.text(text, fromClient: false)).text
  }

  @Test("the raw endpoint is no SockJS, nor is an array without the URL")
  func raw() {
    for target in ["/echo/websocket", "/websocket", "/a/b/c", "/echo/1.2/x/websocket", "/api/v1/feed/websocket"] {
      #expect(ViewTester(target: target).text(#"["x"]"#)?["name"] == "json", "\(target)")
    }
    #expect(ViewTester().text("o", fromClient: false) == nil)
    #expect(ViewTester().text(#"a["x"]"#, fromClient: false)?["name"] == "sockjs")
    #expect(ViewTester().text(#"c[1,2]"#, fromClient: false) == nil)
  }

  @Test("frames that break the rules are told of")
  func faults() {
    let peers = ViewTester(target: Self.target)
    _ = peers.text("o", fromClient: false)
    for bad in [#"a["x""#, "c[]", #"c["x",1]"#, "a[\"x\"]]", "m[1,{]"] {
      #expect(peers.text(bad, fromClient: false) != nil, "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
    _ = peers.read(Array(#"a["x","y"#.utf8), isText: true, fromClient: false, isWhole: false)
    #expect(peers.faults.isEmpty)
  }

  @Test("what can be no frame is told of once the URL and the server say SockJS")
  func certain() {
    let peers = ViewTester(target: Self.target)
    _ = peers.text("o", fromClient: false)
    for (bad, fromClient) in [(#"{"a":1}"#, true), ("z", false), ("ox", false)] {
      #expect(peers.text(bad, fromClient: fromClient)?["name"] == "sockjs", "\(bad)")
      #expect(peers.faults == ["SockJS 0.3.3: no frame of SockJS"], "\(bad)")
    }
    #expect(ViewTester(target: Self.target).text(#"{"a":1}"#)?["name"] == "json")
  }

  @Test("more messages than are shown, and a frame that is not stored to its end, are no fault")
  func limits() throws {
    let peers = ViewTester(target: Self.target)
    let many = "a[" + (0..<1200).map { "\"\($0)\"" }.joined(separator: ",") + "]"
    let view = try #require(peers.text(many, fromClient: false))
    #expect(view["more_left_out"] == "200" && peers.faults.isEmpty)
    let cut = try #require(
      peers.read(Array(#"a["x","y"#.utf8), isText: true, fromClient: false, isWhole: false, isCut: true))
    #expect(cut["message"] == "x" && cut["cut"] == "true" && cut.words == "SockJS x (cut by --max-payload)")
    peers.lose(fromClient: false)
    #expect(peers.text(#"a["x"]"#, fromClient: false)?["message"] == "x" && peers.faults.isEmpty)
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2, 3])
  func mutations(_ seed: UInt64) {
    mutate(
      ["o", "h", #"a["x","{\"a\":1}"]"#, #"c[3000,"Go away!"]"#, #"["a","b"]"#, #""b""#, "m[[1],{\"a\":[]}]"], seed,
      ViewTester(target: Self.target))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort([#"a["x","{\"a\":1}"]"#, #"c[3000,"Go away!"]"#, #"["a","b"]"#, #""b""#], after: ["o"]) {
      ViewTester(target: Self.target)
    }
  }
}
