import Analysis
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("What is said of an end where the capture lacks the last bytes")
struct LostEndTests {
  typealias Talk = ConversationBuilder

  private func upgraded() -> Talk {
    var talk = Talk.upgraded()
    talk.frame(.server, .text, "hello")
    return talk
  }

  private func end(_ talk: Talk) throws -> EndRecord { try #require(analyze(talk.packets).ends.first) }

  private static let close = Talk.frame(from: .server, .close, Talk.closeBody(1000))

  @Test(
    "numbers alone tell that a Close frame may be missing: what it would decide is not known",
    arguments: ["FIN", "ACK of the peer", "own number"])
  func numbers(teller: String) throws {
    var talk = upgraded()
    talk.acknowledges = false
    talk.lose(.server, Self.close.count)
    switch teller {
    case "FIN": talk.finish(.server)
    case "RST": talk.reset(.server)
    case "ACK of the peer": talk.packet(.client, .ack)
    default: talk.packet(.server, .ack)
    }
    let seen = analyze(talk.packets)
    let end = try #require(seen.ends.first)
    #expect(seen.slugs == ["tcp.gap", "frame.step-lost"])
    #expect(end.server.missingBytes == UInt64(Self.close.count))
    #expect(end.server.hasSentClose == nil)
    #expect(end.browserCode == nil)
    #expect(end.closedFirst == nil)
    #expect(end.idle == nil)
    #expect(end.client.hasSentClose == (teller == "FIN" ? nil : false), "it may yet answer")
    #expect(end.cause == (teller == "RST" ? .reset : .captureEnd))
  }

  @Test("nobody is said to have closed first where a FIN may be missing that came before")
  func lackingFIN() throws {
    for isClientLacking in [true, false] {
      var talk = upgraded()
      talk.finish(isClientLacking ? .client : .server)
      talk.packets.removeLast(2)
      talk.finish(isClientLacking ? .server : .client)
      talk.packets.removeLast()
      let end = try end(talk)
      #expect(end.tcpEndings.map(\.sender) == [isClientLacking ? .server : .client])
      #expect(end.closedFirst == nil)
      #expect(end.idle == nil)
      #expect(end.client.hasSentClose == false && end.server.hasSentClose == false)
      #expect(end.browserCode == .abnormalClosure)
      #expect(end.server.missingBytes == 0)
    }
  }

  @Test("nor where both may have been first: the one that is there was not acknowledged before the other one")
  func simultaneous() throws {
    var talk = upgraded()
    talk.acknowledges = false
    talk.packet(.server, [.fin, .ack])
    talk.lose(.client, 1)
    talk.lose(.server, 1)
    talk.packet(.client, .ack)
    talk.packet(.server, .ack)
    let end = try end(talk)
    #expect(end.tcpEndings.map(\.sender) == [.server])
    #expect(end.cause == .fin && end.closedFirst == nil && end.idle == nil)
  }

  @Test("a FIN that is missing with bytes before it is no byte, where the other end has finished")
  func missingBytesAndFIN() throws {
    for isFinished in [true, false] {
      var talk = upgraded()
      talk.acknowledges = false
      talk.lose(.server, Self.close.count + (isFinished ? 1 : 0))
      if isFinished { talk.finish(.client) }
      talk.packet(.server, .ack)
      let end = try end(talk)
      #expect(end.server.missingBytes == UInt64(Self.close.count))
      #expect(end.cause == (isFinished ? .fin : .captureEnd))
      #expect(end.closedFirst == nil && end.browserCode == nil && end.server.hasSentClose == nil)
    }
  }

  @Test("a FIN that is missing and came later changes nothing")
  func lackingSecondFIN() throws {
    var talk = upgraded()
    talk.finish(.server)
    talk.finish(.client)
    talk.packets.remove(at: talk.packets.count - 2)
    let end = try end(talk)
    #expect(end.tcpEndings.map(\.sender) == [.server])
    #expect(end.closedFirst == .server)
    #expect(end.idle != nil)
  }

  @Test("how long it was idle is not known where the packet that ends the last message is missing")
  func lackingMessageEnd() throws {
    var talk = upgraded()
    talk.segmentSize = 100
    talk.acknowledges = false
    talk.frame(.server, .text, String(repeating: "a", count: 190))
    talk.packets.removeLast()
    talk.packet(.client, .ack)
    var later = talk
    talk.close(.client)
    #expect(try end(talk).idle == nil)
    later.frame(.server, .text, "more")
    later.close(.client)
    #expect(try end(later).idle != nil)
  }

  @Test("a packet that was captured in part tells when the last message came")
  func cutMessageEnd() throws {
    var talk = upgraded()
    talk.frame(.server, .text, String(repeating: "a", count: 100))
    talk.packets[talk.packets.count - 2].originalLength = UInt32(talk.packets[talk.packets.count - 2].bytes.count)
    talk.packets[talk.packets.count - 2].bytes.removeLast(100)
    talk.close(.client)
    #expect(try end(talk).idle == 2_000_000)
  }

  @Test("the rest of a message whose beginning is missing is a message's last packet too")
  func restOfMessage() throws {
    var talk = upgraded()
    talk.acknowledges = false
    let first = Talk.frame(.text, Array(repeating: 0x61, count: 100), isFinal: false)
    talk.lose(.server, first.count)
    talk.frame(.server, .continuation, "the rest of it, as long as it takes to be sure of it")
    for i in 0..<9 { talk.frame(.server, .ping, "still there? \(i)") }
    talk.close(.client)
    let seen = analyze(talk.packets)
    #expect(seen.frames.filter { $0.header.opcode == .continuation }.count == 1)
    #expect(seen.ends.first?.idle == 10_000_000)
  }

  @Test("a RST without ACK answers a segment: if the capture lacks that, it may have been a Close frame")
  func answerToUnseen() throws {
    for isSeen in [true, false] {
      var talk = upgraded()
      talk.acknowledges = false
      talk.frame(.server, .close, Talk.closeBody(1000))
      talk.finish(.server)
      if isSeen { talk.packet(.client, .ack) }
      talk.packet(.server, .rst)
      let end = try end(talk)
      #expect(end.cause == .reset)
      #expect(end.client.hasSentClose == (isSeen ? false : nil))
      #expect(end.isClean == (isSeen ? false : nil))
    }
  }

  @Test("a RST behind bytes that are missing tells, once it is believed, of missing bytes of the other end too")
  func acknowledgmentOfDistantReset() throws {
    var talk = upgraded()
    talk.lose(.client, 8)
    talk.lose(.server, Self.close.count)
    talk.reset(.client)
    let end = try end(talk)
    #expect(end.cause == .reset)
    #expect(end.server.missingBytes == UInt64(Self.close.count) && end.client.missingBytes == 8)
    #expect(end.server.hasSentClose == nil && end.browserCode == nil)
  }

  // MARK: What is missing is counted

  @Test("gaps before the first frame that was found are counted", arguments: [10, 200_000])
  func gapBeforeFirstFrame(missing: Int) throws {
    var talk = Talk()
    talk.acknowledges = false
    talk.lose(.server, 1)
    talk.say(.server, [UInt8](repeating: 0xFF, count: 50))
    talk.lose(.server, missing)
    talk.packet(.client, .ack)
    for i in 0..<100 {
      talk.frame(.server, .text, "{\"event\": \"price\", \"number\": \(i)}")
      talk.frame(.client, .text, "{\"event\": \"thanks\", \"number\": \(i)}")
    }
    let seen = analyze(talk.packets)
    let end = try #require(seen.ends.first)
    #expect(end.server.missingBytes == UInt64(missing))
    #expect(end.server.undecodedBytes == 50)
    #expect(seen.summary?.missingBytes == UInt64(missing))
  }

  @Test("a gap that hides the server's answer is counted, if frames follow")
  func gapInsteadOfAnswer() throws {
    var talk = Talk()
    talk.open()
    talk.say(.client, Talk.request())
    talk.lose(.server, 129)
    talk.packet(.client, .ack)
    for i in 0..<100 {
      talk.frame(.server, .text, "{\"event\": \"price\", \"number\": \(i)}")
      talk.frame(.client, .text, "{\"event\": \"thanks\", \"number\": \(i)}")
    }
    let end = try end(talk)
    #expect(end.server.missingBytes == 129)
    #expect(end.client.missingBytes == 0)
  }
}
