import TestSupport
import Testing
import WebSocket

@Suite("The examples of RFC 7692 §7.2.3")
struct MessageDeflateExampleTests {
  private static func read(_ bytes: [UInt8], _ compression: DirectionCompression = messageDeflate()) -> [String] {
    let reading = readEveryWay(bytes) { MessageReading($0, compression) }
    #expect(reading.difference == nil)
    #expect(reading.whole.areAllComplete && reading.whole.violations.isEmpty)
    #expect(reading.whole.items.allSatisfy { $0.message.isCompressed && $0.message.isValidUTF8 == true })
    #expect(reading.whole.items.allSatisfy { $0.message.length == UInt64($0.content.count) })
    return reading.whole.texts
  }

  @Test("§7.2.3.1, one compressed block, whole and in two fragments")
  func oneBlock() {
    #expect(Self.read([0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == ["Hello"])
    #expect(Self.read([0x41, 0x03, 0xF2, 0x48, 0xCD, 0x80, 0x04, 0xC9, 0xC9, 0x07, 0x00]) == ["Hello"])
  }

  @Test("§7.2.3.2, sharing the window: the second message refers to the first")
  func sharedWindow() {
    let hello: [UInt8] = [0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
    let reference: [UInt8] = [0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00]
    #expect(Self.read(hello + hello) == ["Hello", "Hello"])
    #expect(Self.read(hello + reference) == ["Hello", "Hello"])
    #expect(Self.read(hello + hello, messageDeflate(noContextTakeover: true)) == ["Hello", "Hello"])
    let without = MessageReading([hello + reference], messageDeflate(noContextTakeover: true))
    #expect(without.items.last?.message.isDamaged == true, "an empty window has nothing to refer to")
  }

  @Test("§7.2.3.3, a block without compression")
  func stored() {
    let bytes: [UInt8] = [0xC1, 0x0B, 0x00, 0x05, 0x00, 0xFA, 0xFF, 0x48, 0x65, 0x6C, 0x6C, 0x6F, 0x00]
    #expect(Self.read(bytes) == ["Hello"])
  }

  @Test("§7.2.3.4, a block with BFINAL set; the next message still shares the window")
  func final() {
    let bytes: [UInt8] = [0xC1, 0x08, 0xF3, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00, 0x00]
    #expect(Self.read(bytes) == ["Hello"])
    #expect(Self.read(bytes + [0xC1, 0x05, 0xF2, 0x00, 0x11, 0x00, 0x00] + bytes) == ["Hello", "Hello", "Hello"])
  }

  @Test("§7.2.3.5, two blocks in one message")
  func twoBlocks() {
    let bytes: [UInt8] = [
      0xC1, 0x0D, 0xF2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xCA, 0xC9, 0xC9, 0x07, 0x00,
    ]
    #expect(Self.read(bytes) == ["Hello"])
  }

  @Test("§7.2.3.6, an empty message is one byte")
  func empty() {
    #expect(Self.read([0xC1, 0x01, 0x00, 0xC1, 0x07, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]) == ["", "Hello"])
  }
}

@Suite("Compressed messages, RFC 7692 §7.2")
struct MessageDeflateTests {
  private static let texts = [
    "{\"event\":\"price\",\"symbol\":\"ABC\",\"value\":100.25}",
    "{\"event\":\"price\",\"symbol\":\"ABC\",\"value\":100.50}",
    "", "grüße, 世界 😀", "{\"event\":\"price\",\"symbol\":\"XYZ\",\"value\":1}", String(repeating: "ab", count: 400),
  ]

  private static func read(_ bytes: [UInt8], _ compression: DirectionCompression) -> MessageReading {
    let reading = readEveryWay(bytes) { MessageReading($0, compression) }
    #expect(reading.difference == nil)
    #expect(reading.whole.areAllComplete)
    return reading.whole
  }

  private static func compressed(_ texts: [String], with deflater: Deflater, resetting: Bool = false) -> [UInt8] {
    texts.flatMap { text -> [UInt8] in
      defer { if resetting { deflater.reset() } }
      return frame(.text, text.isEmpty ? [0] : deflater.message(Array(text.utf8)), rsv1: true, mask: 0x5566_7788)
    }
  }

  @Test("at every level, with and without context takeover")
  func levels() {
    for level in [0, 1, 6, 9] {
      for strategy in Deflater.Strategy.allCases {
        for resets in [false, true] {
          let deflater = Deflater(level: level, strategy: strategy)
          let bytes = Self.compressed(Self.texts, with: deflater, resetting: resets)
          let reading = MessageReading([bytes], messageDeflate(noContextTakeover: resets))
          #expect(reading.texts == Self.texts && reading.areAllComplete, "level \(level), strategy \(strategy)")
        }
      }
    }
    let bytes = Self.compressed(Self.texts, with: Deflater())
    #expect(Self.read(bytes, messageDeflate()).texts == Self.texts)
  }

  @Test("a sender that gives up its window need not have said so")
  func unannouncedReset() {
    let bytes = Self.compressed(Self.texts, with: Deflater(), resetting: true)
    #expect(Self.read(bytes, messageDeflate()).texts == Self.texts)
  }

