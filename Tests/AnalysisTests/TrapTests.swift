import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Analysis

/// Input on which a careless decoder takes time that grows with the square of its size. None of these tests looks at the
/// clock: their sizes are such that they would take many minutes.
@Suite("Input made to take for ever")
struct TrapTests {
  typealias Talk = ConversationBuilder

  private static let body = [UInt8](repeating: 0x61, count: 30_000)

  @Test("a message in one-byte segments, in order, in reverse, and in any order", arguments: 0..<3)
  func oneByteSegments(_ kind: Int) {
    var talk = TrapTalk.upgraded()
    let frame = Talk.frame(.text, Self.body)
    var random = SeededGenerator.announced("one-byte segments")
    for start in stride(from: 0, to: frame.count, by: 3000) {
      let piece = Array(start..<min(start + 3000, frame.count))
      let order = kind == 0 ? piece : kind == 1 ? piece.reversed() : piece.shuffled(using: &random)
      for i in order { talk.packet(1, .ack, frame[i...i], at: talk.next[1] &+ UInt32(i)) }
    }
    let counts = talk.finish()
    #expect(counts.complete == 1 && counts.messageBytes == 30_000 && counts.missing == 0)
  }

  @Test("a message of a hundred thousand frames, and of thirty thousand with a segment each", arguments: [60_000, 3])
  func tinyFragments(_ segment: Int) {
    var talk = TrapTalk.upgraded()
    let count = segment == 3 ? 30_000 : 100_000
    let middle = Talk.frame(.continuation, [0x62], isFinal: false)
    var bytes = Talk.frame(.text, [0x61], isFinal: false)
    for _ in 2..<count { bytes += middle }
    talk.say(1, bytes + Talk.frame(.continuation, [0x63]), size: segment)
    let counts = talk.finish()
    #expect(counts.frames == count && counts.complete == 1 && counts.messageBytes == UInt64(count))
  }

  @Test("compressed messages in tens of thousands of pieces, each compressed for itself or one byte of the whole")
  func compressedFragments() {
    var talk = TrapTalk.upgraded(extensions: "deflate-frame")
    let piece = Deflater().message(Array("hello".utf8))
    var bytes = Talk.frame(.text, piece, isFinal: false, rsv1: true)
    for _ in 2..<20_000 { bytes += Talk.frame(.continuation, piece, isFinal: false, rsv1: true) }
    talk.say(1, bytes + Talk.frame(.continuation, piece, rsv1: true))
    let counts = talk.finish()
    #expect(counts.complete == 1 && counts.messageBytes == 100_000)

    var other = TrapTalk.upgraded(extensions: "permessage-deflate")
    var random = SeededGenerator.announced("compressed fragments")
    let noise = random.bytes(20_000...20_000)
    let whole = Deflater().message(noise)
    bytes = Talk.frame(.binary, [whole[0]], isFinal: false, rsv1: true)
    for byte in whole.dropFirst() { bytes += Talk.frame(.continuation, [byte], isFinal: false) }
    other.say(1, bytes + Talk.frame(.continuation), size: 7)
    let others = other.finish()
    #expect(others.complete == 1 && others.messageBytes == 20_000)
  }

  @Test("segments that overlap by all but a byte, behind one that never comes", arguments: [1, -1])
  func overlaps(_ step: Int) {
    var talk = TrapTalk.upgraded()
    let start = talk.next[1] &+ (step > 0 ? 1 : 20_001)
    let payload = [UInt8](repeating: 0x79, count: 300)
    for i in 0..<20_000 {
      talk.packet(1, .ack, payload, at: start &+ UInt32(truncatingIfNeeded: i * step))
    }
    #expect(talk.finish().ends == 1)
    #expect(talk.analyzer.heldBytes == 0)
  }

  @Test("long segments over thousands of held ones, again and again")
  func overHoles() {
    var talk = TrapTalk.upgraded()
    for i in 0..<2000 { talk.packet(1, .ack, [0x79], at: talk.next[1] &+ UInt32(1 + 2 * i)) }
    let long = [UInt8](repeating: 0x79, count: 4000)
    for _ in 0..<150 { talk.packet(1, .ack, long, at: talk.next[1] &+ 1) }
    #expect(talk.finish().ends == 1)
  }

