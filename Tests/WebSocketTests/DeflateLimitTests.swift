import TestSupport
import Testing
import WebSocket

@Suite("Little data that inflates to much", .timeLimit(.minutes(1)))
struct DeflateLimitTests {
  /// 200 MiB of zeros, in some 200 KB.
  private static let bomb: [UInt8] = {
    let deflater = Deflater(level: 1)
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    return (0..<199).flatMap { _ in deflater.part(zeros) } + deflater.message(zeros)
  }()

  private static let length: UInt64 = 200 << 20

  @Test("no more is kept than the limits say, and the length is exact", arguments: [0, 1000, 65_536, 100 << 20])
  func bomb(stored: Int) {
    var limits = MessageLimits()
    limits.stored = stored
    let reading = MessageReading([frame(.binary, Self.bomb, rsv1: true)], messageDeflate(), limits: limits)
    let item = reading.items.first
    #expect(item?.message.length == Self.length && item?.message.storableLength == Self.length)
    #expect(item?.message.isComplete == true && item?.message.isDamaged == false)
    #expect(item?.content.count == min(stored, limits.inflated))
    #expect((item?.content.capacity ?? .max) <= 2 * max(stored, 32))
  }

  @Test("the limit of what is inflated goes with that of what is stored")
  func limits() {
    var limits = MessageLimits()
    limits.stored = 1000
    limits.inflated = 10
    let text = String(repeating: "text", count: 100)
    let bytes = frame(.text, Deflater().message(Array(text.utf8)), rsv1: true) + frame(.text, Array(text.utf8))
    let reading = readEveryWay(bytes) { MessageReading($0, messageDeflate(), limits: limits) }
    #expect(reading.difference == nil)
    #expect(reading.whole.items.map(\.content.count) == [10, 400])
    #expect(reading.whole.items.map(\.message.length) == [400, 400])
    #expect(reading.whole.items.map(\.message.isValidUTF8) == [true, true])
  }

  @Test("a bomb in fragments, and one frame a packet")
  func fragments() {
    let step = 1000
    let starts = stride(from: 0, to: Self.bomb.count, by: step)
    let frames = starts.map { start in
      let isFirst = start == 0
      let end = min(start + step, Self.bomb.count)
      return frame(
        isFirst ? .binary : .continuation, Array(Self.bomb[start..<end]), isFinal: end == Self.bomb.count, rsv1: isFirst
      )
    }
    let reading = MessageReading(frames, messageDeflate())
    #expect(reading.items.map(\.message.length) == [Self.length])
    #expect(reading.items.first?.message.frameCount == UInt64(frames.count))
  }

  @Test("a message of nothing but ends of streams")
  func manyFinalBlocks() {
    let ends = (0..<100_000).flatMap { _ in [0x03, 0x00] as [UInt8] }
    let reading = MessageReading([frame(.binary, ends, rsv1: true)], messageDeflate())
    #expect(reading.items.first?.message.length == 0)
    #expect(reading.items.first?.message.isComplete == true)
  }

  @Test("a stream's end keeps the window, all of it")
  func windowOverFinalBlock() {
    var random = SeededGenerator(seed: 3)
    let noise = random.bytes(32_768...32_768)
    let deflater = Deflater()
    _ = deflater.message(noise)
    let reference = deflater.message(Array(noise[600..<5000]))  // refers to the noise, nearly a window back
    #expect(reference.count < 200)
    let stream = Deflater().finished(noise)
    let reading = MessageReading(
      [frame(.binary, stream, rsv1: true) + frame(.binary, reference, rsv1: true)], messageDeflate())
    #expect(reading.areAllComplete)
    #expect(reading.items.last?.content == Array(noise[600..<5000]))
  }
}
