import Testing

@testable import Subprotocols

/// How views are chosen: by name, by what the request was for, and by what messages look like.
struct ViewChoiceTests {
  /// Messages with which connections begin, each of the view named first.
  private static let beginnings: [(view: String, text: String)] = [
    ("stomp", "CONNECT\naccept-version:1.2\nhost:a\n\n\0"),
    ("stomp", "STOMP\naccept-version:1.2\nhost:a\n\n\0"),
    (
      "sip",
      "OPTIONS sip:a@b.example SIP/2.0\r\nVia: SIP/2.0/WS x.invalid\r\nFrom: a\r\nTo: b\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
    ),
    ("jsonrpc", #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}"#),
    ("graphql", #"{"type":"subscribe","id":"1","payload":{"query":"subscription { a }"}}"#),
    ("ocpp", #"[2,"19223201","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]"#),
    ("cdp", #"{"id":1,"method":"Page.enable","params":{}}"#),
    ("wamp", #"[1,"realm1",{"roles":{"caller":{}}}]"#),
    ("signalr", "{\"protocol\":\"json\",\"version\":1}\u{1E}"),
    ("actioncable", #"{"command":"subscribe","identifier":"{\"channel\":\"ChatChannel\"}"}"#),
    (
      "socketio",
      #"0{"sid":"lv_VI97HAXpY6yYWAAAB","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1}"#
    ),
  ]

  /// A CONNECT of MQTT.
  private static let mqtt: [UInt8] = [0x10, 13, 0, 4, 0x4D, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 1, 0x61]

  @Test("a connection without a name is known by its first message, and no other view claims it", arguments: beginnings)
  func first(_ view: String, _ text: String) throws {
    #expect(ViewTester().text(text)?.name == view)
    let claims = PayloadViews.protocols.filter {
      Self.likelihood($0, Array(text.utf8), isText: true) >= ViewSession.least
    }
    let names = claims.map { $0.description.name }
    #expect(names == [view])
  }

  private static func likelihood(_ view: any PayloadView.Type, _ bytes: [UInt8], isText: Bool) -> Double {
    var outline = JSONOutline()
    outline.read(bytes.span.bytes)
    return view.likelihood(
      of: ViewedMessage(isFromClient: true, isText: isText), bytes.span.bytes, outline)
  }

  @Test("an unknown name changes nothing")
  func unknownName() {
    for (view, text) in Self.beginnings { #expect(ViewTester("example-v7").text(text)?.name == view) }
    #expect(ViewTester("example-v7").binary(Self.mqtt)?.name == "mqtt")
  }

  @Test("a message that says what it is overrules another name that was agreed on, and that is told")
  func overruled() throws {
    for name in PayloadViews.protocols.flatMap({ $0.description.subprotocols }) {
      for (view, text) in Self.beginnings where PayloadViews.agreed(on: name)?.description.name != view {
        let bytes = Array(text.utf8)
        let type = try #require(PayloadViews.named(view))
        guard Self.likelihood(type, bytes, isText: true) >= ViewSession.leastInstead,
          ViewTester(forced: PayloadViews.agreed(on: name)?.description.name).text(text) == nil
        else { continue }
        let peers = ViewTester(name)
        let shown = peers.text(text)
        if shown?.name == PayloadViews.agreed(on: name)?.description.name { continue }  // it understands that, too
        #expect(shown?.name == view, "\(name): \(shown?.words ?? "nothing")")
        #expect(
          peers.faults.count == 1 && peers.faults[0].hasSuffix("another subprotocol was agreed on"), "\(peers.faults)")
        #expect(peers.text(text)?.name == view)
        #expect(!peers.faults.contains { $0.hasSuffix("agreed on") })
      }
    }
  }

  @Test("what was understood once is not overruled")
  func kept() {
    let peers = ViewTester("mqtt")
    #expect(peers.binary(Self.mqtt)?.name == "mqtt")
    for _ in 0..<5 {
      #expect(peers.text(Self.beginnings[0].text)?.name == nil)
      #expect(peers.faults == ["MQTT: no message of this protocol"])
    }
    #expect(peers.binary([0xC0, 0])?["packet"] == "PINGREQ")
  }

  @Test("the name of a format leaves open what is said in it")
  func formats() {
    let peers = ViewTester("json")
    #expect(peers.text(#"{"a":1}"#)?.name == "json")
    #expect(peers.text(#"{"jsonrpc":"2.0","id":1,"method":"a"}"#)?.name == "jsonrpc")
    #expect(peers.text(#"{"jsonrpc":"2.0","id":1,"result":1}"#, fromClient: false)?["reply_to"] == "2")
    #expect(peers.faults.isEmpty)
    let other = ViewTester("json")
    for text in [#"{"a":1}"#, #"[2,"x"]"#, #"{"type":"ping"}"#] { #expect(other.text(text)?.name == "json") }
    #expect(other.text("hello") == nil)
    #expect(other.faults == ["RFC 8259: no message of this protocol"])
  }

  @Test("a view that was forced stays, whatever comes")
  func forced() {
    let peers = ViewTester("mqtt", forced: "stomp")
    for (view, text) in Self.beginnings { #expect(peers.text(text)?.name == (view == "stomp" ? "stomp" : nil)) }
  }

  @Test(
    "ordinary JSON stays JSON",
    arguments: [
      #"{"type":"message","text":"hi"}"#, #"{"id":1,"name":"a"}"#, "[1,2,3]", #"{"event":"x","data":{}}"#,
      #"{"type":"ping"}"#, #"["a",1]"#, #"[2,"x"]"#, #"{"method":"GET","path":"/"}"#, #"{"error":"no"}"#,
      #"{"op":10,"d":{"heartbeat_interval":41250}}"#, #"{"id":"7","type":"trade","payload":{"p":1}}"#,
      #"[4,"a","b","c",{}]"#, #"{"identifier":"a","message":1}"#, #"{"id":1,"result":{}}"#, #"["EVENT",{"id":"a"}]"#,
      #"[0,"a",{}]"#, #"{"header":{},"content":{}}"#, #"{"protocol":"json"}"#, "{}", "[]",
    ])
  func ordinary(_ text: String) {
    let view = ViewTester().text(text)
    #expect(view?.name == "json", "\(view?.words ?? "nothing")")
  }

  @Test(
    "ordinary text and data is nothing",
    arguments: [
      "", "ping", "o", "h", "2", "40", "hello", "SEND", "MESSAGE", "OK\n", "0", "1", "PING\r\n", "a",
    ])
  func nothing(_ text: String) {
    let view = ViewTester().text(text)
    #expect(view == nil, "\(view?.words ?? "")")
  }

  @Test("of messages that look like two protocols, neither is taken; a request's path decides")
  func paths() {
    let ping: [UInt8] = [0xC0, 0]
    #expect(ViewTester().binary(ping)?.name != "mqtt")
    #expect(ViewTester(target: "/mqtt").binary(ping)?.name == "mqtt")
    #expect(ViewTester(target: "/api/stomp").text("\n")?.name == "stomp")
    #expect(ViewTester(target: "/sip").text("\r\n\r\n")?.name == "sip")
    #expect(ViewTester(target: "/mqtt").text(Self.beginnings[0].text)?.name == "stomp")
  }
}
