import Testing

@testable import Subprotocols

/// Messages as the serializers of Phoenix have them (https://github.com/phoenixframework/phoenix, lib/phoenix/socket/serializers).
struct PhoenixTests {
  static let join = #"["1","1","room:lobby","phx_join",{"token":"x"}]"#
  static let reply = #"["1","1","room:lobby","phx_reply",{"status":"ok","response":{"n":1}}]"#

  @Test("a reply is linked to its message by the reference, and shows its status and response")
  func pair() throws {
    let peers = ViewTester()
    let join = try #require(peers.text(Self.join))
    #expect(
      join.text
        == #"{"name":"phoenix","topic":"room:lobby","event":"phx_join","ref":"1","join_ref":"1","payload":{"token":"x"}}"#
    )
    #expect(join.words == #"Phoenix room:lobby phx_join #1 {"token":"x"}"#)
    let reply = try #require(peers.text(Self.reply, fromClient: false))
    #expect(reply["status"] == "ok" && reply["payload"] == #"{"n":1}"# && reply["reply_to"] == "1")
    #expect(reply["request"] == "phx_join" && reply.words == #"Phoenix room:lobby reply #1 of phx_join ok {"n":1}"#)
    _ = peers.text(#"["1","2","room:lobby","shout",{}]"#)
    let error = try #require(
      peers.text(#"["1","2","room:lobby","phx_reply",{"status":"error","response":{}}]"#, fromClient: false))
    #expect(error.replies.first?.isError == true)
    #expect(peers.text(#"["1","1","room:lobby","phx_close",{}]"#, fromClient: false)?.requests.isEmpty == true)
  }

  @Test("version 1 has the same in objects")
  func version1() throws {
    let peers = ViewTester()
    let beat = #"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":5}"#
    #expect(peers.text(beat)?["ref"] == "5")
    let reply = try #require(
      peers.text(
        #"{"topic":"phoenix","event":"phx_reply","payload":{"status":"ok","response":{}},"ref":"5"}"#, fromClient: false
      ))
    #expect(reply["reply_to"] == "1" && reply["join_ref"] == nil)
  }

  @Test("binary messages have their parts behind the lengths of these")
  func binary() throws {
    let peers = ViewTester(target: "/socket/websocket?vsn=2.0.0")
    let push = try #require(peers.binary([0, 1, 1, 1, 1] + Array("01te".utf8) + [4, 255]))
    #expect(push["join_ref"] == "0" && push["ref"] == "1" && push["topic"] == "t" && push["event"] == "e")
    #expect(push["payload"] == #"{"base64":"BP8="}"# && push.requests.map(\.label) == ["e"])
    let reply = try #require(peers.binary([1, 1, 1, 1, 2] + Array("01tok".utf8), fromClient: false))
    #expect(reply["status"] == "ok" && reply["reply_to"] == "1" && reply["event"] == "phx_reply")
    let news = try #require(peers.binary([2, 1, 1] + Array("tehello".utf8), fromClient: false))
    #expect(news["event"] == "e" && news["payload"] == "hello" && news["ref"] == nil)
    #expect(peers.binary([0, 1, 1, 1] + Array("jte".utf8), fromClient: false)?["join_ref"] == "j")
    #expect(peers.faults.isEmpty)
    for bad: [UInt8] in [[0, 200, 1, 1, 1], [0, 0, 0, 0, 0]] {
      #expect(peers.binary(bad)?["topic"] == nil)
      #expect(peers.faults == ["Phoenix channels 2.0.0: no message of a channel"])
      #expect(ViewTester(target: "/socket/websocket?vsn=2.0.0").binary(bad)?["name"] != "phoenix")
    }
  }

  @Test("binary messages of kinds that a server adds are no fault")
  func otherKinds() {
    let peers = ViewTester(target: "/realtime/v1/websocket?vsn=2.0.0")
    _ = peers.text(Self.join)
    #expect(peers.binary([4, 1, 1, 1, 1]) == nil)
    #expect(peers.faults.isEmpty)
  }

  @Test("arrays and objects of others are not taken for it")
  func others() {
    for text in [
      #"["a","b","c","d","e"]"#, "[1,2,3,4,5]", #"[2,"id","Action",{}]"#, #"{"topic":"a","event":"b"}"#,
      #"{"topic":"a:b","event":"c","payload":{}}"#, #"[null,null,"plain","word",{}]"#,
    ] {
      #expect(ViewTester().text(text)?["name"] == "json", "\(text)")
    }
    #expect(ViewTester().text(#"[null,null,"room:1","news",{}]"#, fromClient: false)?["name"] == "phoenix")
  }

  @Test("what is cut short is shown as far as it goes, and what is no JSON is told of")
  func cut() {
    let peers = ViewTester(target: "/socket/websocket?vsn=1.0.0")
    _ = peers.text(#"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":5}"#)
    let part = Array(#"{"topic":"a:b","event":"c","payload":{"x"#.utf8)
    #expect(peers.read(part, isText: true, isWhole: false)?["event"] == "c")
    #expect(peers.faults.isEmpty)
    #expect(peers.read(part, isText: true)?["event"] == "c")
    #expect(peers.faults == ["Phoenix channels 2.0.0: the message is no JSON"])
  }

  @Test("what is no message is told of, once it is certain that they speak Phoenix")
  func faults() {
    let peers = ViewTester(target: "/socket/websocket?vsn=2.0.0")
    #expect(peers.text("[1,2]")?["name"] == "json" && peers.faults.isEmpty)
    _ = peers.text(Self.join)
    for bad in [
      "[1,2]", #"["1","1",5,"x",{}]"#, #"["1","1","a"#, "x", #"["1","1","room:lobby","phx_reply",{"response":{}}]"#,
    ] {
      #expect(peers.text(bad, fromClient: false)?["name"] == "phoenix", "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2, 3])
  func mutations(_ seed: UInt64) {
    mutate(
      [
        Self.join, Self.reply, "\0\u{1}\u{1}\u{1}\u{1}01te\u{4}", "\u{1}\u{1}\u{1}\u{1}\u{2}01tok",
        "\u{2}\u{1}\u{1}tehello",
        #"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":5}"#,
      ], seed, ViewTester(target: "/socket/websocket?vsn=2.0.0"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort(
      [Self.join, Self.reply, #"{"topic":"phoenix","event":"heartbeat","payload":{},"ref":5}"#], after: [Self.join]
    ) { ViewTester("phoenix") }
  }
}
