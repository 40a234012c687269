import Testing

@testable import Subprotocols

/// The examples of the protocol (https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/).
struct PusherTests {
  static let hello =
    #"{"event":"pusher:connection_established","data":"{\"socket_id\":\"1.2\",\"activity_timeout\":120}"}"#
  static let subscribe = #"{"event":"pusher:subscribe","data":{"channel":"presence-a","auth":"k:s"}}"#
  static let joined = #"{"event":"pusher_internal:subscription_succeeded","channel":"presence-a","data":"{}"}"#

  @Test("data that are JSON in a string are shown as JSON")
  func data() throws {
    let peers = ViewTester()
    let hello = try #require(peers.text(Self.hello, fromClient: false))
    #expect(
      hello.text
        == #"{"name":"pusher","event":"pusher:connection_established","data":{"socket_id":"1.2","activity_timeout":120},"socket_id":"1.2"}"#
    )
    let news = try #require(
      peers.text(#"{"event":"news","channel":"c","data":"{\"t\":\"\\\"\"}","user_id":"7"}"#, fromClient: false))
    #expect(news["data.t"] == #"\""# && news["user_id"] == "7" && news.words == #"Pusher news c {"t":"\""}"#)
    #expect(peers.text(#"{"event":"news","channel":"c","data":"words"}"#, fromClient: false)?["data"] == "words")
    let error = #"{"event":"pusher:error","data":{"message":"no","code":4001}}"#
    #expect(peers.text(error, fromClient: false)?["code"] == "4001")
  }

  @Test("subscriptions are linked to what becomes of them, and pings to pongs")
  func pairs() throws {
    let peers = ViewTester()
    let subscribe = try #require(peers.text(Self.subscribe))
    #expect(subscribe["channel"] == "presence-a" && subscribe.requests.map(\.label) == ["pusher:subscribe"])
    #expect(peers.text(Self.joined, fromClient: false)?["reply_to"] == "1")
    _ = peers.text(Self.subscribe)
    let error = #"{"event":"pusher:subscription_error","channel":"presence-a","data":{"status":401}}"#
    #expect(peers.text(error, fromClient: false)?.replies.first?.isError == true)
    _ = peers.text(#"{"event":"pusher:ping","data":{}}"#)
    #expect(peers.text(#"{"event":"pusher:pong","data":{}}"#, fromClient: false)?["reply_to"] == "5")
  }

  @Test("events of others are recognised with the URL only")
  func recognition() {
    let event = #"{"event":"news","channel":"c","data":"{}"}"#
    #expect(ViewTester().text(event)?["name"] == "json")
    #expect(ViewTester(target: "/app/key?protocol=7&client=js").text(event)?["name"] == "pusher")
    #expect(ViewTester(target: "/app/key?protocol=7").text(#"{"x":1}"#)?["name"] == "json")
  }

  @Test("signing in is answered")
  func signin() throws {
    let peers = ViewTester()
    let signin = try #require(peers.text(#"{"event":"pusher:signin","data":{"auth":"k:s","user_data":"{}"}}"#))
    #expect(signin.requests.map(\.label) == ["pusher:signin"])
    let answer = #"{"event":"pusher:signin_success","data":"{\"user_data\":\"{}\"}"}"#
    #expect(peers.text(answer, fromClient: false)?["reply_to"] == "1")
  }

  @Test("what is no event is told of, once it is certain that they speak Pusher")
  func faults() {
    let peers = ViewTester(target: "/app/key?protocol=7")
    #expect(peers.text("x") == nil && peers.faults.isEmpty)
    _ = peers.text(Self.hello, fromClient: false)
    for bad in ["x", #"{"event":5}"#, "[]", #"{"event":"pusher:subscribe","data":{}}"#, #"{"event":"a""#] {
      #expect(peers.text(bad)?["name"] == "pusher", "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2])
  func mutations(_ seed: UInt64) {
    mutate([Self.hello, Self.subscribe, Self.joined], seed, ViewTester(target: "/app/key?protocol=7"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort([Self.hello, Self.subscribe, Self.joined], after: [Self.hello]) { ViewTester() }
  }
}
