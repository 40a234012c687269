import Bytes

/// Bytes of one direction among which frames are to be found.
public struct SearchWindow: Equatable, Sendable {
  /// The bytes in stream order; zeros stand where some were never captured.
  public var bytes: [UInt8] = []
  /// Which of them were captured: ranges in ascending order that do not touch.
  public var captured: [Range<Int>] = []
  /// Where pieces begin that were captured as one segment, ascending: most senders begin a segment with a frame.
  public var segmentStarts: [Int] = []

  /// An empty window.
  public init() {}

  /// A window of bytes that are all there, in one segment.
  public init(_ bytes: [UInt8]) {
    append(bytes.span.bytes)
  }

  /// Appends a segment.
  public mutating func append(_ segment: RawSpan) {
    guard segment.byteCount > 0 else { return }
    segmentStarts.append(bytes.count)
    let end = bytes.count + segment.byteCount
    if let last = captured.last, last.upperBound == bytes.count {
      captured[captured.count - 1] = last.lowerBound..<end
    } else {
      captured.append(bytes.count..<end)
    }
    bytes.append(segment)
  }

  /// Appends bytes that were never captured.
  public mutating func appendMissing(_ count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: count))
  }

  /// The captured range that holds `offset`.
  func capturedRange(_ offset: Int) -> Range<Int>? {
    var low = 0
    var high = captured.count
    while low < high {
      let middle = (low + high) / 2
      if captured[middle].upperBound <= offset { low = middle + 1 } else { high = middle }
    }
    return low < captured.count && captured[low].contains(offset) ? captured[low] : nil
  }

  /// Whether a segment begins, or all ends, at `offset`.
  func isSegmentStart(_ offset: Int) -> Bool {
    if offset == bytes.count { return true }
    var low = 0
    var high = segmentStarts.count
    while low < high {
      let middle = (low + high) / 2
      if segmentStarts[middle] < offset { low = middle + 1 } else { high = middle }
    }
    return low < segmentStarts.count && segmentStarts[low] == offset
  }
}

/// Frames that were found.
public struct FrameChain: Equatable, Sendable {
  /// Offset of the first header in the window.
  public var start: Int
  /// How strongly the bytes speak for frames from `start` on, in bits, against chance and running text.
  public var bits: Double
  /// Bits for `start` being where a segment begins, as most frames do.
  public var placeBits: Double
  /// What the first frame says for itself, in bits: anything may land on a frame by chance.
  public var firstBits: Double
  /// How strongly the bytes speak against another protocol of tags and lengths, in bits.
  public var tagBits: Double
  /// How many bytes the window has: as many places could have been the first.
  public var places: Int
  /// How many headers of the chain lie in the window.
  public var frames: Int
}

/// Finds where frames begin in bytes that may start anywhere: by a chain of headers that land on each other and keep to the
/// rules of RFC 6455 §5, and by what their payloads look like.
///
/// Every place is tried. Whether what is found is enough is for the caller to say: see `Confidence`.
public struct FrameSearch {
  private let judge: FrameJudge
  private var candidates: [Candidate] = []
  private var slots: [Int32] = []
  /// Bytes that may still be parsed as DEFLATE.
  private var effort = 0

  /// Places of a window where a header may be, beyond which nothing is looked for in it: 131,072, in 40 MB. Data of no pattern
  /// has half as many in the largest window.
  public static let mostPlaces = 1 << 17
  /// How many times the window's bytes may be parsed as DEFLATE: in hostile data, long rows of candidates can be.
  private static let effort = 4

  /// A search for frames with MASK as `isMasked` says.
  public init(isMasked: Bool, compression: CompressionKnowledge) {
    judge = FrameJudge(isMasked: isMasked, compression: compression)
  }

  /// A place where a header may be.
  private struct Candidate {
    let offset: Int
    let header: FrameHeader
    /// Offset behind its payload, in the window or beyond.
    let next: UInt64
    /// What its chain comes to, outside of a fragmented message and inside one; nil where the chain breaks.
    var chains: (outside: Chain?, inside: Chain?) = (nil, nil)
    /// What the frame says by itself, where it lands included.
    var own = Evidence.none
    /// What of that is for where it lands.
    var landing: Float = 0
    /// What the better of the chains comes to as the first one found, in bits; and whether that is the one inside a
    /// message.
    var bits: Float = 0
    var isInside = false
  }

  /// What a row of frames comes to.
  private struct Chain {
    var evidence: Evidence
    /// Where it ends: behind its last header's payload.
    var end: UInt64
    var frames: Int
    var kinds = FrameKinds()

