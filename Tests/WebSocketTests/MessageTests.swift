import TestSupport
import Testing
import WebSocket

@Suite("Messages and their fragments, RFC 6455 §5.4")
struct MessageTests {
  private static func read(_ bytes: [UInt8], limits: MessageLimits = MessageLimits()) -> MessageReading {
    let reading = readEveryWay(bytes) { MessageReading($0, limits: limits) }
    #expect(reading.difference == nil)
    return reading.whole
  }

  private static func text(_ text: String, isFinal: Bool = true, mask: UInt32? = nil) -> [UInt8] {
    frame(.text, Array(text.utf8), isFinal: isFinal, mask: mask)
  }

  private static func more(_ text: String, isFinal: Bool = false) -> [UInt8] {
    frame(.continuation, Array(text.utf8), isFinal: isFinal, mask: 0x1122_3344)
  }

  @Test("a frame by itself is a message, and costs no copy when its payload comes in one piece")
  func single() throws {
    let reading = Self.read(Self.text("grüße", mask: 0x0102_0304) + frame(.binary, [0xFF, 0]) + Self.text(""))
    #expect(reading.items.map(\.content) == [Array("grüße".utf8), [0xFF, 0], []])
    #expect(reading.fastPaths == 3)
    let first = try #require(reading.items.first?.message)
    #expect(first.opcode == .text && first.frameCount == 1 && first.wireLength == 7 && first.length == 7)
    #expect(first.isComplete && !first.isCompressed && first.isValidUTF8 == true && first.firstInvalidUTF8 == nil)
    #expect(reading.items[1].message.isValidUTF8 == nil, "binary is not asked for UTF-8")
  }

  @Test("fragments join, with control frames between them and empty ones among them")
  func fragments() {
    let bytes =
      Self.text("Hel", isFinal: false, mask: 9) + frame(.ping, Array("Hello".utf8)) + Self.more("") + Self.more("lo")
      + frame(.pong, []) + Self.more(", world", isFinal: true) + Self.text("next")
    let reading = Self.read(bytes)
    #expect(reading.texts == ["Hello, world", "next"])
    #expect(reading.items.map(\.message.frameCount) == [4, 1])
    #expect(reading.items.map(\.message.wireLength) == [12, 4])
    #expect(reading.violations.isEmpty)
  }

  @Test("a character may be split between fragments")
  func splitCharacter() {
    for character in ["é", "€", "😀"] {
      let bytes = Array("a\(character)b".utf8)
      for cut in 0...bytes.count {
        let frames = frame(.text, Array(bytes[..<cut]), isFinal: false) + frame(.continuation, Array(bytes[cut...]))
        let message = MessageReading([frames]).items.first?.message
        #expect(message?.isValidUTF8 == true, "\(character) cut at \(cut)")
      }
    }
  }

  @Test("text that is not UTF-8 says where it goes wrong; a text that ends inside a character is not valid either")
  func invalidText() {
    let bad: [UInt8] = [0x61, 0x62, 0xC0, 0x63]
    for cut in 0...4 {
      let frames =
        cut == 0
        ? frame(.text, bad)
        : frame(.text, Array(bad[..<cut]), isFinal: false) + frame(.continuation, Array(bad[cut...]))
      let item = Self.read(frames).items.first
      #expect(item?.message.isValidUTF8 == false && item?.message.firstInvalidUTF8 == 2)
      #expect(item?.message.isComplete == true && item?.content == bad)
    }
    let cutOff = Self.read(frame(.text, [0x61, 0xE2, 0x82])).items.first?.message
    #expect(cutOff?.isValidUTF8 == false && cutOff?.firstInvalidUTF8 == nil)
  }

  @Test("a continuation of nothing is told, and belongs to no message")
  func orphan() {
    let reading = Self.read(Self.more("lost", isFinal: true) + Self.text("found") + Self.more("again", isFinal: true))
    #expect(reading.violations == [.orphanContinuation, .orphanContinuation])
    #expect(reading.texts == ["found"])
  }

