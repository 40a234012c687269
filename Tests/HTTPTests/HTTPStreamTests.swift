import HTTP
import TestSupport
import Testing

@Suite("Messages one after another")
struct HTTPStreamTests {
  private static func every(_ text: String, then framing: (HTTPHead) -> BodyFraming? = HTTPReading.followsRFC)
    -> EveryWay<HTTPReading>
  {
    readEveryWay(Array(text.utf8)) { HTTPReading($0, then: framing) }
  }

  private func targets(_ reading: HTTPReading) -> [String] {
    reading.startLines.map { if case .request(_, let target, _) = $0 { target } else { "?" } }
  }

  @Test("requests with and without a body")
  func requests() {
    let reading = Self.every(
      "GET /1 HTTP/1.1\r\n\r\n" + "POST /2 HTTP/1.1\r\nContent-Length: 9\r\n\r\nGET / HTT"
        + "POST /3 HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + "\r\nGET /4 HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(reading.difference == nil)
    #expect(targets(reading.whole) == ["/1", "/2", "/3", "/4"])
    #expect(reading.whole.events.filter { $0 == .messageEnd }.count == 4)
    #expect(!reading.whole.endsInsideMessage)
  }

  @Test("a chunked body with extensions, upper and lower case, trailers, and a head behind it")
  func chunked() {
    let body =
      "5\r\nhello\r\n0a;name=value;q=\"1;2\"\r\n0123456789\r\nB \r\n\r\n0\r\n\r\nGET \r\n00C\nGET / HTTP/1\n000;last\r\n"
    for trailers in ["", "A: b\r\n", "A: b\r\nDigest: 0\r\n", "A: b\n"] {
      let text =
        "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body + trailers + "\r\nGET /2 HTTP/1.1\r\n\r\n"
      let reading = Self.every(text)
      #expect(reading.difference == nil)
      #expect(targets(reading.whole) == ["/1", "/2"], "\(trailers)")
      #expect(reading.whole.events.filter { $0 == .messageEnd }.count == 2)
    }
  }

  @Test("a body whose chunks are broken is no HTTP any more")
  func brokenChunks() {
    for body in [
      "\r\n", "xyz\r\n", ";ext\r\n", "-1\r\n", "5\r\nhello0\r\n\r\n", "5\r\nhello world\r\n", "5x\r\nhello\r\n",
      "10000000000000000\r\n", "5 5\r\nhello\r\n",
    ] {
      let reading = Self.every(
        "POST /1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "GET /2 HTTP/1.1\r\n\r\n")
      #expect(reading.difference == nil)
      #expect(reading.whole.events.last == .notHTTP, "\(body)")
      #expect(targets(reading.whole) == ["/1"], "\(body)")
    }
  }

  @Test("interim responses, and responses that have no body whatever they say")
  func withoutBody() {
    let reading = Self.every(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" + "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n"
        + "HTTP/1.1 204 No Content\r\n\r\n" + "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    #expect(reading.difference == nil)
    let statuses = reading.whole.startLines.map { if case .response(_, let status, _) = $0 { status } else { 0 } }
    #expect(statuses == [100, 103, 200, 304, 204, 404])
  }

  @Test("a body until the connection closes swallows all, and ends with it")
  func untilClose() {
    let reading = Self.every("HTTP/1.0 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    #expect(reading.difference == nil)
    #expect(reading.whole.heads.count == 1)
    #expect(reading.whole.events.last == .messageEnd)
  }

  @Test("what follows an upgrade is left where it is")
  func handedOver() {
    let reading = Self.every("HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}\u{2}\n\nGET / HTTP/1.1\r\n\r\n") { _ in nil
    }
    #expect(reading.difference == nil)
    #expect(reading.whole.heads.count == 1)
    #expect(reading.whole.rest == Array("\u{1}\u{2}\n\nGET / HTTP/1.1\r\n\r\n".utf8))
  }

  @Test("nothing is read until the reader has said what follows")
  func waiting() {
    let bytes = Array("GET / HTTP/1.1\r\n\r\nbody".utf8)
    var stream = HTTPStream()
    var position = 0
    #expect(!stream.isWaiting && !stream.isInsideMessage)
    _ = stream.next(bytes.span.bytes, &position)
    #expect(stream.isWaiting && stream.isInsideMessage)
    let event = stream.next(bytes.span.bytes, &position)
    #expect(event == nil && position == bytes.count - 4)
    stream.expect(.length(4))
    let end = stream.next(bytes.span.bytes, &position)
    #expect(end == .messageEnd && position == bytes.count && !stream.isWaiting)
  }

  @Test("a body without end of 2^64-1 bytes does not trap")
  func longest() {
    let reading = Self.every("POST / HTTP/1.1\r\nContent-Length: 18446744073709551615\r\n\r\nand so on")
    #expect(reading.difference == nil)
    #expect(reading.whole.endsInsideMessage)
    let chunk = Self.every("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nand so on")
    #expect(chunk.difference == nil)
    #expect(chunk.whole.endsInsideMessage)
  }

  @Test("a stream cut anywhere gives the heads before the cut, and no fault")
  func cut() {
    let bytes = Array("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".utf8)
    for count in bytes.indices {
      let reading = HTTPReading([.bytes(Array(bytes[..<count]))])
      #expect(reading.events.allSatisfy { $0 != .notHTTP && $0 != .headTooLarge })
      #expect(reading.heads.count == (count < 28 ? 0 : count < 67 ? 1 : 2), "cut at \(count)")
    }
  }
}
