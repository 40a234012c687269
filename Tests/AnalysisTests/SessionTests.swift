import Analysis
import Capture
import TestSupport
import Testing
import Transport
import WebSocket

@Suite("Frames and messages, and where they stand in the capture")
struct SessionTests {
  typealias Talk = ConversationBuilder

  /// A conversation after its upgrade, without acknowledgments from there on.
  private func upgraded() -> Talk {
    var talk = Talk.upgraded()
    talk.acknowledges = false
    return talk
  }

  private let responseLength = UInt64(Talk.lines(Talk.response()).count)
  private let requestLength = UInt64(Talk.lines(Talk.request()).count)

  @Test("fragments of both directions do not mix, nor do control frames between them")
  func interleavedFragments() {
    var talk = upgraded()
    talk.frame(.client, .text, "Hel", isFinal: false)
    talk.frame(.server, .binary, "AB", isFinal: false)
    talk.frame(.client, .ping, "?")
    talk.frame(.server, .continuation, "CD", isFinal: false)
    talk.frame(.client, .continuation, "lo")
    talk.frame(.server, .pong, "?")
    talk.frame(.server, .continuation, "E")
    let seen = analyze(talk.packets)
    #expect(seen.texts(.client) == ["Hello"])
    #expect(seen.texts(.server) == ["ABCDE"])
    #expect(seen.slugs == [])
    #expect(seen.frames.map(\.message) == [1, 2, 0, 2, 1, 0, 2])
    #expect(seen.messages.map(\.number) == [1, 2])
    #expect(seen.messages.map(\.message.opcode) == [.text, .binary])
    #expect(seen.messages.map(\.firstFrame) == [1, 2])
    #expect(seen.messages.map(\.lastFrame) == [5, 7])
    #expect(seen.messages.map(\.first.number) == [8, 9])
    #expect(seen.messages.map(\.last.number) == [12, 14])
  }

  @Test("a frame that spans packets names the first and the last of them, and where it begins")
  func spanningFrame() throws {
    var talk = upgraded()
    let frame = Talk.frame(from: .client, .text, Array("across three packets".utf8))
    talk.say(.client, Array(frame[..<1]))
    talk.say(.client, Array(frame[1..<8]))
    talk.frame(.server, .text, "meanwhile")
    talk.say(.client, Array(frame[8...]) + Talk.frame(from: .client, .ping))
    let seen = analyze(talk.packets)
    let spanning = try #require(seen.frames.first { $0.sender == .client })
    #expect(spanning.first.number == 8)
    #expect(spanning.last.number == 11)
    #expect(spanning.offset == requestLength)
    #expect(spanning.last.time.since(spanning.first.time) == 3_000_000)
    #expect(seen.frames.map(\.number) == [2, 1, 3], "numbers go by the first bytes")
    #expect(seen.frames.last?.offset == requestLength + UInt64(frame.count))
    #expect(seen.frames.last?.first.number == 11)
  }

  @Test("packets in a wrong order are named as they are in the capture")
  func reordered() throws {
    var talk = upgraded()
    let frame = Talk.frame(.text, Array("0123456789".utf8))
    talk.segmentSize = 4
    talk.say(.server, frame)
    talk.packets.swapAt(7, 9)
    let seen = analyze(talk.packets)
    let record = try #require(seen.frames.first)
    #expect(record.first.number == 10)
    #expect(record.last.number == 8)
    #expect(record.offset == responseLength)
    #expect(seen.texts(.server) == ["0123456789"])
  }

  @Test("a datagram in IP fragments counts from the packet that completes it")
  func ipFragments() {
    var talk = upgraded()
    talk.frame(.server, .text, "0123456789012345678901234567890123456789")
    let last = talk.packets.removeLast()
    for fragment in PacketBuilder.fragments(of: Array(last.bytes[14...]), size: 32) {
      talk.add(PacketBuilder.ethernet(fragment))
    }
    let seen = analyze(talk.packets)
    #expect(seen.texts(.server) == ["0123456789012345678901234567890123456789"])
    #expect(seen.frames.first?.first.number == UInt64(talk.packets.count))
  }

  @Test("an empty frame, and one whose payload begins with the next packet")
  func emptyFrames() {
    var talk = upgraded()
    talk.say(.client, Talk.frame(from: .client, .text) + [0x82, 0x81])
    talk.say(.client, [0, 0, 0, 0])
    talk.say(.client, [0x41])
    let seen = analyze(talk.packets)
    #expect(seen.texts(.client) == ["", "A"])
    #expect(seen.frames.map(\.first.number) == [8, 8])
    #expect(seen.frames.map(\.last.number) == [8, 10])
  }

  // MARK: What the capture lacks

