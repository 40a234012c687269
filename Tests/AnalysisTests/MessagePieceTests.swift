import Analysis
import Bytes
import Capture
import TestSupport
import Testing
import WebSocket

/// Keeps, of each message, what came in pieces, or with the message where nothing did.
private struct PieceCollector: RecordSink {
  struct Seen: Equatable {
    var bytes: [UInt8]
    var message: Message
  }

  private(set) var messages: [UInt64: Seen] = [:]
  private(set) var mostPieces = 0
  private(set) var longestPiece = 0
  private(set) var faults: [String] = []
  private var begun: [UInt64: [[UInt8]]] = [:]

  mutating func piece(_ piece: borrowing MessagePiece, content: RawSpan) {
    let before = begun[piece.number, default: []].reduce(0) { $0 + $1.count }
    if UInt64(before) != piece.offset { faults.append("piece at \(piece.offset) behind \(before) bytes") }
    if content.byteCount == 0 { faults.append("empty piece") }
    begun[piece.number, default: []].append(content.withUnsafeBytes { Array($0) })
    longestPiece = max(longestPiece, content.byteCount)
  }

  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) {
    let content = content.withUnsafeBytes { Array($0) }
    let pieces = begun.removeValue(forKey: record.number) ?? []
    mostPieces = max(mostPieces, pieces.count)
    let bytes = pieces.isEmpty ? content : pieces.flatMap(\.self)
    if !bytes.starts(with: content) { faults.append("message \(record.number) begins otherwise than its pieces") }
    var seen = Seen(bytes: bytes, message: record.message)
    seen.message.isPayloadItself = false  // depends on the packets
    messages[record.number] = seen
  }
}

@Suite("Messages that are longer than what is stored of them are given in pieces")
struct MessagePieceTests {
  typealias Talk = ConversationBuilder
  typealias Packet = CaptureBuilder.Packet

  /// What a server says after the handshake, and the ranges of it that are lost.
  private struct Speech {
    var bytes: [UInt8] = []
    var gaps: [Range<Int>] = []
    var isCompressed: Bool

    init(_ random: inout SeededGenerator) {
      isCompressed = Bool.random(using: &random)
      let deflater = Deflater()
      for _ in 0..<8 { addMessage(deflater, &random) }
      if Bool.random(using: &random) { addGap(&random) }
    }

    private mutating func addMessage(_ deflater: Deflater, _ random: inout SeededGenerator) {
      let isText = Bool.random(using: &random)
      var content: [UInt8] = []
      for _ in 0..<Int.random(in: 0...6, using: &random) {
        let most = [1, 700, 30_000].randomElement(using: &random) ?? 1
        let run = [UInt8](repeating: .random(in: 0x61...0x7A, using: &random), count: most)
        content += run.prefix(.random(in: 0...run.count, using: &random))
        let words = (0..<200).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
        content += words
      }
      let compresses = isCompressed && Int.random(in: 0..<4, using: &random) > 0
      let payload = compresses ? deflater.message(content) : content
      var start = 0
      repeat {
        let rest = payload.count - start
        let count = Bool.random(using: &random) ? rest : Int.random(in: 0...rest, using: &random)
        let opcode: UInt8 = start > 0 ? 0 : isText ? 1 : 2
        let first = opcode | (start + count == payload.count ? 0x80 : 0) | (compresses && start == 0 ? 0x40 : 0)
        guard count > 0 || rest == 0 else { continue }
        bytes += frameBytes(first, Array(payload[start..<start + count]))
        if count < rest, Bool.random(using: &random) { bytes += frameBytes(0x89, [1, 2]) }
        start += count
      } while start < payload.count
    }

    private mutating func addGap(_ random: inout SeededGenerator) {
      let start = Int.random(in: 0..<max(bytes.count - 1, 1), using: &random)
      gaps = [start..<min(start + .random(in: 1...2000, using: &random), bytes.count)]
    }

