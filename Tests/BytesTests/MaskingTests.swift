import Bytes
import TestSupport
import Testing

@Suite("Masking")
struct MaskingTests {
  private static let key: UInt32 = 0x37FA_213D

  /// RFC 6455 §5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4).
  private static func masked(_ bytes: [UInt8], from start: Int, phase: UInt64) -> [UInt8] {
    let octets = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: key >> $0) }
    var result = bytes
    for index in start..<bytes.count {
      result[index] ^= octets[Int((phase % 4 + UInt64(index - start)) % 4)]
    }
    return result
  }

  @Test("RFC 6455 §5.7: a masked Hello is Hello")
  func hello() {
    var bytes: [UInt8] = [0x7F, 0x9F, 0x4D, 0x51, 0x58]
    bytes.applyMask(from: 0, key: Self.key)
    #expect(bytes == Array("Hello".utf8))
  }

  @Test("every length, start and phase is masked as the formula says")
  func formula() {
    let source = (0..<40).map { UInt8($0 * 5 + 3) }
    for length in 0...40 {
      for start in 0...length {
        for phase in [0, 1, 2, 3, 4, 5, 6, 7, 1023, UInt64(UInt32.max) + 2, .max] as [UInt64] {
          var bytes = Array(source[..<length])
          bytes.applyMask(from: start, key: Self.key, phase: phase)
          if bytes != Self.masked(Array(source[..<length]), from: start, phase: phase) {
            Issue.record("length \(length), start \(start), phase \(phase)")
          }
        }
      }
    }
  }

  @Test("a payload unmasked in any pieces is the payload")
  func pieces() {
    let source = (0..<100).map { UInt8($0) }
    let reading = readEveryWay(Self.masked(source, from: 0, phase: 0)) { pieces in
      var result: [UInt8] = []
      for piece in pieces {
        let start = result.count
        result.append(piece.span.bytes)
        result.applyMask(from: start, key: Self.key, phase: UInt64(start))
      }
      return result
    }
    #expect(reading.whole == source)
    #expect(reading.difference == nil)
  }

  @Test("a key of zero changes nothing, and twice the same key neither")
  func involution() {
    let source = (0..<33).map { UInt8($0) }
    var bytes = source
    bytes.applyMask(from: 0, key: 0, phase: 3)
    #expect(bytes == source)
    bytes.applyMask(from: 5, key: 0xFF00_AA55, phase: 2)
    bytes.applyMask(from: 5, key: 0xFF00_AA55, phase: 2)
    #expect(bytes == source)
  }
}

@Suite("Integers in bytes")
struct LoadsTests {
  @Test("network byte order, at any offset")
  func networkOrder() {
    let array: [UInt8] = [0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    let bytes = array.span.bytes
    #expect(bytes.u8(0) == 0xFF && bytes.u8(9) == 9)
    #expect(bytes.u16(1) == 0x0102 && bytes.u16(8) == 0x0809)
    #expect(bytes.u32(1) == 0x0102_0304 && bytes.u32(6) == 0x0607_0809)
    #expect(bytes.u64(1) == 0x0102_0304_0506_0708 && bytes.u64(2) == 0x0203_0405_0607_0809)
  }

  @Test("either byte order, signed or not")
  func eitherOrder() {
    let array: [UInt8] = [0, 0xFE, 0xFF, 0xFF, 0xFF]
    let bytes = array.span.bytes
    #expect(bytes.load(1, .little, as: Int32.self) == -2)
    #expect(bytes.load(1, .big, as: UInt32.self) == 0xFEFF_FFFF)
    #expect(bytes.load(0, .big, as: UInt16.self) == 0x00FE)
    #expect(bytes.load(0, .little, as: UInt16.self) == 0xFE00)
  }
}
