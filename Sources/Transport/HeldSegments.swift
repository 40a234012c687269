import Bytes

/// The segments of a stream that wait for earlier ones: sorted, without overlaps.
struct HeldSegments: Sendable {
  /// The segments from `head` on wait; those before were taken.
  private var segments: [StoredSegment] = []
  private var head = 0
  /// Bytes that wait.
  private(set) var bytes = 0

  var isEmpty: Bool { head == segments.count }
  var count: Int { segments.count - head }
  var first: StoredSegment? { isEmpty ? nil : segments[head] }

  mutating func popFirst() -> StoredSegment? {
    guard !isEmpty else { return nil }
    let segment = segments[head]
    segments[head].bytes = []
    head += 1
    bytes -= segment.bytes.count
    if head == segments.count {
      segments = []
      head = 0
    }
    return segment
  }

  /// Keeps those of `payload`'s bytes, the first at `piece.offset`, for whose places nothing waits yet. Gives the first
  /// stretch where it contradicts what waits.
  mutating func insert(_ piece: StoredSegment, _ payload: RawSpan) -> Range<UInt64>? {
    var conflict: Range<UInt64>?
    var offset = piece.offset
    let end = piece.offset + UInt64(payload.byteCount)
    var i = firstIndex(endingAfter: offset)
    while offset < end {
      guard i < segments.count, segments[i].offset < end else {
        keep(piece, payload, offset..<end, cut: i < segments.count ? 0 : piece.cut, at: i)
        return conflict
      }
      let other = segments[i]
      if other.offset > offset {
        keep(piece, payload, offset..<other.offset, cut: 0, at: i)
        i += 1
        offset = other.offset
      }
      let shared = offset..<min(end, other.end)
      if conflict == nil, contradicts(other, payload, from: piece.offset, shared) { conflict = shared }
      offset = max(offset, other.end)
      i += 1
    }
    return conflict
  }

  private mutating func keep(_ piece: StoredSegment, _ payload: RawSpan, _ range: Range<UInt64>, cut: Int, at i: Int) {
    let start = Int(truncatingIfNeeded: range.lowerBound - piece.offset)
    var kept = piece
    kept.offset = range.lowerBound
    kept.cut = cut
    kept.bytes.append(payload.extracting(start..<start + range.count))
    bytes += range.count
    segments.insert(kept, at: i)
  }

  /// Index of the first waiting segment that ends after `offset`.
  private func firstIndex(endingAfter offset: UInt64) -> Int {
    guard let last = segments.last, last.end > offset else { return segments.count }
    var low = head
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].end > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func contradicts(_ other: StoredSegment, _ payload: RawSpan, from start: UInt64, _ shared: Range<UInt64>)
    -> Bool
  {
    var offset = shared.lowerBound
    let known = min(shared.upperBound, other.offset + UInt64(other.bytes.count))
    while offset < known {
      let mine = payload.u8(Int(truncatingIfNeeded: offset - start))
      if mine != other.bytes[Int(truncatingIfNeeded: offset - other.offset)] { return true }
      offset += 1
    }
    return false
  }
}

/// The last few segments that were given out, so that a retransmission with other content is noticed without keeping bytes.
struct RecentSegments: Sendable {
  private struct Entry: Sendable {
    var offset: StreamOffset = 0
    var length: UInt32 = 0
    var sum: UInt16 = 0
  }

  private var entries = InlineArray<4, Entry>(repeating: Entry())
  private var turn: UInt8 = 0

  @inline(__always)
  mutating func note(_ offset: StreamOffset, _ length: UInt32, _ sum: UInt16) {
    entries[Int(turn & 3)] = Entry(offset: offset, length: length, sum: sum)
    turn &+= 1
  }

  /// Whether the same bytes were seen with another content. Sums of 0 say nothing.
  func differs(_ offset: StreamOffset, _ length: UInt32, _ sum: UInt16) -> Bool {
    for i in 0..<4 where entries[i].offset == offset && entries[i].length == length {
      let known = entries[i].sum
      return known != sum && known != 0 && sum != 0
    }
    return false
  }
}