    /// The packets of it, cut anywhere.
    func packets(_ random: inout SeededGenerator) -> [Packet] {
      var talk = Talk.upgraded(extensions: isCompressed ? "permessage-deflate" : nil)
      talk.segmentSize = 60_000
      let longest = [3000, 20_000, 60_000].randomElement(using: &random) ?? 3000
      var start = 0
      while start < bytes.count {
        if let gap = gaps.first(where: { $0.contains(start) }) {
          talk.lose(.server, gap.upperBound - start)
          start = gap.upperBound
          continue
        }
        let border = gaps.first { $0.lowerBound > start }?.lowerBound ?? bytes.count
        let end = min(start + Int.random(in: 1...longest, using: &random), border)
        talk.say(.server, Array(bytes[start..<end]))
        start = end
      }
      talk.finish(.server)
      talk.finish(.client)
      return talk.packets
    }
  }

  private static func collect(_ packets: [Packet], stored: Int, givesPieces: Bool) -> PieceCollector {
    var options = AnalyzerOptions()
    options.messages.stored = stored
    options.messages.inflated = stored
    options.messages.givesPieces = givesPieces
    var analyzer = Analyzer(options)
    var collector = PieceCollector()
    for (i, packet) in packets.enumerated() {
      let captured = CapturedPacket(
        number: UInt64(i + 1), time: packet.time, linkType: packet.linkType,
        originalLength: UInt32(clamping: packet.bytes.count), data: 0..<packet.bytes.count)
      analyzer.packet(captured, packet.bytes.span.bytes, into: &collector)
    }
    analyzer.finish(into: &collector)
    return collector
  }

  @Test("their bytes are those of the whole message, however the packets are cut", arguments: 0..<24)
  func property(_ number: UInt64) {
    let seed = number &* 0x9E37_79B9_7F4A_7C15 &+ 7
    var random = SeededGenerator(seed: seed)
    let speech = Speech(&random)
    let whole = Self.collect(speech.packets(&random), stored: .max, givesPieces: false)
    #expect(whole.mostPieces == 0 && !whole.messages.isEmpty, "seed \(seed)")
    for stored in [1, 1000, 20_000] {
      let pieces = Self.collect(speech.packets(&random), stored: stored, givesPieces: true)
      #expect(pieces.faults.isEmpty, "seed \(seed): \(pieces.faults)")
      #expect(pieces.messages.keys.sorted() == whole.messages.keys.sorted(), "seed \(seed)")
      for (number, seen) in pieces.messages {
        guard let wanted = whole.messages[number] else { continue }
        // Inferred bytes of a text may prove wrong at its end.
        let mayBeCut = seen.message.opcode == .text && seen.message.inference != nil
        let isRight = mayBeCut ? wanted.bytes.starts(with: seen.bytes) : wanted.bytes == seen.bytes
        #expect(isRight, "seed \(seed), message \(number): \(seen.bytes.count) of \(wanted.bytes.count) bytes")
        #expect(seen.message == wanted.message, "seed \(seed), message \(number)")
      }
    }
  }

  @Test("a message that inflates a thousandfold comes in small pieces, and is not held")
  func bounded() {
    let count = 10 << 20
    let payload = Deflater(level: 9).message([UInt8](repeating: 0, count: count))
    var talk = Talk.upgraded(extensions: "permessage-deflate")
    talk.segmentSize = 60_000
    talk.say(.server, frameBytes(0xC2, payload))
    talk.say(.server, frameBytes(0x81, Array("over".utf8)))
    let seen = Self.collect(talk.packets, stored: 1000, givesPieces: true)
    #expect(seen.messages[1]?.bytes.count == count && seen.messages[1]?.message.isComplete == true)
    #expect(seen.longestPiece <= 5 << 20 && seen.mostPieces >= 3)
    #expect(seen.messages[2]?.bytes == Array("over".utf8))
  }

  @Test("what is not asked for is not given")
  func notAsked() {
    var talk = Talk.upgraded()
    talk.say(.server, frameBytes(0x82, [UInt8](repeating: 1, count: 5000)))
    let seen = Self.collect(talk.packets, stored: 10, givesPieces: false)
    #expect(seen.mostPieces == 0 && seen.messages[1]?.bytes.count == 10)
  }
}
