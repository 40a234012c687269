import TestSupport
import Testing
import WebSocket

@Suite("The examples of RFC 6455 §5.7")
struct FrameExampleTests {
  private static let hello = Array("Hello".utf8)

  private static func read(_ bytes: [UInt8]) -> FrameReading {
    let reading = readEveryWay(bytes) { FrameReading($0) }
    #expect(reading.difference == nil)
    #expect(reading.whole.isBetweenFrames)
    return reading.whole
  }

  @Test("a single-frame unmasked text message")
  func unmasked() {
    let reading = Self.read([0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
    #expect(reading.payloads == [Self.hello])
    let header = reading.headers.first
    #expect(header == FrameHeader(firstByte: 0x81, secondByte: 5, maskingKey: 0, payloadLength: 5))
    #expect(header?.isFinal == true && header?.opcode == .text && header?.isMasked == false)
    #expect(header?.headerLength == 2)
  }

  @Test("a single-frame masked text message")
  func masked() {
    let reading = Self.read([0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    #expect(reading.payloads == [Self.hello])
    #expect(reading.headers.first?.maskingKey == 0x37FA_213D)
    #expect(reading.headers.first?.headerLength == 6)
  }

  @Test("a fragmented unmasked text message")
  func fragmented() {
    let reading = Self.read([0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F])
    #expect(reading.payloads == [Array("Hel".utf8), Array("lo".utf8)])
    #expect(reading.headers.map(\.isFinal) == [false, true])
    #expect(reading.headers.map(\.opcode) == [.text, .continuation])
  }

  @Test("an unmasked ping and its masked pong")
  func ping() {
    let ping = Self.read([0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
    #expect(ping.payloads == [Self.hello] && ping.headers.first?.opcode == .ping)
    let pong = Self.read([0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
    #expect(pong.payloads == [Self.hello] && pong.headers.first?.opcode == .pong)
  }

  @Test("256 bytes of binary data in one unmasked frame")
  func medium() {
    let payload = (0..<256).map { UInt8($0) }
    let reading = Self.read([0x82, 0x7E, 0x01, 0x00] + payload)
    #expect(reading.payloads == [payload])
    #expect(reading.headers.first?.payloadLength == 256 && reading.headers.first?.headerLength == 4)
  }

  @Test("64 KiB of binary data in one unmasked frame")
  func large() {
    let payload = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let reading = Self.read([0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + payload)
    #expect(reading.payloads == [payload])
    #expect(reading.headers.first?.payloadLength == 65_536 && reading.headers.first?.headerLength == 10)
  }
}

@Suite("Frames, RFC 6455 §5.2")
struct FrameDecoderTests {
  @Test("every length is read in each form that can write it, masked and not")
  func lengths() {
    for length in [0, 1, 2, 124, 125, 126, 127, 128, 254, 255, 256, 65_534, 65_535, 65_536, 70_000] {
      let payload = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 13 &+ 1) }
      for form in [LengthForm.seven, .sixteen, .sixtyFour] {
        guard form != .seven || length < 126, form != .sixteen || length < 65_536 else { continue }
        for mask in [nil, 0xA1B2_C3D4 as UInt32] {
          let bytes = frame(.binary, payload, mask: mask, form: form) + frame(.ping, [9])
          let pieces = length < 1000 ? readEveryWay(bytes) { FrameReading($0) }.difference : nil
          #expect(pieces == nil)
          let reading = FrameReading([bytes])
          #expect(reading.payloads == [payload, [9]], "\(length) bytes, \(form)")
          #expect(reading.headers.first?.lengthForm == form)
          #expect(reading.headers.first?.headerLength == bytes.count - length - 3)
        }
      }
    }
  }

  @Test("every first byte says FIN, RSV1 to RSV3 and the opcode")
  func firstByte() {
    for byte in UInt8.min...UInt8.max {
      guard let header = FrameReading([[byte, 0]]).headers.first else {
        Issue.record("no header begins with \(byte)")
        continue
      }
      let bits = [header.isFinal, header.rsv1, header.rsv2, header.rsv3]
      #expect(bits == [7, 6, 5, 4].map { byte >> $0 & 1 == 1 })
      #expect(header.opcode.rawValue == byte & 15)
    }
  }

  @Test("frames without payload, one after another, are complete at once")
  func empty() {
    let bytes = frame(.text, []) + frame(.ping, [], mask: 7) + frame(.continuation, [], form: .sixtyFour)
    let reading = readEveryWay(bytes) { FrameReading($0) }
    #expect(reading.difference == nil)
    #expect(reading.whole.headers.count == 3)
    #expect(reading.whole.items.filter { $0 == .end }.count == 3)
    #expect(reading.whole.isBetweenFrames)
    #expect(FrameReading([[0x81, 0x00]]).items.last == .end, "not only when more bytes come")
  }

  @Test("lengths up to 2^64-1 neither trap nor end", arguments: [1 << 31, 1 << 32, 1 << 63, UInt64.max - 1, .max])
  func enormous(length: UInt64) {
    for mask in [[], [1, 2, 3, 4]] as [[UInt8]] {
      let second: UInt8 = mask.isEmpty ? 127 : 255
      let bytes = [0x82, second] + bigEndian(length, 8) + mask + frame(.ping, [1, 2, 3])
      let reading = readEveryWay(bytes) { FrameReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.headers.map(\.payloadLength) == [length])
      #expect(!reading.whole.isBetweenFrames && reading.whole.partialHeaderLength == 0)
    }
  }

  @Test("a header cut off anywhere is waited for, and nothing is lost")
  func partialHeaders() {
    let bytes = frame(.binary, [UInt8](repeating: 5, count: 70_000), mask: 0x0102_0304)
    for count in 0..<14 {
      let reading = FrameReading([Array(bytes[..<count])])
      #expect(reading.items.isEmpty)
      #expect(reading.partialHeaderLength == count)
      #expect(reading.isBetweenFrames == (count == 0))
    }
    #expect(FrameReading([Array(bytes[..<14])]).headers.first?.headerLength == 14)
  }

  @Test("step is kept where only bytes of the masking key are missing")
  func missingKey() {
    for length in [0, 5, 200, 70_000] {
      let bytes = frame(.binary, [UInt8](repeating: 5, count: length), mask: 0x0102_0304)
      let key = bytes.count - length - 4
      for kept in 2..<key + 4 {
        for missing in [key + 4 - kept, bytes.count - kept] {
          let next = frame(.text, Array("next".utf8))
          let reading = FrameReading([
            .bytes(Array(bytes[..<kept])), .gap(UInt64(missing)), .bytes(Array(bytes[(kept + missing)...]) + next),
          ])
          #expect(reading.isLost == (kept < key))
          guard kept >= key else { continue }
          #expect(reading.headers.map(\.payloadLength) == [UInt64(length), 4])
          #expect(reading.headers.map(\.lacksMaskingKey) == [true, false])
          #expect(reading.items.count { $0 == .end } == 2 && reading.isBetweenFrames)
        }
        let short = FrameReading([.bytes(Array(bytes[..<kept])), .gap(1), .bytes(Array(bytes[(kept + 1)...]))])
        #expect(short.isLost == (kept + 1 < key + 4), "a part of the key is missing, another is there")
      }
    }
  }

  @Test("random frames come out as they were put together, in any pieces")
  func random() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      var bytes: [UInt8] = []
      var payloads: [[UInt8]] = []
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let payload = random.bytes(0...(Bool.random(using: &random) ? 10 : 300))
        let mask = Bool.random(using: &random) ? UInt32(truncatingIfNeeded: random.next()) : nil
        let opcode = Opcode(rawValue: UInt8(truncatingIfNeeded: random.next()))
        payloads.append(payload)
        bytes += frame(opcode, payload, isFinal: Bool.random(using: &random), mask: mask)
      }
      let reading = readEveryWay(bytes, seed: seed) { FrameReading($0) }
      #expect(reading.difference == nil)
      #expect(reading.whole.payloads == payloads, "seed \(seed)")
    }
  }
}
