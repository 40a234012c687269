import Testing
import WebSocket

@Suite("What is wrong with a header")
struct FrameFaultTests {
  private static func faults(
    _ bytes: [UInt8], fromClient: Bool = false, _ compression: DirectionCompression? = nil
  ) -> FrameFaults? {
    FrameReading([bytes]).headers.first?.faults(isFromClient: fromClient, compression: compression)
  }

  @Test("one rule at a time")
  func table() {
    let rows: [(String, [UInt8], FrameFaults)] = [
      ("a text frame", [0x81, 5], []), ("a binary frame", [0x82, 0], []), ("a first fragment", [0x01, 3], []),
      ("a middle fragment", [0x00, 3], []), ("a last fragment", [0x80, 3], []), ("close", [0x88, 2], []),
      ("the longest ping", [0x89, 125], []), ("an empty pong", [0x8A, 0], []),
      ("RSV1", [0xC1, 0], .reservedBit), ("RSV2", [0xA1, 0], .reservedBit), ("RSV3", [0x91, 0], .reservedBit),
      ("RSV1 on a ping", [0xC9, 0], .reservedBit), ("RSV1 on a continuation", [0xC0, 0], .reservedBit),
      ("opcode 3", [0x83, 0], .reservedOpcode), ("opcode 7", [0x87, 0], .reservedOpcode),
      ("opcode 11", [0x8B, 0], .reservedOpcode), ("opcode 15", [0x8F, 0], .reservedOpcode),
      ("125 in 16 bits", [0x82, 126, 0, 125], .lengthNotMinimal), ("126 in 16 bits", [0x82, 126, 0, 126], []),
      ("65535 in 64 bits", [0x82, 127, 0, 0, 0, 0, 0, 0, 255, 255], .lengthNotMinimal),
      ("65536 in 64 bits", [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0], []),
      ("2^63-1", [0x82, 127, 127, 255, 255, 255, 255, 255, 255, 255], []),
      ("2^63", [0x82, 127, 128, 0, 0, 0, 0, 0, 0, 0], .lengthTopBit),
      ("a ping without FIN", [0x09, 0], .fragmentedControl), ("a close without FIN", [0x08, 0], .fragmentedControl),
      ("a ping of 126 bytes", [0x89, 126, 0, 126], .longControl),
      ("a short pong in 16 bits", [0x8A, 126, 0, 3], .lengthNotMinimal),
      (
        "all at once", [0x7B, 127, 255, 0, 0, 0, 0, 0, 0, 0],
        [.reservedBit, .reservedOpcode, .lengthTopBit, .fragmentedControl, .longControl]
      ),
    ]
    for (name, bytes, faults) in rows {
      #expect(Self.faults(bytes) == faults, "\(name)")
      let masked = [bytes[0], bytes[1] | 0x80] + bytes[2...] + [1, 2, 3, 4]
      #expect(Self.faults(masked, fromClient: true) == faults, "\(name), masked")
      #expect(Self.faults(masked) == faults.union(.wrongMasking), "\(name), masked by the server")
      #expect(Self.faults(bytes, fromClient: true) == faults.union(.wrongMasking), "\(name), not masked by the client")
    }
  }

  @Test("compression gives RSV1 a meaning, and only RSV1")
  func compression() {
    let message = messageDeflate()
    let frame = frameDeflate()
    for opcode in [1, 2] as [UInt8] {
      #expect(Self.faults([0xC0 | opcode, 0], message) == [])
      #expect(Self.faults([0xC0 | opcode, 0], frame) == [])
      #expect(Self.faults([0xE0 | opcode, 0], message) == .reservedBit)
      #expect(Self.faults([0xD0 | opcode, 0], frame) == .reservedBit)
    }
    for opcode in [8, 9, 10] as [UInt8] {
      #expect(Self.faults([0xC0 | opcode, 0], message) == .reservedBit, "control frames are not compressed")
      #expect(Self.faults([0xC0 | opcode, 0], frame) == .reservedBit)
    }
    #expect(Self.faults([0xC0, 0], frame) == [], "each frame by itself")
    #expect(Self.faults([0xC0, 0], message) == [], "that is a violation about fragments, not about the header")
    #expect(Self.faults([0xA0, 0], message) == .reservedBit)
  }

  @Test("all first and second bytes, lengths, senders and compressions, against the rules one by one")
  func exhaustive() {
    let lengths: [UInt64] = [0, 1, 125, 126, 65_535, 65_536, 1 << 62, 1 << 63, .max]
    for first in UInt8.min...UInt8.max {
      for second in UInt8.min...UInt8.max {
        let extended =
          second & 127 == 127 ? lengths : second & 127 == 126 ? Array(lengths[..<5]) : [UInt64(second & 127)]
        for length in extended {
          let header = FrameHeader(firstByte: first, secondByte: second, maskingKey: 0, payloadLength: length)
          for compression in [nil, messageDeflate(), frameDeflate()] {
            for isClient in [false, true] {
              let faults = header.faults(isFromClient: isClient, compression: compression)
              if faults != Self.expected(header, isClient, compression) { Issue.record("\(header): \(faults)") }
            }
          }
        }
      }
    }
  }

  private static func expected(
    _ header: FrameHeader, _ isClient: Bool, _ compression: DirectionCompression?
  ) -> FrameFaults {
    let opcode = header.firstByte & 15
    let isControl = opcode >= 8
    let least: UInt64 = [126: 126, 127: 65_536][header.secondByte & 127] ?? 0
    let rsv1 = header.firstByte & 0x40 != 0
    let isRSV1Allowed = compression != nil && !isControl
    let rules: [(FrameFaults, Bool)] = [
      (.reservedBit, header.firstByte & 0x30 != 0 || rsv1 && !isRSV1Allowed),
      (.reservedOpcode, ![0, 1, 2, 8, 9, 10].contains(opcode)),
      (.wrongMasking, header.isMasked != isClient),
      (.lengthNotMinimal, header.payloadLength < least),
      (.lengthTopBit, header.secondByte & 127 == 127 && header.payloadLength >= 1 << 63),
      (.fragmentedControl, isControl && header.firstByte & 0x80 == 0),
      (.longControl, isControl && header.payloadLength > 125),
    ]
    return rules.filter(\.1).reduce(into: []) { $0.formUnion($1.0) }
  }
}
