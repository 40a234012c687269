import Analysis
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("What the end of a connection tells (RFC 6455 §5.5, §7)")
struct CloseForensicsTests {
  typealias Talk = ConversationBuilder

  private func wait(_ talk: inout Talk, _ seconds: Int64) {
    talk.clock = Timestamp(nanoseconds: talk.clock.nanoseconds + seconds * 1_000_000_000)
  }

  private func end(_ talk: Talk) throws -> EndRecord { try #require(analyze(talk.packets).ends.first) }

  // MARK: Pings and pongs

  @Test("a pong answers the ping with its payload, and those before it")
  func answered() throws {
    var talk = Talk.upgraded()
    for text in ["a", "b", "c"] { talk.frame(.server, .ping, text) }
    talk.frame(.client, .pong, "b")
    talk.frame(.client, .ping, "x")
    let seen = analyze(talk.packets)
    #expect(seen.slugs == [])
    let end = try #require(seen.ends.first)
    #expect(end.server.unansweredPings == 1)
    #expect(end.client.unansweredPings == 1)
    #expect(end.server.firstUnansweredPing == seen.frames.first { $0.number == 3 }?.first.time)
  }

  @Test("a pong that answers no ping is worth a note: the first, and how many there are")
  func unsolicited() throws {
    var talk = Talk.upgraded()
    talk.frame(.server, .ping, "a")
    talk.frame(.client, .pong, "a")
    talk.frame(.client, .pong, "a")  // a second time
    for _ in 0..<30 { talk.frame(.client, .pong, "beat") }
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["frame.pong-unsolicited"])
    let note = try #require(seen.diagnostics.first)
    #expect(note.code.severity == .note)
    #expect(note.sender == .client)
    #expect(note.frame == 3)
    #expect(note.offset == seen.frames.first { $0.number == 3 }?.offset)
    #expect(note.detail == "the first of 31")
    #expect(seen.ends.first?.server.unansweredPings == 0)
  }

  @Test("a pong that is written down before its ping answers it all the same")
  func swapped() throws {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    talk.frame(.server, .ping, "a")
    talk.frame(.client, .pong, "a")
    talk.packets.swapAt(talk.packets.count - 1, talk.packets.count - 2)
    let seen = analyze(talk.packets)
    #expect(seen.slugs == [])
    #expect(seen.ends.first?.server.unansweredPings == 0)
  }

  @Test("where a ping may be missing, no pong is said to answer none", arguments: [0, 1, 2])
  func lostPing(missing: Int) throws {
    var talk = Talk.upgraded()
    let first = talk.packets.count
    talk.frame(.server, .ping, "abc")
    talk.frame(.client, .pong, "abc")
    talk.packets.remove(at: first + missing)
    #expect(!analyze(talk.packets).slugs.contains("frame.pong-unsolicited"))
  }