  @Test("heads without end, byte by byte, of empty fields, and of folded lines", arguments: 0..<3)
  func heads(_ kind: Int) {
    var talk = TrapTalk()
    for i in 0..<3 {
      talk.client = 0x0b00_0000 + UInt32(i)
      talk.next = [1000, 5000]
      talk.open()
      let line = kind == 1 ? "a:\n" : kind == 2 ? " z\n" : "a: b\n"
      let start =
        "GET / HTTP/1.1\nHost: a\nUpgrade: websocket\nConnection: upgrade\nSec-WebSocket-Version: 13\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\nX: y\n"
      let head = Array((start + String(repeating: line, count: 60_000 / line.utf8.count)).utf8)
      talk.say(0, kind == 0 ? head + head : head + [0x0A], size: kind == 0 ? 7 : 1400)
      talk.say(1, Array("HTTP/1.1 403 No\n\n".utf8))
    }
    let counts = talk.finish()
    #expect(counts.connections == (kind == 0 ? 0 : 3) && counts.upgraded == 0)
    #expect(counts.codes == (kind == 0 ? ["handshake.too-early": 3] : [:]))
  }

  @Test("ten thousand extensions and subprotocols, offered and used")
  func lists() {
    var talk = TrapTalk()
    talk.open()
    let list = (0..<9000).map { "x\($0)" }.joined(separator: ",")
    let twice = String(repeating: "Sec-WebSocket-Extensions:x\n", count: 2000)
    talk.say(0, Talk.lines(Talk.request(fields: "Sec-WebSocket-Protocol: \(list)\n")))
    talk.say(1, Talk.lines(Talk.response(fields: "Sec-WebSocket-Extensions: \(list)\n")))
    talk.client += 1
    talk.next = [1000, 5000]
    talk.open()
    let parameters = (0..<8000).map { ";p\($0)=\($0 % 10)" }.joined()
    talk.say(0, Talk.lines(Talk.request(fields: "Sec-WebSocket-Extensions: y\(parameters)\n")))
    talk.say(1, Talk.lines(Talk.response(fields: twice)))
    let counts = talk.finish()
    #expect(counts.upgraded == 2)
    #expect(counts.codes["diagnostic.limit"] == 2)
  }

  @Test("bodies of one-byte chunks, and a chunk with extensions without end")
  func chunks() {
    for body in [String(repeating: "1\r\na\r\n", count: 30_000), "1;" + String(repeating: "ext=1;", count: 30_000)] {
      var talk = TrapTalk()
      talk.open()
      talk.say(0, Array("GET / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
      talk.say(1, Array(("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body).utf8), size: 11)
      if body.hasPrefix("1\r") {
        talk.say(1, Array("0\r\n\r\n".utf8))
        talk.say(0, Talk.lines(Talk.request()))
        talk.say(1, Talk.lines(Talk.response()))
      }
      #expect(talk.finish().upgraded == (body.hasPrefix("1\r") ? 1 : 0))
    }
  }

  @Test("thousands of requests for an upgrade in a row, and their answers")
  func pipeline() {
    var talk = TrapTalk()
    talk.open()
    let count = 3000
    talk.say(0, Array(String(repeating: "GET / HTTP/1.1\nUpgrade:websocket\n\n", count: count).utf8))
    talk.say(1, Array(String(repeating: "HTTP/1.1 403 X\nContent-Length:0\n\n", count: count).utf8))
    #expect(talk.finish().connections == count)
  }

  @Test("acknowledgments of bytes that nobody sees, and FINs that take back what was sent")
  func acknowledgmentsAndFINs() {
    var talk = TrapTalk.upgraded()
    for i in 0..<20_000 {
      talk.next[1] &+= 1
      talk.packet(0, .ack, [])
      talk.packet(1, [.fin, .ack], [0x79], at: talk.next[1] &+ UInt32(2 * i + 5))
    }
    let counts = talk.finish()
    #expect(counts.ends == 1)
    #expect(counts.codes.values.reduce(0, +) <= Int(Reporter.limit) + 1)
  }

  @Test("a small frame that inflates to very much, many times over the same window")
  func bomb() {
    var options = AnalyzerOptions()
    options.messages.stored = .max
    options.messages.inflated = 1 << 20
    var talk = TrapTalk.upgraded(options, extensions: "permessage-deflate")
    let deflater = Deflater(level: 9)
    let zeros = [UInt8](repeating: 0, count: 8 << 20)
    for _ in 0..<4 { talk.say(1, Talk.frame(.binary, deflater.message(zeros), rsv1: true)) }
    #expect(talk.analyzer.heldBytes < 3 << 20)
    let counts = talk.finish()
    #expect(counts.complete == 4 && counts.messageBytes == 32 << 20)
    #expect(counts.codes == ["message.cut": 4])
  }
}