    /// Adds a frame; `kindBits` is what its kind says against other protocols when it is new.
    mutating func add(_ own: Evidence, _ header: FrameHeader, _ kindBits: Float) {
      evidence = evidence + own
      if kinds.insert(header) { evidence.againstTags += kindBits }
      frames += 1
    }
  }

  /// The best chain of frames in the window; nil if there is none, or if two are about as good.
  public mutating func best(in window: SearchWindow) -> FrameChain? {
    collect(window)
    effort = Self.effort * window.bytes.count
    let average = Float(window.bytes.count) / Float(max(window.segmentStarts.count, 1))
    // A frame begins where a segment does more often than anywhere else.
    let bonus = average > 1 ? min(average.log2Floor, 10) : 0
    for i in candidates.indices.reversed() { link(i, window, bonus: min(bonus, 4), start: bonus) }
    return choose(window, bonus: bonus)
  }

  // MARK: Candidates

  private mutating func collect(_ window: SearchWindow) {
    candidates.removeAll(keepingCapacity: true)
    slots = [Int32](repeating: -1, count: window.bytes.count)
    let bytes = window.bytes.span.bytes
    let first = (0...255).map { judge.mayBegin([UInt8($0)].span.bytes) }
    let mask: UInt8 = judge.isMasked ? 0x80 : 0
    for range in window.captured {
      guard range.count >= 2 else { continue }
      for offset in range.lowerBound..<range.upperBound - 1 {
        guard first[Int(bytes.u8(offset))], bytes.u8(offset + 1) & 0x80 == mask else { continue }
        let length = FrameHeader.headerLength(bytes.u8(offset + 1))
        guard offset + length <= range.upperBound else { continue }
        let header = FrameHeader(bytes, offset)
        guard judge.allows(header), !isNothing(header) else { continue }
        guard candidates.count < Self.mostPlaces else { return candidates = [] }
        slots[offset] = Int32(truncatingIfNeeded: candidates.count)
        let next = UInt64(offset + length) + header.payloadLength
        candidates.append(Candidate(offset: offset, header: header, next: next))
      }
    }
  }

  /// Zeros are everywhere: a fragment of nothing, of which more follow, begins no chain.
  private func isNothing(_ header: FrameHeader) -> Bool {
    !header.isMasked && header.firstByte == 0 && header.payloadLength == 0
  }

  /// How many fragments of nothing are passed over.
  private static let mostNothings = 16

  // MARK: Chains

  /// Joins the candidate to the one that it lands on. Those behind it are done.
  private mutating func link(_ i: Int, _ window: SearchWindow, bonus: Float, start: Float) {
    let candidate = candidates[i]
    let opcode = candidate.header.opcode
    let isFinal = candidate.header.isFinal
    let outside = land(candidate.next, isInside: false, window)
    let inside = land(candidate.next, isInside: true, window)
    var chains: (outside: Chain?, inside: Chain?) = (nil, nil)
    if opcode.isControl {
      chains = (outside, inside)
    } else if opcode == .continuation {
      chains.inside = isFinal ? outside : inside
    } else {
      chains.outside = isFinal ? outside : inside
    }
    guard chains.outside != nil || chains.inside != nil else { return }
    var own = evidence(candidate, window)
    if own != .none, let next = Int(exactly: candidate.next), window.isSegmentStart(next) {
      candidates[i].landing = bonus
      own = own + Evidence(bonus, bonus)
    }
    candidates[i].own = own
    let kindBits = judge.isMasked || own == .none ? 0 : judge.base(candidate.header)
    chains.outside?.add(own, candidate.header, kindBits)
    chains.inside?.add(own, candidate.header, kindBits)
    candidates[i].chains = chains
    weigh(i, window, bonus: start)
  }

  private mutating func weigh(_ i: Int, _ window: SearchWindow, bonus: Float) {
    let chains = candidates[i].chains
    let outside = chains.outside?.evidence.least ?? 0
    let inside = (chains.inside?.evidence.least ?? 0) - 2
    let bits = max(outside, inside)
    guard bits > 0 else { return }
    candidates[i].isInside = inside > outside
    candidates[i].bits = bits + (window.isSegmentStart(candidates[i].offset) ? bonus : 0)
  }

