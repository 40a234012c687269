import TestSupport
import Testing
import WebSocket

@Suite("Compressed data that is damaged, or not all there")
struct DeflateDamageTests {
  private static let texts = ["The first message", "The second message", "The third message"]

  private static func messages(resetting: Bool) -> [[UInt8]] {
    let deflater = Deflater()
    return texts.map { text in
      if resetting { deflater.reset() }
      return deflater.message(Array(text.utf8))
    }
  }

  private static func frames(_ messages: [[UInt8]]) -> [UInt8] { messages.flatMap { frame(.text, $0, rsv1: true) } }

  private static func read(_ bytes: [UInt8], _ compression: DirectionCompression) -> MessageReading {
    let reading = readEveryWay(bytes) { MessageReading($0, compression) }
    #expect(reading.difference == nil)
    return reading.whole
  }

  @Test("damage is told; without context takeover the later messages are sound")
  func damaged() {
    var messages = Self.messages(resetting: true)
    messages[1][0] = 0x07  // a block of the reserved type, RFC 1951 §3.2.3
    let reading = Self.read(Self.frames(messages), messageDeflate(noContextTakeover: true))
    #expect(reading.items.map(\.message.isDamaged) == [false, true, false])
    #expect(reading.items.map(\.message.isComplete) == [true, false, true])
    #expect(reading.items.map(\.message.isValidUTF8) == [true, nil, true])
    #expect(reading.texts[0] == Self.texts[0] && reading.texts[2] == Self.texts[2])
  }

  @Test("with context takeover, what refers to damaged data is incomplete, but not damaged itself")
  func poisoned() {
    var messages = Self.messages(resetting: false)
    messages[1][0] = 0x07
    let plain = frame(.text, Array("plain".utf8))
    let reading = Self.read(Self.frames(messages) + plain, messageDeflate())
    #expect(reading.items.map(\.message.isDamaged) == [false, true, false, false])
    #expect(reading.items.map(\.message.isComplete) == [true, false, false, true])
    #expect(reading.texts == [Self.texts[0], "", "thir", "plain"])
    #expect(reading.items.map(\.message.isLengthKnown) == [true, false, true, true])
    #expect(reading.items[2].message.length == UInt64(Self.texts[2].utf8.count))
  }

  @Test("a message cut short by its sender is damaged, wherever it is cut")
  func truncated() {
    let text = "Hello, this is a text of some length; this is its length"
    for deflater in [Deflater(), Deflater(level: 0)] {
      let data = deflater.message(Array(text.utf8))
      for count in 2..<data.count - 1 {  // one byte, 0, is an empty message
        let bytes = frame(.text, Array(data[..<count]), rsv1: true) + frame(.text, data, rsv1: true)
        let reading = MessageReading([bytes], messageDeflate(noContextTakeover: true))
        #expect(reading.items[0].message.isDamaged && !reading.items[0].message.isComplete, "\(count) bytes")
        #expect(reading.items[1].message.isComplete && reading.texts[1] == text)
        let taken = MessageReading([bytes], messageDeflate())
        #expect(taken.items.map(\.message.isComplete) == [false, true], "what refers to nothing before it is whole")
        #expect(taken.texts[1] == text)
      }
    }
  }

  @Test("a message that ends with a block, but not on a byte's end, is damaged: what follows would be out of step")
  func unaligned() {
    // A block of fixed codes (RFC 1951 §3.2.6), 46 bits: its header, four literals of nine bits, and the end of block.
    let literals = [0x90, 0xA5, 0xFF, 0xC0].map { String(0b1_1001_0000 + $0 - 144, radix: 2) }
    let bits = Array(("010" + literals.joined() + "0000000" + "00").utf8)
    let data = stride(from: 0, to: 48, by: 8).map { start in
      (0..<8).reduce(into: UInt8(0)) { byte, bit in byte |= (bits[start + bit] - 0x30) << UInt8(bit) }
    }
    let reading = Self.read(frame(.binary, data, rsv1: true), messageDeflate())
    #expect(reading.items.first?.content == [0x90, 0xA5, 0xFF, 0xC0])
    #expect(reading.items.first?.message.isDamaged == true)
    let flushed = Self.read(frame(.binary, data + [0], rsv1: true), messageDeflate())
    #expect(flushed.areAllComplete, "with the header of an empty block it is as it should be")
  }

