import Testing

@testable import Subprotocols

/// Packets as the specifications describe them: MQTT 5 and 3.1.1 (OASIS), and 3.1 (IBM).
struct MQTTTests {
  /// A packet: its first byte, its length, and `body`.
  static func packet(_ first: UInt8, _ body: [UInt8]) -> [UInt8] {
    var (length, digits) = (body.count, [UInt8]())
    repeat {
      digits.append(UInt8(length & 127) | (length > 127 ? 128 : 0))
      length >>= 7
    } while length > 0
    return [first] + digits + body
  }

  static func text(_ text: String) -> [UInt8] {
    [UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)] + Array(text.utf8)
  }

  static func connect(level: UInt8 = 4, flags: UInt8 = 2, _ rest: [UInt8]? = nil) -> [UInt8] {
    let name = level == 3 ? "MQIsdp" : "MQTT"
    return packet(0x10, text(name) + [level, flags, 0, 60] + (level == 5 ? [0] : []) + (rest ?? text("a")))
  }

  /// A connection on which a CONNECT of this level was seen.
  static func peers(level: UInt8 = 4) -> ViewTester {
    let peers = ViewTester("mqtt")
    #expect(peers.binary(connect(level: level))?["packet"] == "CONNECT")
    return peers
  }

  @Test("CONNECT says what it is, and CONNACK answers it")
  func connecting() throws {
    let peers = ViewTester()
    let will = Self.text("gone/a") + Self.text("bye")
    let rest = Self.text("a") + will + Self.text("me") + Self.text("secret")
    let view = try #require(peers.binary(Self.connect(flags: 0xEE, rest)))
    #expect(
      view.text
        == #"{"name":"mqtt","packet":"CONNECT","protocol_name":"MQTT","protocol_level":4,"version":"3.1.1","clean_session":true,"keep_alive":60,"client_id":"a","will":{"topic":"gone/a","qos":1,"retain":true,"payload":"bye","payload_length":3},"username":"me","password":"secret"}"#
    )
    #expect(view.words == "MQTT CONNECT a MQTT 3.1.1 will gone/a user me")
    let connack = try #require(peers.binary([0x20, 2, 0, 5], fromClient: false))
    #expect(
      connack.text
        == #"{"name":"mqtt","packet":"CONNACK","session_present":false,"reason_code":5,"reason":"not authorized","reply_to":1,"latency":0.001000000}"#
    )
    #expect(connack.replies.map(\.isError) == [true])
    #expect(peers.faults.isEmpty)
  }

  @Test("a PUBLISH shows topic, flags and payload")
  func publish() throws {
    let peers = Self.peers()
    let view = try #require(peers.binary(Self.packet(0x3B, Self.text("sensors/t") + [0, 7] + Array("21.5".utf8))))
    #expect(
      view.text
        == #"{"name":"mqtt","packet":"PUBLISH","topic":"sensors/t","qos":1,"retain":true,"dup":true,"packet_id":7,"payload":"21.5","payload_length":4}"#
    )
    #expect(view.words == #"MQTT PUBLISH sensors/t QoS 1 #7 dup retain "21.5""#)
    let json = try #require(peers.binary(Self.packet(0x30, Self.text("a") + Array(#"{"t":[21]}"#.utf8))))
    #expect(json["payload.t[0]"] == "21")
    let data = try #require(peers.binary(Self.packet(0x30, Self.text("a") + [0xFF, 0])))
    #expect(data["payload.base64"] == "/wA=")
    #expect(peers.binary(Self.packet(0x30, Self.text("a")))?["payload_length"] == "0")
    #expect(peers.faults.isEmpty)
  }

  @Test("the flow of QoS 2 is linked from step to step, and each end has ids of its own")
  func flows() throws {
    let peers = Self.peers()
    let publish = Self.packet(0x34, Self.text("a/b") + [0, 1, 0x78])
    _ = peers.binary(publish)
    _ = peers.binary(publish, fromClient: false)
    let pubrec = try #require(peers.binary([0x50, 2, 0, 1], fromClient: false))
    #expect(pubrec["reply_to"] == "2")
    #expect(pubrec.words == "MQTT PUBREC #1 of a/b")
    #expect(peers.binary([0x62, 2, 0, 1])?["reply_to"] == "4")
    let pubcomp = try #require(peers.binary([0x70, 2, 0, 1], fromClient: false))
    #expect(pubcomp["reply_to"] == "5")
    #expect(pubcomp.words == "MQTT PUBCOMP #1 of a/b")
    #expect(peers.binary([0x50, 2, 0, 1])?["reply_to"] == "3")
    #expect(peers.faults.isEmpty)
  }

  @Test("subscriptions and pings are answered")
  func subscriptions() throws {
    let peers = Self.peers()
    let view = try #require(
      peers.binary(Self.packet(0x82, [0, 9] + Self.text("a/+") + [1] + Self.text("b/#") + [0])))
    #expect(
      view.text
        == #"{"name":"mqtt","packet":"SUBSCRIBE","packet_id":9,"subscriptions":[{"topic_filter":"a/+","qos":1},{"topic_filter":"b/#","qos":0}]}"#
    )
    #expect(view.words == "MQTT SUBSCRIBE #9 a/+ QoS 1 b/#")
    let suback = try #require(peers.binary([0x90, 4, 0, 9, 1, 0x80], fromClient: false))
    #expect(
      suback.text.contains(
        #""reason_codes":[1,128],"reasons":["Granted QoS 1","Failure"],"reply_to":2,"latency":0.001000000}"#))
    #expect(suback.replies.map(\.isError) == [true])
    let unsubscribe = try #require(peers.binary(Self.packet(0xA2, [0, 2] + Self.text("a/+"))))
    #expect(unsubscribe["topic_filters[0]"] == "a/+")
    #expect(peers.binary([0xB0, 2, 0, 2], fromClient: false)?["reply_to"] == "4")
    _ = peers.binary([0xC0, 0])
    #expect(peers.binary([0xD0, 0], fromClient: false)?["reply_to"] == "6")
    #expect(peers.binary([0xE0, 0])?.words == "MQTT DISCONNECT")
    #expect(peers.faults.isEmpty)
  }

  @Test("MQTT 5 has properties by name, and aliases for topics")
  func five() throws {
    let peers = ViewTester()
    let properties: [UInt8] =
      [17, 0, 0, 0, 30, 34, 0, 5] + [38] + Self.text("k") + Self.text("1") + [38] + Self.text("k") + Self.text("2")
    let body = Self.text("MQTT") + [5, 2, 0, 60, UInt8(properties.count)] + properties + Self.text("")
    let connect = try #require(peers.binary(Self.packet(0x10, body)))
    #expect(
      connect.text.contains(
        #""clean_start":true,"keep_alive":60,"properties":{"session_expiry_interval":30,"topic_alias_maximum":5,"user_properties":{"k":"1"},"repeated_user_properties":[["k","2"]]},"client_id":"""#
      ))
    let connack = try #require(
      peers.binary(Self.packet(0x20, [0, 0, 8, 18, 0, 2, 0x61, 0x62, 33, 0, 20]), fromClient: false))
    #expect(connack["properties.assigned_client_identifier"] == "ab" && connack["reason"] == "Success")
    _ = peers.binary(Self.packet(0x30, Self.text("a/b") + [3, 35, 0, 1] + Array("x".utf8)), fromClient: false)
    let aliased = try #require(
      peers.binary(
        Self.packet(0x32, Self.text("") + [0, 3] + [8, 35, 0, 1, 11, 0xFF, 1, 11, 2] + Array("y".utf8)),
        fromClient: false))
    #expect(
      aliased.text
        == #"{"name":"mqtt","packet":"PUBLISH","topic":"a/b","qos":1,"retain":false,"dup":false,"packet_id":3,"properties":{"topic_alias":1,"subscription_identifiers":[255,2]},"payload":"y","payload_length":1}"#
    )
    #expect(peers.faults.isEmpty)
    let puback = try #require(peers.binary([0x40, 4, 0, 3, 0x10, 0]))
    #expect(puback["reason"] == "No matching subscribers" && puback["reply_to"] == "4")
    #expect(puback.replies.map(\.isError) == [false])
    _ = peers.binary(Self.packet(0x30, Self.text("") + [3, 35, 0, 1]))
    #expect(peers.faults == ["MQTT: topic alias 1 stands for no topic"])
    let disconnect = try #require(peers.binary([0xE0, 2, 0x8E, 0], fromClient: false))
    #expect(disconnect.words == "MQTT DISCONNECT Session taken over")
    #expect(peers.faults.isEmpty)
  }

  @Test("an exchange of AUTH packets is linked")
  func authentication() throws {
    let peers = Self.peers(level: 5)
    _ = peers.binary(Self.packet(0xF0, [0x18, 4, 21, 0, 1, 0x78]), fromClient: false)
    let reply = try #require(peers.binary(Self.packet(0xF0, [0x18, 4, 21, 0, 1, 0x78])))
    #expect(reply["reply_to"] == "2" && reply["properties.authentication_method"] == "x")
    #expect(reply["reason"] == "Continue authentication")
    #expect(peers.binary([0xF0, 0], fromClient: false)?["packet"] == "AUTH")
  }

  /// A conversation of a client, which begins with CONNECT.
  private static let conversation =
    connect() + packet(0x82, [0, 1] + text("a/b") + [1])
    + packet(0x32, text("a/b") + [0, 2] + [UInt8](repeating: 0x30, count: 200))
    + [0xC0, 0] + packet(0x30, text("a/c")) + [0xE0, 0]

  @Test("messages are no boundaries: however they are cut, the packets are the same")
  func cuts() {
    func packets(_ pieces: [ArraySlice<UInt8>]) -> [[String]] {
      let peers = ViewTester("mqtt")
      var found = [[String]](repeating: [], count: 4)
      for piece in pieces where !piece.isEmpty {
        let view = peers.binary(Array(piece))
        #expect(view != nil && peers.faults.isEmpty, "\(piece) \(peers.faults)")
        for (i, field) in ["packet", "topic", "payload", "packet_id"].enumerated() {
          found[i] += view?.values(field) ?? []
          found[i] += view?.values("more[*].\(field)") ?? []
        }
      }
      return found
    }
    let bytes = Self.conversation
    let whole = packets([bytes[...]])
    #expect(whole[0] == ["CONNECT", "SUBSCRIBE", "PUBLISH", "PINGREQ", "PUBLISH", "DISCONNECT"])
    for cut in 1..<bytes.count { #expect(packets([bytes[..<cut], bytes[cut...]]) == whole) }
    #expect(packets(bytes.indices.map { bytes[$0..<$0 + 1] }) == whole)
  }

  @Test("a packet that spans messages is shown with the last of them")
  func spans() throws {
    let peers = Self.peers()
    let bytes = Self.packet(0x30, Self.text("a/b") + Array("hello".utf8))
    #expect(try #require(peers.binary(Array(bytes[..<4]))).text == #"{"name":"mqtt","continues":true}"#)
    #expect(peers.unfinished(ofClient: true)?.contains("message 2") == true)
    let view = try #require(peers.binary(Array(bytes[4...]) + [0xC0, 0]))
    #expect(peers.unfinished(ofClient: true) == nil)
    #expect(
      view.text
        == #"{"name":"mqtt","first_message":2,"packet":"PUBLISH","topic":"a/b","qos":0,"retain":false,"dup":false,"payload":"hello","payload_length":5,"more":[{"packet":"PINGREQ"}]}"#
    )
    #expect(view.words == #"MQTT PUBLISH a/b "hello" + PINGREQ"#)
  }

  @Test("a packet that is too large to be held is counted, and what follows is understood")
  func large() throws {
    let peers = Self.peers()
    let bytes = Self.packet(0x32, Self.text("a/b") + [0, 4] + [UInt8](repeating: 0x61, count: 3_000_000))
    for size in [700_000, 2_000_000] {
      for start in stride(from: 0, to: bytes.count, by: size) {
        let view = try #require(peers.binary(Array(bytes[start..<min(start + size, bytes.count)])))
        guard start + size >= bytes.count else { continue }
        #expect(view["topic"] == "a/b" && view["payload_length"] == "3000000" && view["payload"] == nil)
      }
      #expect(peers.binary([0x40, 2, 0, 4], fromClient: false)?["reply_to"] != nil)
    }
    #expect(peers.faults.isEmpty)
  }

  @Test(
    "what breaks the rules is told",
    arguments: [
      (4, [0x60, 2, 0, 1], "reserved flags of PUBREL are 0 instead of 2"),
      (
        4, [0xC0, 0x80, 0x80, 0x80, 0x80], "a packet of type 0, or one whose remaining length has more than four bytes"
      ),
      (4, [0x00, 0], "a packet of type 0, or one whose remaining length has more than four bytes"),
      (4, [0xF0, 0], "there is no packet AUTH before MQTT 5"),
      (5, [0xC0, 0x80, 0], "a remaining length with more bytes than it needs"),
      (4, [0x36, 6, 0, 1, 0x61, 0, 1, 0x78], "QoS 3"),
      (4, [0x30, 3, 0, 1, 0xFF], "a topic is not UTF-8"),
      (4, [0x30, 3, 0, 1, 0x00], "a topic has a NUL"),
      (4, [0x30, 3, 0, 1, 0x23], "a topic with a wildcard"),
      (4, [0x30, 2, 0, 0], "a PUBLISH without a topic"),
      (4, [0x30, 3, 0, 9, 0x61], "the packet PUBLISH breaks off"),
      (4, [0x40, 3, 0, 1, 0], "1 byte too many in the packet PUBACK"),
      (4, [0x40, 2, 0, 0], "packet identifier 0"),
      (4, [0x82, 2, 0, 1], "SUBSCRIBE without a topic filter"),
      (4, [0x82, 6, 0, 1, 0, 1, 0x61, 4], "reserved bits of subscription options are set"),
      (4, [0x20, 2, 0, 6], "CONNACK with the code 6, which is not defined"),
      (5, [0x40, 4, 0, 1, 0x05, 0], "PUBACK with the code 5, which is not defined"),
      (5, [0x40, 7, 0, 1, 0, 3, 35, 0, 1], "the property topic_alias may not stand in PUBACK"),
      (5, [0x30, 6, 0, 1, 0x61, 2, 1, 2], "the property payload_format_indicator is 2"),
      (5, [0x30, 8, 0, 1, 0x61, 4, 1, 1, 1, 1], "the property payload_format_indicator stands there twice"),
      (5, [0x30, 6, 0, 1, 0x61, 2, 99, 1], "there is no property 99"),
      (5, [0x30, 6, 0, 1, 0x61, 2, 35, 0], "the properties break off"),
      (
        4, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        "a packet of type 0, or one whose remaining length has more than four bytes"
      ),
      (5, [0x40, 3, 0, 1, 0x8E], "PUBACK with the code of Session taken over"),
      (5, [0x30, 6, 0, 1, 0x61, 2, 11, 1], "a subscription identifier in a PUBLISH of the client"),
      (4, packet(0x82, [0, 1] + text("a/#/b") + [0]), "a topic filter with a wildcard where none may be"),
      (4, packet(0x82, [0, 1] + text("a+/b") + [0]), "a topic filter with a wildcard where none may be"),
      (4, packet(0xA2, [0, 1] + text("a#")), "a topic filter with a wildcard where none may be"),
      (
        5, packet(0x82, [0, 1, 0] + text("$share//x") + [0]),
        "a shared subscription without a name or a topic filter"
      ),
      (5, packet(0x82, [0, 1, 0] + text("$share/g/x") + [4]), "No Local on a shared subscription"),
      (4, [0xC0, 0], "PINGREQ from the server"),
      (4, packet(0x82, [0, 1] + text("a") + [0]), "SUBSCRIBE from the server"),
      (4, [0xD0, 0], "PINGRESP from the client"),
      (5, [0x30, 7, 0, 1, 0x61, 2, 1, 1, 0xFF], "a payload that is not UTF-8 as it is said to be"),
    ] as [(UInt8, [UInt8], String)])
  func malformed(_ level: UInt8, _ bytes: [UInt8], _ fault: String) {
    let peers = Self.peers(level: level)
    let isOfServer = [2, 9, 11, 13].contains(bytes[0] >> 4)
    let view = peers.binary(bytes, fromClient: isOfServer == fault.contains(" from the "))
    #expect(view != nil && view?["continues"] == nil)
    #expect(peers.faults == ["MQTT: \(fault)"])
    #expect(peers.binary([0xC0, 0])?["packet"] == "PINGREQ")
    #expect(peers.faults.isEmpty)
  }

  @Test("a CONNECT that breaks the rules is told")
  func malformedConnect() {
    for (bytes, fault) in [
      (Self.connect(flags: 3), "the reserved flag of CONNECT is set"),
      (Self.connect(flags: 0x0A), "flags of a will without a will"),
      (Self.connect(flags: 0x42, Self.text("a") + Self.text("p")), "a password without a user name"),
      (Self.connect(flags: 0, Self.text("")), "no client identifier and no clean session"),
      (Self.connect(level: 9), "there is no protocol of this name and level"),
      (Self.connect(flags: 0x82), "the packet CONNECT breaks off"),
    ] {
      let peers = ViewTester("mqtt")
      #expect(peers.binary(bytes)?["packet"] == "CONNECT")
      #expect(peers.faults == ["MQTT: \(fault)"])
    }
  }

  @Test("packets in text messages are told, other text and data is foreign")
  func foreign() {
    let peers = ViewTester("mqtt")
    #expect(peers.read([0xC0, 0], isText: true)?["packet"] == "PINGREQ")
    #expect(peers.faults == ["MQTT: packets in a text message"])
    #expect(ViewTester("mqtt").text("hello") == nil)
    #expect(ViewTester("mqtt").binary([0x08, 0x96, 0x01]) == nil)
    for bytes: [UInt8] in [[0xC0, 0], [0x10, 2, 0, 4], [0x32, 5, 1, 2, 3, 4, 5], [0x30, 0], [0x82, 1, 1]] {
      #expect(ViewTester().binary(bytes) == nil, "\(bytes)")
    }
  }

  @Test("without a CONNECT, packets are read by what they look like, and say so")
  func midstream() throws {
    let peers = ViewTester()
    let five = try #require(peers.binary(Self.packet(0x30, Self.text("a/b") + [0] + Array("x".utf8))))
    #expect(five["version_guess"] == "5" && five["payload"] == "x" && five["inferred"] == "true")
    let three = try #require(peers.binary(Self.packet(0x30, Self.text("a/b") + Array("hello".utf8))))
    #expect(three["version_guess"] == nil && three["payload"] == "hello")
    let known = try #require(peers.binary(Self.packet(0x30, Self.text("a/b") + Array("hello".utf8))))
    #expect(known["version_guess"] == nil && peers.faults.isEmpty)
    for (level, packets) in [
      ("3.1.1", [Self.packet(0x82, [0, 1] + Self.text("a/b") + [1]), Self.packet(0xA2, [0, 2] + Self.text("a/b"))]),
      (
        "5", [Self.packet(0x82, [0, 1, 0] + Self.text("a/b") + [1]), Self.packet(0xA2, [0, 2, 0] + Self.text("a/b"))]
      ),
    ] {
      for packet in packets {
        let other = ViewTester(forced: "mqtt")
        #expect(other.binary(packet)?["version_guess"] == nil && other.faults.isEmpty)
        let publish = other.binary(Self.packet(0x30, Self.text("a/b") + [0, 0x78]))
        #expect(publish?["payload"] == (level == "5" ? "x" : "\\u0000x") && other.faults.isEmpty)
      }
    }
    let pointed = ViewTester(target: "/mqtt")
    #expect(pointed.binary([0xC0, 0])?["packet"] == "PINGREQ")
  }

  @Test("what was captured in part is shown as far as it goes, and is no fault")
  func partial() throws {
    let peers = Self.peers()
    let view = try #require(
      peers.read(Self.packet(0x30, Self.text("a/b") + [1, 2, 3]).dropLast(2), isText: false, isWhole: false))
    #expect(view["topic"] == "a/b" && view["payload_length"] == "3" && peers.faults.isEmpty)
    #expect(peers.binary([2, 3])?["continues"] == "true")
    #expect(peers.binary([0xC0, 0])?["packet"] == "PINGREQ")
    #expect(peers.faults.isEmpty)
  }

  @Test("a packet that is full of codes or topics makes neither the line nor the view too long")
  func full() throws {
    let peers = Self.peers()
    for (first, body) in [
      (0x90, [UInt8](repeating: 0, count: 2_000_000)), (0x90, [UInt8](repeating: 9, count: 2_000_000)),
      (0x82, [0, 1] + [UInt8](repeating: 1, count: 2_000_000)),
      (0xA2, [0, 1] + [UInt8](repeating: 0, count: 2_000_000)),
    ] as [(UInt8, [UInt8])] {
      let view = try #require(peers.binary(Self.packet(first, body)))
      #expect(view.line.count < 5000 && view.json.count < 3 << 19)
      #expect(peers.faults.count <= 8)
    }
  }

  @Test("random and mutated messages are harmless")
  func mutated() {
    let seed = UInt64.random(in: 0 ... .max)
    print("MQTTTests.mutated: seed \(seed)")
    var random = ViewRandom(seed)
    var peers = Self.peers(level: 5)
    let five =
      Self.connect(level: 5)
      + Self.packet(0x32, Self.text("a") + [0, 1, 9, 38, 0, 1, 0x6B, 0, 1, 0x76, 35, 0, 1, 0x78])
    for i in 0..<4000 {
      if i % 50 == 0 { peers = Self.peers(level: UInt8(3 + random.below(3))) }
      var bytes = random.below(2) == 0 ? Self.conversation : five
      for _ in 0..<random.below(6) {
        let at = random.below(bytes.count)
        if random.below(2) == 0 {
          bytes[at] = UInt8(random.below(256))
        } else {
          bytes.removeSubrange(at..<min(at + 1 + random.below(40), bytes.count))
        }
        if bytes.isEmpty { bytes = [0xC0] }
      }
      _ =
        peers.read(bytes, isText: random.below(9) == 0, fromClient: random.below(2) == 0, isWhole: random.below(9) > 0)?
        .text
      _ = ViewTester().binary(bytes)?.text
    }
  }
}