  @Test("a message that begins inside another one ends it")
  func interleaved() {
    let reading = Self.read(Self.text("one", isFinal: false) + Self.text("two") + Self.more("three", isFinal: true))
    #expect(reading.violations == [.interleavedMessage, .orphanContinuation])
    #expect(reading.texts == ["one", "two"])
    #expect(reading.items.map(\.message.isComplete) == [false, true])
    #expect(reading.items.first?.message.isValidUTF8 == nil, "the rest might have been anything")
  }

  @Test("control frames break no rule about fragments, whatever is open")
  func control() {
    var assembler = MessageAssembler(compression: nil, limits: MessageLimits())
    let open = FrameHeader(firstByte: 0x01, secondByte: 0, maskingKey: 0, payloadLength: 0)
    assembler.begin(open)
    for opcode in 8...15 as ClosedRange<UInt8> {
      let header = FrameHeader(firstByte: 0x80 | opcode, secondByte: 0, maskingKey: 0, payloadLength: 0)
      #expect(assembler.violation(header) == nil)
    }
    #expect(assembler.violation(open) == .interleavedMessage)
  }

  @Test("a message that never ends is given as far as it came")
  func unfinished() {
    let reading = Self.read(Self.text("one", isFinal: false) + Self.more("two"))
    #expect(reading.texts == ["onetwo"])
    #expect(reading.items.first?.message.isComplete == false)
    #expect(reading.items.first?.message.frameCount == 2)
  }

  @Test("RSV1 means nothing where no compression was agreed upon")
  func reservedBit() {
    let reading = Self.read(frame(.text, Array("plain".utf8), rsv1: true))
    #expect(reading.texts == ["plain"])
    #expect(reading.items.first?.message.isCompressed == false)
  }

  @Test("no more is kept than the limit; lengths and UTF-8 are of all", arguments: [0, 1, 10, 300])
  func limit(stored: Int) {
    var limits = MessageLimits()
    limits.stored = stored
    let long = String(repeating: "0123456789", count: 10)
    let bytes = Self.text(long) + Self.text(long, isFinal: false) + Self.more(long) + frame(.continuation, [0xFF])
    let reading = Self.read(bytes, limits: limits)
    #expect(reading.items.map(\.content.count) == [min(100, stored), min(201, stored)])
    #expect(reading.items.map(\.message.length) == [100, 201])
    #expect(reading.items.map(\.message.storableLength) == [100, 201])
    #expect(reading.items.map(\.message.isValidUTF8) == [true, false])
    #expect(reading.items.last?.message.firstInvalidUTF8 == 200)
    #expect(reading.items.map(\.message.isComplete) == [true, true])
  }

  @Test("bytes that were never captured leave a message incomplete, but of known length")
  func missing() {
    let inputs = [
      Input.bytes([0x81, 10] + Array("012".utf8)), .gap(4), .bytes(Array("789".utf8) + Self.text("next")),
    ]
    let reading = MessageReading(inputs)
    #expect(reading.texts == ["012789", "next"])
    let message = reading.items.first?.message
    #expect(message?.isComplete == false && message?.length == 10 && message?.storableLength == 6)
    #expect(message?.isValidUTF8 == nil && message?.firstInvalidUTF8 == nil)
    #expect(reading.items.last?.message.isComplete == true)
  }

  @Test("lengths that add up to more than 64 bits stay at the greatest, and do not begin at 0 again")
  func saturation() {
    let header = FrameHeader(firstByte: 0x02, secondByte: 127, maskingKey: 0, payloadLength: .max - 5)
    var assembler = MessageAssembler(compression: nil, limits: MessageLimits())
    for _ in 0..<2 {
      assembler.begin(header)
      assembler.missing(.max - 5)
    }
    let message = assembler.abandon()
    #expect(message.wireLength == .max && message.length == .max)
  }
}
