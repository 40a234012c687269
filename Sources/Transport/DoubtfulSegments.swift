import Bytes

/// Segments that were left out because their checksum is wrong, kept in case the receiver acknowledges their bytes and the
/// capture has no other copy: then the receiver took them, and the checksum was merely not the one on the wire (a network
/// card or system that put segments together keeps that of one of them).
struct DoubtfulSegments: Sendable {
  /// Segments kept at most. 64: as many packets as missing bytes are waited for.
  private static let limit = 64
  private var segments: [StoredSegment] = []
  /// Bytes kept.
  private(set) var bytes = 0

  var isEmpty: Bool { segments.isEmpty }

  /// Keeps `segment`, whose captured payload is `payload`; the oldest one goes if there are too many.
  mutating func keep(_ segment: StoredSegment, _ payload: RawSpan) {
    while segments.count == Self.limit || bytes + payload.byteCount > ReassemblyLimits.doubtfulBytes, !segments.isEmpty
    {
      bytes -= segments.removeFirst().bytes.count
    }
    var kept = segment
    kept.bytes = []
    kept.bytes.append(payload)
    kept.isDoubtful = true
    segments.append(kept)
    bytes += kept.bytes.count
  }

  /// What is kept for the place `offset`, up to `end` at most; the latest copy counts. All before `offset` is forgotten.
  mutating func take(at offset: StreamOffset, upTo end: StreamOffset) -> StoredSegment? {
    segments.removeAll { $0.end <= offset }
    bytes = segments.reduce(0) { $0 + $1.bytes.count }
    guard let found = segments.last(where: { $0.offset <= offset }) else { return nil }
    return found.part(offset..<min(end, found.end), of: found.bytes.span.bytes)
  }
}
