/// How one of several jobs reads a file together with the others.
struct SharedReading {
  let chunks: SharedChunks
  /// The number of the job, from 0.
  let job: Int
}

/// Chunks of a file that several jobs read: each is read once, by the job that comes first, and all look at the same bytes.
///
/// Nobody waits for a job that is behind. Where the chunks that are kept are all still needed, a job reads for itself.
final class SharedChunks: Sendable {
  /// Bytes of the file in a chunk, which begins at a multiple of it (256 KiB).
  static let size = 1 << 18
  /// Bytes before them for what a job has not taken of the chunk before: of its last packet, as a rule (64 KiB).
  private static let room = 1 << 16
  /// Chunks that are kept: so far may a job be ahead of another one (4 MiB, and room).
  private static let most = 16

  private enum State {
    case empty
    /// A job reads it.
    case reading
    /// So many bytes were read; nobody has put before them what is left of the chunk before.
    case raw(Int)
    /// The bytes from here to there are what comes next.
    case ready(Range<Int>)
  }

  private struct Slot {
    var number = -1
    var state = State.empty
    var bytes: [UInt8] = []
  }

  private struct Content {
    var slots = [Slot](repeating: Slot(), count: most)
    /// The chunk that each job looks at.
    var held: [Int]

    /// Whether a job reads the chunk `number` just now.
    func isRead(_ number: Int) -> Bool {
      if case .reading = slots[number % most].state { return slots[number % most].number == number }
      return false
    }

    /// Whether nobody needs what is in the slot of the chunk `number`, nor looks at it.
    func isFree(_ number: Int) -> Bool {
      let old = slots[number % most].number
      if case .reading = slots[number % most].state { return false }
      return old < number && held.allSatisfy { $0 > old }
    }
  }

  private let content: Monitor<Content>

  /// Chunks that so many jobs read.
  init(jobs: Int) { content = Monitor(Content(held: [Int](repeating: 0, count: jobs))) }

  /// The job needs no chunk any more.
  func leave(_ job: Int) { content.withLock { $0.held[job] = .max } }

  /// Puts the chunk `number` into `buffer`, behind the bytes `rest` of what is in it, and gives where they all are; nil if the
  /// job must read for itself.
  ///
  /// - Parameter read: reads the chunk of that number into a buffer from an index on, and gives how many bytes it got; nil
  ///   or 0 if none.
  func take(
    _ number: Int, for job: Int, into buffer: inout [UInt8], keeping rest: Range<Int>,
    read: (_ number: Int, _ buffer: inout [UInt8], _ start: Int) -> Int?
  ) -> Range<Int>? {
    guard rest.count <= Self.room else { return nil }
    var readsAhead = true
    while true {
      switch content.withLock({ Self.step(&$0, number, job, &buffer, rest, readsAhead: readsAhead) }) {
      case .taken(let range): return range
      case .alone: return nil
      case .wait: content.wait(while: { $0.isRead(number) }) { _ in }
      case .read(let next, let bytes):
        readsAhead = false
        if !fill(next, bytes, read), next == number { return nil }
      }
    }
  }

  private enum Step {
    case taken(Range<Int>)
    /// Read this chunk into these bytes.
    case read(Int, [UInt8])
    case wait
    case alone
  }

  private static func step(
    _ content: inout Content, _ number: Int, _ job: Int, _ buffer: inout [UInt8], _ rest: Range<Int>, readsAhead: Bool
  ) -> Step {
    let index = number % most
    guard content.slots[index].number == number else {
      return content.isFree(number) ? claim(number, &content) : .alone
    }
    switch content.slots[index].state {
    case .empty: return .alone
    case .reading:
      // The next one can be read meanwhile: so two jobs that keep pace do not both wait for each chunk.
      let next = number + 1
      return readsAhead && content.isFree(next) ? claim(next, &content) : .wait
    case .raw(let count):
      let range = room - rest.count..<room + count
      buffer.withUnsafeBytes { old in
        content.slots[index].bytes.withUnsafeMutableBytes {
          UnsafeMutableRawBufferPointer(rebasing: $0[range.lowerBound..<room])
            .copyMemory(from: .init(rebasing: old[rest]))
        }
      }
      content.slots[index].state = .ready(range)
      return look(at: range, index, &content, job, &buffer)
    case .ready(let range):
      return range.lowerBound == room - rest.count ? look(at: range, index, &content, job, &buffer) : .alone
    }
  }

  private static func look(
    at range: Range<Int>, _ index: Int, _ content: inout Content, _ job: Int, _ buffer: inout [UInt8]
  ) -> Step {
    buffer = content.slots[index].bytes
    content.held[job] = content.slots[index].number
    return .taken(range)
  }

  private static func claim(_ number: Int, _ content: inout Content) -> Step {
    var bytes: [UInt8] = []
    swap(&bytes, &content.slots[number % most].bytes)
    content.slots[number % most].number = number
    content.slots[number % most].state = .reading
    return .read(number, bytes)
  }

  /// Reads the chunk `number`, which was claimed; false if nothing came.
  private func fill(
    _ number: Int, _ given: consuming [UInt8], _ read: (Int, inout [UInt8], Int) -> Int?
  ) -> Bool {
    var bytes = given
    if bytes.isEmpty { bytes = [UInt8](repeating: 0, count: Self.room + Self.size) }
    let count = read(number, &bytes, Self.room) ?? 0
    content.change { content in
      content.slots[number % Self.most].number = count > 0 ? number : -1
      content.slots[number % Self.most].state = count > 0 ? .raw(count) : .empty
      swap(&content.slots[number % Self.most].bytes, &bytes)
    }
    return count > 0
  }
}
