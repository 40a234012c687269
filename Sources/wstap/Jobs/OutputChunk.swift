import Export

/// A part of what one of several jobs writes.
struct OutputChunk: @unchecked Sendable {
  /// Bytes of the same position that follow each other.
  struct Piece: Sendable {
    var position: OutputPosition
    /// Where it ends, in bytes of the job's whole output.
    var end: UInt64
    /// Connections that the job had numbered by then.
    var numbered: UInt64
  }

  /// Bytes of the job's output before this.
  var start: UInt64 = 0
  /// Nobody adds to them any more when the chunk is handed over.
  let bytes = ChunkBytes()
  var pieces: [Piece] = []
  var gaps: [NumberGaps.Gap] = []
  /// Nothing that comes before this is missing.
  var reached = OutputPosition.before(packet: 0)

  init(start: UInt64 = 0) { self.start = start }

  /// Bytes of the job's output before what follows this.
  var end: UInt64 { start + UInt64(bytes.count) }
}

/// Bytes that stay where they are, so that they can be written from there.
final class ChunkBytes {
  private(set) var base = UnsafeMutableRawPointer.allocate(byteCount: 1 << 16, alignment: 16)
  private var capacity = 1 << 16
  private(set) var count = 0

  deinit { base.deallocate() }

  /// Adds `bytes`; what was there may move.
  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress else { return }
    if count + bytes.count > capacity {
      capacity = max(2 * capacity, count + bytes.count)
      let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
      larger.copyMemory(from: base, byteCount: count)
      base.deallocate()
      base = larger
    }
    (base + count).copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }
}
