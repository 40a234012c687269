import Analysis
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("Finding the opening handshake where the capture lacks some of it, or has it in a wrong order")
struct HandshakeOrderTests {
  typealias Talk = ConversationBuilder

  @Test("the 101 may be written down before its request")
  func responseFirst() throws {
    var talk = Talk.opened()
    talk.upgrade()
    talk.frame(.server, .text, "one")
    talk.frame(.client, .text, "two")
    let order = [0, 1, 2, 5, 6, 7, 8, 3, 4, 9, 10]
    let seen = analyze(order.map { talk.packets[$0] } + talk.packets[11...])
    let connection = try #require(seen.connections.first)
    #expect(connection.handshake.acceptIsValid == true)
    #expect(connection.request?.packet.number == 8)
    #expect(connection.response?.packet.number == 4)
    #expect(seen.texts(.server) == ["one"])
    #expect(seen.texts(.client) == ["two"])
  }

  @Test("and so may be a refusal")
  func refusalFirst() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    talk.say(.server, "HTTP/1.1 403 Forbidden\nContent-Length: 2\n\nNo")
    let order = [0, 1, 2, 5, 6, 3, 4]
    let seen = analyze(order.map { talk.packets[$0] })
    #expect(seen.connections.map(\.handshake.status) == [403])
    #expect(seen.connections.first?.request != nil)
  }

  @Test("where the request was lost, the client's first frames are not")
  func requestLost() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    talk.packets.removeLast(2)
    talk.say(.server, Talk.response())
    for i in 0..<40 { talk.frame(.client, .text, "\(i)") }
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.connections.first?.request == nil)
    #expect(seen.connections.first?.connection.client == PacketBuilder.client)
    #expect(seen.texts(.client) == (0..<40).map { "\($0)" })
  }

  @Test("the same where the capture begins between request and response")
  func midstreamResponse() {
    var talk = Talk.opened()
    talk.upgrade()
    talk.frame(.client, .text, "one")
    talk.frame(.client, .text, "two")
    for i in 0..<20 { talk.frame(.server, .text, "\(i)") }
    let seen = analyze(Array(talk.packets[5...]))
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.client) == ["one", "two"])
    #expect(seen.texts(.server) == (0..<20).map { "\($0)" })
  }

  @Test("a capture of the server's direction alone has its frames")
  func serverOnly() {
    var talk = Talk.opened()
    talk.upgrade()
    for i in 0..<40 { talk.frame(.server, .text, "\(i)") }
    let server = talk.packets.filter { $0.bytes[29] == 2 }
    let seen = analyze(server)
    #expect(seen.connections.map(\.isUpgraded) == [true])
    #expect(seen.texts(.server) == (0..<40).map { "\($0)" })
  }

  @Test("while it lives: after a few of the server's pieces, not at the end of the capture")
  func serverOnlyLive() {
    var talk = Talk.opened()
    talk.upgrade()
    for i in 0..<80 { talk.frame(.server, .text, "\(i)") }
    var analyzer = Analyzer()
    var collector = RecordCollector()
    analyze(talk.packets.filter { $0.bytes[29] == 2 }, with: &analyzer, into: &collector)
    #expect(collector.texts(.server).count == 80)
  }

  @Test("a capture that begins after SYN finds the handshake")
  func afterSYN() {
    var talk = Talk.opened()
    talk.say(.client, "GET /one HTTP/1.1\nHost: x\n\n")
    talk.say(.server, "HTTP/1.1 200 OK\nContent-Length: 3\n\none")
    talk.upgrade()
    talk.frame(.client, .text, "hello")
    for start in 3...7 {
      let seen = analyze(Array(talk.packets[start...]))
      #expect(seen.connections.map(\.handshake.acceptIsValid) == [true], "from packet \(start + 1)")
      #expect(seen.texts(.client) == ["hello"])
    }
  }

  @Test("SYN with the request inside (RFC 7413)")
  func fastOpen() {
    var talk = Talk()
    let request = Talk.lines(Talk.request())
    talk.packet(.client, .syn, request)
    talk.lose(.client, 1 + request.count)
    talk.packet(.server, [.syn, .ack])
    talk.lose(.server, 1)
    talk.say(.server, Talk.response())
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.frames.first?.offset == UInt64(request.count))
  }

  @Test("what is wrong with TCP before the upgrade is told after it, at its own packet")
  func earlyRemarks() {
    var talk = Talk.opened()
    talk.say(.client, Talk.request())
    let head = Talk.lines(Talk.response())
    let start = talk.next[1]
    talk.packet(.server, [.psh, .ack], Array(head[..<40]))
    talk.packet(.server, [.psh, .ack], [UInt8](repeating: 0x21, count: 40), at: start)
    talk.lose(.server, 40)
    talk.say(.server, Array(head[40...]))
    talk.frame(.server, .text, "hello")
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["tcp.conflict"])
    #expect(seen.diagnostics.first?.packet?.number == 7)
    #expect(seen.diagnostics.first?.offset == 0)
    #expect(seen.texts(.server) == ["hello"])
  }

  @Test("more than is held before the answer is told, and the attempt is not forgotten")
  func tooEarly() {
    var talk = Talk.opened()
    talk.acknowledges = false
    talk.segmentSize = 60_000
    talk.say(.client, Talk.request())
    for _ in 0..<6 { talk.say(.client, [UInt8](repeating: 7, count: 50_000)) }
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["handshake.too-early"])
    #expect(seen.connections.map(\.isUpgraded) == [false])
  }
}
