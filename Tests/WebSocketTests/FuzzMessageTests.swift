import TestSupport
import Testing
import WebSocket

@Suite("Found by fuzzing: messages of plain and compressed frames")
struct FuzzMessageTests {
  @Test("where a compressed frame is stored in part, a plain one behind it is not put in the place of the rest")
  func hole() {
    var limits = MessageLimits()
    limits.inflated = 10
    let frames =
      frame(.text, Deflater().message(Array("the first ten, and more".utf8)), isFinal: false, rsv1: true)
      + frame(.continuation, Array(" and the plain rest".utf8))
    let reading = MessageReading([.bytes(frames)], frameDeflate(), limits: limits)
    #expect(reading.texts == ["the first "])
    #expect(reading.items.first?.message.length == 42)
    #expect(reading.items.first?.message.storableLength == 42)
    #expect(reading.items.first?.message.isValidUTF8 == true)
  }

  @Test("the length of a message that lacks as many bytes as 64 bits can count stays there")
  func length() {
    let header: [UInt8] = [0x01, 127] + [UInt8](repeating: 255, count: 8)
    let reading = MessageReading(
      [
        .bytes(header), .gap(.max),
        .bytes(frame(.continuation, Deflater().message(Array("more".utf8)), rsv1: true)),
      ], frameDeflate())
    #expect(reading.items.map(\.message.length) == [.max])
    #expect(reading.items.map(\.message.isComplete) == [false])
    #expect(reading.texts == ["more"])
  }
}
