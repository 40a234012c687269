import TestSupport
import Testing
import WebSocket

@Suite("Bytes of frames that were never captured")
struct FrameGapTests {
  private let bytes = frame(.binary, Array(0..<20))
  private let next = frame(.text, [0x61])

  /// What was read of the frames behind the first.
  private func following(_ inputs: [Input]) -> [[UInt8]] { Array(FrameReading(inputs).payloads.dropFirst()) }

  @Test("a gap inside a payload keeps step")
  func insidePayload() {
    for start in 2..<22 {
      for end in start + 1...22 {
        let inputs = [
          Input.bytes(Array(bytes[..<start])), .gap(UInt64(end - start)), .bytes(Array(bytes[end...]) + next),
        ]
        let reading = FrameReading(inputs)
        #expect(reading.items.contains(.missing(UInt64(end - start))))
        #expect(following(inputs) == [[0x61]], "\(start)..<\(end)")
        #expect(!reading.isLost && reading.isBetweenFrames)
      }
    }
  }

  @Test("several gaps in one payload are told apart")
  func several() {
    let inputs = [
      Input.bytes(Array(bytes[..<5])), .gap(3), .bytes(Array(bytes[8..<10])), .gap(4), .gap(1),
      .bytes(Array(bytes[15...])),
    ]
    #expect(
      FrameReading(inputs).items.dropFirst() == [
        .payload([0, 1, 2]), .missing(3), .payload([6, 7]), .missing(4), .missing(1), .payload(Array(13..<20)), .end,
      ])
  }

  @Test("a gap over the end of a payload takes the next header with it")
  func overTheEnd() {
    let reading = FrameReading([.bytes(Array(bytes[..<10])), .gap(13), .bytes([1, 2, 3] + next)])
    #expect(reading.items.suffix(3) == [.missing(12), .end, .lost])
    #expect(reading.isLost && !reading.isBetweenFrames)
  }

  @Test("a gap inside a header, or where one must begin, loses step; nothing after it is read")
  func insideHeader() {
    let long = frame(.binary, [UInt8](repeating: 0, count: 200), mask: 1)
    for start in 0..<7 {  // where the whole rest of the header is missing and the length is there, step is kept
      let reading = FrameReading([.bytes(next + long[..<start]), .gap(1), .bytes(next + next), .gap(5), .bytes(next)])
      #expect(reading.headers.count == 1, "\(start) bytes of the header")
      #expect(reading.items.filter { $0 == .lost }.count == 1)
      #expect(reading.isLost)
      #expect(reading.partialHeaderLength == 0)
    }
  }

  @Test("an empty gap is none")
  func empty() {
    let inputs = [
      Input.gap(0), .bytes(Array(bytes[..<1])), .gap(0), .bytes(Array(bytes[1..<7])), .gap(0),
      .bytes(bytes[7...] + next),
    ]
    #expect(FrameReading(inputs).payloads == [Array(0..<20), [0x61]])
  }

  @Test("gaps of 2^64-1 bytes in payloads of 2^64-1 bytes do not trap")
  func enormous() {
    let header = [0x82, 127] + bigEndian(.max, 8)
    let reading = FrameReading([.bytes(header + [1]), .gap(.max - 2), .bytes([2] + next), .gap(.max)])
    let second = FrameHeader(firstByte: 0x81, secondByte: 1, maskingKey: 0, payloadLength: 1)
    #expect(
      reading.items.dropFirst() == [
        .payload([1]), .missing(.max - 2), .payload([2]), .end, .header(second), .payload([0x61]), .end, .lost,
      ])
    let over = FrameReading([.bytes(header), .gap(.max), .bytes(next)])
    #expect(over.items.dropFirst() == [.missing(.max), .end, .header(second), .payload([0x61]), .end])
    let twice = FrameReading([.bytes(header), .gap(.max), .gap(.max)])
    #expect(twice.isLost)
  }
}
