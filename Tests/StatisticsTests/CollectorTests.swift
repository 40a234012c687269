import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@testable import Analysis
@testable import Statistics

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
}
