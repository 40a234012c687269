import HTTP
import TestSupport
import Testing

@Suite("A head, as it is sent and as it is read")
struct HeadTests {
  /// The request of RFC 6455 §1.2.
  static let handshake = """
    GET /chat HTTP/1.1\r
    Host: server.example.com\r
    Upgrade: websocket\r
    Connection: Upgrade\r
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
    Origin: http://example.com\r
    Sec-WebSocket-Protocol: chat, superchat\r
    Sec-WebSocket-Version: 13\r
    \r

    """

  @Test("the sample handshake comes out whole, however it is fed")
  func sample() {
    let reading = readEveryWay(Array(Self.handshake.utf8)) { HTTPReading($0, then: { _ in nil }) }
    #expect(reading.difference == nil)
    let head = HTTPHead(
      .request(method: "GET", target: "/chat", version: "HTTP/1.1"),
      [
        HeaderField("Host", "server.example.com"), HeaderField("Upgrade", "websocket"),
        HeaderField("Connection", "Upgrade"), HeaderField("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        HeaderField("Origin", "http://example.com"), HeaderField("Sec-WebSocket-Protocol", "chat, superchat"),
        HeaderField("Sec-WebSocket-Version", "13"),
      ])
    #expect(reading.whole.events == [.head(head)])
  }

  @Test("names have any case, values any white space around them")
  func spelling() {
    for line in [
      "Upgrade: websocket", "upgrade:websocket", "UPGRADE:   websocket", "uPgRaDe:\t websocket \t ",
      "Upgrade : websocket", "Upgrade\t:websocket",
    ] {
      let head = headOf("GET / HTTP/1.1", line)
      #expect(head?.value("upgrade") == "websocket", "\(line)")
      #expect(head?.malformedLines == 0, "\(line)")
    }
  }

  @Test("a name is compared as ASCII: no other letter stands for k or s")
  func asciiOnly() {
    let head = headOf("GET / HTTP/1.1", "Sec-WebSoc\u{212A}et-\u{212A}ey: kelvin", "\u{17F}ec: long s")
    #expect(head?.fields.count == 2)
    #expect(head?.value("sec-websocket-key") == nil)
    #expect(head?.value("sec") == nil)
    #expect(head?.hasToken("websocket", in: "upgrade") == false)
  }

  @Test("a folded value is one value, RFC 9112 §5.2")
  func folding() {
    let text = "GET / HTTP/1.1\r\nA: one\r\n two\r\n\t three \r\nB: four\r\n\r\n"
    let reading = readEveryWay(Array(text.utf8)) { HTTPReading($0) }
    #expect(reading.difference == nil)
    #expect(reading.whole.heads.first?.fields == [HeaderField("A", "one two three"), HeaderField("B", "four")])
  }

  @Test("lines may end with a bare LF, or with both mixed, RFC 9112 §2.2")
  func bareLF() {
    for text in [
      "GET / HTTP/1.1\nA: b\nC: d\n\n", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\n", "GET / HTTP/1.1\nA: b\r\nC: d\n\r\n",
    ] {
      let reading = readEveryWay(Array((text + text).utf8)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      #expect(
        reading.whole.heads.map(\.fields) == Array(repeating: [HeaderField("A", "b"), HeaderField("C", "d")], count: 2))
    }
  }

  @Test("empty lines before a request are passed over, RFC 9112 §2.2")
  func leadingLines() {
    for lines in ["\r\n", "\n", "\r\n\r\n\r\n", "\n\r\n"] {
      let reading = readEveryWay(Array((lines + "GET / HTTP/1.1\r\n\r\n").utf8)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.startLines == [.request(method: "GET", target: "/", version: "HTTP/1.1")])
    }
    let nothing = HTTPReading(String(repeating: "\r\n", count: 1000))
    #expect(nothing.events.isEmpty && !nothing.endsInsideMessage, "nothing is kept of them")
  }

  @Test("lines that are no fields are counted, and the others read")
  func malformedLines() {
    let head = headOf("GET / HTTP/1.1", "no colon", ": no name", "\t: no name", "A: b", "\r: no name", "C:")
    #expect(head?.malformedLines == 4)
    #expect(head?.fields == [HeaderField("A", "b"), HeaderField("C", "")])
  }

  @Test("a line that begins with white space right after the first is no field, RFC 9112 §2.2")
  func whiteSpaceAfterStartLine() {
    let head = headOf("GET / HTTP/1.1", " Transfer-Encoding: chunked", "A: b", " c")
    #expect(head?.fields == [HeaderField("A", "b c")])
    #expect(head?.malformedLines == 1)
  }

  @Test("bytes that are not UTF-8 are read as ISO 8859-1, and none is lost")
  func otherText() {
    let bytes = Array("GET /\u{e9} HTTP/1.1\r\nA: caf".utf8) + [0xE9] + Array("\r\nB: café\r\n\r\n".utf8)
    let reading = readEveryWay(bytes) { HTTPReading($0) }
    #expect(reading.difference == nil)
    #expect(reading.whole.heads.first?.fields == [HeaderField("A", "café"), HeaderField("B", "café")])
    #expect(reading.whole.startLines == [.request(method: "GET", target: "/é", version: "HTTP/1.1")])
  }

  @Test("the fields of a name make one list, RFC 9110 §5.6.1")
  func lists() {
    let head = headOf("GET / HTTP/1.1", "X: a, b", "Y: z", "x:,, c ,\"d, \\\" e\", f", "X:")
    #expect(head?.list("x") == ["a", "b", "c", "\"d, \\\" e\"", "f"])
    #expect(head?.values("x") == ["a, b", ",, c ,\"d, \\\" e\", f", ""])
    #expect(head?.hasToken("c", in: "x") == true)
    #expect(head?.hasToken("d", in: "x") == false)
    #expect(splitList("a; b ;;\"c;d\"", separator: 0x3B) == ["a", "b", "\"c;d\""])
    #expect(splitList("open \"quote, to the end") == ["open \"quote, to the end"])
    #expect(splitList("a\\,b") == ["a\\", "b"], "outside quotes a backslash is a character like others")
  }
}
