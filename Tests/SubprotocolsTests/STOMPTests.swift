import Testing

@testable import Subprotocols

/// The examples of the specification (https://stomp.github.io/stomp-specification-1.2.html), what brokers send, and what breaks the
/// rules.
struct STOMPTests {
  @Test("a connection is recognised by its first frame, and answered")
  func connecting() throws {
    let peers = ViewTester()
    let connect = try #require(peers.text("CONNECT\naccept-version:1.1,1.2\nhost:stomp.github.org\n\n\0"))
    #expect(
      connect.text
        == #"{"name":"stomp","command":"CONNECT","headers":{"accept-version":"1.1,1.2","host":"stomp.github.org"}}"#)
    #expect(connect.words == "STOMP CONNECT 1.1,1.2 stomp.github.org")
    let connected = try #require(peers.text("CONNECTED\nversion:1.2\n\n\0\n", fromClient: false))
    #expect(
      connected.text
        == #"{"name":"stomp","command":"CONNECTED","headers":{"version":"1.2"},"reply_to":1,"latency":0.001000000}"#)
    #expect(connected.replies == [ViewReply(label: "CONNECT", request: 1, isError: false, latency: 1_000_000)])
    #expect(peers.faults.isEmpty)
  }

  @Test("a frame has its body up to the NUL, and a receipt answers it")
  func receipts() throws {
    let peers = ViewTester("v12.stomp")
    let send = try #require(
      peers.text(
        "SEND\r\ndestination:/queue/a\r\ncontent-type:text/plain\r\nreceipt:message-12345\r\n\r\nhello \"a\"\0"))
    #expect(
      send.text
        == #"{"name":"stomp","command":"SEND","headers":{"destination":"/queue/a","content-type":"text/plain","receipt":"message-12345"},"body":"hello \"a\"","body_length":9}"#
    )
    #expect(send.words == #"STOMP SEND /queue/a receipt message-12345 "hello "a"""#)
    let receipt = try #require(peers.text("RECEIPT\nreceipt-id:message-12345\n\n\0", fromClient: false))
    #expect(receipt["reply_to"] == "1")
    #expect(receipt.replies.map(\.label) == ["SEND /queue/a"])
    let handedOn = try #require(
      peers.text("MESSAGE\nmessage-id:1\nsubscription:1\ndestination:/queue/a\nreceipt:x\n\n\0", fromClient: false))
    #expect(handedOn.requests.isEmpty)
    let error = try #require(
      { () -> MessageView? in
        _ = peers.text("SEND\ndestination:/b\nreceipt:7\n\n\0")
        return peers.text("ERROR\nreceipt-id:7\nmessage: malformed frame\n\nno\0", fromClient: false)
      }())
    #expect(error.replies.map(\.isError) == [true])
    #expect(error.words == "STOMP ERROR  malformed frame \"no\"")
  }

  @Test("content-length lets NULs into the body; JSON is shown as JSON")
  func bodies() throws {
    let peers = ViewTester("v12.stomp")
    let view = try #require(peers.text("SEND\ndestination:/a\ncontent-length:5\n\na\0b\0c\0"))
    #expect(view.text.contains(#""body":"a\u0000b\u0000c","body_length":5}"#))
    #expect(
      try #require(peers.text("SEND\ndestination:/a\n\n {\"a\":\n[1]} \0")).text.hasSuffix(
        #""body":{"a":[1]},"body_length":12}"#))
    #expect(
      try #require(peers.text("SEND\ndestination:/a\ncontent-type:application/json;charset=utf-8\n\n12\0"))["body"]
        == "12")
    #expect(try #require(peers.text("SEND\ndestination:/a\n\n12\0"))["body"] == "12")
    #expect(try #require(peers.text("SEND\ndestination:/a\n\n{no}\0"))["body"] == "{no}")
    let data = try #require(peers.binary(Array("SEND\ndestination:/a\n\n".utf8) + [0xFF, 0xFE, 0]))
    #expect(data["body.base64"] == "//4=")
    #expect(data.words == "STOMP SEND /a (2 bytes)")
    #expect(peers.faults.isEmpty)
  }

  @Test("escapes are those of the version, and CONNECT and CONNECTED have none")
  func escapes() throws {
    let text = #"SEND"# + "\n" + #"destination:\c\n\\\r"# + "\n\n\0"
    #expect(try #require(ViewTester("v12.stomp").text(text)).text.contains(#"{"destination":":\n\\\r"}"#))
    let eleven = ViewTester("v11.stomp")
    #expect(try #require(eleven.text(text)).text.contains(#"{"destination":":\n\\\\r"}"#))
    #expect(eleven.faults == ["STOMP: a header with an escape that is not defined"])
    let ten = ViewTester("v10.stomp")
    #expect(try #require(ten.text(text)).text.contains(#"{"destination":"\\c\\n\\\\\\r"}"#))
    #expect(ten.faults.isEmpty)
    let open = ViewTester()
    let connect = try #require(open.text("CONNECT\naccept-version:1.2\npasscode:a\\cb\n\n\0"))
    #expect(connect.text.contains(#""passcode":"a\\cb""#))
    _ = open.text("CONNECTED\nversion:1.1\nsession:a\\cb:c\n\n\0", fromClient: false)
    #expect(try #require(open.text(text)).text.contains(#"":\n\\\\r""#))
    #expect(open.faults.count == 1)
  }

  @Test("of repeated headers the first counts; 1.0 has spaces around values, and no version")
  func headers() throws {
    let peers = ViewTester()
    _ = peers.text("CONNECT\nlogin: me\n\n\0")
    _ = peers.text("CONNECTED\nsession: 1\n\n\0", fromClient: false)
    let view = try #require(
      peers.text("MESSAGE\nfoo:World \nfoo: Hello\ndestination: /a\nmessage-id:1\n\n\0", fromClient: false))
    #expect(
      view.text
        == #"{"name":"stomp","command":"MESSAGE","headers":{"foo":"World","destination":"/a","message-id":"1"},"repeated_headers":[["foo","Hello"]]}"#
    )
    #expect(peers.faults.isEmpty)
  }

  @Test("a lone end of line is a heart-beat")
  func heartBeats() throws {
    let peers = ViewTester("v11.stomp")
    for text in ["\n", "\r\n"] {
      let view = try #require(peers.text(text))
      #expect(view.text == #"{"name":"stomp","heart_beat":true}"#)
      #expect(view.words == "STOMP heart-beat")
    }
    #expect(ViewTester().text("\n") == nil)
    #expect(ViewTester(target: "/stomp").text("\n") != nil)
  }

  @Test("several frames share a message")
  func several() throws {
    let peers = ViewTester("v12.stomp")
    let view = try #require(
      peers.text(
        "\nBEGIN\ntransaction:t\n\n\0\nSEND\ndestination:/a\nreceipt:1\n\nx\0\r\nCOMMIT\ntransaction:t\n\n\0\n\n"))
    #expect(
      view.text
        == #"{"name":"stomp","command":"BEGIN","headers":{"transaction":"t"},"more":[{"command":"SEND","headers":{"destination":"/a","receipt":"1"},"body":"x","body_length":1},{"command":"COMMIT","headers":{"transaction":"t"}}]}"#
    )
    #expect(view.words == #"STOMP BEGIN t + SEND /a receipt 1 "x" + COMMIT t"#)
    #expect(peers.faults.isEmpty)
    #expect(peers.text("RECEIPT\nreceipt-id:1\n\n\0", fromClient: false)?["reply_to"] == "1")
  }

  @Test("a frame that is spread over messages is shown with its last one")
  func spread() throws {
    let peers = ViewTester("v12.stomp")
    let first = try #require(peers.text("SEND\ndestination:/a\ncontent-length:6\n\nab"))
    #expect(
      first.text
        == #"{"name":"stomp","begins":{"command":"SEND","headers":{"destination":"/a","content-length":"6"}},"continues":true}"#
    )
    #expect(first.words == "STOMP SEND /a …")
    #expect(peers.text("CONNECTED\nversion:1.2\n\n\0", fromClient: false)?["command"] == "CONNECTED")
    #expect(try #require(peers.text("cd")).text == #"{"name":"stomp","continues":true}"#)
    let last = try #require(peers.text("ef\0\nDISCONNECT\nreceipt:9\n\n\0"))
    #expect(last["first_message"] == "1")
    #expect(last["body"] == "abcdef")
    #expect(last["more[0].command"] == "DISCONNECT")
    #expect(peers.faults.isEmpty)
  }

  /// Frames that are awkward to cut: a header and a command that look like other commands, a body with NULs, ends of lines.
  private static let awkward = Array(
    "\r\nUNSUBSCRIBE\r\nid:0\r\n\r\n\0\nNACK\nid:SEND\n\n\0\n\nSEND\ndestination:/é\ncontent-length:7\n\n\0\0ab\n\0\0\0\nSEND\ndestination:/b\n\n{\"a\":1}\0\n"
      .utf8)

  @Test("wherever a message is cut in two or more, its frames are the same")
  func cuts() throws {
    func commands(_ pieces: [ArraySlice<UInt8>]) -> [String] {
      let peers = ViewTester("v12.stomp")
      var found: [String] = []
      for piece in pieces where !piece.isEmpty {
        let view = peers.binary(Array(piece))
        #expect(view != nil && peers.faults.isEmpty, "\(pieces) \(peers.faults)")
        guard let view else { continue }
        for path in ["", "more[*]."] {
          for field in ["command", "headers.*", "body", "body_length"] { found += view.values(path + field) }
        }
      }
      return found.sorted()
    }
    let whole = commands([Self.awkward[...]])
    #expect(whole.contains(#"{"a":1}"#) && whole.contains("NACK") && whole.count == 13, "\(whole)")
    for cut in 1..<Self.awkward.count { #expect(commands([Self.awkward[..<cut], Self.awkward[cut...]]) == whole) }
    #expect(commands(Self.awkward.indices.map { Self.awkward[$0..<$0 + 1] }) == whole)
  }

  @Test("messages that a subscription must acknowledge wait for ACK or NACK")
  func acknowledgements() throws {
    let twelve = ViewTester("v12.stomp")
    let message = try #require(
      twelve.text("MESSAGE\nsubscription:0\nmessage-id:007\ndestination:/q\nack:12\n\n\0", fromClient: false))
    #expect(message.requests.map(\.label) == ["MESSAGE /q"])
    #expect(twelve.text("ACK\nid:12\ntransaction:tx1\n\n\0")?["reply_to"] == "1")
    let eleven = ViewTester("v11.stomp")
    _ = eleven.text("SUBSCRIBE\nid:0\ndestination:/q\nack:client\n\n\0")
    _ = eleven.text("SUBSCRIBE\nid:1\ndestination:/r\nack:auto\n\n\0")
    _ = eleven.text("MESSAGE\nsubscription:0\nmessage-id:7\ndestination:/q\n\n\0", fromClient: false)
    let automatic = eleven.text("MESSAGE\nsubscription:1\nmessage-id:7\ndestination:/r\n\n\0", fromClient: false)
    #expect(automatic?.requests.isEmpty == true)
    let nack = try #require(eleven.text("NACK\nmessage-id:7\nsubscription:0\n\n\0"))
    #expect(nack["reply_to"] == "3")
    #expect(nack.replies.map(\.isError) == [true])
    let ten = ViewTester("v10.stomp")
    _ = ten.text("SUBSCRIBE\ndestination: /q\nack: client\n\n\0")
    _ = ten.text("MESSAGE\nmessage-id: 7\ndestination:/q\n\n\0", fromClient: false)
    #expect(ten.text("ACK\nmessage-id: 7\n\n\0")?["reply_to"] == "2")
  }

  @Test("with ack:client, an ACK stands for all earlier messages of the subscription, too")
  func cumulative() throws {
    for (version, mode, count) in [("1.2", "client", 3), ("1.1", "client", 3), ("1.2", "client-individual", 1)] {
      let peers = ViewTester(version == "1.2" ? "v12.stomp" : "v11.stomp")
      for id in 0...1 { _ = peers.text("SUBSCRIBE\nid:\(id)\ndestination:/q\nack:\(mode)\n\n\0") }
      for (i, subscription) in [0, 1, 0, 0, 0].enumerated() {
        let ack = version == "1.2" ? "ack:\(i)\n" : ""
        let head = "message-id:\(i)\nsubscription:\(subscription)\ndestination:/q\n"
        _ = peers.text("MESSAGE\n\(head)\(ack)\n\0", fromClient: false)
      }
      let header = version == "1.2" ? "id:3" : "message-id:3\nsubscription:0"
      let view = try #require(peers.text("ACK\n\(header)\n\n\0"))
      #expect(view.values("reply_to") == ["6"] && view.replies.count == count && peers.faults.isEmpty)
      #expect(Set(view.replies.map(\.request)) == (count == 3 ? [3, 5, 6] : [6]))
    }
  }

  @Test(
    "what breaks the rules is told",
    arguments: [
      ("SEND\ndestination:/a\nfoo\n\n\0", "a header line without a colon"),
      ("SEND\ndestination:/a\n:x\n\n\0", "a header without a name"),
      ("SEND\ndestination:/a\\t\n\n\0", "a header with an escape that is not defined"),
      ("SHOUT\ndestination:/a\n\n\0", "there is no command SHOUT"),
      ("send\ndestination:/a\n\n\0", "there is no command send"),
      ("SEND\ndestination:/a\n\0", "no empty line after the headers"),
      ("SEND\ndestination:/a\ncontent-length:x\n\nab\0", "content-length is not a number"),
      ("SEND\ndestination:/a\ncontent-length:999999999999999999999\n\nab\0", "content-length is too large"),
      ("CONNECT\naccept-version:1.2\nhost:h\nheart-beat:10\n\n\0", "heart-beat is not two numbers and a comma"),
      ("SUBSCRIBE\nid:1\ndestination:/a\nack:always\n\n\0", "there is no ack mode always"),
      ("RECEIPT\nreceipt-id:1\n\n\0", "RECEIPT from the client"),
      (
        "SEND\ndestination:/a\ncontent-length:1\n\nab\0", "there is no NUL where content-length says that the body ends"
      ),
      ("SEND\nfoo:bar\n\n\0", "SEND without the header destination"),
      ("ACK\nmessage-id:1\n\n\0", "ACK without the header id"),
      ("DISCONNECT\n\nbody\0", "DISCONNECT with a body"),
      ("DISCONNECT\n\n\0rubbish", "7 bytes after the NUL of a frame are no frame"),
    ])
  func malformed(_ text: String, _ fault: String) throws {
    let peers = ViewTester("v12.stomp")
    #expect(peers.text(text)?["command"] != nil)
    #expect(peers.faults == ["STOMP: \(fault)"])
    #expect(peers.text("BEGIN\ntransaction:t\n\n\0")?["command"] == "BEGIN")
    #expect(peers.faults.isEmpty)
  }

  @Test("a server neither sends what clients send, nor chooses a version that is not offered")
  func server() {
    let peers = ViewTester("v12.stomp")
    _ = peers.text("CONNECT\naccept-version:1.0, 1.1\nhost:h\nheart-beat:0,10000\n\n\0")
    #expect(peers.faults.isEmpty)
    _ = peers.text("CONNECTED\nversion:1.2\n\n\0", fromClient: false)
    #expect(peers.faults == ["STOMP: CONNECTED with the version 1.2, which is not offered"])
    _ = peers.text("CONNECTED\nversion:1.1\n\n\0", fromClient: false)
    #expect(peers.faults.isEmpty)
    _ = peers.text("SEND\ndestination:/a\n\n\0", fromClient: false)
    #expect(peers.faults == ["STOMP: SEND from the server"])
  }

  @Test("headers that are too many to be shown are counted")
  func manyHeaders() throws {
    let peers = ViewTester("v12.stomp")
    let headers = (0..<20_000).map { "h\($0):\($0)\n" }.joined()
    let view = try #require(peers.text("SEND\n\(headers)destination:/a\n\nx\0"))
    #expect(view["headers_left_out"] == "19745" && view["body"] == "x" && peers.faults.isEmpty)
  }

  @Test("bytes that are missing are no fault: what was begun is forgotten, and frames are found again")
  func lost() throws {
    let peers = ViewTester("v12.stomp")
    _ = peers.text("SEND\ndestination:/a\n\nab")
    peers.lose()
    #expect(peers.text("DISCONNECT\nreceipt:1\n\n\0")?["command"] == "DISCONNECT")
    #expect(peers.faults.isEmpty)
    peers.lose()
    for text in ["SEND", "rest of it\0", "A"] { #expect(peers.text(text)?["continues"] == "true") }
    #expect(peers.text("SEND\ndestination:/b\n\nx\0")?["body"] == "x")
    #expect(peers.faults.isEmpty && peers.unfinished(ofClient: true) == nil)
  }

  @Test("a version that the handshake hoped for is none where the CONNECTED is missing")
  func lostVersion() {
    let peers = ViewTester("v10.stomp")
    peers.lose(fromClient: false)
    _ = peers.text("ACK\nid:1\n\n\0")
    #expect(peers.faults.isEmpty)
    let partial = ViewTester()
    _ = partial.text("CONNECT\naccept-version:1.2\nhost:h\n\n\0")
    _ = partial.read(Array("CONNECTED\nserver:x\n".utf8), isText: true, fromClient: false, isWhole: false)
    _ = partial.text("ACK\nid:1\n\n\0")
    #expect(partial.faults.isEmpty)
  }

  @Test("a message of which not all is stored says so, and no length that is not known")
  func cutByLimit() throws {
    let peers = ViewTester("v12.stomp")
    let head = "SEND\ndestination:/a\ncontent-length:100000\n\n"
    let view = try #require(peers.cut(Array((head + "abc").utf8)))
    #expect(view["cut"] == "true" && view["body"] == "abc" && view["body_length"] == nil && view["continues"] == nil)
    #expect(view["headers.content-length"] == "100000" && view.words.hasSuffix("(cut by --max-payload)"))
    #expect(peers.cut(Array("SEND\ndestination:/a\ncontent-le".utf8))?["body"] == nil)
    #expect(peers.text("SEND\ndestination:/b\n\nx\0")?["body"] == "x")
    _ = peers.text(head)
    let spanning = try #require(peers.cut(Array("abc".utf8)))
    #expect(spanning["first_message"] == "4" && spanning["body"] == "abc" && spanning["body_length"] == nil)
    #expect(peers.faults.isEmpty && peers.unfinished(ofClient: true) == nil)
  }

  @Test("a frame without its NUL, or with too large a length, ends where the next one begins")
  func neverEnding() throws {
    for text in ["SEND\ndestination:/a\n\nab", "SEND\ndestination:/a\ncontent-length:100\n\nab\0\n"] {
      let peers = ViewTester("v12.stomp")
      #expect(peers.text(text)?["begins.command"] == "SEND")
      #expect(peers.text("DISCONNECT\nreceipt:1\n\n\0")?["command"] == "DISCONNECT")
      #expect(peers.faults == ["STOMP: the frame that begins in message 1 does not end where the next one begins"])
    }
  }

  @Test("a frame that is not over when the connection is closed is told")
  func unfinished() {
    let peers = ViewTester("v12.stomp")
    _ = peers.text("BEGIN\ntransaction:t\n\n\0")
    #expect(peers.unfinished(ofClient: true) == nil)
    _ = peers.text("SEND\ndestination:/a\n\nab")
    #expect(
      peers.unfinished(ofClient: true)
        == "STOMP: what begins in message 2 is not over when its sender closes the connection")
    #expect(peers.unfinished(ofClient: false) == nil)
  }

  @Test("other text is foreign, and not taken for STOMP")
  func foreign() throws {
    let peers = ViewTester("v12.stomp")
    #expect(peers.text("hello") == nil)
    #expect(peers.faults == ["STOMP: no message of this protocol"])
    for text in [
      "hello", "Hello\nhow are you?", "SEND me this", "ERROR\nit failed", "BEGIN\nend: no\n", "A", "S",
      "ERROR\ncode: 5\n\nit failed",
    ] {
      let view = ViewTester().text(text)
      #expect(view == nil, "\(text): \(view?.words ?? "")")
    }
  }

  @Test("what was captured in part is shown as far as it goes, and is no fault")
  func partial() throws {
    let peers = ViewTester("v12.stomp")
    let view = try #require(
      peers.read(Array("SEND\ndestination:/a\ncontent-length:100\n\nab".utf8), isText: true, isWhole: false))
    #expect(view["command"] == "SEND" && view["body"] == "ab")
    #expect(peers.text("rest of it\0")?["continues"] == "true")
    #expect(peers.text("DISCONNECT\nreceipt:1\n\n\0")?["command"] == "DISCONNECT")
    #expect(peers.faults.isEmpty)
  }

  @Test("a body that is too large to be held is counted, and what follows is understood")
  func large() throws {
    for length in ["content-length:3000000\n", ""] {
      let peers = ViewTester("v12.stomp")
      _ = peers.binary(Array("SEND\ndestination:/a\n\(length)\n".utf8) + [UInt8](repeating: 0x61, count: 600_000))
      for _ in 0..<4 { #expect(peers.binary([UInt8](repeating: 0x61, count: 600_000))?["continues"] == "true") }
      let view = try #require(peers.text("\0\nDISCONNECT\nreceipt:1\n\n\0"))
      #expect(view["body_length"] == "3000000" && view["body"] == nil && view["headers.destination"] == "/a")
      #expect(view["more[0].command"] == "DISCONNECT")
      #expect(peers.faults.isEmpty)
    }
  }

  @Test("random and mutated messages are harmless")
  func mutated() {
    let seed = UInt64.random(in: 0 ... .max)
    print("STOMPTests.mutated: seed \(seed)")
    var random = ViewRandom(seed)
    let peers = ViewTester("v12.stomp")
    for _ in 0..<3000 {
      var bytes = Self.awkward
      for _ in 0..<random.below(6) {
        let at = random.below(bytes.count)
        if random.below(2) == 0 {
          bytes[at] = UInt8(random.below(256))
        } else {
          bytes.removeSubrange(at..<min(at + 9, bytes.count))
        }
        if bytes.isEmpty { bytes = [0x0A] }
      }
      _ =
        peers.read(bytes, isText: random.below(2) == 0, fromClient: random.below(2) == 0, isWhole: random.below(9) > 0)?
        .text
      _ = ViewTester().binary(bytes)?.text
    }
  }
}

/// Random numbers that a seed determines.
struct ViewRandom {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  /// A number from 0 up to `count`, without it; 0 if that is 0.
  mutating func below(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return count > 0 ? Int((state >> 33) % UInt64(count)) : 0
  }
}
