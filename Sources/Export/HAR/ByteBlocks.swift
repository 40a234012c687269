import Bytes

/// Bytes that grow in blocks: an array that grows by doubling takes up to three times what is in it.
struct ByteBlocks {
  /// Bytes of a block (64 KiB), unless more come at once.
  private static let size = 1 << 16

  private var full: [[UInt8]] = []
  private var last: [UInt8] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// Adds `bytes`.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    if last.count + bytes.count > Self.size, !last.isEmpty {
      full.append(last)
      last = []
      last.reserveCapacity(max(bytes.count, Self.size))
    }
    last.append(contentsOf: bytes)
    count += bytes.count
  }

  /// Adds a byte.
  mutating func append(_ byte: UInt8) { withUnsafeBytes(of: byte) { append($0) } }

  /// Writes all, and forgets it block by block.
  mutating func move(to writer: inout ByteWriter) {
    full.reverse()
    while let block = full.popLast() { writer.raw(block.span.bytes) }
    writer.raw(last.span.bytes)
    self = ByteBlocks()
  }
}
