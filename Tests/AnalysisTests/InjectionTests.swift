import Analysis
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@Suite(
  "SYN and RST that may be forged, and connections between ends that had one before (RFC 9293 §3.10.7.4, RFC 5961)")
struct InjectionTests {
  typealias Talk = ConversationBuilder

  private func upgraded() -> Talk {
    var talk = Talk.upgraded()
    talk.frame(.client, .text, "before")
    talk.frame(.server, .text, "before")
    return talk
  }

  private func goOn(_ talk: inout Talk) {
    for i in 0..<40 {
      talk.frame(.client, .text, "after \(i)")
      talk.frame(.server, .text, "after \(i)")
    }
    talk.close(.client)
  }

  private func wait(_ talk: inout Talk, _ seconds: Int64) {
    talk.clock = Timestamp(nanoseconds: talk.clock.nanoseconds + seconds * 1_000_000_000)
  }

  /// Another connection between the same ends, after `talk`.
  private func another(after talk: Talk, initial: [UInt32] = [0x7777_0000, 0x6666_0000]) -> Talk {
    var other = Talk(initial: initial, clock: talk.clock)
    other.open()
    other.upgrade()
    other.frame(.client, .text, "new")
    other.frame(.server, .text, "new")
    other.close(.client)
    return other
  }

  // MARK: SYN

  @Test(
    "a SYN that nobody answers ends nothing, whatever its number",
    arguments: [0x7777_7777, 1300, 0x0010_0000] as [UInt32], [Talk.End.client, .server])
  func loneSYN(sequence: UInt32, end: Talk.End) {
    for payload in [[], Talk.frame(from: end, .text, Array("forged".utf8))] {
      for flags in [.syn, [.syn, .ack]] as [TCPFlags] {
        var talk = upgraded()
        talk.packet(end, flags, payload, at: sequence)
        goOn(&talk)
        let seen = analyze(talk.packets)
        #expect(seen.connections.count == 1)
        #expect(seen.texts(.client).count == 41 && seen.texts(.server).count == 41)
        #expect(seen.slugs.first == "tcp.syn-ignored")
        #expect(seen.slugs.count == (payload.isEmpty ? 1 : 2))
        #expect(seen.ends.map(\.cause) == [.closeHandshake])
      }
    }
  }

  @Test("nor do data that come with its numbers, while both ends go on")
  func forgedData() {
    for count in 1...20 {
      var talk = upgraded()
      talk.packet(.client, .syn, at: 0x7777_7777)
      for i in 0..<count {
        let frame = Talk.frame(from: .client, .text, Array("forged".utf8))
        talk.packet(.client, [.psh, .ack], frame, at: 0x7777_7778 &+ UInt32(i * frame.count))
        if i == 2 { talk.frame(.client, .text, "I am still here") }
      }
      goOn(&talk)
      let seen = analyze(talk.packets)
      #expect(seen.connections.count == 1)
      #expect(seen.texts(.client).count == (count > 2 ? 42 : 41))
      #expect(seen.texts(.server).count == 41)
      #expect(seen.slugs.contains("tcp.syn-ignored") && seen.slugs.contains("tcp.discarded"))
    }
  }

  @Test("a SYN that is answered begins a new connection, whichever of the two is written down first")
  func answered() {
    for lacking in [nil, 0, 1] as [Int?] {
      for isOther in [false, true] {
        let talk = upgraded()
        // Linux gives one that follows soon upon another a number just ahead of it.
        let initial = [isOther ? talk.next[0] &+ 65_537 : 0x7777_0000, 0x6666_0000]
        var packets = another(after: talk, initial: initial).packets
        if isOther, lacking == nil { packets.swapAt(0, 1) }
        if let lacking { packets.remove(at: lacking) }
        let seen = analyze(talk.packets + packets)
        #expect(seen.connections.map(\.handshake.acceptIsValid) == [true, true], "without \(lacking ?? -1)")
        #expect(seen.texts(.client) == ["before", "new"])
        #expect(seen.texts(.server) == ["before", "new"])
        #expect(seen.ends.map(\.cause) == [.replaced, .closeHandshake])
        #expect(seen.slugs == [])
      }
    }
  }

  @Test("a capture of one direction tells a number just ahead of the old ones too")
  func oneDirectionNear() {
    let talk = upgraded()
    let other = another(after: talk, initial: [talk.next[0] &+ 65_537, 0x6666_0000])
    let seen = analyze((talk.packets + other.packets).filter { isFromClient($0) })
    #expect(seen.connections.count == 2)
    #expect(seen.texts(.client) == ["before", "new"])
  }

