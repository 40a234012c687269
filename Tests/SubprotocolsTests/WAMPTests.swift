import Testing

@testable import Subprotocols

/// The examples of the specification (https://wamp-proto.org/wamp_latest_ietf.html), in JSON, MessagePack and CBOR, alone and in batches.
struct WAMPTests {
  /// The session of the specification's examples, cut short: what is sent, by whom, and what the view says.
  static let session: [(json: String, fromClient: Bool, words: String)] = [
    (#"[1,"somerealm",{"roles":{"publisher":{},"subscriber":{}}}]"#, true, "WAMP HELLO somerealm"),
    (#"[2,9129137332,{"roles":{"broker":{}}}]"#, false, "WAMP WELCOME session 9129137332"),
    (#"[32,713845233,{},"com.myapp.mytopic1"]"#, true, "WAMP SUBSCRIBE com.myapp.mytopic1 #713845233"),
    (#"[33,713845233,5512315355]"#, false, "WAMP SUBSCRIBED com.myapp.mytopic1 #713845233"),
    (
      #"[16,239714735,{"acknowledge":true},"com.myapp.mytopic1",["Hello"]]"#, true,
      #"WAMP PUBLISH com.myapp.mytopic1 #239714735 ["Hello"]"#
    ),
    (#"[17,239714735,4429313566]"#, false, "WAMP PUBLISHED com.myapp.mytopic1 #239714735"),
    (
      #"[36,5512315355,4429313566,{},[],{"color":"orange"}]"#, false,
      #"WAMP EVENT com.myapp.mytopic1 [] {"color":"orange"}"#
    ),
    (#"[64,25349185,{},"com.myapp.myprocedure1"]"#, true, "WAMP REGISTER com.myapp.myprocedure1 #25349185"),
    (#"[65,25349185,2103333224]"#, false, "WAMP REGISTERED com.myapp.myprocedure1 #25349185"),
    (#"[68,6131533,2103333224,{},["johnny"]]"#, false, #"WAMP INVOCATION com.myapp.myprocedure1 #6131533 ["johnny"]"#),
    (#"[70,6131533,{},[30]]"#, true, "WAMP YIELD com.myapp.myprocedure1 #6131533 [30]"),
    (
      #"[48,7814135,{},"com.myapp.user.new",["johnny"],{"firstname":"John"}]"#, true,
      #"WAMP CALL com.myapp.user.new #7814135 ["johnny"] {"firstname":"John"}"#
    ),
    (#"[50,7814135,{"progress":true},[1]]"#, false, "WAMP RESULT com.myapp.user.new #7814135 [1]"),
    (#"[50,7814135,{},[2]]"#, false, "WAMP RESULT com.myapp.user.new #7814135 [2]"),
    (#"[48,7814136,{},"com.myapp.none"]"#, true, "WAMP CALL com.myapp.none #7814136"),
    (
      #"[8,48,7814136,{},"wamp.error.no_such_procedure"]"#, false,
      "WAMP ERROR CALL wamp.error.no_such_procedure com.myapp.none #7814136"
    ),
    (#"[34,85346237,5512315355]"#, true, "WAMP UNSUBSCRIBE com.myapp.mytopic1 #85346237"),
    (#"[35,85346237]"#, false, "WAMP UNSUBSCRIBED com.myapp.mytopic1 #85346237"),
    (#"[49,7814137,{}]"#, true, "WAMP CANCEL #7814137"),
    (#"[6,{},"wamp.close.close_realm"]"#, true, "WAMP GOODBYE wamp.close.close_realm"),
  ]

  /// JSON as MessagePack or CBOR: numbers as small as they go, texts below 32 or 256 bytes.
  static func packed(_ json: String, isCBOR: Bool) -> [UInt8] {
    var text = Array(json.utf8)[...]
    return packed(&text, isCBOR)
  }

  private static func packed(_ text: inout ArraySlice<UInt8>, _ isCBOR: Bool) -> [UInt8] {
    switch text.first {
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      let isMap = text.removeFirst() == UInt8(ascii: "{")
      var (count, inner): (UInt8, [UInt8]) = (0, [])
      while text.first != UInt8(ascii: "]"), text.first != UInt8(ascii: "}") {
        if [UInt8(ascii: ","), UInt8(ascii: ":")].contains(text.first) { text.removeFirst() }
        inner += packed(&text, isCBOR)
        count += 1
      }
      text.removeFirst()
      return [(isMap ? (isCBOR ? 0xA0 : 0x80) : (isCBOR ? 0x80 : 0x90)) + (isMap ? count / 2 : count)] + inner
    case UInt8(ascii: "\""):
      text.removeFirst()
      let string = Array(text.prefix { $0 != UInt8(ascii: "\"") })
      text = text.dropFirst(string.count + 1)
      let count = UInt8(string.count)
      return (isCBOR ? count < 24 ? [0x60 + count] : [0x78, count] : count < 32 ? [0xA0 + count] : [0xD9, count])
        + string
    case UInt8(ascii: "t"):
      text = text.dropFirst(4)
      return [isCBOR ? 0xF5 : 0xC3]
    default:
      let digits = text.prefix { (0x30...0x39).contains($0) }
      text = text.dropFirst(digits.count)
      let value = UInt64(String(decoding: digits, as: UTF8.self)) ?? 0
      if value < 24 { return [UInt8(value)] }
      return [isCBOR ? 0x1B : 0xCF] + (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
  }

  static func content(_ json: String, _ name: String) -> [UInt8] {
    let isBatched = name.hasSuffix("batched")
    if name.contains("json") { return Array(json.utf8) + (isBatched ? [0x1E] : []) }
    let bytes = packed(json, isCBOR: name.contains("cbor"))
    return (isBatched ? [0, 0, 0, UInt8(bytes.count)] : []) + bytes
  }

  static let encodings = ["json", "msgpack", "cbor"].flatMap { ["wamp.2.\($0)", "wamp.2.\($0).batched"] }

  @Test("a session is shown alike in every encoding", arguments: encodings)
  func session(_ name: String) throws {
    let peers = ViewTester(name)
    let plain = ViewTester("wamp.2.json")
    for message in Self.session {
      let bytes = Self.content(message.json, name)
      let view = try #require(peers.read(bytes, isText: name.contains("json"), fromClient: message.fromClient))
      #expect(view.words == message.words)
      #expect(view.text == plain.text(message.json, fromClient: message.fromClient)?.text)
      #expect(peers.faults.isEmpty)
    }
  }

  @Test("the first message tells that it is WAMP", arguments: encodings)
  func recognised(_ name: String) throws {
    let peers = ViewTester()
    for (number, message) in Self.session.enumerated() {
      let bytes = Self.content(message.json, name)
      let view = try #require(peers.read(bytes, isText: name.contains("json"), fromClient: message.fromClient))
      #expect(view.name == "wamp")
      if number == 0 { #expect(view.confidence == 0.98) }
    }
  }

  @Test("requests and replies are paired, a progressive result once")
  func pairs() throws {
    let peers = ViewTester("wamp.2.json")
    var (asked, replied): ([String], [String]) = ([], [])
    for message in Self.session {
      let view = try #require(peers.text(message.json, fromClient: message.fromClient))
      asked += view.requests.map(\.label)
      replied += view.replies.map { $0.label + ($0.isError ? " failed" : "") }
    }
    #expect(
      asked == [
        "HELLO", "SUBSCRIBE com.myapp.mytopic1", "PUBLISH com.myapp.mytopic1", "REGISTER com.myapp.myprocedure1",
        "INVOCATION com.myapp.myprocedure1", "CALL com.myapp.user.new", "CALL com.myapp.none",
        "UNSUBSCRIBE com.myapp.mytopic1",
      ])
    #expect(replied == asked.map { $0 == "CALL com.myapp.none" ? $0 + " failed" : $0 })
  }

  @Test("fields are named as in the specification")
  func fields() throws {
    let peers = ViewTester("wamp.2.json")
    let call = try #require(peers.text(#"[48,1,{"timeout":5},"com.a",[1,{"x":2}],{"k":null}]"#))
    #expect(
      call.text
        == #"{"name":"wamp","type":"CALL","request":1,"options":{"timeout":5},"procedure":"com.a","args":[1,{"x":2}],"kwargs":{"k":null}}"#
    )
    let error = try #require(peers.text(#"[8,48,1,{},"com.full",["x"]]"#, fromClient: false))
    #expect(
      error.text
        == #"{"name":"wamp","type":"ERROR","request_type":"CALL","request":1,"details":{},"error":"com.full","reply_to":1,"latency":0.001000000,"procedure":"com.a","args":["x"]}"#
    )
  }

  @Test("batches show their first message, and the others below it", arguments: encodings.filter { $0.hasSuffix("d") })
  func batch(_ name: String) throws {
    let peers = ViewTester(name)
    let messages = [#"[48,1,{},"a.b"]"#, #"[48,2,{},"a.c",[1]]"#, #"[34,3,7]"#]
    let bytes = messages.flatMap { Self.content($0, name) }
    let view = try #require(peers.read(bytes, isText: name.contains("json")))
    #expect(view["procedure"] == "a.b")
    #expect(view.values("more[*].type") == ["CALL", "UNSUBSCRIBE"])
    #expect(view.requests.count == 3)
    #expect(view.words == "WAMP CALL a.b #1 + CALL a.c #2 [1] + UNSUBSCRIBE #3")
    #expect(peers.faults.isEmpty)
    _ = peers.read(Array(bytes.dropLast(3)), isText: name.contains("json"))
    #expect(!peers.faults.isEmpty)
    _ = peers.read(Array(bytes.dropLast(3)), isText: name.contains("json"), isWhole: false)
    #expect(peers.faults.isEmpty)
  }

  @Test("the control 24 ends a message, too, as autobahn sends it")
  func octal() throws {
    let peers = ViewTester("wamp.2.json.batched")
    let view = try #require(peers.text("[48,1,{},\"a.b\"]\u{18}[34,3,7]\u{18}"))
    #expect(view.words == "WAMP CALL a.b #1 + UNSUBSCRIBE #3")
    #expect(peers.faults.isEmpty)
  }

  @Test("what breaks the rules is told")
  func malformed() throws {
    let peers = ViewTester("wamp.2.json")
    #expect(peers.text(#"[48,1,{}]"#) != nil)
    #expect(peers.faults == ["WAMP 2: CALL without procedure"])
    #expect(peers.text(#"[99,1,{}]"#)?["type"] == "99")
    #expect(peers.faults == ["WAMP 2: no message has the type 99"])
    #expect(peers.text(#"[48,"1",{},"a"]"#) != nil)
    #expect(peers.faults == ["WAMP 2: CALL: request is not an id"])
    #expect(peers.text(#"{"a":1}"#)?.name == "json")
    #expect(peers.faults == ["WAMP 2: no message of this protocol"])
    let binary = ViewTester("wamp.2.msgpack")
    #expect(binary.binary(hex("94 30 01 80 a3612e6200")) != nil)
    #expect(binary.faults == ["WAMP 2: 1 bytes behind the message"])
    #expect(binary.binary(hex("94 30 01 80")) != nil)
    #expect(binary.faults == ["WAMP 2: CALL without procedure", "WAMP 2: CALL is not complete"])
  }

  @Test("ids, URIs and arguments that break the rules are told; limits of our own are not")
  func rules() throws {
    let peers = ViewTester("wamp.2.json")
    for (text, fault) in [
      (#"[48,0,{},"a.b"]"#, "CALL: request is 0"),
      (#"[48,9007199254740993,{},"a.b"]"#, "CALL: request is beyond 2^53"),
      (#"[48,1,{},"a b"]"#, "CALL: procedure is not a URI"),
      (#"[48,2,[],"a.b"]"#, "CALL: options is not a dictionary"),
      (#"[48,3,{},"a.b",5]"#, "CALL: args is not a list"),
    ] {
      _ = peers.text(text)
      #expect(peers.faults == ["WAMP 2: " + fault])
    }
    for text in [
      #"[48,9007199254740992,{},"a.b"]"#, #"[48,4,{"enc_algo":"cryptobox"},"a.b","AAE="]"#,
      #"[32,5,{"match":"wildcard"},"com.a..b"]"#,
      #"[48,6,{},"a.b",\#(String(repeating: "[", count: 600) + String(repeating: "]", count: 600))]"#,
    ] {
      let view = try #require(peers.text(text))
      #expect(view.name == "wamp")
      #expect(peers.faults.isEmpty, "\(text)")
    }
    #expect(
      peers.text(#"[48,7,{},"a.b",\#(String(repeating: "[", count: 600) + String(repeating: "]", count: 600))]"#)?[
        "cut"] == "true")
    let batch = ViewTester("wamp.2.json.batched")
    let view = try #require(batch.text(String(repeating: "[16,1,{},\"a.b\"]\u{1E}", count: 1003)))
    #expect(view["more_left_out"] == "3")
    #expect(batch.faults.isEmpty)
  }

  @Test("a second session of a connection knows nothing of the first")
  func sessions() throws {
    let peers = ViewTester("wamp.2.json")
    let hello = #"[1,"r",{"roles":{"caller":{}}}]"#
    _ = peers.text(hello)
    _ = peers.text(#"[2,1,{"roles":{"broker":{}}}]"#, fromClient: false)
    _ = peers.text(#"[48,11,{},"com.unanswered"]"#)
    _ = peers.text(#"[65,5,7]"#, fromClient: false)
    _ = peers.text(#"[64,12,{},"com.first"]"#)
    _ = peers.text(#"[65,12,7]"#, fromClient: false)
    _ = peers.text(#"[6,{},"wamp.close.normal"]"#)
    _ = peers.text(#"[6,{},"wamp.close.goodbye_and_out"]"#, fromClient: false)
    _ = peers.text(hello)
    #expect(peers.text(#"[2,2,{"roles":{"broker":{}}}]"#, fromClient: false)?["reply_to"] == "9")
    _ = peers.text(#"[48,11,{},"com.second"]"#)
    let result = try #require(peers.text(#"[50,11,{},[1]]"#, fromClient: false))
    #expect(result["reply_to"] == "11")
    #expect(result["procedure"] == "com.second")
    #expect(peers.text(#"[68,1,7,{}]"#, fromClient: false)?["procedure"] == nil)
  }

  @Test("a challenge is answered, and what the router ends of its own accord is named")
  func challenges() throws {
    let peers = ViewTester("wamp.2.json")
    _ = peers.text(#"[1,"r",{"roles":{"caller":{}}}]"#)
    _ = peers.text(#"[4,"wampcra",{"challenge":"x"}]"#, fromClient: false)
    #expect(peers.text(#"[5,"sig",{}]"#)?["reply_to"] == "2")
    #expect(peers.text(#"[2,1,{"roles":{"broker":{}}}]"#, fromClient: false)?["reply_to"] == "1")
    _ = peers.text(#"[32,1,{},"com.topic"]"#)
    _ = peers.text(#"[33,1,55]"#, fromClient: false)
    let ended = try #require(peers.text(#"[35,0,{"subscription":55,"reason":"wamp.x"}]"#, fromClient: false))
    #expect(ended["topic"] == "com.topic")
    #expect(peers.faults.isEmpty)
  }

  @Test("arrays of other protocols are not taken for it")
  func others() {
    for text in [
      #"[2,"id","Action",{}]"#, #"[3,"id",{}]"#, #"[4,"id","InternalError","",{}]"#, #"[1,2,3]"#, "[16,1]",
      #"["1","1","room:1","phx_join",{}]"#, #"["EVENT","sub",{}]"#, "[48,1,{},5]", #"[36,1,2]"#, #"[1,"a",{"x":1}]"#,
      #"[50,1,{}]"#, #"[48,1,{},"not a uri"]"#,
    ] {
      #expect(ViewTester().text(text)?.name != "wamp", "\(text)")
    }
  }

  @Test("names are forgotten, the oldest first, and their memory is given back")
  func forgotten() {
    let memory = ViewMemory()
    do {
      let names = WAMPNames(memory)
      for id in 0..<UInt64(5000) { names.remember("topic\(id)", .subscription, id) }
      #expect(names[.subscription, 4999] == "topic4999")
      #expect(names[.subscription, 4800] == "topic4800")
      #expect(names[.subscription, 4000] == nil)
      #expect(memory.held < 512 * 80)
      names.remember(String(repeating: "x", count: 300), .request, 1)
      #expect(names[.request, 1] == nil)
    }
    #expect(memory.held == 0)
  }
}