  /// The chain that begins at `offset`; empty where the window does not tell, nil where no frame can begin.
  private func land(_ offset: UInt64, isInside: Bool, _ window: SearchWindow) -> Chain? {
    guard var place = Int(exactly: offset), place < window.bytes.count else {
      return Chain(evidence: .none, end: offset, frames: 0)
    }
    var nothings = 0
    while isInside, !judge.isMasked, slots[place] < 0, nothings < Self.mostNothings, place + 2 < window.bytes.count,
      window.bytes[place] == 0, window.bytes[place + 1] == 0, window.capturedRange(place)?.contains(place + 1) == true
    {
      place += 2
      nothings += 1
    }
    let end = Chain(evidence: .none, end: UInt64(place), frames: 0)
    if slots[place] >= 0 {
      let chains = candidates[Int(slots[place])].chains
      return isInside ? chains.inside : chains.outside
    }
    guard let range = window.capturedRange(place) else { return end }
    // A header that is not all there.
    let rest = window.bytes.span.bytes.extracting(place..<range.upperBound)
    guard rest.byteCount < 2 || rest.byteCount < FrameHeader.headerLength(rest.u8(1)) else { return nil }
    return judge.mayBegin(rest) ? end : nil
  }

  private mutating func evidence(_ candidate: Candidate, _ window: SearchWindow) -> Evidence {
    guard let range = window.capturedRange(candidate.offset) else { return .none }
    let start = candidate.offset + candidate.header.headerLength
    let end = Int(min(candidate.next, UInt64(range.upperBound)))
    let bytes = window.bytes.span.bytes
    guard !isRepeated(candidate, window) else { return .none }
    var evidence = judge.evidence(
      candidate.header, bytes, at: candidate.offset, payload: start..<end, from: range.lowerBound,
      effort: &effort)
    guard evidence != .none else { return .none }
    let next = Int(exactly: candidate.next).flatMap { $0 <= window.bytes.count ? $0 : nil }
    let landing = next.flatMap { $0 < slots.count && slots[$0] >= 0 ? candidates[Int(slots[$0])].header : nil }
    let lands = landing != nil || next == window.bytes.count
    evidence.againstTags += judge.tagBits(candidate.header, next: landing, lands: lands)
    return evidence
  }

  /// Whether the next frame is the same byte for byte: a pattern that repeats proves nothing.
  private func isRepeated(_ candidate: Candidate, _ window: SearchWindow) -> Bool {
    guard let next = Int(exactly: candidate.next), next < window.bytes.count, slots[next] >= 0 else { return false }
    let length = min(next - candidate.offset, 64)
    guard next + length <= window.bytes.count else { return false }
    for i in 0..<length where window.bytes[candidate.offset + i] != window.bytes[next + i] { return false }
    return true
  }

  // MARK: The choice

  private func choose(_ window: SearchWindow, bonus: Float) -> FrameChain? {
    guard let best = candidates.indices.max(by: { candidates[$0].bits < candidates[$1].bits }) else { return nil }
    let chosen = candidates[best]
    guard chosen.bits > 0, let end = chain(chosen)?.end else { return nil }
    for rival in candidates where rival.bits > chosen.bits - Self.margin {
      guard chain(rival)?.end == end else { return nil }
    }
    return trimmed(chosen, window, bonus)
  }

  /// By how many bits the best chain must beat any other that ends elsewhere.
  private static let margin: Float = 8
  /// A first frame that says less for itself may as well be part of what came before.
  private static let leastOfFirst: Float = 8

  private func chain(_ candidate: Candidate) -> Chain? {
    candidate.isInside ? candidate.chains.inside : candidate.chains.outside
  }

  /// What speaks against a chain that begins at `offset`: something that lands on it, as a frame would, but is none.
  private func objection(to offset: Int) -> Float {
    candidates.contains { $0.next == UInt64(offset) && $0.own.againstNoise < -10 } ? 16 : 0
  }

  /// Leaves out first frames that say too little for themselves.
  private func trimmed(_ best: Candidate, _ window: SearchWindow, _ bonus: Float) -> FrameChain? {
    var first = best
    while let chain = chain(first) {
      let start = window.isSegmentStart(first.offset) ? bonus : 0
      // What lands on a frame by chance lands where that does.
      let own = first.own.againstNoise - (chain.frames > 1 ? first.landing : 0) + start
      if own >= Self.leastOfFirst || chain.frames == 1 {
        return FrameChain(
          start: first.offset, bits: Double(chain.evidence.least), placeBits: Double(start),
          firstBits: Double(own),
          tagBits: Double(chain.evidence.againstTags - objection(to: first.offset)), places: window.bytes.count,
          frames: chain.frames)
      }
      guard let next = Int(exactly: first.next), next < slots.count, slots[next] >= 0 else { return nil }
      let opcode = first.header.opcode
      let isInside = opcode.isControl ? first.isInside : !first.header.isFinal
      first = candidates[Int(slots[next])]
      first.isInside = isInside
    }
    return nil
  }
}

extension Float {
  /// The base-2 logarithm, rounded down.
  fileprivate var log2Floor: Float { Float(Int(self).bitWidth - 1 - Int(max(self, 1)).leadingZeroBitCount) }
}
