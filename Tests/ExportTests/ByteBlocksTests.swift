import Bytes
import TestSupport
import Testing

@testable import Export

@Suite("Bytes that grow in blocks")
struct ByteBlocksTests {
  @Test("they come out as they went in, whatever the sizes, and nothing is left")
  func order() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<20 {
      var blocks = ByteBlocks()
      var wanted: [UInt8] = []
      for _ in 0..<Int.random(in: 0...40, using: &random) {
        let most = [0, 1, 300, 70_000].randomElement(using: &random) ?? 1
        let bytes = [UInt8](
          repeating: .random(in: 0...255, using: &random), count: .random(in: 0...most, using: &random))
        bytes.withUnsafeBytes { blocks.append($0) }
        blocks.append(0x2C)
        wanted += bytes + [0x2C]
      }
      #expect(blocks.count == wanted.count && blocks.isEmpty == wanted.isEmpty, "seed \(seed)")
      var written: [UInt8] = []
      var writer = ByteWriter()
      writer.drain = { written += $0 }
      blocks.move(to: &writer)
      writer.flush()
      #expect(written == wanted, "seed \(seed)")
      #expect(blocks.isEmpty)
    }
  }
}
