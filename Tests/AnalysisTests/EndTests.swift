import Analysis
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("How a connection ends (RFC 6455 §7)")
struct EndTests {
  typealias Talk = ConversationBuilder

  private func end(_ talk: Talk) throws -> EndRecord {
    let ends = analyze(talk.packets).ends
    #expect(ends.count == 1)
    return try #require(ends.first)
  }

  @Test("with both Close frames", arguments: [Talk.End.client, .server])
  func closeHandshake(first: Talk.End) throws {
    var talk = Talk.upgraded()
    talk.close(first, 4321, "bye")
    let end = try end(talk)
    #expect(end.cause == .closeHandshake)
    #expect(end.closedFirst == (first == .client ? .client : .server))
    #expect(end.isClean == true)
    #expect(end.browserCode == CloseCode(rawValue: 4321))
    #expect(end.clientClose?.text == "bye")
    #expect(end.serverClose?.code == CloseCode(rawValue: 4321))
    #expect(end.client.frames == 1)
    #expect(end.server.messages == 0)
  }

  @Test("Close without a code is 1005 to the browser")
  func noCode() throws {
    var talk = Talk.upgraded()
    talk.close(.server, nil)
    let end = try end(talk)
    #expect(end.browserCode == .noStatusReceived)
    #expect(end.serverClose?.code == nil)
    #expect(end.isClean == true)
  }

