#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Puts together what several jobs write, in the order in which one job would have written it, and numbers the connections.
struct OutputMerge: ~Copyable {
  /// A job's output, as far as it was taken out of its queue.
  private struct Source {
    let queue: BoundedQueue<OutputChunk>
    var chunk = OutputChunk()
    var piece = 0
    var gap = 0
    /// Bytes of the job's output that were written.
    var written: UInt64 = 0
    /// The numbers of the job's connections among all.
    var numbers: [UInt64] = []

    init(_ queue: BoundedQueue<OutputChunk>) { self.queue = queue }

    var hasPiece: Bool { piece < chunk.pieces.count }

    /// Where the next piece stands, if there is one, or else the least that can come.
    var position: OutputPosition { hasPiece ? chunk.pieces[piece].position : chunk.reached }

    /// Takes the next chunk; false at the end.
    mutating func refill(_ pool: ChunkPool) -> Bool {
      guard let next = queue.take() else { return false }
      if let bytes = chunk.bytes { pool.give(bytes) }
      chunk = next
      piece = 0
      gap = 0
      return true
    }
  }

  private var sources: [Source]
  private var output: GatheredOutput
  private var numbered: UInt64 = 0
  private let pool: ChunkPool

  /// - Parameters:
  ///   - pool: what the jobs take their chunks' bytes from.
  ///   - write: writes bytes that lie at several places.
  init(
    _ queues: [BoundedQueue<OutputChunk>], _ pool: ChunkPool,
    write: @escaping (UnsafeMutableBufferPointer<iovec>) -> Void
  ) {
    self.pool = pool
    sources = queues.map { Source($0) }
    output = GatheredOutput(write: write)
  }

  /// Writes all, until every queue is at its end or `isStopped`.
  mutating func run(isStopped: () -> Bool) {
    while let (first, limit) = next() {
      repeat { write(first) } while sources[first].hasPiece && sources[first].position <= limit
      if isStopped() { return }
    }
    output.flush()
  }

  /// The source whose piece comes next, and up to where its pieces do; nil at the end of all.
  private mutating func next() -> (source: Int, limit: OutputPosition)? {
    while true {
      var first = 0
      var limit = OutputPosition.end
      for i in sources.indices.dropFirst() {
        if sources[i].position < sources[first].position {
          limit = min(limit, sources[first].position)
          first = i
        } else {
          limit = min(limit, sources[i].position)
        }
      }
      if sources[first].hasPiece { return (first, limit) }
      // It may bring something before the others' next pieces.
      output.flush()
      guard sources[first].position < .end, sources[first].refill(pool) else { return nil }
    }
  }

  /// Writes the next piece of a source, with the numbers that it lacks.
  private mutating func write(_ i: Int) {
    let piece = sources[i].chunk.pieces[sources[i].piece]
    sources[i].piece += 1
    while sources[i].gap < sources[i].chunk.gaps.count, sources[i].chunk.gaps[sources[i].gap].offset < piece.end {
      let gap = sources[i].chunk.gaps[sources[i].gap]
      sources[i].gap += 1
      copy(i, to: gap.offset)
      number(i, through: gap.number)
      output.append(decimal: sources[i].numbers[Int(gap.number) - 1])
    }
    copy(i, to: piece.end)
    number(i, through: piece.numbered)
  }

  private mutating func copy(_ i: Int, to end: UInt64) {
    let written = sources[i].written
    guard end > written, let base = sources[i].chunk.bytes?.base else { return }
    output.append(UnsafeMutableRawPointer(base + Int(written - sources[i].chunk.start)), Int(end - written))
    sources[i].written = end
  }

  /// Numbers the connections of a source up to its own number `count`.
  private mutating func number(_ i: Int, through count: UInt64) {
    while sources[i].numbers.count < count {
      numbered += 1
      sources[i].numbers.append(numbered)
    }
  }
}
