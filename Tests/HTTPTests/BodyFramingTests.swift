import HTTP
import Testing

@Suite("Where a body ends, RFC 9112 §6.3")
struct BodyFramingTests {
  @Test("requests")
  func requests() {
    let cases: [([String], BodyFraming)] = [
      ([], .none), (["Content-Length: 0"], .length(0)), (["Content-Length: 5"], .length(5)),
      (["content-length:\t005 "], .length(5)), (["Content-Length: 18446744073709551615"], .length(.max)),
      (["Content-Length: 5, 5"], .length(5)), (["Content-Length: 5", "Content-Length: 5"], .length(5)),
      (["Transfer-Encoding: chunked"], .chunked), (["Transfer-Encoding: gzip, Chunked"], .chunked),
      (["Transfer-Encoding: gzip", "Transfer-Encoding: CHUNKED"], .chunked),
      (["Content-Length: 5", "Transfer-Encoding: chunked"], .chunked),
      // What follows cannot be told; a server closes the connection.
      (["Transfer-Encoding: gzip", "Content-Length: 5"], .untilClose),
      (["Transfer-Encoding: chunked, gzip"], .untilClose), (["Content-Length: 5, 6"], .untilClose),
      (["Content-Length: 5", "Content-Length: 6"], .untilClose), (["Content-Length: -5"], .untilClose),
      (["Content-Length: +5"], .untilClose), (["Content-Length: 5 5"], .untilClose),
      (["Content-Length: 0x5"], .untilClose), (["Content-Length: 18446744073709551616"], .untilClose),
      (["Content-Length: five"], .untilClose),
    ]
    for (lines, framing) in cases {
      let text = (["POST / HTTP/1.1"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
      #expect(HTTPReading(text).heads.first?.requestBody == framing, "\(lines)")
    }
  }

  @Test("responses")
  func responses() {
    let cases: [(String?, Int, [String], BodyFraming)] = [
      ("GET", 200, [], .untilClose), ("GET", 200, ["Content-Length: 5"], .length(5)),
      ("GET", 200, ["Transfer-Encoding: chunked", "Content-Length: 5"], .chunked),
      ("GET", 200, ["Transfer-Encoding: gzip", "Content-Length: 5"], .untilClose),
      ("GET", 200, ["Content-Length: 5, 6"], .untilClose), (nil, 404, ["Content-Length: 9"], .length(9)),
      ("HEAD", 200, ["Content-Length: 5"], .none), ("HEAD", 200, ["Transfer-Encoding: chunked"], .none),
      ("head", 200, ["Content-Length: 5"], .length(5)),  // methods are case-sensitive, RFC 9110 §9.1
      ("GET", 204, ["Content-Length: 5"], .none), ("GET", 304, ["Content-Length: 5"], .none),
      ("GET", 100, ["Content-Length: 5"], .none), ("GET", 101, [], .none), ("GET", 103, [], .none),
      ("CONNECT", 200, ["Content-Length: 5"], .none), ("CONNECT", 299, ["Transfer-Encoding: chunked"], .none),
      ("CONNECT", 407, ["Content-Length: 5"], .length(5)),
    ]
    for (method, status, lines, framing) in cases {
      let text = (["HTTP/1.1 \(status) x"] + lines).map { $0 + "\r\n" }.joined() + "\r\n"
      let head = HTTPReading(text).heads.first
      #expect(head?.responseBody(toMethod: method) == framing, "\(method ?? "nil"), \(status), \(lines)")
    }
  }

  @Test("a request is no response")
  func wrongKind() {
    #expect(headOf("GET / HTTP/1.1", "Content-Length: 3")?.responseBody(toMethod: "GET") == BodyFraming.none)
  }
}
