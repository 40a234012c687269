import Analysis
import Capture
import TestSupport
import Testing
import WebSocket

@Suite("Captures that begin late, or lack bytes")
struct RecoveryTests {
  typealias Talk = ConversationBuilder

  /// A chat of which no two messages are alike.
  private func chat(_ count: Int = 20) -> Talk {
    var talk = Talk.upgraded()
    for i in 0..<count {
      talk.frame(.client, .text, #"{"say":"\#(i) fish in the sea","id":\#(i * 7919)}"#)
      if i.isMultiple(of: 5) { talk.frame(.server, .ping, "still there? \(i)") }
      talk.frame(.server, .text, #"{"heard":\#(i * 7919),"by":["gull","tern"]}"#)
    }
    talk.close(.client, 1000, "enough fish")
    return talk
  }

  private func lines(_ seen: RecordCollector) -> [String] {
    seen.frames.map { "\($0.sender) \($0.header) \($0.first.time.nanoseconds)" }
  }

  // MARK: No handshake

  @Test("wherever the capture begins, all frames after it are found, and marked as inferred")
  func anyStart() throws {
    let talk = chat()
    let whole = lines(analyze(talk.packets))
    for start in 6..<talk.packets.count - 40 {
      let seen = analyze(Array(talk.packets[start...]))
      let connection = try #require(seen.connections.first, "from \(start) on")
      #expect(seen.connections.count == 1 && connection.start == .midstream && connection.isUpgraded)
      guard case .found(let confidence) = connection.inference else {
        Issue.record("not marked")
        continue
      }
      #expect(confidence >= .least)
      #expect(connection.connection.client == talk.ends[0])
      let expected = whole.suffix(seen.frames.count)
      #expect(lines(seen) == Array(expected), "from \(start) on")
      let time = talk.packets[start].time.nanoseconds
      let all = analyze(talk.packets).frames.count { $0.first.time.nanoseconds >= time }
      #expect(seen.frames.count == all, "from \(start) on")
      #expect(seen.frames.allSatisfy { $0.inference.map { $0 >= .least } ?? false })
      #expect(seen.messages.allSatisfy { $0.inference != nil && $0.message.isComplete })
      #expect(seen.slugs == [])
    }
  }

  @Test("records come in the order of the packets, also those that were held until it was sure what they are")
  func order() {
    let seen = analyze(Array(chat().packets[9...]))
    let packets = seen.frames.map(\.last.number)
    #expect(packets == packets.sorted() && packets.count > 30)
  }

  @Test("one direction alone is enough", arguments: [Sender.client, .server])
  func oneDirection(sender: Sender) {
    let talk = chat()
    let whole = analyze(talk.packets)
    for start in [0, 12] {
      let kept = Array(talk.packets[start...]).filter { packet in
        // The source port of a plain Ethernet, IPv4 and TCP packet.
        let port = UInt16(packet.bytes[34]) << 8 | UInt16(packet.bytes[35])
        return port == talk.ends[sender == .client ? 0 : 1].port
      }
      let seen = analyze(kept)
      #expect(seen.connections.map(\.isUpgraded) == [true])
      #expect(seen.frames.allSatisfy { $0.sender == sender })
      let time = kept.first?.time.nanoseconds ?? 0
      let expected = whole.frames.filter { $0.sender == sender && $0.first.time.nanoseconds >= time }
      #expect(seen.frames.map(\.header) == expected.map(\.header))
      #expect(seen.frames.contains { $0.inference != nil } == (start > 0))
    }
  }

  @Test("too little is no evidence: nothing is printed, unless the user says what it is")
  func tooLittle() {
    var talk = Talk()
    talk.frame(.server, .binary, [1, 2, 3])
    talk.frame(.client, .binary, [4, 5, 6])
    #expect(analyze(talk.packets).connections.isEmpty)

    var options = AnalyzerOptions()
    options.assumedPorts = [talk.ends[1].port]
    talk.frame(.server, .text, "so it is text after all, as you can see")
    talk.frame(.server, .text, "and a second one, with other words")
    let seen = analyze(talk.packets, options)
    #expect(seen.connections.map(\.inference) == [.assumed])
    #expect(seen.texts(.server).suffix(2).first?.hasPrefix("so it is text") == true)
  }

  @Test("a feed of short binary frames is not sure, but the summary says that it may be one")
  func suspected() {
    var random = SeededGenerator(seed: 3)
    var talk = Talk()
    for _ in 0..<60 { talk.frame(.server, .binary, random.bytes(9...30)) }
    let seen = analyze(talk.packets)
    #expect(seen.connections.isEmpty)
    #expect(seen.summary?.suspectedConnections == 1)
    #expect(seen.summary?.suspectedPort == talk.ends[1].port)
    #expect(analyze(chat().packets).summary?.suspectedConnections == 0)
    #expect(analyze(Array(chat().packets[12...])).summary?.suspectedConnections == 0)
  }

  @Test("an assumed port is no reason to doubt a handshake, nor to take the first byte for anything but a frame")
  func assumed() {
    var options = AnalyzerOptions()
    options.assumedPorts = [PacketBuilder.server.port]
    let usual = chat().packets
    #expect(analyze(usual, options).records == analyze(usual).records)

    var talk = Talk.opened()
    talk.frame(.client, .binary, [4, 5, 6])
    talk.frame(.server, .binary, [1, 2, 3])
    let seen = analyze(talk.packets, options)
    #expect(seen.frames.map(\.sender) == [.client, .server])
    #expect(seen.frames.allSatisfy { $0.inference != nil })
    #expect(analyze(talk.packets).connections.isEmpty)
  }

  @Test("a connection that shows its first byte, and no handshake, is not searched")
  func knownStart() {
    var talk = Talk.opened()
    for i in 0..<20 { talk.frame(.server, .text, #"{"heard":\#(i * 7919),"by":["gull","tern"]}"#) }
    #expect(analyze(talk.packets).connections.isEmpty)
  }

  // MARK: After a gap

  @Test("among random bytes no first frame is found that lands on another by chance only")
  func chanceLanding() {
    for seed in UInt64(0)..<300 {
      var random = SeededGenerator(seed: seed)
      var talk = Talk.upgraded()
      var starts: Set<UInt64> = []
      var offset = UInt64(Talk.lines(Talk.response()).count)
      for i in 0..<16 {
        let frame = Talk.frame(from: .server, .binary, random.bytes(50...1000))
        starts.insert(offset)
        offset += UInt64(frame.count)
        if i == 3 { talk.lose(.server, 40) }
        talk.say(.server, Array(frame[(i == 3 ? 40 : 0)...]))
      }
      let found = analyze(talk.packets).frames.filter { $0.inference != nil }
      #expect(found.allSatisfy { starts.contains($0.offset) }, "seed \(seed)")
    }
  }

  @Test("a gap across a header: the next sure frame is found, and all after it", arguments: [Talk.End.client, .server])
  func lostHeader(end: Talk.End) {
    var talk = Talk.upgraded()
    let sender: Sender = end == .client ? .client : .server
    func text(_ i: Int) -> String { #"{"number":\#(i * 7919),"of":"the middle"}"# }
    for i in 0..<3 { talk.frame(end, .text, text(i)) }
    let frame = Talk.frame(from: end, .text, Array(text(3).utf8))
    talk.say(end, Array(frame[..<10]))
    let lost = Talk.frame(from: end, .text, Array(text(4).utf8))
    talk.lose(end, frame.count - 10 + 4)
    talk.say(end, Array(lost[4...]))
    for i in 5..<12 { talk.frame(end, .text, text(i)) }
    talk.close(.client)
    let seen = analyze(talk.packets)
    #expect(seen.texts(sender).filter { $0.hasSuffix("}") } == (Array(0..<3) + Array(5..<12)).map(text))
    #expect(seen.messages.map { $0.inference != nil }.filter { $0 }.count == 7)
    #expect(seen.slugs.sorted() == ["frame.step-found", "frame.step-lost", "tcp.gap"])
    let tally = sender == .client ? seen.ends.first?.client : seen.ends.first?.server
    #expect(tally?.undecodedBytes == UInt64(lost.count - 4))
    #expect(tally?.frames == 11 + 1)  // with the incomplete one and Close
    #expect(seen.ends.first?.isClean == true)
  }

  @Test("a header that is cut inside its masking key still tells the length", arguments: 2..<6)
  func lostMaskingKey(kept: Int) throws {
    var talk = Talk.upgraded()
    for (i, text) in ["before", "cut", "", "after"].enumerated() {
      let frame = Talk.frame(from: .client, .text, Array(text.utf8))
      if i == 0 || i == 3 {
        talk.say(.client, frame)
      } else {
        talk.say(.client, Array(frame[..<kept]))
        talk.lose(.client, 6 - kept + text.utf8.count / 2)
        if !text.isEmpty { talk.say(.client, Array(frame[(6 + text.utf8.count / 2)...])) }
      }
    }
    talk.close(.client)
    let seen = analyze(talk.packets)
    let frames = seen.frames.filter { $0.sender == .client }
    #expect(frames.map(\.header.payloadLength) == [6, 3, 0, 5, 2])
    #expect(frames.map(\.header.lacksMaskingKey) == [false, true, true, false, false])
    #expect(frames.map(\.isComplete) == [true, false, true, true, true])
    #expect(frames.map(\.capturedLength) == [6, 0, 0, 5, 2])
    #expect(seen.texts(.client) == ["before", "", "", "after"])
    #expect(seen.messages.map(\.message.isComplete) == [true, false, true, true])
    #expect(seen.slugs == ["tcp.gap", "tcp.gap"])
    let end = try #require(seen.ends.first)
    #expect(end.isClean == true && end.client.undecodedBytes == UInt64(2 * kept + 2))
  }

  @Test("a message whose first fragment is lost is no fault of its sender")
  func lostFirstFragment() {
    var talk = Talk.upgraded()
    talk.lose(.server, 40)
    talk.frame(.server, .continuation, "and this is the end of a text that began before", isFinal: false)
    talk.frame(.server, .continuation, " it was known where frames begin")
    for i in 0..<4 { talk.frame(.server, .text, "and this is text number \(i * 7919)") }
    talk.close(.client)
    let seen = analyze(talk.packets)
    #expect(seen.slugs.sorted() == ["frame.step-found", "frame.step-lost", "tcp.gap"])
    #expect(seen.texts(.server).count == 4)
  }

  @Test("many losses one after the other, and nothing is made up")
  func manyLosses() {
    var random = SeededGenerator.announced(#function)
    let talk = chat(60)
    let known = Set(lines(analyze(talk.packets)))
    for _ in 0..<60 {
      let share = Double.random(in: 0.01...0.3, using: &random)
      let packets = talk.packets.filter { _ in Double.random(in: 0..<1, using: &random) > share }
      let seen = analyze(packets)
      for line in lines(seen) where !known.contains(line) { Issue.record("\(line)") }
      for end in seen.ends {
        for tally in [end.client, end.server] { #expect(tally.undecodedBytes <= tally.wireBytes) }
      }
    }
  }
}
