import Bytes
import Transport

/// A TCP stream that a sender is said to have sent, what was captured of it, and what a reassembler may make of that.
///
/// Positions count from the first byte after SYN; a capture may begin at any.
struct StreamModel {
  let initial: UInt32
  /// Where the sender goes on.
  var position = 0
  /// What was captured and not refused.
  private var captured: [Range<Int>] = []
  private var places: [Int] = [0]
  private var ends: [Int] = []
  private var hasAltered = false
  /// Offset of the next byte to be given out.
  private(set) var offset: StreamOffset = 0
  /// Position of the byte with offset 0.
  private var base: Int?

  init(initial: UInt32) { self.initial = initial }

  func sequence(_ position: Int) -> SequenceNumber { SequenceNumber(initial).advanced(by: position + 1) }

  static func byte(_ position: Int, altered: Bool) -> UInt8 {
    UInt8(truncatingIfNeeded: (position &* 0x9E37_79B1) >> 13) ^ (altered ? 0x55 : 0)
  }

  static func bytes(_ range: Range<Int>, altered: Bool) -> [UInt8] { range.map { byte($0, altered: altered) } }

  /// A segment with these bytes, of which the last `cut` were not captured, is shown.
  mutating func show(_ range: Range<Int>, cut: Int, altered: Bool, isLast: Bool) {
    places.append(range.lowerBound)
    hasAltered = hasAltered || altered
    if isLast { ends.append(range.upperBound) }
    // A single byte may be the garbage of a keep-alive probe, which is left out.
    captured.append(range.count == 1 ? 0..<0 : range.lowerBound..<range.upperBound - cut)
  }

  /// The peer acknowledged all before `position`.
  mutating func acknowledge(_ position: Int) { places.append(position) }

  /// Holds `event` against what was shown.
  ///
  /// - Parameters:
  ///   - begins: whether the stream has begun, with the byte after a SYN of this number.
  ///   - shown: the bytes in which the segment that was shown last is.
  mutating func check(_ event: ReassemblyEvent, _ begins: (SequenceNumber) -> Bool, _ shown: [UInt8]) {
    if offset == 0 { base = places.first { begins(sequence($0).advanced(by: -1)) } }
    switch event {
    case .bytes(let range, let at):
      give(Array(shown[range]), at)
    case .stored(let segment):
      give(segment.bytes, segment.offset)
    case .gap(let gap):
      check(gap)
      offset += gap.length
    case .conflict(_, let count):
      require(hasAltered, "a conflict between the same bytes")
      require(count > 0, "an empty conflict")
    case .discarded(let count, let reason):
      require(count > 0, "nothing is discarded")
      refuse(reason)
    case .end: break  // once more where a FIN was taken back
    }
  }

  private mutating func refuse(_ reason: DiscardReason) {
    switch reason {
    case .beforeStart: if let base { captured = captured.map { $0.clamped(to: base..<Int.max) } }
    case .afterEnd: if let end = ends.min() { captured = captured.map { $0.clamped(to: Int.min..<end) } }
    case .beyondWindow, .wrongChecksum, .oldAcknowledgment, .ignoredOpening: forgetLast()
    case .late: break
    }
  }

  /// The last segment was refused.
  mutating func forgetLast() { if !captured.isEmpty { captured[captured.count - 1] = 0..<0 } }

  private mutating func give(_ bytes: [UInt8], _ at: StreamOffset) {
    require(!bytes.isEmpty, "no bytes given out")
    require(at == offset, "bytes at \(at), expected at \(offset)")
    guard let base else { fatalError("bytes before the start") }
    let start = base + Int(offset)
    for (index, byte) in bytes.enumerated() {
      let isRight = byte == Self.byte(start + index, altered: false)
      require(
        isRight || hasAltered && byte == Self.byte(start + index, altered: true), "wrong byte at \(start + index)")
    }
    offset += UInt64(bytes.count)
  }

  /// Whether some of it lies behind a FIN: of that, a part may be left out, and count as missing if the FIN is taken back.
  private func isBehindEnd(_ stretch: Range<Int>) -> Bool { ends.contains { $0 < stretch.upperBound } }

  private func check(_ gap: StreamGap) {
    require(gap.offset == offset, "a gap at \(gap.offset), expected at \(offset)")
    require(gap.length > 0, "an empty gap")
    guard let base else { return }
    let missing = base + Int(gap.offset)..<base + Int(gap.offset) + Int(gap.length)
    for stretch in captured where !isBehindEnd(stretch) {
      let common = stretch.clamped(to: missing)
      require(common.isEmpty, "\(common) is said to be missing")
    }
  }

  /// Nothing more comes: all that was captured was given out.
  func finish(next: StreamOffset, held: Int) {
    require(next == offset, "the next offset is \(next), expected \(offset)")
    require(held == 0, "\(held) bytes are still held")
    guard let base else { return }
    for stretch in captured where !stretch.isEmpty && !isBehindEnd(stretch) {
      require(stretch.upperBound - base <= Int(offset), "\(stretch) was not given out")
    }
  }
}
