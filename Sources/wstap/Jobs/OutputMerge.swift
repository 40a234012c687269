import Export

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
    /// The numbers of the job's connections among all, as the job is told them.
    let known: KnownNumbers
    var chunk = OutputChunk()
    var piece = 0
    var gap = 0
    /// Bytes of the job's output that were written.
    var written: UInt64 = 0
    /// The numbers of the job's connections among all.
    var numbers: [UInt64] = []

    init(_ queue: BoundedQueue<OutputChunk>, _ known: KnownNumbers) {
      self.queue = queue
      self.known = known
    }

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

    /// Writes the pieces up to `limit`, with the numbers that they lack. Numbers are given in the order of the pieces; so many
    /// were given before.
    mutating func write(through limit: OutputPosition, to output: inout GatheredOutput, _ numbered: inout UInt64) {
      while piece < chunk.pieces.count {
        let next = chunk.pieces[piece]
        guard next.position <= limit else { return }
        piece += 1
        while gap < chunk.gaps.count, chunk.gaps[gap].offset < next.end {
          let missing = chunk.gaps[gap]
          gap += 1
          copy(to: missing.offset, output: &output)
          number(through: missing.number, &numbered)
          output.append(decimal: numbers[Int(missing.number) - 1])
        }
        copy(to: next.end, output: &output)
        number(through: next.numbered, &numbered)
      }
    }

    @inline(__always)
    private mutating func copy(to end: UInt64, output: inout GatheredOutput) {
      guard end > written, let base = chunk.bytes?.base else { return }
      output.append(UnsafeMutableRawPointer(base + Int(written - chunk.start)), Int(end - written))
      written = end
    }

    /// Numbers the connections up to the job's own number `count`.
    private mutating func number(through count: UInt64, _ numbered: inout UInt64) {
      while numbers.count < count {
        numbered += 1
        numbers.append(numbered)
        known.tell(UInt64(numbers.count), is: numbered)
      }
    }
  }

  private var sources: [Source]
  private var output: GatheredOutput
  private var numbered: UInt64 = 0
  private let pool: ChunkPool

  /// - Parameters:
  ///   - jobs: where each one's output comes from, and where it is told numbers.
  ///   - pool: what they take their chunks' bytes from.
  ///   - write: writes bytes that lie at several places.
  init(
    _ jobs: [(queue: BoundedQueue<OutputChunk>, known: KnownNumbers)], _ pool: ChunkPool,
    write: @escaping (UnsafeMutableBufferPointer<iovec>) -> Void
  ) {
    self.pool = pool
    sources = jobs.map { Source($0.queue, $0.known) }
    output = GatheredOutput(write: write)
  }

  /// Writes all, until every queue is at its end or `isStopped`.
  mutating func run(isStopped: () -> Bool) {
    while let (first, limit) = next() {
      sources[first].write(through: limit, to: &output, &numbered)
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
}
