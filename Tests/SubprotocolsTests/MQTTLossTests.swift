import Testing

@testable import Subprotocols

/// MQTT where packets depend on others, and where others are missing.
struct MQTTLossTests {
  @Test("a SUBACK has as many codes as the SUBSCRIBE has topic filters, and nothing comes after DISCONNECT")
  func order() {
    let peers = MQTTTests.peers()
    for (codes, faults) in [([0, 0], []), ([0], ["number"])] as [([UInt8], [String])] {
      _ = peers.binary(MQTTTests.packet(0x82, [0, 1] + MQTTTests.text("+/a/+") + [0] + MQTTTests.text("#") + [0]))
      #expect(peers.faults.isEmpty)
      _ = peers.binary(MQTTTests.packet(0x90, [0, 1] + codes), fromClient: false)
      #expect(peers.faults.count == faults.count)
    }
    #expect(peers.binary([0xE0, 0]) != nil && peers.faults.isEmpty)
    _ = peers.binary([0xC0, 0])
    #expect(peers.faults == ["MQTT: PINGREQ after DISCONNECT"])
  }

  @Test("an old server answers a CONNECT of MQTT 5 in its own form, and an AUTH may be empty")
  func olderServer() throws {
    let peers = MQTTTests.peers(level: 5)
    let connack = try #require(peers.binary([0x20, 2, 0, 1], fromClient: false))
    #expect(connack["reason"] == "unacceptable protocol version" && connack["reply_to"] == "1")
    #expect(peers.faults.isEmpty)
    let other = MQTTTests.peers(level: 5)
    _ = other.binary(MQTTTests.packet(0xF0, [0x19, 4, 21, 0, 1, 0x78]))
    let auth = try #require(other.binary([0xF0, 0], fromClient: false))
    #expect(auth["reason"] == "Success" && auth["reply_to"] == "2" && other.faults.isEmpty)
  }

  @Test("bytes that are missing join nothing: packets are found again where they begin, and aliases are forgotten")
  func lost() throws {
    let peers = MQTTTests.peers(level: 5)
    _ = peers.binary(MQTTTests.packet(0x30, MQTTTests.text("a/b") + [3, 35, 0, 1]))
    let publish = MQTTTests.packet(0x30, MQTTTests.text("long/topic") + [0] + Array("payload payload payload".utf8))
    _ = peers.binary(Array(publish[..<15]))
    peers.lose()
    #expect(peers.unfinished(ofClient: true) == nil)
    #expect(try #require(peers.binary(Array(publish[20...]))).text == #"{"name":"mqtt","continues":true}"#)
    #expect(peers.binary(Array("ypyload ".utf8))?["continues"] == "true")
    #expect(peers.binary([0x70, 4] + Array("abcd".utf8))?["packet"] == nil)
    let aliased = MQTTTests.packet(0x30, MQTTTests.text("") + [3, 35, 0, 1])
    #expect(peers.binary(aliased)?["topic"] == "")
    #expect(peers.faults.isEmpty)
    peers.lose()
    let view = try #require(peers.binary(aliased + [0xC0, 0]))
    #expect(view["packet"] == "PUBLISH" && view["more[0].packet"] == "PINGREQ" && peers.faults.isEmpty)
  }

  @Test("a message of which not all is stored says so, and the next one is read from its beginning")
  func cutByLimit() throws {
    let peers = MQTTTests.peers()
    let publish = MQTTTests.packet(0x30, MQTTTests.text("a/b") + [UInt8](repeating: 0x61, count: 300))
    for stored in [Array(publish[..<50]), [0xC0, 0] + publish[..<9], [0xC0, 0, 0x30]] as [[UInt8]] {
      let view = try #require(peers.cut(stored))
      #expect(view["cut"] == "true" && view["continues"] == nil && view["packet"] != nil, "\(view.text)")
      #expect(view.words.hasSuffix("(cut by --max-payload)"))
      #expect(peers.faults.isEmpty && peers.unfinished(ofClient: true) == nil)
    }
    #expect(peers.binary([0xC0, 0])?["packet"] == "PINGREQ")
    #expect(ViewTester("mqtt").cut(Array(publish[..<50]))?["topic"] == "a/b")
    #expect(ViewTester("mqtt").cut(Array("hello, world, and so on".utf8)) == nil)
    _ = peers.binary(Array(publish[..<9]))
    let view = try #require(peers.cut(Array(publish[9..<40])))
    #expect(view["payload_length"] == "300" && view["payload"] == nil && view["first_message"] != nil)
    #expect(peers.cut(Array(repeating: 0x61, count: 9))?["packet"] == nil)
    #expect(peers.faults.isEmpty)
  }

  @Test("where the CONNECT is missing, what the server sends is no fault, however it is cut")
  func lostConnect() {
    let peers = ViewTester("mqtt")
    peers.lose()
    #expect(peers.binary([0x20], fromClient: false)?["continues"] == "true" && peers.faults.isEmpty)
    #expect(peers.binary([2, 0, 0], fromClient: false)?["packet"] == "CONNACK" && peers.faults.isEmpty)
  }
}