  @Test("where the capture holds one direction only, data with the numbers of the SYN begin a new connection")
  func oneDirection() {
    let talk = upgraded()
    var later = talk
    wait(&later, 3)
    var other = Talk(initial: [0x7777_0000, 0x6666_0000], clock: later.clock)
    other.open()
    other.upgrade()
    for i in 0..<30 { other.frame(.client, .text, "{\"event\": \"greeting\", \"number\": \(i)}") }
    for count in [0, 1, 5, 30] {
      let mine = (talk.packets + other.packets).filter { isFromClient($0) }.dropLast(30 - count)
      let seen = analyze(Array(mine))
      #expect(seen.connections.count == 2, "\(count)")
      #expect(seen.texts(.client).count == 1 + count, "\(count)")
      #expect(seen.summary?.tcpConnections == 2)
    }
  }

  private func isFromClient(_ packet: CaptureBuilder.Packet) -> Bool {
    // Ethernet, then IPv4 without options: the source port.
    UInt16(packet.bytes[34]) << 8 | UInt16(packet.bytes[35]) == PacketBuilder.client.port
  }

  // MARK: The same numbers again

  @Test("after the end, a SYN begins a new connection, also with the same number", arguments: [true, false])
  func sameNumbers(isReset: Bool) {
    for initial in [[1000, 70_000], [0x7777_0000, 70_000], [1000, 0x6666_0000]] as [[UInt32]] {
      var talk = upgraded()
      if isReset { talk.reset(.client) } else { talk.close(.client) }
      let other = another(after: talk, initial: initial)
      let seen = analyze(talk.packets + other.packets)
      #expect(seen.connections.count == 2)
      #expect(seen.texts(.client) == ["before", "new"])
      #expect(seen.texts(.server) == ["before", "new"])
      #expect(seen.slugs == [])
      #expect(seen.summary?.tcpConnections == 2)
    }
  }

  @Test("after a FIN too, whose answer the capture lacks", arguments: [Talk.End.client, .server])
  func sameNumbersAfterFIN(end: Talk.End) {
    var talk = upgraded()
    talk.finish(end)
    let seen = analyze(talk.packets + another(after: talk, initial: [1000, 70_000]).packets)
    #expect(seen.connections.count == 2)
    #expect(seen.texts(.client) == ["before", "new"])
  }

  @Test("the same SYN written down again, or late, begins nothing")
  func repeatedSYN() {
    var talk = upgraded()
    let opening = Array(talk.packets[..<3])
    talk.close(.client)
    let seen = analyze(talk.packets + opening)
    #expect(seen.summary?.tcpConnections == 1)
  }

  // MARK: RST

  @Test("a RST whose sender goes on was none of its own: decoding goes on", arguments: [Talk.End.client, .server])
  func forgedReset(end: Talk.End) throws {
    var talk = upgraded()
    talk.packet(end, .rst)
    let place = talk.packets.count
    goOn(&talk)
    let seen = analyze(talk.packets)
    #expect(seen.connections.count == 1)
    #expect(seen.texts(.client).count == 41 && seen.texts(.server).count == 41)
    #expect(seen.slugs == ["tcp.reset-ignored"])
    #expect(seen.diagnostics.first?.packet?.number == UInt64(place))
    let record = try #require(seen.ends.first)
    #expect(record.cause == .closeHandshake)
    #expect(record.tcpEndings.map(\.kind) == [.fin, .fin])
  }

  @Test("what was on its way to an end that sent a RST is decoded, and the RST is the end")
  func onItsWay() throws {
    var talk = upgraded()
    talk.acknowledges = false
    talk.reset(.client)
    for i in 0..<3 {
      talk.frame(.server, .text, "too late \(i)")
      talk.reset(.client)
    }
    var other = Talk(client: Endpoint(PacketBuilder.client.address, port: 7), clock: talk.clock)
    wait(&other, 60)
    other.open()
    other.upgrade()
    let seen = analyze(talk.packets + other.packets)
    #expect(seen.texts(.server) == ["before", "too late 0", "too late 1", "too late 2"])
    #expect(seen.slugs == [])
    let record = try #require(seen.ends.first)
    #expect(record.cause == .reset)
    #expect(record.closedFirst == .client)
    #expect(record.tcpEndings.count == 1)
    #expect(record.connection.number == 1, "it ends when its time is over, not with the capture")
    #expect(analyze(talk.packets).ends == [record])
  }