  @Test("nor is one where the ping was captured in part")
  func cutPing() throws {
    var talk = Talk.upgraded()
    talk.frame(.server, .ping, [UInt8](repeating: 0x61, count: 100))
    let whole = talk.packets[talk.packets.count - 2]
    talk.packets[talk.packets.count - 2].bytes = Array(whole.bytes[..<80])
    talk.packets[talk.packets.count - 2].originalLength = UInt32(whole.bytes.count)
    talk.frame(.client, .pong, [UInt8](repeating: 0x61, count: 100))
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["tcp.snapped"])
    #expect(seen.ends.first?.server.unansweredPings == nil)
  }

  @Test("of very many pings some are forgotten, and then no pong is taken for one without a ping")
  func manyPings() throws {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    for i in 0..<1000 { talk.frame(.server, .ping, "\(i)") }
    talk.frame(.client, .pong, "3")
    let seen = analyze(talk.packets)
    #expect(seen.slugs == [])
    #expect(seen.ends.first?.server.unansweredPings == 1000)
    talk.frame(.client, .pong, "998")
    #expect(try end(talk).server.unansweredPings == 1)
  }

  // MARK: After Close

  @Test("a second Close frame is worth a note")
  func secondClose() {
    var talk = Talk.upgraded()
    talk.frame(.client, .close, Talk.closeBody(1000))
    talk.frame(.client, .close, Talk.closeBody(1001))
    let seen = analyze(talk.packets)
    #expect(seen.slugs == ["frame.second-close"])
    #expect(seen.diagnostics.first?.frame == 2)
    #expect(seen.ends.first?.clientClose?.code == .normalClosure, "the first one counts")
  }

  @Test(
    "data after Close: fragments and reserved opcodes too; the peer may go on", arguments: [0, 1, 2, 3, 7] as [UInt8])
  func dataAfterClose(opcode: UInt8) {
    var talk = Talk.upgraded()
    talk.frame(.server, .close, Talk.closeBody(1000))
    talk.frame(.client, .text, "on my way")
    #expect(analyze(talk.packets).slugs == [])
    talk.frame(.server, Opcode(rawValue: opcode), "late")
    #expect(analyze(talk.packets).slugs.contains("frame.after-close"))
  }

  @Test(
    "close codes that may be sent, and others (§7.4)",
    arguments: [
      (0, false), (999, false), (1000, true), (1001, true), (1003, true), (1004, false), (1005, false), (1006, false),
      (1007, true), (1011, true), (1012, true), (1014, true), (1015, false), (1016, false), (2999, false), (3000, true),
      (3999, true), (4000, true), (4999, true), (5000, false), (65535, false),
    ] as [(UInt16, Bool)])
  func closeCodes(code: UInt16, maySend: Bool) throws {
    for sender in [Talk.End.client, .server] {
      var talk = Talk.upgraded()
      talk.close(sender, code)
      let seen = analyze(talk.packets)
      let faults = seen.diagnostics.filter { $0.code.slug == "frame.close-code" }
      #expect(faults.count == (maySend ? 0 : 2), "of both ends")
      #expect(faults.allSatisfy { $0.offset != nil && $0.frame != nil && $0.packet != nil })
      #expect(seen.ends.first?.browserCode == (maySend ? CloseCode(rawValue: code) : .abnormalClosure))
    }
  }

  @Test("1010 is for clients to send (§7.4.1)")
  func mandatoryExtension() {
    var talk = Talk.upgraded()
    talk.close(.client, 1010)
    #expect(analyze(talk.packets).slugs == [], "an answer repeats the code")
    talk = Talk.upgraded()
    talk.close(.server, 1010)
    #expect(analyze(talk.packets).slugs == ["frame.close-code-sender"])
  }

  // MARK: Close in a gap

  @Test("a Close that may be lost is not denied, unless data came since the loss")
  func lostClose() throws {
    let close = Talk.frame(from: .server, .close, Talk.closeBody(1000))
    for (later, isKnown) in [(nil, false), (Opcode.pong, false), (.text, true)] as [(Opcode?, Bool)] {
      var talk = Talk.upgraded()
      talk.frame(.server, .text, "hello")
      talk.lose(.server, close.count)
      if let later { for i in 0..<40 { talk.frame(.server, later, "something to find step by, \(i)") } }
      talk.finish(.server)
      talk.finish(.client)
      let end = try end(talk)
      #expect(end.cause == .fin)
      #expect(end.server.hasSentClose == (isKnown ? false : nil), "\(later?.name ?? "")")
      #expect(end.client.hasSentClose == false)
      #expect(end.isClean == false, "the client sent none")
      #expect(end.browserCode == (isKnown ? .abnormalClosure : nil))
      #expect((end.idle == nil) == !isKnown)
    }
  }

  // MARK: FIN and RST, and when

  @Test("FIN and RST in order of time, with their packets")
  func tcpEndings() throws {
    var talk = Talk.upgraded()
    talk.finish(.server)
    talk.packets.append(talk.packets[talk.packets.count - 2])  // the FIN again
    talk.finish(.client)
    let end = try end(talk)
    #expect(end.tcpEndings.map(\.kind) == [.fin, .fin])
    #expect(end.tcpEndings.map(\.sender) == [.server, .client])
    #expect(end.tcpEndings.map(\.packet.number) == [8, 11])
    var reset = Talk.upgraded()
    reset.finish(.server)
    reset.reset(.client)
    #expect(try self.end(reset).tcpEndings.map(\.kind) == [.fin, .reset])
    #expect(try self.end(Talk.upgraded()).tcpEndings == [])
  }

  @Test("how long it was idle: from the last message to the first Close, FIN or RST, or to the end of the capture")
  func idle() throws {
    var talk = Talk.upgraded()
    wait(&talk, 5)
    #expect(try end(talk).idle == 1_000_000, "to the acknowledgment of the handshake")
    talk.frame(.client, .text, "hello")
    let open = talk
    wait(&talk, 7)
    talk.frame(.server, .ping, "still there?")
    talk.frame(.client, .pong, "still there?")
    wait(&talk, 3)
    let idle = talk
    talk.close(.server)
    #expect(try end(talk).idle == 10_006_000_000, "pings are no messages")
    #expect(try end(open).idle == 1_000_000)
    talk = idle
    talk.reset(.client)
    #expect(try end(talk).idle == 10_006_000_000)
    talk = idle
    talk.lose(.client, 10)
    talk.frame(.client, .text, "lost step")
    #expect(try end(talk).idle == nil)
  }

  @Test("when each end spoke last, and whether it sent Close")
  func lastTimes() throws {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "hello")
    let time = talk.packets[talk.packets.count - 2].time
    talk.finish(.server)
    let end = try end(talk)
    #expect(end.client.lastTime == time)
    #expect(end.server.lastTime == nil)
    #expect(end.server.hasSentClose == false && end.client.hasSentClose == nil, "the client may yet answer")
    #expect(end.client.cutOff == nil)
  }

  @Test("a stream that ends inside a frame or message is cut off", arguments: [CutOff.message, .frame])
  func cutOff(_ kind: CutOff) throws {
    var talk = Talk.upgraded()
    let frame = Talk.frame(from: .client, kind == .message ? .text : .ping, Array("hello".utf8))
    for count in 1..<frame.count {
      var story = talk
      story.say(.client, Array(frame[..<count]))
      let cutOff = try end(story).client.cutOff
      // Of a header that is not complete nobody knows what it will be.
      #expect(cutOff == (count < 6 ? .frame : kind), "\(count) bytes")
    }
    talk.say(.client, frame)
    #expect(try end(talk).client.cutOff == nil)
  }
}
