import Testing

@testable import Subprotocols

/// The examples of the protocols (https://github.com/socketio/socket.io-protocol, https://github.com/socketio/engine.io-protocol).
struct SocketIOTests {
  static let target = "/socket.io/?EIO=4&transport=websocket"
  static let handshake =
    #"0{"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#

  @Test("the handshake says what it is by itself, and the line has what a person looks for")
  func handshake() throws {
    let peers = ViewTester()
    let view = try #require(peers.text(Self.handshake, fromClient: false))
    #expect(
      view.text
        == #"{"name":"socketio","engine":"open","version":4,"sid":"lv_VI97HAXpY6yYWAAAC","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}"#
    )
    #expect(view.words == "Engine.IO open lv_VI97HAXpY6yYWAAAC ping every 25000 ms")
  }

  @Test("an upgrade from long-polling is probed, and says the session that it goes on with")
  func upgrade() throws {
    let peers = ViewTester(target: Self.target + "&sid=abc")
    let ping = try #require(peers.text("2probe"))
    #expect(ping["data"] == "probe" && ping["version"] == "4" && ping["sid"] == "abc")
    #expect(ping.words == "Engine.IO ping probe")
    let pong = try #require(peers.text("3probe", fromClient: false))
    #expect(pong["engine"] == "pong" && pong["reply_to"] == "1" && pong["sid"] == "abc")
    let end = try #require(peers.text("5"))
    #expect(end["engine"] == "upgrade" && end["sid"] == "abc" && end.words == "Engine.IO upgrade")
    #expect(peers.text("6", fromClient: false)?["engine"] == "noop")
    #expect(peers.text("1")?["engine"] == "close")
  }

  @Test("namespaces are entered, refused and left")
  func namespaces() throws {
    let peers = ViewTester(target: Self.target)
    let connect = try #require(peers.text(#"40/admin,{"token":"123"}"#))
    #expect(connect["type"] == "CONNECT" && connect["namespace"] == "/admin" && connect["data.token"] == "123")
    let refusal = try #require(peers.text(#"44/admin,{"message":"Not authorized"}"#, fromClient: false))
    #expect(refusal["type"] == "CONNECT_ERROR" && refusal["reply_to"] == "1")
    #expect(refusal.replies.first?.isError == true)
    #expect(refusal.words == #"Socket.IO CONNECT_ERROR /admin {"message":"Not authorized"}"#)
    _ = peers.text("40")
    let welcome = try #require(peers.text(#"40{"sid":"oSO0OpakMV_3jnilAAAA"}"#, fromClient: false))
    #expect(welcome["namespace"] == "/" && welcome["sid"] == "oSO0OpakMV_3jnilAAAA" && welcome["reply_to"] == "3")
    #expect(peers.text("41/admin,", fromClient: false)?["type"] == "DISCONNECT")
  }

  @Test("events and their acknowledgements belong together by namespace and id, each end with ids of its own")
  func acknowledgements() throws {
    let peers = ViewTester(target: Self.target)
    let event = try #require(peers.text(#"42/chat,12["add",1,[2, 3]]"#))
    #expect(event["event"] == "add" && event["args"] == "[1,[2, 3]]" && event["id"] == "12")
    #expect(event.words == #"Socket.IO EVENT /chat "add" 1 [2, 3] ack 12"#)
    #expect(event.requests.map(\.label) == ["add"])
    #expect(try #require(peers.text("4312[0]", fromClient: false)).replies.isEmpty)
    #expect(try #require(peers.text("43/chat,12[0]")).replies.isEmpty)
    let reply = try #require(peers.text(#"43/chat,12[6]"#, fromClient: false))
    #expect(reply["reply_to"] == "1" && reply["event"] == "add" && reply["args"] == "[6]")
    #expect(reply.words == "Socket.IO ACK /chat 12 of add 6")
  }

  @Test("an event is shown with the last of its binary messages, which stand where its placeholders were")
  func attachments() throws {
    let peers = ViewTester(target: Self.target)
    let first = try #require(
      peers.text(#"452-/admin,7["baz",{"a":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0},{}]"#))
    #expect(first["continues"] == "true" && first["attachments"] == "2" && first["event"] == nil)
    let second = try #require(peers.binary([1, 2]))
    #expect(second["continues"] == "true" && second["first_message"] == "1" && second["attachment_length"] == "2")
    #expect(peers.text("2", fromClient: false)?["engine"] == "ping")
    #expect(peers.text("3")?["engine"] == "pong")
    let last = try #require(peers.binary([4]))
    #expect(last["first_message"] == "1" && last["event"] == "baz" && last["type"] == "BINARY_EVENT")
    #expect(last["args"] == #"[{"a":{"base64":"BA=="}},{"base64":"AQI="},{}]"#)
    #expect(last.requests.map(\.label) == ["baz"])
    let reply = try #require(peers.text(#"461-/admin,7[{"_placeholder":true,"num":0}]"#, fromClient: false))
    #expect(reply["continues"] == "true" && reply.replies.isEmpty)
    let end = try #require(peers.binary([], fromClient: false))
    #expect(end["args"] == #"[{"base64":""}]"# && end["reply_to"] == "5" && end["event"] == "baz")
    #expect(peers.faults.isEmpty)
  }

  @Test("in Engine.IO 3 binary messages have a type, base64 may stand for them, and clients ping")
  func version3() throws {
    let peers = ViewTester(target: "/socket.io/?EIO=3&transport=websocket")
    #expect(peers.text("40", fromClient: false)?.replies.isEmpty == true)
    #expect(peers.text("40/chat?token=1&x=2,")?["query"] == "token=1&x=2")
    #expect(peers.text("40/chat,", fromClient: false)?["reply_to"] == "2")
    _ = peers.text(#"451-["a",{"_placeholder":true,"num":0}]"#)
    #expect(peers.binary([4, 1, 2])?["args"] == #"[{"base64":"AQI="}]"#)
    _ = peers.text(#"451-["a",{"_placeholder":true,"num":0}]"#)
    #expect(peers.text("b4AQI=")?["args"] == #"[{"base64":"AQI="}]"#)
    #expect(peers.text("2")?["engine"] == "ping")
    #expect(peers.text("3", fromClient: false)?["reply_to"] == "8")
    #expect(peers.text(#"44"no""#, fromClient: false)?["type"] == "ERROR")
    #expect(peers.binary([1, 2])?["name"] == "socketio")
    #expect(peers.faults == ["Socket.IO protocol: a binary packet that is no message"])
  }

  @Test("what cannot be a packet is told of where nothing else can have been meant")
  func certain() {
    let peers = ViewTester()
    _ = peers.text(Self.handshake, fromClient: false)
    for bad in ["7", "", "x", "1x", "6noop", "b4=!", "0x"] {
      #expect(peers.text(bad)?["name"] == "socketio", "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
  }

  @Test("what the capture lacks is nobody's fault")
  func gaps() throws {
    let peers = ViewTester(target: Self.target)
    _ = peers.text(#"452-["a",{"_placeholder":true,"num":0}]"#)
    peers.lose()
    #expect(peers.binary([1])?["data"] != nil)
    #expect(peers.faults.isEmpty)
    _ = peers.text(#"42["b"]"#)
    #expect(peers.faults.isEmpty)
    let part = Array(#"452-["a",{"_place"#.utf8)
    _ = peers.read(part, isText: true, isWhole: false)
    peers.lose()
    _ = peers.binary([1])
    #expect(peers.faults.isEmpty)
    let cut = try #require(peers.read(part, isText: true, isWhole: false, isCut: true))
    #expect(cut["attachments"] == "2" && cut["continues"] == "true")
    let attachment = try #require(peers.read([1], isText: false, isWhole: false, isCut: true))
    #expect(attachment["attachment_length"] == nil && attachment["cut"] == "true")
    #expect(attachment.words == "Socket.IO attachment 0 (cut by --max-payload)")
    #expect(peers.binary([2])?["args"] == nil && peers.faults.isEmpty)
    #expect(peers.binary([3])?["data"] != nil && peers.faults.count == 1)
  }

  @Test("a reply came when its first message did, not its last attachment")
  func latency() throws {
    let peers = ViewTester(target: Self.target)
    _ = peers.text(#"421["a"]"#)
    _ = peers.text(#"462-1[{"_placeholder":true,"num":0}]"#, fromClient: false)
    _ = peers.binary([1], fromClient: false)
    #expect(try #require(peers.binary([1], fromClient: false))["latency"] == "0.001000000")
  }

  @Test("arguments that are nested deeper than can be read are no fault")
  func deep() throws {
    let peers = ViewTester(target: Self.target)
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    let view = try #require(peers.text(#"42["a",1,\#(deep)]"#))
    #expect(view["event"] == "a" && view["args"] == nil && view["cut"] == "true" && peers.faults.isEmpty)
    #expect(try #require(peers.text("43\(1)[\(deep)]"))["args"] == nil && peers.faults.isEmpty)
  }

  @Test("packets may be MessagePack")
  func messagePack() throws {
    func text(_ text: String) -> [UInt8] { [0xA0 | UInt8(text.utf8.count)] + Array(text.utf8) }
    func packet(_ type: UInt8, _ data: [UInt8], id: UInt8? = nil) -> [UInt8] {
      [id == nil ? 0x83 : 0x84] + text("type") + [type] + text("data") + data + text("nsp") + text("/")
        + (id.map { text("id") + [$0] } ?? [])
    }
    let peers = ViewTester(target: Self.target)
    _ = peers.text("2")
    let connect = try #require(peers.binary(packet(0, [0xC0])))
    #expect(connect["type"] == "CONNECT" && connect["namespace"] == "/" && connect.requests.count == 1)
    #expect(peers.binary(packet(0, [0x81] + text("sid") + text("x")), fromClient: false)?["reply_to"] == "2")
    let event = try #require(peers.binary(packet(2, [0x93] + text("add") + [1, 0xC4, 1, 7], id: 5)))
    #expect(event["event"] == "add" && event["args"] == #"[1,{"base64":"Bw=="}]"# && event["id"] == "5")
    #expect(event.words == #"Socket.IO EVENT "add" 1 {"base64":"Bw=="} ack 5"#)
    let reply = try #require(peers.binary(packet(3, [0x91, 2], id: 5), fromClient: false))
    #expect(reply["reply_to"] == "4" && reply["event"] == "add" && reply.words == "Socket.IO ACK 5 of add 2")
    #expect(peers.faults.isEmpty)
  }

  @Test("Engine.IO alone carries anything")
  func engineOnly() throws {
    let peers = ViewTester(target: "/engine.io/?EIO=4&transport=websocket")
    _ = peers.text(Self.handshake, fromClient: false)
    let view = try #require(peers.text(#"4{"jsonrpc":"2.0","method":"x","id":1}"#))
    #expect(view["engine"] == "message" && view["carries.method"] == "x" && view.requests.count == 1)
    #expect(peers.binary([1, 2])?["data"] == #"{"base64":"AQI="}"#)
    #expect(peers.text("42")?["data"] == "2")
  }

  @Test("packets that break the rules are told of, and shown as far as they go")
  func faults() throws {
    let peers = ViewTester(target: Self.target)
    _ = peers.text(#"42["a"]"#)
    for bad in [#"42{"a":1}"#, "42[]", "42[{}]", "43[1]", #"45["a"]"#, #"450-["a"]"#, #"42["a""#, "40[1]", "4012"] {
      #expect(peers.text(bad)?["engine"] == "message", "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
    _ = peers.text(#"452-["a",{"_placeholder":true,"num":9}]"#)
    _ = peers.binary([1])
    _ = peers.text(#"42["b"]"#)
    #expect(peers.faults == ["Socket.IO protocol: the packet before lacks 1 attachment"])
    _ = peers.binary([1])
    #expect(peers.faults == ["Socket.IO protocol: a binary message that no packet announces"])
    _ = peers.read(Array(#"42["b",{"c"#.utf8), isText: true, isWhole: false)
    #expect(peers.faults.isEmpty)
  }

  @Test("more than may be held, or named, is not joined")
  func limits() throws {
    let peers = ViewTester(target: Self.target)
    _ = peers.text(#"452-["a",{"_placeholder":true,"num":0}]"#)
    _ = peers.binary([UInt8](repeating: 7, count: 2 << 20))
    let last = try #require(peers.binary([1]))
    #expect(last["first_message"] == "1" && last["args"] == nil)
    let names = String(repeating: #",{"_placeholder":true,"num":0}"#, count: 5000)
    _ = peers.text(#"451-["a"\#(names)]"#)
    #expect(try #require(peers.binary([UInt8](repeating: 7, count: 1 << 19))).json.count < 3 << 20)
    _ = peers.text(#"4599999999999999999999-["a"]"#)
    for _ in 0..<5000 { #expect(peers.binary([])?["continues"] == "true") }
  }

  @Test("numbers, JSON and words are something else where no URL says what they are")
  func others() {
    for text in ["2", "3", "40", "42", "4015", "42 apples", #"42"a""#, "[42]", "4", "5", "0", "3.14", "42[1,2]"] {
      #expect(ViewTester().text(text)?["name"] != "socketio", "\(text)")
    }
    #expect(ViewTester().text(#"42["chat message","hi"]"#)?["name"] == "socketio")
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2, 3, 4])
  func mutations(_ seed: UInt64) {
    mutate(
      [
        Self.handshake, "2probe", "40", #"40/admin,{"token":"123"}"#, #"42/chat,12["add",1,[2, 3]]"#, "b4AQI=",
        #"452-/admin,7["baz",{"a":{"_placeholder":true,"num":1}},{"_placeholder":true,"num":0},{}]"#, "\u{4}\u{1}",
        #"461-/admin,7[{"_placeholder":true,"num":0}]"#,
      ], seed, ViewTester(target: "/socket.io/?EIO=\(seed % 2 + 3)&transport=websocket"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort(
      [
        Self.handshake, "2probe", #"40/admin,{"token":"123"}"#, #"42/chat,12["add",1,[2, 3]]"#, "b4AQI=",
        #"451-/admin,7["baz",{"_placeholder":true,"num":0}]"#, #"461-7[{"_placeholder":true,"num":0}]"#,
      ], after: [#"42["a"]"#]
    ) { ViewTester(target: Self.target) }
  }
}
