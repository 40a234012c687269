import Capture

/// Blocks that are kept back for a while, in order, so that secrets which come a moment later than the packets that they
/// decrypt can be written before them.
struct BlockDelay: ~Copyable {
  /// For how long, in nanoseconds. One second: programs write a secret down when they have it, and key logs are read ten
  /// times a second.
  private static let patience: Int64 = 1_000_000_000
  /// Bytes that are kept back at most (16 MiB); then the oldest half goes.
  private static let most = 16 << 20

  /// Where the next block is to be appended; `endBlock` is told of each.
  var bytes = BlockBuffer(capacity: 1 << 16)
  /// Where each block ends, and the time of the packet in it; nil if it holds none.
  private var blocks: [(end: Int, time: Timestamp?)] = []

  /// A block is complete.
  mutating func endBlock(at time: Timestamp?, into output: PacketOutput) {
    guard bytes.count > blocks.last?.end ?? 0 else { return }
    blocks.append((bytes.count, time))
    if bytes.count > Self.most { give(blocks.count / 2 + 1, output) }
  }

  /// Gives out what has waited long enough at `now`.
  mutating func release(at now: Timestamp, into output: PacketOutput) {
    let limit = Timestamp(nanoseconds: now.nanoseconds - Self.patience)
    give(blocks.firstIndex { block in block.time.map { $0 > limit } ?? false } ?? blocks.count, output)
  }

  /// Gives out everything.
  mutating func releaseAll(into output: PacketOutput) { give(blocks.count, output) }

  private mutating func give(_ count: Int, _ output: PacketOutput) {
    guard count > 0 else { return }
    var start = 0
    for block in blocks.prefix(count) {
      output.buffer.append(bytes, start..<block.end)
      output.endBlock(at: block.time)
      start = block.end
    }
    blocks.removeFirst(count)
    for i in blocks.indices { blocks[i].end -= start }
    bytes.removeFirst(start)
  }
}
