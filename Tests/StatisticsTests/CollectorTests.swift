import Capture
import TestSupport
import Testing
import Transport

@testable import Analysis
@testable import Statistics
@testable import Subprotocols
@testable import WebSocket

@Suite("Statistics of connections")
struct CollectorTests {
  /// What the statistics of `packets` are.
  private func statistics(_ packets: [CaptureBuilder.Packet]) -> StatisticsReport {
    var analyzer = Analyzer()
    var sink = RecordFilter(StatisticsCollector(), views: ViewOptions())
    for (i, packet) in packets.enumerated() {
      let captured = CapturedPacket(
        number: UInt64(i + 1), time: packet.time, linkType: packet.linkType,
        originalLength: UInt32(packet.bytes.count), data: 0..<packet.bytes.count)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &sink)
    }
    analyzer.finish(into: &sink)
    sink.summary(analyzer.summary)
    return sink.next.result()
  }

  @Test("tell network time from the server's: each packet here comes a millisecond after the one before")
  func latencies() throws {
    var talk = ConversationBuilder.upgraded()
    talk.frame(.client, .text, #"{"jsonrpc":"2.0","id":1,"method":"get"}"#)
    talk.frame(.server, .text, #"{"jsonrpc":"2.0","id":1,"result":"ok"}"#)
    talk.frame(.server, .text, #"{"jsonrpc":"2.0","id":"x","method":"ask"}"#)
    talk.frame(.client, .text, #"{"jsonrpc":"2.0","id":"x","error":{"code":1,"message":"no"}}"#)
    talk.frame(.client, .text, #"{"jsonrpc":"2.0","id":2,"method":"get"}"#)
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
    #expect(report.unansweredRequests == 1 && report.requests.errors == 1 && report.requests.forgotten == 0)
    #expect(report.methods.map(\.method) == ["get", "ask"] && report.methods.allSatisfy { $0.view == "jsonrpc" })
    #expect(report.methods.map(\.counts.requests) == [2, 1] && report.methods.map(\.counts.unanswered) == [1, 0])
    #expect(report.methods.map(\.counts.errors) == [0, 1] && milliseconds(report.methods[1].times) == [1, 2, 2])
    #expect(report.views == [ViewStatistics(view: "jsonrpc", carried: [], messages: 5, bytes: 217)])
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

  @Test("pair what other protocols ask and what is carried by others, by what the views say")
  func otherProtocols() throws {
    var talk = ConversationBuilder.opened()
    let field = "Sec-WebSocket-Protocol: v12.stomp\n"
    talk.upgrade(requestFields: field, responseFields: field)
    talk.frame(.client, .text, "SEND\ndestination:/q\nreceipt:1\n\nhello\0")
    talk.frame(.server, .text, "RECEIPT\nreceipt-id:1\n\n\0")
    talk.frame(.client, .text, "SEND\ndestination:/q\nreceipt:1\n\nhello\0")
    talk.frame(.client, .text, "SEND\ndestination:/q\nreceipt:1\n\nhello\0")
    let report = statistics(talk.packets)
    let method = try #require(report.methods.first)
    #expect(report.methods.count == 1 && method.view == "stomp" && method.method.hasPrefix("SEND"))
    #expect(method.counts == RequestCounts(requests: 3, replies: 1, errors: 0, forgotten: 1))
    #expect(method.counts.unanswered == 1 && report.unansweredRequests == 1 && method.times.count == 1)
    #expect(report.views.map(\.view) == ["stomp"] && report.views.map(\.messages) == [4])
  }

  private static let place = PacketReference(number: 1, time: Timestamp(nanoseconds: 0))

  private func message(_ view: MessageView?, of number: UInt64 = 1, from sender: Sender = .client) -> MessageRecord {
    let whole = Message(
      opcode: .text, isCompressed: false, frameCount: 1, wireLength: 10, length: 10, isComplete: true,
      isValidUTF8: true, firstInvalidUTF8: nil, isPayloadItself: true, isDamaged: false, deflateFault: nil)
    let reference = ConnectionReference(
      number: number, identifier: number, client: PacketBuilder.client, server: PacketBuilder.server)
    var record = MessageRecord(
      connection: reference, number: 1, sender: sender, first: Self.place, last: Self.place, firstFrame: 1,
      lastFrame: 1, message: whole)
    record.view = view
    return record
  }

  @Test("count a bounded number of names apart, and the others in the whole")
  func mostNames() {
    var collector = StatisticsCollector()
    let nothing: [UInt8] = []
    for i in 0..<5000 {
      var view = MessageView()
      view.name = "rpc\(i)"
      view.requests = [ViewRequest(label: "m\(i)")]
      view.carried = ["a", "b\(i)", "a"]
      collector.message(message(view, of: UInt64(i / 100)), content: nothing.span.bytes)
    }
    let report = collector.result()
    #expect(report.requests.requests == 5000 && report.unansweredRequests == 5000)
    #expect(report.methods.count == 100 && report.methods.allSatisfy { $0.counts.requests == 1 })
    #expect(report.views.count == ViewStatistics.most && report.views.reduce(0) { $0 + $1.messages } == 5000)
    #expect(report.views.contains { $0.carried.first == "a" && $0.carried.count == 2 })
  }

  @Test("know requests that are carried by the view that they are of, and replies without their requests or times")
  func carriedPairs() {
    var collector = StatisticsCollector()
    let nothing: [UInt8] = []
    var view = MessageView()
    view.name = "sockjs"
    view.replies = [
      ViewReply(label: "SEND", request: 1, isError: true, latency: nil, carriedView: "stomp"),
      ViewReply(label: "open", request: 1, isError: false, latency: 5),
    ]
    collector.message(message(view, from: .server), content: nothing.span.bytes)
    collector.message(message(nil), content: nothing.span.bytes)
    let report = collector.result()
    #expect(report.methods.map(\.view) == ["sockjs", "stomp"] && report.methods.map(\.times.count) == [1, 0])
    #expect(report.requests == RequestCounts(requests: 0, replies: 2, errors: 1, forgotten: 0))
    #expect(report.unansweredRequests == 0 && report.methods.allSatisfy { $0.counts.unanswered == 0 })
    #expect(report.views.map(\.view) == ["sockjs", nil] && report.latencies.clientRequest.count == 1)
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
