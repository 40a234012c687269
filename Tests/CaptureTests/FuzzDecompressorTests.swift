import Bytes
import CZstd
import Capture
import Testing
import TestSupport

@Suite("Found by fuzzing: compressed files")
struct FuzzDecompressorTests {
  @Test("give the blocks before the damage of a zstd frame, also where all of it is shown at once")
  func damage() {
    var random = SeededGenerator(seed: 1)
    let bytes = (0..<1_000_000).map { _ in "etaoin shrdlu".utf8.randomElement(using: &random) ?? 0 }
    var packed = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    packed.removeLast(packed.count - ZSTD_compress(&packed, packed.count, bytes, bytes.count, 3))
    let middle = packed.count / 2
    for index in middle..<middle + 100 { packed[index] ^= 0x5A }

    let decompressor = CaptureDecompressor(.zstd)
    var output = [UInt8](repeating: 0, count: 2_000_000)
    var position = 0
    var filled = 0
    let step = decompressor.decompress(packed.span.bytes, &position, into: &output, &filled)
    guard case .over(let fault) = step, fault?.kind == .damagedCompression else {
      Issue.record("\(step)")
      return
    }
    // A block holds 128 KiB at most (RFC 8878 §3.1.1.2.4); the one that is damaged may be any near the middle.
    #expect(filled >= 250_000, "\(filled) bytes")
    #expect(output.prefix(filled) == bytes.prefix(filled))
  }
}
