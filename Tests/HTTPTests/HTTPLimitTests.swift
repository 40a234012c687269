import HTTP
import TestSupport
import Testing

/// Work that grows with the square of the input would take minutes here.
@Suite("Heads without end", .timeLimit(.minutes(1)))
struct HTTPLimitTests {
  private static let start = "GET / HTTP/1.1\r\n"

  /// A head of exactly `count` bytes.
  private static func head(of count: Int) -> [UInt8] {
    let line = "X: "
    let filler = String(repeating: "x", count: count - start.utf8.count - line.utf8.count - 4)
    return Array((start + line + filler + "\r\n\r\n").utf8)
  }

  @Test("a head may have 64 KiB, and not a byte more, however it is fed")
  func limit() {
    for (count, isRead) in [
      (HTTPStream.headLimit - 1, true), (HTTPStream.headLimit, true), (HTTPStream.headLimit + 1, false),
    ] {
      let reading = readEveryWay(Self.head(of: count)) { HTTPReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.heads.count == (isRead ? 1 : 0), "\(count) bytes")
      #expect(reading.whole.events.contains(.headTooLarge) == !isRead, "\(count) bytes")
    }
  }

  @Test("a head of a megabyte in one piece is too large too")
  func large() {
    let reading = HTTPReading([.bytes(Self.head(of: 1 << 20))])
    #expect(reading.events == [.headTooLarge])
  }

  @Test("what precedes the limit does not count for the next head")
  func several() {
    let reading = HTTPReading([.bytes(Self.head(of: 60_000) + Self.head(of: 60_000) + Self.head(of: 60_000))])
    #expect(reading.heads.count == 3)
  }

  @Test(
    "each byte is looked at once, in packets of one byte",
    arguments: [
      ("one long line", "a"), ("one long value of spaces", " "), ("carriage returns", "\r"), ("fields", "a:\n"),
      ("folds", "\n "), ("lines with CR", "a\r\n"), ("nothing but colons", ":"), ("quotes and commas", "\",\\"),
    ])
  func linear(name: String, unit: String) {
    let text = Self.start + "A: b" + String(repeating: unit, count: 80_000 / unit.utf8.count)
    let reading = HTTPReading(text.utf8.map { .bytes([$0]) })
    #expect(reading.events == [.headTooLarge], "\(name)")
    #expect(reading.bytesUntilOver == HTTPStream.headLimit, "\(name)")
  }

  @Test("a first line without end", arguments: ["G", "GET /", "HTTP/1.1 200 "])
  func firstLine(start: String) {
    let text = start + String(repeating: "a", count: 80_000)
    let reading = HTTPReading(text.utf8.map { .bytes([$0]) })
    #expect(reading.events == [start == "G" ? .notHTTP : .headTooLarge])
  }

  @Test("a head full of fields, folds and lists is read in linear time")
  func manyFields() {
    for unit in ["a:\r\n", "a: b\r\n c\r\n", "Upgrade: ,\"\r\n", "x\r\n"] {
      let count = (HTTPStream.headLimit - 100) / unit.utf8.count
      let text = Self.start + String(repeating: unit, count: count) + "\r\n"
      let reading = HTTPReading(text)
      #expect(reading.heads.count == 1)
      let head = reading.heads.first
      #expect(head?.hasToken("websocket", in: "upgrade") == false)
      #expect(head?.requestBody == BodyFraming.none)
    }
    let spaces =
      Self.start + "A:" + String(repeating: " ", count: 60_000) + "b" + String(repeating: " ", count: 5000) + "\r\n\r\n"
    #expect(HTTPReading(spaces).heads.first?.value("a") == "b")
    let empty = HTTPHead.parse([UInt8](repeating: 0x0A, count: 100_000))
    #expect(empty == .notHTTP)
  }

  @Test("chunk sizes, extensions and trailers without end are passed over")
  func chunks() {
    let head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    for text in [
      String(repeating: "0", count: 100_000), "5;" + String(repeating: "e", count: 100_000),
      "0\r\n" + String(repeating: "t", count: 100_000), "0\r\n" + String(repeating: "t: u\r\n", count: 20_000),
    ] {
      let reading = HTTPReading((head + text).utf8.map { .bytes([$0]) })
      #expect(reading.heads.count == 1 && reading.events.count == 1)
      #expect(reading.endsInsideMessage)
    }
  }

  @Test("changed at random, it never traps, and gives the same in all pieces")
  func mutations() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let source =
      HeadTests.handshake + "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x\r\nhello\r\n0\r\nA: b\r\n\r\n"
      + "POST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"
    for round in 0..<3000 {
      var bytes = Array(source.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[index] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: index)
        case 2: bytes.insert(Array("\r\n :0fH".utf8).randomElement(using: &random) ?? 0, at: index)
        default: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
      }
      let whole = HTTPReading([bytes])
      let cut = Int.random(in: 0...bytes.count, using: &random)
      let pieces = [HTTPReading(bytes.map { [$0] }), HTTPReading([Array(bytes[..<cut]), Array(bytes[cut...])])]
      if pieces.contains(where: { $0 != whole }) {
        Issue.record("seed \(seed), round \(round), cut at \(cut): \(String(decoding: bytes, as: UTF8.self))")
        return
      }
    }
  }
}