  @Test("every window, with references as far back as it allows", arguments: 8...15)
  func windows(bits: Int) {
    let deflater = Deflater(windowBits: bits)
    var random = SeededGenerator(seed: UInt64(bits))
    let noise = random.bytes((1 << bits)...(1 << bits))
    let messages = [noise, noise, Array(noise.suffix(100)), noise + noise]
    let bytes = messages.flatMap { frame(.binary, deflater.message($0), rsv1: true) }
    let reading = MessageReading([bytes], messageDeflate(windowBits: bits))
    #expect(reading.items.map(\.content) == messages.map { Array($0.prefix(MessageLimits().stored)) })
    #expect(reading.areAllComplete)
  }

  @Test("a message in fragments, cut anywhere, also inside its blocks")
  func fragments() {
    let text = "Hello, hello, hello, world"
    let data = Deflater().message(Array(text.utf8))
    for first in 0...data.count {
      for second in first...data.count {
        let bytes =
          frame(.text, Array(data[..<first]), isFinal: false, rsv1: true) + frame(.ping, Array("x".utf8))
          + frame(.continuation, Array(data[first..<second]), isFinal: false)
          + frame(.continuation, Array(data[second...]))
        let reading = MessageReading([bytes], messageDeflate())
        #expect(reading.texts == [text] && reading.areAllComplete, "cut at \(first) and \(second)")
        #expect(reading.items.first?.message.frameCount == 3)
        #expect(reading.items.first?.message.wireLength == UInt64(data.count))
      }
    }
  }

  @Test("messages that are not compressed, between those that are, leave the window alone")
  func mixed() {
    let deflater = Deflater()
    let bytes = Self.texts.enumerated().flatMap { index, text -> [UInt8] in
      let plain = Array(text.utf8)
      if index % 2 == 1 || text.isEmpty { return frame(.text, plain) }
      return frame(.text, deflater.message(plain), rsv1: true)
    }
    let reading = Self.read(bytes, messageDeflate())
    #expect(reading.texts == Self.texts)
    #expect(reading.items.map(\.message.isCompressed) == [true, false, false, false, true, false])
  }

  @Test("BFINAL without the empty block behind it, which some senders leave out")
  func finalWithoutEmptyBlock() {
    let deflater = Deflater()
    let parts = Self.texts.map { deflater.finished(Array($0.utf8)) }
    let bytes = parts.flatMap { frame(.text, $0, rsv1: true) }
    for compression in [messageDeflate(), messageDeflate(noContextTakeover: true)] {
      #expect(Self.read(bytes, compression).texts == Self.texts)
    }
    let halves = parts.flatMap { part in
      frame(.text, Array(part.prefix(part.count / 2)), isFinal: false, rsv1: true)
        + frame(.continuation, Array(part.dropFirst(part.count / 2)), isFinal: false) + frame(.continuation, [])
    }
    #expect(Self.read(halves, messageDeflate()).texts == Self.texts)
    let joined = frame(.text, parts.flatMap { $0 }, rsv1: true) + frame(.text, [0], rsv1: true)
    #expect(Self.read(joined, messageDeflate()).texts == [Self.texts.joined(), ""])
  }

  @Test("a sender that does not take the last four bytes off")
  func unstripped() {
    let deflater = Deflater()
    let bytes = Self.texts.dropLast().flatMap { frame(.text, deflater.flushed(Array($0.utf8) + [0x2E]), rsv1: true) }
    #expect(Self.read(bytes, messageDeflate()).texts == Self.texts.dropLast().map { $0 + "." })
  }

  @Test("a compressed message of no bytes at all is empty, and harms none that follow")
  func noBytes() {
    let bytes = frame(.text, [], rsv1: true) + Self.compressed(Self.texts, with: Deflater())
    for compression in [messageDeflate(), messageDeflate(noContextTakeover: true)] {
      let reading = MessageReading([bytes + frame(.text, [], rsv1: true)], compression)
      #expect(reading.texts.first == "" && reading.texts.last == "")
      #expect(reading.items[0].message.isComplete && reading.items[1].message.isComplete)
    }
    #expect(Self.read(bytes, messageDeflate()).texts == [""] + Self.texts)
  }

  @Test("RSV1 on a continuation is a violation, and changes nothing")
  func compressedContinuation() {
    let data = Deflater().message(Array("Hello".utf8))
    let bytes =
      frame(.text, Array(data[..<3]), isFinal: false, rsv1: true) + frame(.continuation, Array(data[3...]), rsv1: true)
    let reading = Self.read(bytes, messageDeflate())
    #expect(reading.texts == ["Hello"])
    #expect(reading.violations == [.compressedContinuation])
  }

  @Test("UTF-8 is checked after inflating, and the place is one of the text")
  func invalidText() {
    let data = Deflater().message(Array("ab".utf8) + [0xFF] + Array("cd".utf8))
    let reading = Self.read(frame(.text, data, rsv1: true), messageDeflate())
    #expect(reading.items.first?.message.isValidUTF8 == false)
    #expect(reading.items.first?.message.firstInvalidUTF8 == 2)
  }
}
