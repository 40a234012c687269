import Testing

@testable import Subprotocols

/// The examples of RFC 7118 and RFC 3261, and what breaks the rules.
struct SIPTests {
  private static func lines(_ lines: String...) -> String { lines.joined(separator: "\r\n") }

  private static let invite = lines(
    "INVITE sip:bob@example.com SIP/2.0", "v: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks",
    "f: sip:alice@example.com;tag=asdyka899", "t: sip:bob@example.com", "i: asidkj3ss", "CSEQ: 1 INVITE",
    "Max-Forwards: 70", "Subject: I know you're there,", "         pick up the phone", "c: application/sdp; x=y",
    "Route: <sip:a;lr>", "ROUTE: <sip:b;lr>", "Content-type: x", "x-own: 1", "l: 5", "", "v=0\r\n")

  private static func response(_ status: String, cseq: String = "1 INVITE") -> String {
    lines(
      "SIP/2.0 \(status)", "Via: SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks",
      "To: sip:bob@example.com;tag=bmqkjhsd", "From: sip:alice@example.com;tag=asdyka899", "Call-ID: asidkj3ss",
      "CSeq: \(cseq)", "", "")
  }

  @Test("a request has its header fields by their full names, unfolded, and its body")
  func request() throws {
    let peers = ViewTester()
    let view = try #require(peers.text(Self.invite))
    #expect(
      view.text
        == #"{"name":"sip","kind":"request","method":"INVITE","uri":"sip:bob@example.com","call_id":"asidkj3ss","cseq":1,"from":"sip:alice@example.com;tag=asdyka899","to":"sip:bob@example.com","headers":{"Via":"SIP/2.0/WS df7jal23ls0d.invalid;branch=z9hG4bK56sdasks","From":"sip:alice@example.com;tag=asdyka899","To":"sip:bob@example.com","Call-ID":"asidkj3ss","CSeq":"1 INVITE","Max-Forwards":"70","Subject":"I know you're there, pick up the phone","Content-Type":"application/sdp; x=y","Route":"<sip:a;lr>","x-own":"1","Content-Length":"5"},"repeated_headers":[["Route","<sip:b;lr>"],["Content-Type","x"]],"content_type":"application/sdp","body":"v=0\r\n","body_length":5}"#
    )
    #expect(view.words == "SIP INVITE sip:bob@example.com application/sdp (5 bytes)")
    #expect(view.confidence == nil && peers.faults.isEmpty)
  }

  @Test("responses are linked to their request; the first one counts, the final one is the last")
  func responses() throws {
    let peers = ViewTester("sip")
    #expect(peers.text(Self.invite)?.requests == [ViewRequest(label: "INVITE")])
    let trying = try #require(peers.text(Self.response("100 Trying"), fromClient: false))
    #expect(trying["reply_to"] == "1" && trying["method"] == "INVITE" && trying.replies.count == 1)
    let ok = try #require(peers.text(Self.response("200 OK"), fromClient: false))
    #expect(ok["reply_to"] == "1" && ok["status"] == "200" && ok.replies.isEmpty)
    #expect(ok.words == "SIP 200 OK of INVITE")
    let ack = Self.invite.replacing("INVITE", with: "ACK")
    #expect(peers.text(ack)?.requests.isEmpty == true)
    #expect(peers.text(Self.response("200 OK"), fromClient: false)?["reply_to"] == nil)
    _ = peers.text(Self.invite.replacing("INVITE", with: "BYE"), fromClient: false)
    let refused = try #require(peers.text(Self.response("481 Call/Transaction Does Not Exist", cseq: "1 BYE")))
    #expect(refused.replies == [ViewReply(label: "BYE", request: 6, isError: true, latency: 1_000_000)])
    #expect(peers.faults.isEmpty)
  }

  @Test("header fields may be folded anywhere; line ends may come first; the version is in any case")
  func unusualForm() throws {
    let peers = ViewTester()
    let text = Self.lines(
      "", "", "x%*'~`+.-_! sip:bob@example.com sip/2.0", "Via: SIP/2.0/WS a;branch=z9hG4bK1", "From:", " sip:a", " \t",
      "To  :   sip:b;tag=1  ", "Call-ID:", "  c1 ", "cseq: 0009", "  x%*'~`+.-_!", "Content-Length:", "\t3", "", "abc")
    let view = try #require(peers.text(text))
    #expect(peers.faults.isEmpty)
    #expect(view["cseq"] == "9" && view["call_id"] == "c1" && view["from"] == "sip:a" && view["to"] == "sip:b;tag=1")
    #expect(view["headers.CSeq"] == "0009 x%*'~`+.-_!" && view["headers.From"] == "sip:a")
    #expect(view["headers.Content-Length"] == "3" && view["body"] == "abc")
    let ok = try #require(
      peers.text(
        "Sip/2.0 200 OK\r\nVia: x\r\nFrom: a\r\nTo: b\r\nCall-ID: c1\r\nCSeq: 9\r\n x%*'~`+.-_!\r\n\r\n",
        fromClient: false))
    #expect(ok["reply_to"] == "1" && ok["method"] == "x%*'~`+.-_!")
    #expect(peers.faults.isEmpty)
  }

  @Test("the message that RFC 4475 §3.1.1.1 makes as hard to read as may be")
  func torture() throws {
    let text = Self.lines(
      "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0", "TO :",
      " sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n", "from   : \"J Rosenberg \\\\\\\"\"", "  ;",
      "  tag = 98asjd8", "MaX-fOrWaRdS: 0068", "Call-ID: wsinv.ndaksdj@192.0.2.1", "Content-Length   : 3",
      "cseq: 0009", "  INVITE", "Via  : SIP  /   2.0", " /UDP", "    192.0.2.2;branch=390skdjuw", "s :",
      "NewFangledHeader:   newfangled value", " continued newfangled value", "Route:", " <sip:services.example.com;lr>",
      "", "v=0")
    let peers = ViewTester("sip")
    let view = try #require(peers.text(text))
    #expect(peers.faults.isEmpty)
    #expect(view["to"] == "sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n" && view["cseq"] == "9")
    #expect(view["headers.Via"] == "SIP  /   2.0 /UDP 192.0.2.2;branch=390skdjuw" && view["headers.Subject"] == "")
    #expect(view["headers.Route"] == "<sip:services.example.com;lr>" && view["body_length"] == "3")
  }

  @Test("the length of a body that is not all here is that which its sender tells")
  func cutBody() throws {
    let peers = ViewTester("sip")
    let whole = Self.invite.replacing("l: 5", with: "l: 999")
    let view = try #require(peers.read(Array(whole.utf8), isText: true, isWhole: false))
    #expect(view["body_length"] == "999")
    let bare = try #require(
      peers.read(Array(whole.replacing("l: 999", with: "k: x").utf8), isText: true, isWhole: false))
    #expect(bare["body_length"] == nil)
    #expect(peers.faults.isEmpty)
  }

  @Test("line ends alone keep the connection open")
  func keepAlive() throws {
    let peers = ViewTester("sip")
    #expect(try #require(peers.text("\r\n\r\n")).text == #"{"name":"sip","keep_alive":"ping"}"#)
    let pong = try #require(peers.text("\r\n", fromClient: false))
    #expect(pong["keep_alive"] == "pong" && pong["reply_to"] == "1" && pong.words == "SIP keep-alive pong")
    #expect(ViewTester().text("\r\n\r\n") == nil)
  }

  @Test("binary messages and bodies that are no text are SIP as well")
  func binary() throws {
    let peers = ViewTester("sip")
    let head = Self.response("200 OK").dropLast(2) + "Content-Type: application/octet-stream\r\n\r\n"
    #expect(peers.binary(Array(head.utf8) + [0xFF])?["body.base64"] == "/w==")
    let json = Self.response("200 OK").dropLast(2) + "Content-Type: application/json\r\n\r\n[1]"
    #expect(peers.text(String(json))?["body[0]"] == "1")
  }

  @Test(
    "what breaks the rules is told",
    arguments: [
      ("l: 5", "l: 6", "Content-Length is 6, but there are 5 bytes"),
      ("l: 5", "l: five", "Content-Length is not a number"),
      ("i: asidkj3ss\r\n", "", "no Call-ID"),
      ("CSEQ: 1 INVITE", "CSEQ: INVITE", "CSeq is not a number and a method"),
      ("CSEQ: 1 INVITE", "CSEQ: 1 BYE", "CSeq names another method than the first line"),
      ("x-own: 1", "x-own", "a line of the header without a name and a colon"),
      ("x-own: 1\r\n", "x-own: 1\n", "a line that does not end with CR LF"),
      ("l: 5\r\n\r\nv=0\r\n", "x-other: 1\r\n", "no empty line after the header"),
    ])
  func malformed(_ part: String, _ other: String, _ fault: String) throws {
    let peers = ViewTester("sip")
    #expect(peers.text(Self.invite.replacing(part, with: other))?["method"] == "INVITE")
    #expect(peers.faults == ["RFC 7118: \(fault)"])
  }

  @Test("what is no SIP is foreign; what was captured in part is no fault")
  func foreign() {
    for text in [
      "hello", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "INVITE sip:a", "SIP/2.0 OK\r\n\r\n", "SIP/2.0 99 A\r\n\r\n",
    ] {
      #expect(ViewTester().text(text) == nil, "\(text)")
      let peers = ViewTester("sip")
      #expect(peers.text(text) == nil)
      #expect(peers.faults == ["RFC 7118: no message of this protocol"])
    }
    let peers = ViewTester("sip")
    let part = Array(Self.invite.utf8.prefix(200))
    #expect(peers.read(part, isText: true, isWhole: false)?["method"] == "INVITE")
    #expect(peers.faults.isEmpty)
  }

  @Test("random and mutated messages are harmless")
  func mutated() {
    let seed = UInt64.random(in: 0 ... .max)
    print("SIPTests.mutated: seed \(seed)")
    var random = ViewRandom(seed)
    let peers = ViewTester("sip")
    for _ in 0..<2000 {
      var bytes = Array((random.below(2) == 0 ? Self.invite : Self.response("180 Ringing")).utf8)
      for _ in 0..<random.below(6) {
        let at = random.below(bytes.count)
        if random.below(2) == 0 {
          bytes[at] = UInt8(random.below(256))
        } else {
          bytes.removeSubrange(at..<min(at + 1 + random.below(60), bytes.count))
        }
        if bytes.isEmpty { bytes = [0x0D] }
      }
      _ = peers.read(bytes, isText: true, fromClient: random.below(2) == 0, isWhole: random.below(9) > 0)?.text
      _ = ViewTester().binary(bytes)?.text
    }
  }
}
