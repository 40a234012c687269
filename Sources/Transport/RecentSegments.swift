/// The last few segments that were given out, so that a retransmission with other content is noticed without keeping bytes.
struct RecentSegments: Sendable {
  /// The low half of each one's offset: what is sent again was sent less than 2^32 bytes ago (RFC 9293 §3.4).
  private var offsets = InlineArray<4, UInt32>(repeating: 0)
  private var lengths = InlineArray<4, UInt32>(repeating: 0)
  private var sums = InlineArray<4, UInt16>(repeating: 0)
  private var turn: UInt8 = 0

  @inline(__always)
  mutating func note(_ offset: StreamOffset, _ length: UInt32, _ sum: UInt16) {
    let i = Int(turn & 3)
    offsets[i] = UInt32(truncatingIfNeeded: offset)
    lengths[i] = length
    sums[i] = sum
    turn &+= 1
  }

  /// Whether the same bytes were seen with another content. Sums of 0 say nothing.
  func differs(_ offset: StreamOffset, _ length: UInt32, _ sum: UInt16) -> Bool {
    let offset = UInt32(truncatingIfNeeded: offset)
    for i in 0..<4 where offsets[i] == offset && lengths[i] == length {
      let known = sums[i]
      return known != sum && known != 0 && sum != 0
    }
    return false
  }
}

/// The last few stretches of a stream that were given up as missing, so that bytes that come after all are counted.
struct GivenUpStretches: Sendable {
  private static let limit = 4

  /// Few connections have any: an array costs the others 8 bytes.
  private var stretches: [Range<StreamOffset>] = []

  mutating func note(_ stretch: Range<StreamOffset>) {
    if stretches.count == Self.limit { stretches.removeFirst() }
    stretches.append(stretch)
  }

  /// How long the last stretch is, if it ends at `end`; else 0.
  func length(upTo end: StreamOffset) -> StreamOffset {
    guard let last = stretches.last, last.upperBound == end else { return 0 }
    return last.upperBound - last.lowerBound
  }

  /// How many bytes of `range` were given up. A stretch that comes from its beginning or to its end counts once.
  mutating func take(_ range: Range<StreamOffset>) -> Int {
    guard !range.isEmpty, !stretches.isEmpty else { return 0 }
    var count = 0
    for (i, stretch) in stretches.enumerated() {
      let shared = stretch.clamped(to: range)
      guard !shared.isEmpty else { continue }
      count &+= Int(clamping: shared.count)
      if shared.lowerBound == stretch.lowerBound {
        stretches[i] = shared.upperBound..<stretch.upperBound
      } else if shared.upperBound == stretch.upperBound {
        stretches[i] = stretch.lowerBound..<shared.lowerBound
      }
    }
    return count
  }
}

/// Bytes that were left out and not told yet.
struct LeftOut: Sendable {
  private var pieces: [(count: Int, reason: DiscardReason)] = []

  var isEmpty: Bool { pieces.isEmpty }

  mutating func add(_ count: Int, _ reason: DiscardReason) {
    if count > 0 { pieces.append((count, reason)) }
  }

  mutating func next() -> ReassemblyEvent? {
    pieces.popLast().map { .discarded(count: $0.count, reason: $0.reason) }
  }
}
