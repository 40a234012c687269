import Export

/// Gathers what a job writes, and hands it over in chunks.
final class JobOutput {
  /// Bytes at which a chunk is handed over, though its piece is not complete (512 KiB): messages may be of any size.
  private static let most = 1 << 19

  /// What the job's exporter leaves out.
  let gaps = NumberGaps()
  /// What is being written.
  private var position = OutputPosition.before(packet: 0)
  private var chunk = OutputChunk()
  private var end: UInt64 = 0
  private var numbered: UInt64 = 0
  private let queue: BoundedQueue<OutputChunk>

  init(_ queue: BoundedQueue<OutputChunk>) { self.queue = queue }

  /// The exporter hands over bytes.
  func take(_ bytes: UnsafeRawBufferPointer) {
    chunk.bytes.append(contentsOf: bytes)
    guard chunk.bytes.count >= Self.most else { return }
    let end = chunk.start + UInt64(chunk.bytes.count)
    if end > self.end { chunk.pieces.append(.init(position: position, end: end, numbered: numbered)) }
    handOver(reached: position)
  }

  /// What is written from here on is of `position`.
  func begin(_ position: OutputPosition) { self.position = position }

  /// Notes what was written since `begin`, when the job has numbered so many connections.
  @inline(__always)
  func note(numbered: UInt64) {
    if gaps.written != end || numbered != self.numbered { add(numbered) }
  }

  private func add(_ numbered: UInt64) {
    end = max(gaps.written, end)
    self.numbered = numbered
    chunk.pieces.append(.init(position: position, end: end, numbered: numbered))
  }

  /// Hands over what there is; the exporter must have handed over all that it has. Nothing that comes before `reached` follows.
  func handOver(reached: OutputPosition) {
    let end = chunk.start + UInt64(chunk.bytes.count)
    chunk.gaps = gaps.take(before: end)
    chunk.reached = reached
    self.end = max(self.end, end)
    queue.put(chunk)
    chunk = OutputChunk(start: end)
    chunk.bytes.reserveCapacity(Self.most)
  }
}