  @Test("FIN without Close is 1006; who sent it first closed first", arguments: [Talk.End.client, .server])
  func fin(first: Talk.End) throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    talk.finish(first)
    talk.finish(first.peer)
    let end = try end(talk)
    #expect(end.cause == .fin)
    #expect(end.closedFirst == (first == .client ? .client : .server))
    #expect(end.isClean == false)
    #expect(end.browserCode == .abnormalClosure)
  }

  @Test("a Close of the client alone is not clean: the browser got none")
  func onlyClient() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .close, Talk.closeBody(1000))
    talk.finish(.server)
    talk.finish(.client)
    let end = try end(talk)
    #expect(end.cause == .fin)
    #expect(end.closedFirst == .client)
    #expect(end.isClean == false)
    #expect(end.browserCode == .abnormalClosure)
    #expect(end.clientClose?.code == .normalClosure)
  }

  @Test("a Close of the server alone gives the browser its code")
  func onlyServer() throws {
    var talk = Talk.upgraded()
    talk.frame(.server, .close, Talk.closeBody(1011))
    talk.reset(.client)
    let end = try end(talk)
    #expect(end.cause == .reset)
    #expect(end.closedFirst == .server)
    #expect(end.isClean == false)
    #expect(end.browserCode == CloseCode(rawValue: 1011))
  }

  @Test("RST", arguments: [Talk.End.client, .server])
  func reset(by end: Talk.End) throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    talk.reset(end)
    let record = try self.end(talk)
    #expect(record.cause == .reset)
    #expect(record.closedFirst == (end == .client ? .client : .server))
    #expect(record.browserCode == .abnormalClosure)
    #expect(record.time == talk.packets.last?.time)
  }

  @Test("the end of the capture ends nothing: what would come is not known")
  func captureEnd() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    let end = try end(talk)
    #expect(end.cause == .captureEnd)
    #expect(end.closedFirst == nil)
    #expect(end.isClean == nil)
    #expect(end.browserCode == nil)
  }

  @Test("a FIN of one end, and then the end of the capture: the other end may go on, and nothing is over")
  func halfClosed() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    talk.finish(.server)
    let last = talk.clock.nanoseconds
    var other = Talk(client: Endpoint(PacketBuilder.client.address, port: 7), clock: Timestamp(nanoseconds: last))
    other.open()
    other.upgrade()
    let seen = analyze(talk.packets + other.packets)
    let end = try #require(seen.ends.first)
    #expect(end.cause == .captureEnd)
    #expect(end.closedFirst == .server)
    #expect(end.isClean == nil && end.browserCode == nil)
    #expect(end.server.hasSentClose == false && end.client.hasSentClose == nil)
    #expect(end.time.nanoseconds < last, "the time of its own last packet, not of the capture's")
  }

  @Test("a Close with FIN of one end waits for an answer", arguments: [Talk.End.client, .server])
  func halfClosedWithClose(first: Talk.End) throws {
    var talk = Talk.upgraded()
    talk.frame(first, .close, Talk.closeBody(1000))
    talk.finish(first)
    let end = try end(talk)
    #expect(end.cause == .captureEnd)
    #expect(end.closedFirst == (first == .client ? .client : .server))
    #expect(end.isClean == nil && end.browserCode == nil)
    #expect(end.server.hasSentClose == (first == .server ? true : nil))
    #expect(end.client.hasSentClose == (first == .client ? true : nil))
  }

  @Test("after a FIN the other end goes on: it is not idle from the FIN on")
  func halfClosedTalk() throws {
    var talk = Talk.upgraded()
    talk.finish(.client)
    talk.clock = Timestamp(nanoseconds: talk.clock.nanoseconds + 50_000_000_000)
    talk.frame(.server, .text, "still here")
    talk.clock = Timestamp(nanoseconds: talk.clock.nanoseconds + 5_000_000_000)
    talk.packet(.server, .ack)
    let end = try end(talk)
    #expect(end.cause == .captureEnd)
    #expect(end.idle == 5_002_000_000)
  }

  @Test("a FIN is the end where the capture holds only what its sender sent")
  func oneDirection() throws {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    let upgrade = talk.packets.count
    for i in 0..<30 { talk.frame(.server, .text, "{\"event\": \"price\", \"number\": \(i)}") }
    talk.finish(.server)
    let end = try #require(analyze(Array(talk.packets[upgrade...])).ends.first)
    #expect(end.cause == .fin)
  }

  // MARK: Port reuse

  @Test("a new SYN between the same ends is a new connection; the old one gets what waits, and its end record")
  func replaced() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "old")
    talk.lose(.client, 7)
    talk.frame(.client, .text, "behind a gap")
    let last = talk.packets.count
    var reuse = Talk(
      initial: [900_000, 800_000], clock: Timestamp(nanoseconds: talk.clock.nanoseconds + 5_000_000_000))
    reuse.open()
    reuse.upgrade()
    reuse.frame(.client, .text, "new")
    let seen = analyze(talk.packets + reuse.packets)
    #expect(seen.connections.count == 2)
    #expect(Set(seen.connections.map(\.connection.identifier)).count == 2)
    #expect(seen.texts(.client) == ["old", "new"])
    let old = try #require(seen.ends.first)
    #expect(old.cause == .replaced)
    #expect(old.client.missingBytes == 7, "what waited was given out")
    #expect(old.time.nanoseconds < reuse.packets[0].time.nanoseconds, "the new connection's packets are not its own")
    #expect(seen.ends.count == 2)
    #expect(seen.diagnostics.compactMap(\.packet?.number).allSatisfy { $0 <= UInt64(last) })
  }

  @Test("after FIN or RST too, whichever SYN is written down first", arguments: [true, false])
  func reusedAfterEnd(isReset: Bool) {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "old")
    if isReset { talk.reset(.client) } else { talk.close(.client) }
    for order in [[0, 1], [1, 0]] {
      var reuse = Talk(initial: [900_000, 800_000], clock: talk.clock)
      reuse.open()
      reuse.upgrade()
      reuse.frame(.client, .text, "new")
      let packets = order.map { reuse.packets[$0] } + reuse.packets[2...]
      let seen = analyze(talk.packets + packets)
      #expect(seen.connections.count == 2)
      #expect(seen.texts(.client) == ["old", "new"], "\(order)")
      #expect(seen.connections.last?.handshake.acceptIsValid == true)
      #expect(seen.summary?.tcpConnections == 2)
    }
  }

  @Test("a SYN of the end that was not seen before begins a new connection")
  func reusedAfterHalf() {
    var talk = Talk()
    talk.packet(.server, [.syn, .ack])
    talk.lose(.server, 1)
    talk.say(.server, "SSH-2.0-x\n")
    talk.packets.removeLast()
    var reuse = Talk(initial: [900_000, 800_000], clock: talk.clock)
    reuse.open()
    reuse.upgrade()
    #expect(analyze(talk.packets + reuse.packets).connections.map(\.isUpgraded) == [true])
  }

  @Test("at the end of the capture, connections end in the order in which they began")
  func order() {
    var packets: [CaptureBuilder.Packet] = []
    for (port, initial) in [(1, 5), (2, 5), (1, 90_000), (3, 5)] as [(UInt16, UInt32)] {
      var talk = Talk(client: Endpoint(PacketBuilder.client.address, port: port), initial: [initial, initial])
      talk.open()
      talk.upgrade()
      packets += talk.packets
    }
    #expect(analyze(packets).ends.map(\.connection.number) == [1, 2, 3, 4])
  }

  @Test("the last segments of a connection that is over are no new one")
  func stragglers() {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    let straggler = talk.packets[talk.packets.count - 2]
    talk.close(.client)
    let syn = talk.packets[0]
    let seen = analyze(talk.packets + [straggler, syn, talk.packets[1], talk.packets[talk.packets.count - 2]])
    #expect(seen.summary?.tcpConnections == 1)
    #expect(seen.ends.count == 1)
    #expect(seen.texts(.client) == ["hello"])
  }

  // MARK: What is not known

  @Test("where the server's frames cannot be read any more, its Close is unknown, not absent")
  func lostStep() throws {
    var talk = Talk.upgraded()
    talk.frame(.server, .text, "hello")
    talk.lose(.server, 20)
    talk.close(.client)
    let end = try end(talk)
    #expect(end.serverClose == nil)
    #expect(end.isClean == nil)
    #expect(end.browserCode == nil)
    #expect(end.closedFirst == nil)  // the server's may have come before
  }

  @Test("a Close frame that the capture holds in part was sent, though its code is unknown")
  func incompleteClose() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .close, Talk.closeBody(1000))
    let close = Talk.frame(.close, Talk.closeBody(1000, "a long reason"))
    talk.say(.server, Array(close[..<2]))
    talk.lose(.server, 4)
    talk.say(.server, Array(close[6...]))
    talk.finish(.server)
    talk.finish(.client)
    let end = try end(talk)
    #expect(end.cause == .closeHandshake)
    #expect(end.isClean == nil)  // it may break a rule
    #expect(end.browserCode == nil)
    #expect(end.serverClose == nil)
  }

  @Test("Close frames in a wrong order in the capture: the earlier packet closed first")
  func closesSwapped() throws {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    talk.close(.client)
    let first = talk.packets.count - 4
    talk.packets.swapAt(first, first + 1)
    #expect(try end(talk).closedFirst == .client)
  }
}
