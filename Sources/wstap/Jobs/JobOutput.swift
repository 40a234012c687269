import Export

/// Gathers what a job writes, and hands it over in chunks.
final class JobOutput {
  private struct State {
    /// What is being written.
    var position = OutputPosition.before(packet: 0)
    var chunk = OutputChunk()
    var end: UInt64 = 0
    var numbered: UInt64 = 0
  }

  /// What the job's exporter leaves out.
  let gaps: NumberGaps
  // Behind a pointer, because each access to a class's own variables is checked for others.
  private let state: UnsafeMutablePointer<State>
  private let queue: BoundedQueue<OutputChunk>
  private let pool: ChunkPool

  init(_ queue: BoundedQueue<OutputChunk>, _ pool: ChunkPool, _ known: KnownNumbers) {
    gaps = NumberGaps(known)
    self.queue = queue
    self.pool = pool
    state = .allocate(capacity: 1)
    state.initialize(to: State())
  }

  deinit {
    state.deinitialize(count: 1)
    state.deallocate()
  }

  /// The exporter hands over a buffer with bytes in it, and gets another one.
  func take(_ base: UnsafeMutablePointer<UInt8>, _ capacity: Int, _ count: Int) -> (UnsafeMutablePointer<UInt8>, Int) {
    let bytes = pool.take()
    let spare = bytes.exchange(base, capacity, count)
    state.pointee.chunk.bytes = bytes
    let end = state.pointee.chunk.end
    if end > state.pointee.end { addPiece(end) }
    handOver(reached: state.pointee.position)
    return spare
  }

  /// What was written so far is complete, and so many connections have a number; what is written from here on is of `position`.
  @inline(__always)
  func begin(_ position: OutputPosition, numbered: UInt64) {
    if gaps.written != state.pointee.end || numbered != state.pointee.numbered {
      state.pointee.numbered = numbered
      addPiece(max(gaps.written, state.pointee.end))
    }
    state.pointee.position = position
  }

  private func addPiece(_ end: UInt64) {
    let piece = OutputChunk.Piece(position: state.pointee.position, end: end, numbered: state.pointee.numbered)
    state.pointee.end = end
    state.pointee.chunk.pieces.append(piece)
  }

  /// Hands over what there is; the exporter must have handed over all that it has. Nothing that comes before `reached` follows.
  func handOver(reached: OutputPosition) {
    let end = state.pointee.chunk.end
    state.pointee.chunk.gaps = gaps.take(before: end)
    state.pointee.chunk.reached = reached
    state.pointee.end = max(state.pointee.end, end)
    queue.put(state.pointee.chunk)
    state.pointee.chunk = OutputChunk(start: end)
  }
}
