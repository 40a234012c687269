import HTTP
import Testing

@Suite("Bytes that were never captured")
struct HTTPGapTests {
  private let next = Input.text("GET /next HTTP/1.1\r\n\r\n")

  private func found(_ inputs: [Input]) -> Bool {
    HTTPReading(inputs).startLines.last == .request(method: "GET", target: "/next", version: "HTTP/1.1")
  }

  @Test("a gap inside a body of known length keeps step")
  func insideBody() {
    let head = Input.text("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
    #expect(found([head, .gap(3), .text("defgGET /next HTTP/1.1\r\n\r\n")]))
    #expect(found([head, .gap(7), next]))
    #expect(found([head, .gap(7), .text("\r\nGET /next HTTP/1.1\r\n\r\n")]), "the next head need not begin a packet")
    #expect(HTTPReading([head, .gap(7)]).events.last == .messageEnd)
    let inside = HTTPReading([head, .gap(3), .text("GET /next HTTP/1.1\r\n\r\n")])
    #expect(inside.heads.count == 1, "the rest of the body is body, whatever it looks like")
  }

  @Test("a gap inside a chunk keeps step")
  func insideChunk() {
    let head = Input.text("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n012")
    #expect(found([head, .gap(3), .text("6789\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n")]))
    #expect(found([head, .gap(7), .text("\r\n0\r\n\r\nGET /next HTTP/1.1\r\n\r\n")]))
    let inside = HTTPReading([head, .gap(4), .text("GET\r\n5\r\nGET /next HTTP/1.1\r\n\r\n")])
    #expect(inside.heads.count == 1)
  }

  @Test("a gap where a head may have been looks for a packet that begins with one")
  func resynchronising() {
    let head = Input.text("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc")
    for before in [[], [.text("GET / HTT")], [head], [.text("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na")]]
    {
      #expect(found(before + [.gap(100), .text("some of a body\r\n"), next]))
      #expect(found(before + [.gap(100), next]))
      #expect(!found(before + [.gap(100), .text("rest\r\nGET /next HTTP/1.1\r\n\r\n")]), "only at a packet's start")
    }
  }

  @Test("the first thing found after a gap may be a response")
  func response() {
    let reading = HTTPReading([
      .gap(1), .text("\r\n\r\n"), .text("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"),
    ])
    #expect(reading.startLines == [.response(version: "HTTP/1.1", status: 101, reason: "Switching Protocols")])
  }

  @Test("an empty gap changes nothing")
  func empty() {
    #expect(found([.gap(0), .text("GET /ne"), .gap(0), .text("xt HTTP/1.1\r\n\r\n")]))
    #expect(found([.text("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n"), .gap(0), .text("abc"), .gap(0), next]))
  }

  @Test("gaps of any size do not trap", arguments: [1, 9, 10, 11, UInt64(Int64.max), .max])
  func sizes(count: UInt64) {
    for before in [
      "", "GET", "POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n",
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\na\r\n",
      "HTTP/1.1 200 OK\r\n\r\n", "\u{1}",
    ] {
      _ = HTTPReading([.text(before), .gap(count), .gap(count), next])
    }
  }

  @Test("a body until close stays one, over any gap")
  func untilClose() {
    let reading = HTTPReading([.text("HTTP/1.0 200 OK\r\n\r\n"), .gap(5), next])
    #expect(reading.heads.count == 1)
    #expect(reading.events.last == .messageEnd)
  }
}