  @Test("a gap inside a payload keeps step: the frame is incomplete, the next one is not")
  func gapInPayload() throws {
    var talk = upgraded()
    let frame = Talk.frame(.binary, [UInt8](repeating: 0x61, count: 100))
    talk.say(.server, Array(frame[..<30]))
    talk.lose(.server, 40)
    talk.say(.server, Array(frame[70...]))
    talk.frame(.server, .text, "next")
    talk.packet(.client, .ack)
    let seen = analyze(talk.packets)
    let record = try #require(seen.frames.first)
    #expect(!record.isComplete)
    #expect(record.capturedLength == 60)
    #expect(record.header.payloadLength == 100)
    #expect(seen.messages.map(\.message.isComplete) == [false, true])
    #expect(seen.messages.first?.message.length == 100)
    #expect(seen.texts(.server).last == "next")
    #expect(seen.slugs == ["tcp.gap"])
    #expect(seen.diagnostics.first?.offset == responseLength + 30)
    #expect(seen.ends.first?.server.missingBytes == 40)
    #expect(seen.summary?.missingBytes == 40)
  }

  @Test("a gap is told while the connection lives, and names a packet of its own connection")
  func gapWhileAlive() {
    var talk = upgraded()
    talk.lose(.server, 10)
    talk.frame(.server, .text, "behind")
    for i in 0..<80 { talk.frame(.client, .text, "\(i)") }
    var analyzer = Analyzer()
    var collector = RecordCollector()
    analyze(talk.packets, with: &analyzer, into: &collector)
    #expect(collector.slugs.first == "tcp.gap")
    #expect(collector.slugs.count == 2, "and the step is lost")
  }

  @Test("a gap at the end of the capture names a packet of its own connection")
  func gapAtTheEnd() {
    var talk = upgraded()
    talk.say(.server, Array(Talk.frame(.binary, [UInt8](repeating: 0x61, count: 100))[..<30]))
    talk.lose(.server, 40)
    talk.packet(.server, .ack, [0x61, 0x61])
    let last = UInt64(talk.packets.count)
    var other = Talk(client: Endpoint(PacketBuilder.client.address, port: 5))
    other.open()
    let seen = analyze(talk.packets + other.packets)
    #expect(seen.diagnostics.map(\.packet?.number) == [last])
    #expect(seen.ends.map(\.time) == [talk.packets.last?.time])
  }

  @Test("what a snaplen cut off is missing, and named as cut")
  func snaplen() {
    var talk = upgraded()
    talk.say(.server, Talk.frame(.binary, [UInt8](repeating: 0x61, count: 300)))
    let whole = talk.packets.removeLast()
    talk.add(Array(whole.bytes[..<100]), originalLength: whole.bytes.count)
    talk.frame(.server, .text, "next")
    let seen = analyze(talk.packets)
    #expect(seen.frames.map(\.isComplete) == [false, true])
    #expect(seen.frames.first?.capturedLength == 42)
    #expect(seen.slugs == ["tcp.snapped"])
    #expect(seen.texts(.server).last == "next")
  }

  @Test("what TCP leaves out is told: conflicts, damage, bytes after FIN")
  func leftOut() {
    var talk = upgraded()
    let start = talk.next[1]
    talk.frame(.server, .text, "right")
    talk.packet(.server, [.psh, .ack], Talk.frame(.text, Array("wrong".utf8)), at: start)
    let damaged = PacketBuilder.tcp(
      from: PacketBuilder.server, to: PacketBuilder.client, seq: talk.next[1], ack: talk.next[0],
      flags: [.psh, .ack], payload: [1, 2, 3], checksum: .wrong)
    talk.add(damaged)
    talk.finish(.server)
    talk.packet(.server, [.psh, .ack], [9, 9])
    let seen = analyze(talk.packets)
    #expect(seen.texts(.server) == ["right"])
    #expect(seen.slugs == ["tcp.conflict", "tcp.checksum", "tcp.discarded"])
    #expect(
      seen.diagnostics.map(\.detail)
        == [
          "7 bytes from the server", "3 bytes from the server", "2 bytes from the server, after the sender's FIN",
        ])
  }

  @Test("a frame that the end cuts off is given with what there is of it")
  func incomplete() {
    var talk = upgraded()
    talk.frame(.client, .text, "first ", isFinal: false)
    talk.say(.client, Array(Talk.frame(from: .client, .continuation, Array("second".utf8))[..<9]))
    let seen = analyze(talk.packets)
    #expect(seen.frames.map(\.isComplete) == [true, false])
    #expect(seen.payloads(.client) == ["first ", "sec"])
    #expect(seen.texts(.client) == ["first sec"])
    #expect(seen.messages.map(\.message.isComplete) == [false])
  }

  // MARK: Rules that are broken

  @Test("a connection that breaks a rule in every frame does not flood the output")
  func flood() {
    var talk = upgraded()
    let unmasked = Talk.frame(.text, [0x61])
    talk.say(.client, [UInt8]((0..<1500).map { _ in unmasked }.joined()))
    let seen = analyze(talk.packets)
    #expect(seen.frames.count == 1500)
    #expect(seen.diagnostics.count == 1001)
    #expect(seen.slugs.last == "diagnostic.limit")
  }
}