  @Test("a sender that goes beyond the window that was agreed upon is read, the same in all pieces")
  func farReference() {
    var random = SeededGenerator(seed: 1)
    let noise = random.bytes(900...900)
    let deflater = Deflater()
    let bytes = [noise + noise, noise].flatMap { frame(.binary, deflater.message($0), rsv1: true) }
    let reading = Self.read(bytes, messageDeflate(windowBits: 9))
    #expect(reading.areAllComplete)
    #expect(reading.items.map(\.content) == [noise + noise, noise])
  }

  @Test("a gap in a compressed message poisons those that follow, unless each has its own window")
  func gap() {
    for resets in [false, true] {
      let messages = Self.messages(resetting: resets)
      let all = Self.frames(messages) + frame(.text, Array("plain".utf8))
      let start = 2 + messages[0].count + 4
      let inputs = [Input.bytes(Array(all[..<start])), .gap(3), .bytes(Array(all[(start + 3)...]))]
      let reading = MessageReading(inputs, messageDeflate(noContextTakeover: resets))
      #expect(reading.items.map(\.message.isComplete) == [true, false, resets, true])
      #expect(reading.items.allSatisfy { !$0.message.isDamaged }, "what is missing is not the sender's fault")
      #expect(reading.items.map(\.message.isValidUTF8) == [true, nil, resets ? true : nil, true])
      #expect(reading.texts.last == "plain")
    }
  }

  @Test("a gap in the frames of an uncompressed message leaves the window whole")
  func gapInPlain() {
    let messages = Self.messages(resetting: false)
    let plain = frame(.text, Array("plain".utf8))
    let inputs = [
      Input.bytes(Self.frames([messages[0]]) + plain[..<4]), .gap(2),
      .bytes(plain[6...] + Self.frames(Array(messages[1...]))),
    ]
    let reading = MessageReading(inputs, messageDeflate())
    #expect(reading.items.map(\.message.isComplete) == [true, false, true, true])
    #expect(reading.texts[3] == Self.texts[2])
  }

  @Test("an abandoned compressed message says what of it was read")
  func abandoned() {
    let data = Self.messages(resetting: true)[0]
    let bytes = frame(.text, Array(data.dropLast(2)), isFinal: false, rsv1: true) + frame(.text, Array("new".utf8))
    let reading = Self.read(bytes, messageDeflate())
    #expect(reading.violations == [.interleavedMessage])
    #expect(Self.texts[0].hasPrefix(reading.texts[0]) && !reading.texts[0].isEmpty)
    #expect(reading.items.map(\.message.isComplete) == [false, true])
  }

  @Test("changed at random, it never traps, and gives the same in all pieces")
  func mutations() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let source =
      Self.frames(Self.messages(resetting: false)) + frame(.text, Deflater().finished([0x61, 0x62]), rsv1: true)
    for round in 0..<1500 {
      var bytes = source
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      for compression in [messageDeflate(), messageDeflate(noContextTakeover: true), frameDeflate(), nil] {
        let whole = MessageReading([bytes], compression)
        let cut = Int.random(in: 0...bytes.count, using: &random)
        let pieces = [bytes.map { [$0] }, [Array(bytes[..<cut]), Array(bytes[cut...])]]
        if pieces.contains(where: { MessageReading($0, compression) != whole }) {
          Issue.record("seed \(seed), round \(round), cut at \(cut): \(bytes)")
          return
        }
      }
    }
  }
}
