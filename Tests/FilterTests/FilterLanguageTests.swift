import Analysis
import Filter
import TestSupport
import Testing

@Suite("The language of display filters")
struct FilterLanguageTests {
  @Test(
    "each construct accepts what it should, of a chat with 14 frames",
    arguments: [
      // What is there.
      ("connection", "f14 m10 c1 e1"), ("websocket", "f14 m10 c1 e1"), ("frame", "f14"), ("length", "f14 m10"),
      ("text", "m9 f2"), ("close.code", "f2 e1"), ("not connection", ""),
      // Booleans are asked for their value; Wireshark's names for presence.
      ("fin", "f14"), ("not fin", "m10 c1 e1"), ("masked", "f7"), ("websocket.mask", "f14"), ("masked == false", "f7"),
      ("compressed == true", "m10"), ("compressed != 1", ""),
      // Numbers.
      ("opcode == 8", "f2"), ("opcode eq 0x8", "f2"), ("8 == opcode", "f2"), ("opcode != 8", "f12"),
      ("opcode ne 8", "f12"), ("opcode > 8", "f2"), ("8 < opcode", "f2"), ("opcode >= 8", "f4"), ("opcode < 1", ""),
      ("length > 0.1kB and type == message", "m1"), ("length < 1KiB", "f14 m10"), ("length >= 1M", ""),
      ("opcode in {8..10}", "f4"), ("opcode in {8, 9 10}", "f4"), ("opcode not in {1 2}", "f4"),
      ("not opcode in {1 2}", "m10 c1 e1 f4"), ("length in {21 36..47}", "m3 f4"),
      ("port not in {8080}", ""), ("port not in {1..2}", "f14 m10 c1 e1"), ("not (port in {8080})", ""),
      // What a record lacks fulfils no test, whichever.
      ("opcode != 99", "f14"), ("opcode not in {99}", "f14"), ("not opcode == 99", "f14 m10 c1 e1"),
      ("json.type not in {\"say\"} and message", "m3"), ("json.missing not in {1}", ""),
      // Slices and functions.
      ("payload[0:4] == 89:50:4e:47", "m1"), ("payload[0-3] == 0x89504e47", "m1"), (#"payload[1:3] == "PNG""#, "m1"),
      (#"text[-5:] == "quay""#, ""), (#"text[-4:] == "quay""#, "f2"), (#"text[:2] == '{"'"#, "m9"),
      (#"payload[1,0] == 50:89"#, "m1"), ("payload[500:1]", ""), ("payload[500:1] != 00", ""),
      ("len(payload) > 90", "f1 m2"), ("90 < len(payload)", "f1 m2"), ("len(payload) == length", "f14 m10"),
      (#"upper(text) contains "QUAY""#, "m2 f2"), (#"lower(upper(text)) contains "quay""#, "m2 f2"),
      (#"upper(text)[0:2] == "SE""#, "f2"), ("count(port) == 2", "f14 m10 c1 e1"), ("count(close.code) == 2", "e1"),
      (#"string(opcode) matches "^[89]$""#, "f3"), ("len(close.name) in {1..100}", "f2"), ("len(text)", "m9 f2"),
      // Odd numbers of what is true; `and` binds tighter, `or` less.
      ("opcode == 8 xor masked", "f7"), ("opcode == 8 ^^ masked ^^ fin", "f7"), ("fin xor fin", ""),
      ("opcode == 9 or fin xor fin", "f1"), ("masked xor masked and opcode == 8", "f6"),
      // What Wireshark means by its names.
      ("websocket.payload_length == 107", ""), ("websocket.payload.text", "m9"), ("websocket.payload.ping", "f1"),
      ("websocket.payload.pong contains \"there\"", "f1"), ("websocket.payload.close[0:2] == 03:e8", "f2"),
      ("websocket.payload.close.status_code == 1000", "f2"), ("websocket.masked_payload", "f7"),
      ("websocket.payload.continue or websocket.payload.unknown or websocket.fragments", ""),
      (#"http.sec_websocket_extensions contains "deflate""#, "f14 m10 c1 e1"),
      // Words.
      ("sender == client", "f7 m5"), (#"sender == "server""#, "f7 m5"), ("opcode_name == ping", "f1"),
      ("kind == binary", "m1"), ("type == end", "e1"), ("type in {end connection}", "c1 e1"),
      ("opcode_name < text", ""),
      // Strings and bytes.
      (#"text contains "quay""#, "m2 f2"), (#"payload contains 'quay'"#, "m2 f2"),
      (#"text matches "QUAY\.?$""#, "f2"), (#"text ~ "quay[.?]""#, "m2"), (#"payload contains 89:50:4e:47"#, "m1"),
      (#"payload contains "\x89PNG\r\n""#, "m1"), (#"text == "see you on the quay""#, "f2"),
      (#"close.reason == r"see you on the quay""#, "f2"), (#"text > "z""#, "m9"),
      // Addresses.
      ("ip.addr == 127.0.0.1", "f14 m10 c1 e1"), ("client == 127.0.0.0/8", "f14 m10 c1 e1"),
      ("client == 127.0.0.1:39626", "f14 m10 c1 e1"), ("ip.src == 10.0.0.0/8", ""),
      ("client != 10.0.0.1", "f14 m10 c1 e1"),
      ("tcp.port == 8080", "f14 m10 c1 e1"), ("tcp.port != 8080", ""), ("tcp.srcport == 8080", "f7 m5"),
      ("ip.addr == ::1", ""), ("client in {10.0.0.0/8 127.0.0.1}", "f14 m10 c1 e1"),
      // Times.
      ("time > 2026-11-20T04:52:04Z and frame", "f10"), (#"time > "2026-11-20 05:52:04+01:00" and frame"#, "f10"),
      ("time < 2026-11-20", ""), ("time_relative > 2s and frame", "f10"), ("time >= +2s and frame", "f10"),
      ("time_relative > 2000ms and frame", "f10"), ("duration > 3", "e1"), ("duration > 3s and duration < 0.1h", "e1"),
      ("idle > 1s", ""), ("time > 1795150324 and frame", "f10"),
      // The connection's fields, of all its records.
      (#"url contains "/chat""#, "f14 m10 c1 e1"), (#"path == "/chat" and type == end"#, "e1"),
      (#"host == "127.0.0.1:8080" and sender == client"#, "f7 m5"),
      (#"extensions == "permessage-deflate""#, "f14 m10 c1 e1"),
      (#"request.header["user-agent"] contains "Chrome" and type == connection"#, "c1"),
      (#"response.header["nothing"]"#, ""), ("response.status == 101", "f14 m10 c1 e1"), ("tls.version", ""),
      ("accept_valid and scheme == ws", "f14 m10 c1 e1"),
      // Two fields.
      ("wire_length < length", "m10"), ("length < wire_length", ""), ("ip.src == ip.dst", "f14 m10"),
      ("source.port == server.port", "f7 m5"),
      // Logic.
      ("opcode == 9 or opcode == 10", "f2"), ("opcode == 9 || opcode == 10 && masked", "f2"),
      ("(opcode == 9 or opcode == 10) and masked", "f1"), ("!(fin) && kind == text and not sender == client", "m5"),
      ("not not fin", "f14"), ("!!fin", "f14"),
    ])
  func construct(filter: String, accepted: String) throws {
    let chat = try SampleRecords("browser-chat.pcap")
    let found = counted(try chat.accepted(filter)).split(separator: " ").sorted()
    #expect(found == accepted.split(separator: " ").sorted(), "\(filter)")
  }

  @Test(
    "paths into JSON",
    arguments: [
      (#"json.type == "say""#, 6), (#"json.type != "say""#, 3), ("json.type", 9), ("json", 9), ("json.here", 1),
      (#"json.here[1] == "bob""#, 1), (#"json.here[*] == "alice""#, 1), (#"json.here[*] != "alice""#, 0),
      (#"json.here[2] == "bob""#, 0), (#"json["type"] == 'join'"#, 1), (#"json."type" in {"join" "welcome"}"#, 2),
      (#"json.text contains "ferry""#, 2), (#"json.text matches "^morning""#, 1), (#"json.* == "harbour""#, 2),
      (#"json.type == json.room"#, 0), (#"json.name == "alice" and json.room == "harbour""#, 1), ("json.type == 5", 0),
      ("json.type == null", 0), ("json.missing != 5", 0), (#"json contains "🌊""#, 1),
    ])
  func json(filter: String, messages: Int) throws {
    let chat = try SampleRecords("browser-chat.pcap")
    #expect(try chat.accepted("type == message and (\(filter))").count == messages, "\(filter)")
  }

  @Test(
    "values of JSON are compared by what they are",
    arguments: [
      (#"json.n == 5"#, true), ("json.n > 4.5", true), ("json.n < 5.5", true), ("json.n in {1 5..6}", true),
      ("json.n == 5.0", true), (#"json.n == "5""#, false), ("json.s == 100.5", true), ("json.s > 100", true),
      (#"json.s == "100.5""#, true), (#"json.s == "100.50""#, false), ("json.t == true", true), ("json.t == 1", false),
      ("json.f != true", true), ("json.z == null", true), ("json.z", true), ("json.z == 0", false),
      ("json.big == 9007199254740993", true), ("json.big == 9007199254740992", false), ("json.neg < -4", true),
      ("json.size == 64KiB", true), ("json.wait > 400ms", true), ("json.o.p[1]", true),
      ("json.o contains '\"p\"'", true),
      (#"json.e == "a\nb""#, true), (#"json."a.b" == 1"#, true), ("json.n == json.five", true),
      ("json.n < json.size", true),
    ])
  func values(filter: String, isAccepted: Bool) throws {
    let text = #"""
      {"n":5,"five":5.0,"s":"100.5","t":true,"f":false,"z":null,"big":9007199254740993,"neg":-5,"size":65536,
      "wait":0.5,"o":{"p":[1,2]},"e":"a\nb","a.b":1}
      """#
    var chat = try SampleRecords("browser-chat.pcap").records
    var filter = try Filter(filter)
    guard case .message(let record, _)? = chat.first(where: { if case .message = $0 { true } else { false } }) else {
      Issue.record("there is no message")
      return
    }
    chat = []
    #expect(filter.accepts(record, content: Array(text.utf8).span.bytes, Surroundings()) == isAccepted)
  }

  @Test("fields of other records")
  func others() throws {
    let faults = try SampleRecords("frame-faults.pcap")
    #expect(counted(try faults.accepted("severity >= warning")) == "d15")
    #expect(counted(try faults.accepted("severity < warning")) == "d3")
    #expect(counted(try faults.accepted(#"code matches "^frame\." and sender == client"#)).hasPrefix("d"))
    #expect(counted(try faults.accepted(#"reference == "RFC 6455 §5.1""#)) == "d2")
    #expect(counted(try faults.accepted(#"message contains "mask""#)) == "d2", "what a diagnostic says")
    #expect(counted(try faults.accepted("message == 1")).contains("m1"), "the number of a message")
    let refused = try SampleRecords("refused-403.pcap")
    #expect(counted(try refused.accepted("response.status == 403 and not upgraded")) == "c1")
    let reset = try SampleRecords("connection-reset.pcap")
    #expect(counted(try reset.accepted("ended_by == rst and tcp_close.kind == rst and browser_code == 1006")) == "e1")
    #expect(counted(try reset.accepted("client.frames > 0 and server.messages >= 0 and clean == false")) == "e1")
    let secured = try SampleRecords("tls13-key-log.pcap")
    #expect(
      counted(try secured.accepted(#"tls.version == "1.3" and type == connection and scheme == wss"#)) == "c1")
    let v6 = try SampleRecords("ipv6-any-device.pcap")
    #expect(!(try v6.accepted("ipv6.addr == ::1 or ipv6.addr == 2001:db8::/32 or address == ::/0")).isEmpty)
    #expect(try v6.accepted("address == 0.0.0.0/0").isEmpty)
  }

  @Test("what is not stored is not found, and the field `truncated` says so")
  func truncated() throws {
    let chat = try SampleRecords("browser-chat.pcap", maxPayload: 8)
    #expect(try chat.accepted(#"text contains "quay""#).isEmpty)
    #expect(counted(try chat.accepted("truncated and type == message")) == "m10")
    #expect(counted(try chat.accepted(#"length > 50 and text contains "{\"type""#)) == "m6")
  }
}
