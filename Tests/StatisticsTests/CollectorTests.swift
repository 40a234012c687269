import Capture
import TestSupport
import Testing
import Transport

@testable import Analysis
@testable import Statistics
@testable import WebSocket

@Suite("Statistics of connections")
struct CollectorTests {
  /// What the statistics of `packets` are.
  private func statistics(_ packets: [CaptureBuilder.Packet]) -> StatisticsReport {
    var analyzer = Analyzer()
    var collector = StatisticsCollector()
    for (i, packet) in packets.enumerated() {
      let captured = CapturedPacket(
        number: UInt64(i + 1), time: packet.time, linkType: packet.linkType,
        originalLength: UInt32(packet.bytes.count), data: 0..<packet.bytes.count)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &collector)
    }
    analyzer.finish(into: &collector)
    collector.summary(analyzer.summary)
    return collector.result()
  }

  @Test("tell network time from the server's: each packet here comes a millisecond after the one before")
  func latencies() throws {
    var talk = ConversationBuilder.upgraded()
    talk.frame(.client, .text, #"{"id":1,"method":"get"}"#)
    talk.frame(.server, .text, #"{"id":1,"result":"ok"}"#)
    talk.frame(.server, .text, #"{"id":"x","method":"ask"}"#)
    talk.frame(.client, .text, #"{"id":"x","error":{}}"#)
    talk.frame(.client, .text, #"{"id":2,"method":"get"}"#)
    talk.frame(.client, .ping, "a")
    talk.frame(.server, .pong, "a")
    talk.close(.client)
    talk.close(.server)
    let report = statistics(talk.packets)
    let times = report.latencies
    func milliseconds(_ times: Distribution) -> [UInt64?] {
      [times.count, times.percentile(0).map { $0 / 1_000_000 }, times.percentile(1).map { $0 / 1_000_000 }]
    }
    // SYN, SYN/ACK, ACK.
    #expect(milliseconds(times.toServer) == [1, 1, 1] && milliseconds(times.toClient) == [1, 1, 1])
    // Between a message and its answer is the acknowledgment.
    #expect(milliseconds(times.upgrade) == [1, 2, 2])
    #expect(milliseconds(times.clientRequest) == [1, 2, 2])
    #expect(milliseconds(times.clientRequestAtServer) == [1, 1, 1])
    #expect(milliseconds(times.serverRequest) == [1, 2, 2])
    #expect(milliseconds(times.clientPing) == [1, 2, 2] && times.serverPing.count == 0)
    #expect(report.unansweredRequests == 1 && report.errorReplies == 1)
    #expect(report.methods.map(\.method) == ["ask", "get"])
    let connection = try #require(report.connections.first)
    #expect(connection.client.messages == 3 && connection.server.messages == 2)
    #expect(connection.client.frames == 5 && connection.client.controlFrames == 2)
    #expect(connection.pings.mean == 2_000_000 && connection.replies.count == 2)
    #expect(connection.end?.cause == .closeHandshake)
    #expect(report.talkers.map(\.connections) == [1, 1] && report.talkers[0].bytes == report.talkers[1].bytes)
  }

  @Test("list the connections with the most bytes, and count the others")
  func mostConnections() {
    var collector = StatisticsCollector()
    var end = analyze(ConversationBuilder.upgraded().packets).ends[0]
    for number in 1...UInt64(25_000) {
      let reference = ConnectionReference(
        number: number, identifier: number, client: PacketBuilder.client, server: PacketBuilder.server)
      end.connection = reference
      if number % 2500 == 1 {
        let header = FrameHeader(firstByte: 0x82, secondByte: 0x80, maskingKey: 0, payloadLength: number)
        let place = PacketReference(number: number, time: Timestamp(nanoseconds: 0))
        collector.frame(
          FrameRecord(
            connection: reference, number: 1, sender: .client, header: header, first: place, last: place, offset: 0,
            capturedLength: number, isComplete: true, message: 1, inference: nil), payload: [UInt8]().span.bytes)
      }
      collector.end(end)
    }
    let report = collector.result()
    #expect(report.connections.count == StatisticsCollector.mostConnections)
    #expect(report.unlistedConnections == 15_000)
    #expect(report.connections.count { $0.bytes > 0 } == 10)
  }

  @Test("remember no request of a connection that is over, and no more than 200,000 of all that are open")
  func mostRequests() throws {
    var collector = StatisticsCollector()
    let records = analyze(ConversationBuilder.upgraded().packets)
    var end = records.ends[0]
    let place = PacketReference(number: 1, time: Timestamp(nanoseconds: 0))
    func reference(_ number: UInt64) -> ConnectionReference {
      ConnectionReference(
        number: number, identifier: number, client: PacketBuilder.client, server: PacketBuilder.server)
    }
    let batch = (0..<RequestPairs.most).map { #"{"id":\#($0),"method":"m\#($0)"}"# }.joined(separator: ",")
    let text = Array("[\(batch)]".utf8)
    let whole = Message(
      opcode: .text, isCompressed: false, frameCount: 1, wireLength: UInt64(text.count), length: UInt64(text.count),
      isComplete: true, isValidUTF8: true, firstInvalidUTF8: nil, isPayloadItself: true, isDamaged: false,
      deflateFault: nil)
    let connections: UInt64 = 1000
    for number in 1...connections {
      let message = MessageRecord(
        connection: reference(number), number: 1, sender: .client, first: place, last: place, firstFrame: 1,
        lastFrame: 1, message: whole)
      collector.message(message, content: text.span.bytes)
    }
    let all = connections * UInt64(RequestPairs.most)
    #expect(collector.rememberedRequests == StatisticsCollector.mostRequests)
    let half = collector.result()
    #expect(half.unansweredRequests == UInt64(StatisticsCollector.mostRequests))
    #expect(half.unansweredRequests + half.forgottenRequests == all)
    for number in 1...connections {
      end.connection = reference(number)
      collector.end(end)
    }
    let report = collector.result()
    #expect(collector.rememberedRequests == 0 && report.connections.allSatisfy { $0.rememberedRequests == 0 })
    #expect(report.unansweredRequests + report.forgottenRequests == all)
    #expect(report.unansweredRequests == half.unansweredRequests)
    #expect(
      report.connections.allSatisfy { $0.unansweredRequests + $0.forgottenRequests == UInt64(RequestPairs.most) })
  }

  @Test("have the faults of connections that were refused, which are told after them")
  func faultsOfRefused() throws {
    var talk = ConversationBuilder.opened()
    talk.say(
      .client,
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 12\r\n"
        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    talk.say(.server, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    let told = analyze(talk.packets).diagnostics.filter { $0.code.severity > .note }
    let connection = try #require(statistics(talk.packets).connections.first)
    #expect(!told.isEmpty && connection.outcome != .upgraded && connection.faults == UInt64(told.count))
  }
}
