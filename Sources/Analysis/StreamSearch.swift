import Bytes
import Transport
import WebSocket

/// The bytes of a stream in which frames are being looked for, because it is not known where one begins.
struct StreamSearch {
  /// Bytes of stream that are kept, missing ones included.
  private(set) var limit: Int
  private var chunks: [HeldChunk] = []
  /// Bytes of stream that are kept, missing ones included.
  private(set) var size = 0
  /// Captured bytes among them.
  private(set) var captured = 0
  /// The size at which it is worth looking again.
  private var nextLook = 0
  /// Bytes of stream that were kept and are not any more.
  private(set) var dropped = 0
  /// Captured bytes in which no frame was found, and that are kept no more.
  private(set) var passed: UInt64 = 0
  /// Bytes that are not in the capture, and stand before what is kept.
  private(set) var missed: UInt64 = 0

  /// 256 KiB: four frames with a length in 16 bits.
  static let defaultLimit = 256 << 10

  init(limit: Int = Self.defaultLimit) { self.limit = limit }

  var isEmpty: Bool { chunks.isEmpty }

  /// Bytes of memory that it takes besides its own size, about.
  var heldBytes: Int { captured + chunks.count * HeldChunks.overhead }

  mutating func append(_ bytes: RawSpan, at offset: StreamOffset, _ packet: PacketReference) {
    guard bytes.byteCount > 0 else { return }
    var copy: [UInt8] = []
    copy.append(bytes)
    add(.bytes(copy, offset), packet, bytes.byteCount)
    captured += bytes.byteCount
  }

  mutating func append(_ gap: StreamGap, _ packet: PacketReference) {
    if let length = Int(exactly: gap.length), length <= limit / 2 {
      add(.gap(gap), packet, length)
    } else {
      giveUp()  // no chain reaches over so many
      missed += gap.length
    }
  }

  private mutating func add(_ content: HeldChunk.Content, _ packet: PacketReference, _ length: Int) {
    if size + length > limit {
      drop(to: max(limit / 2 - length, 0))
      nextLook = limit - limit / 8  // all but the newest was looked at
    }
    chunks.append(HeldChunk(content: content, packet: packet))
    size += length
  }

  /// Keeps only the last `most` bytes.
  private mutating func drop(to most: Int) {
    var count = 0
    while size > most, count < chunks.count {
      remove(chunks[count])
      count += 1
    }
    chunks.removeFirst(count)
  }

  private mutating func remove(_ chunk: HeldChunk) {
    size -= chunk.length
    dropped += chunk.length
    switch chunk.content {
    case .bytes(let bytes, _):
      captured -= bytes.count
      passed += UInt64(bytes.count)
    case .gap(let gap): missed += gap.length
    case .end: break
    }
  }

  // MARK: Looking

  /// Whether so much has come since the last look that another one is worth while.
  var isDue: Bool { size >= nextLook && captured >= 2 }

  /// The window as it is now. Looking again will be due when a quarter more has come.
  mutating func window() -> SearchWindow {
    nextLook = size + max(size / 4, 1)
    var window = SearchWindow()
    for chunk in chunks {
      switch chunk.content {
      case .bytes(let bytes, _): window.append(bytes.span.bytes)
      case .gap: window.appendMissing(chunk.length)
      case .end: break
      }
    }
    return window
  }

  /// Keeps more from here on, for a frame that is longer than what was kept so far.
  mutating func widen(to limit: Int) { self.limit = max(self.limit, limit) }

  /// Hands over everything from `start` in the window on, and forgets it and what came before.
  mutating func takeChunks(from start: Int) -> [HeldChunk] {
    var left = start
    var count = 0
    while count < chunks.count, left >= chunks[count].length {
      left -= chunks[count].length
      remove(chunks[count])
      count += 1
    }
    var taken = Array(chunks[count...])
    if left > 0, let first = taken.first, case .bytes(let bytes, let offset) = first.content {
      taken[0].content = .bytes(Array(bytes[left...]), offset + UInt64(left))
      passed += UInt64(left)
    }
    chunks = []
    size = 0
    captured = 0
    nextLook = 0
    return taken
  }

  /// Forgets what is kept: no frame will be found in it.
  mutating func giveUp() {
    drop(to: 0)
    nextLook = 0
  }
}

extension HeldChunk {
  /// Bytes of stream that it stands for; a gap that is longer counts as `Int.max`.
  var length: Int {
    switch content {
    case .bytes(let bytes, _): bytes.count
    case .gap(let gap): Int(clamping: gap.length)
    case .end: 0
    }
  }
}
