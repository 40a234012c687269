import HTTP
import TestSupport
import Testing

@Suite("The first line")
struct StartLineTests {
  @Test("requests")
  func requests() {
    let cases: [(String, String, String)] = [
      ("GET / HTTP/1.1", "GET", "/"), ("OPTIONS * HTTP/1.0", "OPTIONS", "*"),
      ("CONNECT example.com:443 HTTP/1.1", "CONNECT", "example.com:443"),
      ("GET http://example.com/a?b#c HTTP/1.1", "GET", "http://example.com/a?b#c"),
      ("M-SEARCH * HTTP/1.1", "M-SEARCH", "*"), ("get /a b  c HTTP/1.1", "get", "/a b  c"),
      ("GET  /two  HTTP/1.1", "GET", "/two"), ("GET / HTTP/1.1 ", "GET", "/"),
    ]
    for (line, method, target) in cases {
      let reading = readEveryWay(Array((line + "\r\n\r\n").utf8)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      let version = line.contains("1.0") ? "HTTP/1.0" : "HTTP/1.1"
      #expect(reading.whole.startLines == [.request(method: method, target: target, version: version)], "\(line)")
    }
  }

  @Test("a target may hold any bytes but NUL and LF: the server may have taken it")
  func oddTargets() {
    for target in ["/\u{1}\u{7f}", "/\t\"\\", "/a\rb", "/\u{1b}[31m"] {
      let reading = readEveryWay(Array("GET \(target) HTTP/1.1\r\n\r\n".utf8)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.startLines == [.request(method: "GET", target: target, version: "HTTP/1.1")])
    }
  }

  @Test("responses")
  func responses() {
    let cases: [(String, Int, String)] = [
      ("HTTP/1.1 101 Switching Protocols", 101, "Switching Protocols"), ("HTTP/1.1 200 OK", 200, "OK"),
      ("HTTP/1.1 404", 404, ""), ("HTTP/1.1 404 ", 404, ""), ("HTTP/1.1  999   odd  reason ", 999, "odd  reason"),
    ]
    for (line, status, reason) in cases {
      let reading = readEveryWay(Array((line + "\r\n\r\n").utf8)) { HTTPReading($0) { _ in BodyFraming.none } }
      #expect(reading.difference == nil)
      #expect(
        reading.whole.startLines == [.response(version: "HTTP/1.1", status: status, reason: reason)], "\(line)")
    }
  }

  @Test("what is neither is no HTTP, and known at the end of the line at the latest")
  func neither() {
    for line in [
      "GET /", "GET / FTP/1.1", "GET / HTTP/", "GET / HTTP/1.1x", "GET / HTTP/11", "G(T / HTTP/1.1", "HTTP/1.1",
      "HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 +20 OK", "HTTP/1.1 099 OK", "HTTP/1.1 abc OK", "HTTP/x 200 OK",
      "HTTP/1.1200 OK", "HTTPS/1.1 200 OK", "ICY 200 OK", "GET / \rHTTP/1.1", "GET /\u{0} HTTP/1.1",
      " GET / HTTP/1.1", "\tGET / HTTP/1.1", "/ HTTP/1.1", "  HTTP/1.1", "GET  HTTP/1.1", "hello",
      "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3", "220 mail.example.com ESMTP", "RFB 003.008", "*1", "+OK Dovecot ready.",
      String(repeating: "A", count: 40) + " / HTTP/1.1",
    ] {
      let reading = readEveryWay(Array((line + "\r\n").utf8)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.events == [.notHTTP], "\(line)")
      #expect(!reading.whole.endsInsideMessage, "\(line)")
    }
  }

  @Test("another protocol is recognised by its first bytes, not held until it has sent 64 KiB")
  func otherProtocols() {
    let clientHello: [UInt8] = [0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]
    let cases: [(String, [UInt8], Int)] = [
      ("TLS", clientHello, 1), ("MQTT", [0x10, 0x0C, 0, 4] + Array("MQTT".utf8), 1), ("a space", [0x20, 0x41], 1),
      ("a quote", Array("\"hello\"".utf8), 1), ("HTTP without a slash", Array("HTTP no".utf8), 8),
      ("a long word", [UInt8](repeating: 0x41, count: 100), 33),
      ("a control character in the method", Array("GET\u{1}".utf8), 4),
      ("HTTP/2's frames", [0, 0, 18, 4, 0, 0, 0, 0, 0], 1), ("DEL", [0x47, 0x7F], 2),
    ]
    for (name, bytes, most) in cases {
      let inputs = (bytes + [UInt8](repeating: 0x0A, count: 1)).map { Input.bytes([$0]) }
      let reading = HTTPReading(inputs)
      #expect(reading.events == [.notHTTP], "\(name)")
      #expect((reading.bytesUntilOver ?? .max) <= most, "\(name)")
    }
  }

  @Test("random bytes never pass for HTTP, and nothing is kept of them")
  func random() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      let reading = HTTPReading([.bytes(random.bytes(6000...6000))])
      #expect(reading.events == [.notHTTP] && !reading.endsInsideMessage, "seed \(seed)")
    }
  }

  @Test("HTTP/2's preface is a head of its own version")
  func preface() {
    let reading = HTTPReading("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    #expect(reading.startLines == [.request(method: "PRI", target: "*", version: "HTTP/2.0")])
    #expect(reading.events.last == .notHTTP)
  }
}
