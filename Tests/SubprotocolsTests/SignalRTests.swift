import Testing

@testable import Subprotocols

/// The examples of the hub protocol (https://github.com/dotnet/aspnetcore/blob/main/src/SignalR/docs/specs/HubProtocol.md).
struct SignalRTests {
  static let handshake = "{\"protocol\":\"json\",\"version\":1}\u{1E}"

  /// A connection whose peers agreed on a protocol.
  private func peers(_ name: String = "json") -> ViewTester {
    let peers = ViewTester()
    _ = peers.text("{\"protocol\":\"\(name)\",\"version\":1}\u{1E}")
    _ = peers.text("{}\u{1E}", fromClient: false)
    return peers
  }

  @Test("the handshake says what is spoken, and is answered")
  func handshakes() throws {
    let peers = ViewTester()
    let request = try #require(peers.text(Self.handshake))
    #expect(request.text == #"{"name":"signalr","type":"Handshake","protocol":"json","version":1}"#)
    let reply = try #require(
      peers.text("{\"error\":\"Requested protocol 'json' is not available.\"}\u{1E}", fromClient: false))
    #expect(reply["type"] == "HandshakeResponse" && reply["reply_to"] == "1" && reply.replies.first?.isError == true)
    #expect(reply.words == "SignalR HandshakeResponse Requested protocol 'json' is not available.")
  }

  @Test("calls are linked to their completions, and streams to their items")
  func calls() throws {
    let peers = peers()
    let call = try #require(
      peers.text("{\"type\":1,\"invocationId\":\"123\",\"target\":\"Send\",\"arguments\":[42,\"Test\"]}\u{1E}"))
    #expect(call["type"] == "Invocation" && call["invocationId"] == "123" && call["target"] == "Send")
    #expect(call.words == #"SignalR Invocation #123 Send [42,"Test"]"#)
    let error = try #require(
      peers.text("{\"type\":3,\"invocationId\":\"123\",\"error\":\"It didn't work!\"}\u{1E}", fromClient: false))
    #expect(error["reply_to"] == "3" && error["target"] == "Send" && error.replies.first?.isError == true)
    #expect(error.words == "SignalR Completion #123 of Send It didn't work!")
    _ = peers.text("{\"type\":4,\"invocationId\":\"124\",\"target\":\"Count\",\"arguments\":[]}\u{1E}")
    let item = try #require(peers.text("{\"type\":2,\"invocationId\":\"124\",\"item\":7}\u{1E}", fromClient: false))
    #expect(item["item"] == "7" && item["latency"] != nil && item["target"] == "Count")
    #expect(peers.text("{\"type\":5,\"invocationId\":\"124\"}\u{1E}")?["type"] == "CancelInvocation")
    let end = try #require(peers.text("{\"type\":3,\"invocationId\":\"124\"}\u{1E}", fromClient: false))
    #expect(end["reply_to"] == "5" && end.replies.isEmpty)
    #expect(peers.text("{\"type\":8,\"sequenceId\":9}\u{1E}")?.words == "SignalR Ack 9")
    let close = try #require(
      peers.text("{\"type\":7,\"error\":\"E\",\"allowReconnect\":true}\u{1E}", fromClient: false))
    #expect(close["type"] == "Close" && close["error"] == "E" && close["allowReconnect"] == "true")
  }

  @Test("records may share a message, and span messages at any byte")
  func records() throws {
    let records = Array("{\"type\":6}\u{1E}{\"type\":1,\"target\":\"a\",\"arguments\":[]}\u{1E}{\"type\":6}\u{1E}".utf8)
    let together = try #require(peers().read(records, isText: true))
    #expect(together["type"] == "Ping" && together.values("more[*].type") == ["Invocation", "Ping"])
    #expect(together.words == "SignalR Ping + Invocation a [] + Ping")
    for cut in 1..<records.count {
      let peers = peers()
      let first = try #require(peers.read(Array(records[..<cut]), isText: true))
      let second = try #require(peers.read(Array(records[cut...]), isText: true))
      let types = [first, second].flatMap { $0.values("type") + $0.values("more[*].type") }
      #expect(types == ["Ping", "Invocation", "Ping"], "cut at \(cut)")
      let isBetween = records[cut - 1] == 0x1E
      #expect(second["first_message"] == (isBetween ? nil : "3"), "cut at \(cut)")
      #expect(peers.faults.isEmpty)
    }
  }

  static let values: [UInt8] =
    // Ping; Invocation "xyz" of "method" with 42; Completion of it with 42; StreamItem; Close
    [0x02, 0x91, 0x06, 0x11, 0x96, 0x01, 0x80, 0xA3, 0x78, 0x79, 0x7A, 0xA6, 0x6D, 0x65, 0x74, 0x68, 0x6F, 0x64]
    + [0x91, 0x2A, 0x90, 0x09, 0x95, 0x03, 0x80, 0xA3, 0x78, 0x79, 0x7A, 0x03, 0x2A, 0x08, 0x94, 0x02, 0x80, 0xA3]
    + [0x78, 0x79, 0x7A, 0x2A, 0x05, 0x92, 0x07, 0xA2, 0x78, 0x79]

  @Test("MessagePack has the same messages, behind their lengths, at any cut")
  func messagePack() throws {
    let peers = peers("messagepack")
    _ = peers.binary([0x11] + Self.values[4..<21])
    let reply = try #require(peers.binary(Array(Self.values[21..<31]), fromClient: false))
    #expect(reply["type"] == "Completion" && reply["result"] == "42" && reply["target"] == "method")
    #expect(reply["reply_to"] == "3" && reply.words == "SignalR Completion #xyz of method 42")
    for cut in 1..<Self.values.count {
      let peers = self.peers("messagepack")
      let first = try #require(peers.binary(Array(Self.values[..<cut])))
      let second = try #require(peers.binary(Array(Self.values[cut...])))
      let types = [first, second].flatMap { $0.values("type") + $0.values("more[*].type") }
      #expect(types == ["Ping", "Invocation", "Completion", "StreamItem", "Close"], "cut at \(cut)")
      #expect(peers.faults.isEmpty, "cut at \(cut)")
    }
  }

  @Test("without the handshake, MessagePack is recognised where every length fits")
  func recognition() {
    #expect(ViewTester().binary(Self.values)?["name"] == "signalr")
    #expect(ViewTester().binary([2, 0x91, 6])?["type"] == "Ping")
    #expect(ViewTester().binary([3, 0x91, 6])?["name"] != "signalr")
    #expect(ViewTester().text(#"{"type":6}"#)?["name"] == "json")
    #expect(ViewTester().text("{\"type\":6}\u{1E}")?["name"] == "signalr")
    #expect(ViewTester().text("{\"a\":6}\u{1E}") == nil)
  }

  @Test("messages that break the rules are told of")
  func faults() {
    let peers = peers()
    for bad in [
      "{\"type\":3,\"invocationId\":\"1\",\"error\":\"a\",\"result\":1}", "{\"type\":3}", "{\"type\":1}", "{\"a\":1}",
      "{\"type\":\"1\"}", "{\"type\":", "{1}", "nojson",
      "{\"type\":1,\"target\":\"a\"}",
    ] {
      #expect(peers.text(bad + "\u{1E}") != nil, "\(bad)")
      #expect(peers.faults.count == 1, "\(bad)")
    }
    #expect(peers.text("{\"type\":77}\u{1E}")?["type"] == "77")
    let binary = self.peers("messagepack")
    #expect(binary.binary([2, 0x91, 3]) != nil)
    #expect(binary.faults.count == 1)
    #expect(binary.binary([3, 0x91, 6, 6]) != nil)
    #expect(binary.faults.count == 1)
    #expect(binary.binary([1, 0x42]) != nil)
    #expect(binary.faults.count == 1)
  }

  @Test("what is too long to be held is passed over, and the next message is shown")
  func limits() throws {
    let peers = peers()
    _ = peers.text("{\"type\":1,\"target\":\"" + String(repeating: "a", count: 600_000))
    _ = peers.text(String(repeating: "a", count: 600_000))
    let end = try #require(peers.text("\"}\u{1E}{\"type\":6}\u{1E}"))
    #expect(end["first_message"] == "3" && end["more[0].type"] == "Ping")
    let binary = self.peers("messagepack")
    let head: [UInt8] = [0x80, 0x80, 0x80, 0x01]  // 2 MiB
    _ = binary.binary(head + [UInt8](repeating: 0xC0, count: 1_000_000))
    _ = binary.binary([UInt8](repeating: 0xC0, count: (2 << 20) - 1_000_001))
    let last = try #require(binary.binary([0xC0, 2, 0x91, 6]))
    #expect(last["first_message"] == "3" && last["more[0].type"] == "Ping")
  }

  @Test("after bytes that are missing, the next intact message is shown")
  func gaps() throws {
    let peers = peers()
    _ = peers.text("{\"type\":1,\"target\":\"a\",\"argu", fromClient: false)
    peers.lose(fromClient: false)
    #expect(peers.text("{\"type\":6}\u{1E}", fromClient: false)?.words == "SignalR Ping")
    #expect(peers.faults.isEmpty)
    peers.lose(fromClient: false)
    #expect(peers.text("[1,2]", fromClient: false)?.words == "SignalR … the end of a message")
    let end = try #require(peers.text("]}\u{1E}{\"type\":6}\u{1E}", fromClient: false))
    #expect(end["type"] == "Ping" && end.words == "SignalR … the end of a message Ping")
    #expect(peers.text("{\"type\":6}\u{1E}", fromClient: false)?.words == "SignalR Ping")
    #expect(peers.faults.isEmpty)
    let early = ViewTester()
    _ = early.text(Self.handshake)
    early.lose(fromClient: false)
    #expect(early.text("{}\u{1E}", fromClient: false)?["type"] == "HandshakeResponse")
    let binary = self.peers("messagepack")
    _ = binary.binary([9, 0x91])
    binary.lose()
    #expect(binary.binary([1, 2, 3])?.words == "SignalR … the end of a message")
    #expect(binary.binary([2, 0x91, 6])?.words == "SignalR Ping")
    #expect(binary.faults.isEmpty)
  }

  @Test("of a message that is not stored to its end, there is what stands in front, and its reply")
  func cut() throws {
    let peers = peers()
    let call = Array("{\"type\":1,\"invocationId\":\"7\",\"target\":\"Send\",\"arguments\":[\"aaa".utf8)
    let view = try #require(peers.read(call, isText: true, isWhole: false, isCut: true))
    #expect(
      view.text
        == #"{"name":"signalr","type":"Invocation","invocationId":"7","target":"Send","cut":true}"#)
    #expect(view.words == "SignalR Invocation #7 Send (cut by --max-payload)")
    let reply = try #require(peers.text("{\"type\":3,\"invocationId\":\"7\"}\u{1E}", fromClient: false))
    #expect(reply["reply_to"] == "3" && reply["target"] == "Send")
    #expect(peers.text("{\"type\":6}\u{1E}")?.words == "SignalR Ping" && peers.faults.isEmpty)
    let binary = self.peers("messagepack")
    let front = try #require(
      binary.read([0x80, 0x80, 0x80, 0x01] + Self.values[4..<20], isText: false, isWhole: false, isCut: true))
    #expect(front["type"] == "Invocation" && front["target"] == "method" && front["cut"] == "true")
    #expect(front["continues"] == nil && front.requests.count == 1 && binary.faults.isEmpty)
    #expect(binary.binary([2, 0x91, 6])?.words == "SignalR Ping")
  }

  @Test("what is more or deeper than is shown is no fault")
  func own() throws {
    let peers = peers()
    let pings = try #require(peers.text(String(repeating: "{\"type\":6}\u{1E}", count: 1100)))
    #expect(pings["more_left_out"] == "100" && peers.faults.isEmpty)
    let deep = String(repeating: "[", count: 600) + String(repeating: "]", count: 600)
    let call = try #require(peers.text("{\"type\":1,\"target\":\"a\",\"arguments\":\(deep)}\u{1E}"))
    #expect(call["target"] == "a" && call["arguments"] == nil && call["cut"] == "true" && peers.faults.isEmpty)
    let binary = self.peers("messagepack")
    let nested = [UInt8](repeating: 0x91, count: 80) + [1]
    let item: [UInt8] = [0x94, 2, 0x80, 0xA1, 0x31] + nested
    #expect(binary.binary([UInt8(item.count)] + item)?["type"] == "StreamItem" && binary.faults.isEmpty)
  }

  @Test("random and mutated messages never break the output", arguments: [1, 2, 3, 4])
  func mutations(_ seed: UInt64) {
    let json = [
      Self.handshake, "{}\u{1E}", "{\"type\":3,\"invocationId\":\"1\",\"result\":1}\u{1E}{\"type\":6}\u{1E}",
      "{\"type\":1,\"invocationId\":\"1\",\"target\":\"Send\",\"arguments\":[42,{}]}\u{1E}",
    ]
    mutate(json.map { Array($0.utf8) } + [Self.values], seed, peers(seed % 2 == 0 ? "json" : "messagepack"))
  }

  @Test("messages of which the capture holds a part break no rule")
  func parts() {
    cutShort(
      [Self.handshake, "{\"type\":3,\"invocationId\":\"1\",\"result\":1}\u{1E}{\"type\":6}\u{1E}"],
      after: ["{\"type\":6}\u{1E}"]
    ) { ViewTester() }
  }
}
