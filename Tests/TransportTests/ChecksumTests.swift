import Bytes
import Capture
import TestSupport
import Testing

@testable import Transport

@Suite struct ChecksumTests {
  @Test("RFC 1071 §3: the example's sum is ddf2")
  func example() {
    let bytes: [UInt8] = [0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]
    #expect(InternetChecksum.sum(bytes.span.bytes, 0..<8) == 0xddf2)
    #expect(InternetChecksum.sum(bytes.span.bytes, 0..<3) == 0xf201)
    #expect(InternetChecksum.sum(bytes.span.bytes, 3..<3) == 0)
  }

  @Test("The fast sum is the defined one, at every length and place")
  func lengths() {
    var random = SeededRandom(1)
    let bytes = (0..<300).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for start in 0..<9 {
      for end in start...300 {
        #expect(InternetChecksum.sum(bytes.span.bytes, start..<end) == P.sum(Array(bytes[start..<end])))
      }
    }
    let ones = [UInt8](repeating: 0xff, count: 1 << 20)
    #expect(InternetChecksum.sum(ones.span.bytes, 0..<ones.count) == 0xffff)
  }

  @Test("Carries are never lost", arguments: [0, 1, 0xffff, 0x1_0000, 0xffff_ffff, 0x1_0000_0000, UInt64.max])
  func folding(_ sum: UInt64) {
    let folded = InternetChecksum.fold(sum)
    #expect(UInt64(folded) % 0xffff == sum % 0xffff)
    #expect((folded == 0) == (sum == 0))
  }

  @Test(
    "What a checksum says, and what it leaves open",
    arguments: zip(
      PacketBuilder.Checksum.allCases, [TCPChecksum.valid, .wrong, .unknown, .unknown, .unknown]))
  func forms(_ form: PacketBuilder.Checksum, _ verdict: TCPChecksum) {
    for count in [0, 1, 2, 31, 1_460] {
      let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 11 &+ 3) }
      for (from, to) in [(P.client, P.server), (P.client6, P.server6)] {
        let packet = P.tcp(from: from, to: to, seq: 0x8899_aabb, payload: payload, options: [1, 1, 1], checksum: form)
        let segment = decode(packet).content.segment
        #expect(segment?.checksum == verdict)
        #expect(segment?.payloadSum == P.sum(payload))
      }
    }
  }

  @Test("What is longer than any frame was put together on reception, with a checksum of one of its parts")
  func coalesced() {
    func verdict(_ length: Int, _ form: PacketBuilder.Checksum) -> TCPChecksum? {
      let packet = P.tcp(seq: 1, payload: [UInt8](repeating: 9, count: length - 40), checksum: form)
      return decode(packet).content.segment?.checksum
    }
    #expect(verdict(9_216, .wrong) == .wrong)
    #expect(verdict(9_217, .wrong) == .unknown)
    #expect(verdict(9_217, .right) == .valid)
  }

  @Test("A flipped bit is seen wherever it is")
  func flippedBits() {
    let packet = P.tcp(seq: 1, payload: Array("flip me".utf8))
    // From the addresses on, without the byte that has the header's length.
    for index in 26..<packet.count where index != 46 {
      for bit in 0..<8 {
        var flipped = packet
        flipped[index] ^= 1 << bit
        #expect(decode(flipped).content.segment?.checksum == .wrong, "bit \(bit) of byte \(index)")
      }
    }
  }
}
