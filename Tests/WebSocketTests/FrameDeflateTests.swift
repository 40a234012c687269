import TestSupport
import Testing
import WebSocket

@Suite("deflate-frame: each frame compressed by itself")
struct FrameDeflateTests {
  private static func read(_ bytes: [UInt8], _ compression: DirectionCompression = frameDeflate()) -> MessageReading {
    let reading = readEveryWay(bytes) { MessageReading($0, compression) }
    #expect(reading.difference == nil)
    #expect(reading.whole.areAllComplete)
    #expect(reading.whole.violations.isEmpty, "RSV1 on a continuation is fine here")
    return reading.whole
  }

  @Test("single frames share the window, unless agreed otherwise")
  func single() {
    let texts = ["one message like another", "one message like another", "two messages like another"]
    for resets in [false, true] {
      let deflater = Deflater()
      let bytes = texts.flatMap { text -> [UInt8] in
        if resets { deflater.reset() }
        return frame(.text, deflater.message(Array(text.utf8)), rsv1: true, mask: 77)
      }
      #expect(Self.read(bytes, frameDeflate(noContextTakeover: resets)).texts == texts)
    }
  }

  @Test("fragments with and without RSV1, in any mixture")
  func fragments() {
    let parts = ["A fragment, ", "another fragment, ", "a third fragment."]
    for pattern in 0..<8 {
      let deflater = Deflater()
      let frames = parts.enumerated().flatMap { index, part -> [UInt8] in
        let isCompressed = pattern >> index & 1 == 1
        let payload = Array(part.utf8)
        return frame(
          index == 0 ? .text : .continuation, isCompressed ? deflater.message(payload) : payload, isFinal: index == 2,
          rsv1: isCompressed)
      }
      let reading = Self.read(frames + frame(.ping, []) + frame(.text, Array("plain".utf8)))
      #expect(reading.texts == [parts.joined(), "plain"], "pattern \(pattern)")
      #expect(reading.items.map(\.message.isCompressed) == [pattern != 0, false], "pattern \(pattern)")
      #expect(reading.items.allSatisfy { $0.message.isValidUTF8 == true })
    }
  }

  @Test("a character may be split between a compressed fragment and a plain one")
  func splitCharacter() {
    let bytes = Array("😀".utf8)
    let frames =
      frame(.text, Deflater().message(Array(bytes[..<1])), isFinal: false, rsv1: true)
      + frame(.continuation, Array(bytes[1...]))
    let reading = Self.read(frames)
    #expect(reading.texts == ["😀"] && reading.items.first?.message.isValidUTF8 == true)
  }

  @Test("BFINAL, with and without an empty block behind it")
  func final() {
    for rest in [[], [0]] as [[UInt8]] {
      let deflater = Deflater()
      let frames = ["one", "two", "three"].enumerated().flatMap { index, text in
        frame(
          index == 0 ? .text : .continuation, deflater.finished(Array(text.utf8)) + rest, isFinal: index == 2,
          rsv1: true)
      }
      #expect(Self.read(frames).texts == ["onetwothree"])
    }
  }

  @Test("a gap in a compressed frame leaves plain frames readable, and with their own windows the others too")
  func gap() {
    for resets in [false, true] {
      let deflater = Deflater()
      let data = ["first", "second", "third"].map { text -> [UInt8] in
        if resets { deflater.reset() }
        return deflater.message(Array(text.utf8))
      }
      let first = frame(.text, data[0], isFinal: false, rsv1: true)
      let rest =
        frame(.continuation, data[1], rsv1: true) + frame(.text, Array("plain".utf8))
        + frame(.text, data[2], rsv1: true)
      let inputs = [Input.bytes(Array(first[..<4])), .gap(1), .bytes(first[5...] + rest)]
      let reading = MessageReading(inputs, frameDeflate(noContextTakeover: resets))
      #expect(reading.items.map(\.message.isComplete) == [false, true, true])
      #expect(Array(reading.texts[1...]) == ["plain", "third"])
      let hurt = reading.items[0]
      #expect("first".hasPrefix(hurt.text), "where the second frame's text stands is not known: it is left out")
      #expect(!hurt.message.isLengthKnown && hurt.message.storableLength >= UInt64(hurt.content.count + 6))
    }
  }
}