  @Test("a connection that goes on long after a RST is told, and not decoded")
  func longAfter() {
    var talk = upgraded()
    talk.reset(.client)
    wait(&talk, 6)
    goOn(&talk)
    let seen = analyze(talk.packets)
    #expect(seen.texts(.client) == ["before"])
    #expect(seen.slugs == ["tcp.after-reset"])
    #expect(seen.diagnostics.first?.connection == seen.connections.first?.connection)
    #expect(seen.ends.map(\.cause) == [.reset])
  }

  @Test("of very many connections that are reset, none is lost")
  func manyResets() {
    var packets: [CaptureBuilder.Packet] = []
    for port in 1...1100 as ClosedRange<UInt16> {
      var talk = Talk(client: Endpoint(PacketBuilder.client.address, port: port))
      talk.open()
      talk.upgrade()
      talk.reset(.server)
      packets += talk.packets
    }
    let seen = analyze(packets)
    #expect(seen.ends.map(\.cause) == Array(repeating: .reset, count: 1100))
  }

  @Test("the same where frames are found only when all is over")
  func distantResetWithoutHandshake() throws {
    var talk = Talk()
    talk.acknowledges = false
    talk.lose(.server, 1)
    for i in 0..<20 {
      talk.frame(.server, .text, "{\"event\": \"price\", \"number\": \(i)}")
      talk.frame(.client, .text, "{\"event\": \"thanks\", \"number\": \(i)}")
    }
    let next = talk.next[1]
    talk.packet(.server, .rst, at: next + 15)
    let seen = analyze(Array(talk.packets.prefix(6)) + [try #require(talk.packets.last)])
    let record = try #require(seen.ends.first)
    #expect(record.cause == .reset)
    #expect(record.server.hasSentClose == nil)
  }

  // MARK: FIN

  @Test("a FIN whose sender goes on, and is acknowledged, is no end", arguments: [Talk.End.client, .server])
  func forgedFIN(end: Talk.End) throws {
    for ahead in [0, 4000] as [UInt32] {
      for isClosing in [false, true] {
        var talk = upgraded()
        talk.packet(end, [.fin, .ack], at: talk.next[end.rawValue] &+ ahead)
        for i in 0..<6 {
          talk.frame(.client, .text, "after \(i)")
          talk.frame(.server, .text, "after \(i)")
        }
        if isClosing { talk.close(.client) }
        let seen = analyze(talk.packets)
        #expect(seen.texts(.client).count == 7 && seen.texts(.server).count == 7)
        let record = try #require(seen.ends.first)
        #expect(record.cause == (isClosing ? .closeHandshake : .captureEnd))
        #expect(record.client.missingBytes == 0 && record.server.missingBytes == 0)
        #expect(record.tcpEndings.count == (isClosing ? 2 : 0))
        #expect(record.isClean == (isClosing ? true : nil))
      }
    }
  }

  @Test("the same where all packets have one time: what comes later in the capture tells")
  func distantResetWithoutTimes() throws {
    var talk = upgraded()
    let next = talk.next[1]
    talk.packet(.server, .rst, at: next + 300)
    for i in 0..<4 { talk.frame(.server, .text, "after \(i)") }
    for i in talk.packets.indices { talk.packets[i].time = Timestamp(nanoseconds: 0) }
    let record = try #require(analyze(talk.packets).ends.first)
    #expect(record.cause == .captureEnd && record.tcpEndings == [])
    #expect(record.server.missingBytes == 0)
  }

  @Test("a RST behind bytes that the capture lacks ends the connection, unless its sender goes on")
  func distantReset() throws {
    for goesOn in [false, true] {
      var talk = upgraded()
      talk.acknowledges = false
      let next = talk.next[1]
      talk.packet(.server, .rst, at: next + 300)
      if goesOn { goOn(&talk) }
      let seen = analyze(talk.packets)
      let record = try #require(seen.ends.first)
      #expect(record.cause == (goesOn ? .closeHandshake : .reset))
      #expect(record.server.missingBytes == (goesOn ? 0 : 300))
      if !goesOn { #expect(record.server.hasSentClose == nil && record.browserCode == nil && record.idle == nil) }
    }
  }
}
