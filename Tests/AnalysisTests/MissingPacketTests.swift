import Analysis
import Capture
import TestSupport
import Testing
import WebSocket

/// Whatever single packet a capture lacks: what is said about the rest is true.
@Suite("A packet is missing")
struct MissingPacketTests {
  @Test(
    "nothing is made up: no frame that was not there, no refusal, no fault of a peer",
    arguments: [
      "browser-chat.pcap", "early-frames.pcap", "fragmented-with-ping.pcap", "http-first.pcap", "proxy-connect.pcap",
      "refused-then-accepted.pcap", "refused-403.pcap", "wrong-accept.pcap", "no-context-takeover.pcap",
    ])
  func everySinglePacket(name: String) throws {
    let capture = try SampleFiles.capture(name)
    let whole = Self.analyzed(capture, without: nil)
    let known = Set(whole.frames.map(Self.line))
    let faults = Set(whole.slugs)
    let count = try #require(whole.summary?.packets)
    for missing in 1...count {
      let seen = Self.analyzed(capture, without: missing)
      for frame in seen.frames where !known.contains(Self.line(frame)) {
        Issue.record("without packet \(missing): \(Self.line(frame))")
      }
      #expect(seen.connections.count { $0.outcome == .refused } <= whole.connections.count { $0.outcome == .refused })
      for diagnostic in seen.diagnostics where diagnostic.code.severity == .error {
        let isOurs = ["frame.step-lost", "message.inflate"].contains(diagnostic.code.slug)
        #expect(isOurs || faults.contains(diagnostic.code.slug), "without packet \(missing): \(diagnostic.message)")
      }
      for end in seen.ends where end.isClean == true { #expect(whole.ends.contains { $0.isClean == true }) }
    }
  }

  /// What says that a peer did something wrong, or something worth a note.
  private static func isAboutPeer(_ slug: String) -> Bool {
    let ours = [
      "frame.step-lost", "frame.step-found", "frame.undecoded", "frame.header-cut", "message.inflate", "message.cut",
      "handshake.too-early",
    ]
    return !ours.contains(slug) && !slug.hasPrefix("message.context-") && !slug.hasPrefix("tcp.")
      && !slug.hasPrefix("capture.")
  }

  @Test(
    "no note or warning about a peer either, and what the end tells is true or not known", arguments: SampleFiles.names)
  func everyEnd(name: String) throws {
    let capture = try SampleFiles.capture(name)
    let whole = Self.analyzed(capture, without: nil)
    let known = Set(whole.slugs)
    for missing in 1...max(1, try #require(whole.summary?.packets)) {
      let seen = Self.analyzed(capture, without: missing)
      for slug in seen.slugs where Self.isAboutPeer(slug) {
        #expect(known.contains(slug), "without packet \(missing): \(slug)")
      }
      for end in seen.ends where end.cause != .captureEnd {
        guard let truth = whole.ends.first(where: { $0.connection.identifier == end.connection.identifier }) else {
          continue
        }
        for (mine, its) in [(end.client, truth.client), (end.server, truth.server)] {
          #expect(mine.hasSentClose == nil || mine.hasSentClose == its.hasSentClose, "without packet \(missing)")
          #expect(
            mine.unansweredPings == nil || its.unansweredPings == nil || mine.unansweredPings == its.unansweredPings,
            "without packet \(missing)")
        }
      }
    }
  }

  private static func line(_ frame: FrameRecord) -> String {
    "\(frame.sender) \(frame.header.firstByte) \(frame.header.secondByte) \(frame.header.maskingKey) \(frame.header.payloadLength)"
  }

  private static func analyzed(_ capture: [UInt8], without missing: UInt64?) -> RecordCollector {
    var (reader, sink, position) = (CaptureReader(), RecordCollector(), 0)
    var analyzer = Analyzer()
    while let event = try? reader.finish(capture.span.bytes, &position) {
      guard case .packet(let packet) = event, packet.number != missing else { continue }
      analyzer.packet(packet, capture.span.bytes, into: &sink)
    }
    analyzer.finish(into: &sink)
    sink.summary(analyzer.summary)
    return sink
  }

  // MARK: Around the upgrade

  private func talk() -> ConversationBuilder {
    let talk = ConversationBuilder.opened()
    return talk
  }

  @Test("the body of the request for an upgrade is no frame")
  func requestBody() {
    for fields in ["Content-Length: 5\n", "Transfer-Encoding: chunked\n"] {
      var talk = talk()
      let request = ConversationBuilder.request("/chat", fields: fields)
      talk.say(
        .client,
        ConversationBuilder.lines(request)
          + (fields.hasPrefix("C") ? Array("hello".utf8) : Array("5\r\nhello\r\n0\r\n\r\n".utf8)))
      talk.say(.server, ConversationBuilder.lines(ConversationBuilder.response()))
      talk.frame(.client, .text, "first")
      talk.frame(.server, .text, "second")
      let seen = analyze(talk.packets)
      #expect(seen.texts(.client) == ["first"])
      #expect(seen.texts(.server) == ["second"])
      #expect(seen.slugs == [])
    }
  }

  @Test("a request without an answer in the capture is not refused")
  func unanswered() {
    var talk = talk()
    talk.say(.client, ConversationBuilder.lines(ConversationBuilder.request()))
    talk.lose(.server, 129)
    #expect(analyze(talk.packets).connections.map(\.outcome) == [.unanswered])
    talk.say(.client, Array("GET / HTTP/1.1\r\n\r\n".utf8))
    let seen = analyze(talk.packets)
    #expect(seen.connections.map(\.outcome) == [.unanswered])
    #expect(seen.frames == [])
  }

  @Test("frames behind a request tell that it was accepted, though the answer is not in the capture")
  func unansweredButAccepted() throws {
    var talk = talk()
    talk.say(.client, ConversationBuilder.lines(ConversationBuilder.request()))
    talk.lose(.server, 129)
    talk.frame(.client, .text, "hello")
    let seen = analyze(talk.packets)
    let connection = try #require(seen.connections.first)
    #expect(connection.outcome == .upgraded && connection.start == .handshake)
    guard case .found(let confidence) = connection.inference else {
      Issue.record("not marked as inferred")
      return
    }
    #expect(confidence >= .least)
    #expect(seen.texts(.client) == ["hello"])
    #expect(seen.frames.first?.inference == nil, "where it begins is known")
  }

  @Test("a pong may follow a Close; data may not")
  func afterClose() {
    var talk = talk()
    talk.upgrade()
    talk.frame(.client, .close, ConversationBuilder.closeBody(1000))
    talk.frame(.server, .ping, "still there?")
    talk.frame(.client, .pong, "still there?")
    #expect(analyze(talk.packets).slugs == [])
    talk.frame(.client, .text, "one more thing")
    #expect(analyze(talk.packets).slugs == ["frame.after-close"])
  }

  @Test(
    "a server's Close that breaks a rule is 1006 to the browser, and not clean", arguments: [UInt16(999), 1005, 5000])
  func faultyClose(code: UInt16) throws {
    var talk = talk()
    talk.upgrade()
    talk.close(.server, code)
    talk.finish(.server)
    talk.finish(.client)
    let end = try #require(analyze(talk.packets).ends.first)
    #expect(end.isClean == false)
    #expect(end.browserCode == .abnormalClosure)
    #expect(end.serverClose?.code == CloseCode(rawValue: code))
  }

  @Test("a compressed message that is broken off leaves the sender's context unknown; what refers to nothing is whole")
  func brokenOff() {
    var talk = talk()
    let field = "Sec-WebSocket-Extensions: permessage-deflate\n"
    talk.upgrade(requestFields: field, responseFields: field)
    // RFC 7692 §7.2.3.1's "Hello", begun and broken off, then whole.
    talk.say(.server, [0x41, 0x03, 0xF2, 0x48, 0xCD])
    talk.say(.server, [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00])
    // The first two bytes of a message that goes on as an earlier one did (§7.2.3.2).
    talk.say(.server, [0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00])
    let records = analyze(talk.packets)
    #expect(records.messages.map(\.message.isComplete) == [false, true, true])
    #expect(records.messages.map(\.message.isLengthKnown) == [false, true, true])
    #expect(records.diagnostics.map(\.code.slug) == ["frame.interleaved"], "nothing is copied from before the loss")
  }
}
