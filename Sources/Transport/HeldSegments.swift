import Bytes

/// The segments of a stream that wait for earlier ones: sorted, without overlaps.
struct HeldSegments: Sendable {
  /// The segments from `head` on wait; the places before are free.
  private var segments: [StoredSegment] = []
  private var head = 0
  /// Bytes that wait.
  private(set) var bytes = 0

  var isEmpty: Bool { head == segments.count }
  var count: Int { segments.count - head }
  var first: StoredSegment? { isEmpty ? nil : segments[head] }
  /// Offset behind the last one.
  var end: StreamOffset? { isEmpty ? nil : segments[segments.count - 1].end }
  /// Places in use, free ones among them.
  var places: Int { segments.count }

  mutating func popFirst() -> StoredSegment? {
    guard !isEmpty else { return nil }
    let segment = segments[head]
    segments[head] = .nothing
    head += 1
    bytes -= segment.bytes.count
    if head == segments.count {
      segments = []
      head = 0
    } else if head >= 1024, head > segments.count / 2 {
      segments.removeFirst(head)
      head = 0
    }
    return segment
  }

  // MARK: Keeping

  /// Keeps those of `payload`'s bytes, the first at `piece.offset`, for whose places nothing waits yet; `piece.cut` bytes
  /// follow them that were not captured. Gives the first stretch where the bytes contradict what waits.
  mutating func insert(_ piece: StoredSegment, _ payload: RawSpan) -> Range<StreamOffset>? {
    let first = firstIndex(endingAfter: piece.offset)
    guard first < segments.count, segments[first].offset < piece.offset + UInt64(payload.byteCount + piece.cut) else {
      place([piece.part(piece.offset..<StreamOffset.max, of: payload)], at: first)
      return nil
    }
    return merge(piece, payload, from: first)
  }

  /// Keeps a piece of which other segments, the first one at index `first`, hold a part already.
  private mutating func merge(_ piece: StoredSegment, _ payload: RawSpan, from first: Int) -> Range<StreamOffset>? {
    let end = piece.offset + UInt64(payload.byteCount + piece.cut)
    var merged: [StoredSegment] = []
    var conflict: Range<StreamOffset>?
    var position = piece.offset
    var index = first
    while index < segments.count, segments[index].offset < end {
      var other = segments[index]
      index += 1
      if position < other.offset { merged.append(piece.part(position..<other.offset, of: payload)) }
      position = other.end
      if conflict == nil { conflict = Self.conflict(of: other, with: piece, payload) }
      // What a snaplen cut off the other one may be here.
      let gained = (other.captureEnd..<other.end).clamped(to: piece.offset..<piece.offset + UInt64(payload.byteCount))
      guard !gained.isEmpty else {
        merged.append(other)
        continue
      }
      var part = piece.part(gained, of: payload)
      part.cut = Int(clamping: other.end - gained.upperBound)
      other.cut = Int(clamping: gained.lowerBound - other.captureEnd)
      if other.end > other.offset { merged.append(other) }
      merged.append(part)
    }
    if position < end { merged.append(piece.part(position..<end, of: payload)) }
    for segment in segments[first..<index] { bytes -= segment.bytes.count }
    segments.removeSubrange(first..<index)
    place(merged, at: first)
    return conflict
  }

  private mutating func place(_ pieces: [StoredSegment], at index: Int) {
    for piece in pieces { bytes += piece.bytes.count }
    guard index == head, pieces.count == 1, let piece = pieces.first, !isEmpty else {
      segments.insert(contentsOf: pieces, at: index)
      return
    }
    if head == 0 {  // Segments that come in reverse order would each move all others.
      head = max(16, segments.count)
      segments.insert(contentsOf: repeatElement(.nothing, count: head), at: 0)
    }
    head -= 1
    segments[head] = piece
  }

  /// Index of the first waiting segment that ends after `offset`.
  private func firstIndex(endingAfter offset: StreamOffset) -> Int {
    guard let end, end > offset else { return segments.count }
    var low = head
    var high = segments.count
    while low < high {
      let middle = (low + high) / 2
      if segments[middle].end > offset { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Where `payload` has other bytes than `other`, from the first shared place to the last; nil if nowhere.
  private static func conflict(
    of other: StoredSegment, with piece: StoredSegment, _ payload: RawSpan
  ) -> Range<StreamOffset>? {
    let mine = piece.offset..<piece.offset + UInt64(payload.byteCount)
    let shared = (other.offset..<other.captureEnd).clamped(to: mine)
    for offset in shared {
      let byte = payload.u8(Int(clamping: offset - piece.offset))
      if byte != other.bytes[Int(clamping: offset - other.offset)] { return shared }
    }
    return nil
  }

  // MARK: Leaving out

  /// Lowers all offsets by `origin`, which becomes 0. Gives how many bytes stood before it; they are left out.
  mutating func move(to origin: StreamOffset) -> Int {
    var dropped = 0
    while let first, first.offset < origin {
      let count = Int(clamping: min(first.end, origin) - first.offset)
      dropped += count
      _ = popFirst()
      guard first.end > origin else { continue }
      let rest = first.part(origin..<first.end, of: first.bytes.span.bytes)
      place([rest], at: head)
    }
    for index in head..<segments.count { segments[index].offset -= origin }
    return dropped
  }

  /// Leaves out all from `offset` on, and gives how many bytes.
  mutating func remove(from offset: StreamOffset) -> Int {
    var dropped = 0
    while let last = isEmpty ? nil : segments.last, last.end > offset {
      segments.removeLast()
      bytes -= last.bytes.count
      dropped += Int(clamping: last.end - max(offset, last.offset))
      guard last.offset < offset else { continue }
      let rest = last.part(last.offset..<offset, of: last.bytes.span.bytes)
      bytes += rest.bytes.count
      segments.append(rest)
    }
    return dropped
  }
}

extension StoredSegment {
  /// What takes a free place.
  static var nothing: StoredSegment {
    StoredSegment(offset: 0, bytes: [], cut: 0, packet: PacketReference(number: 0, time: .init(nanoseconds: 0)))
  }

  /// Offset behind its captured bytes.
  var captureEnd: StreamOffset { offset + UInt64(bytes.count) }
  /// Offset behind the bytes that were cut off.
  var end: StreamOffset { offset + UInt64(bytes.count + cut) }

  /// What lies in `range` of the segment like this one whose captured bytes are `payload`.
  func part(_ range: Range<StreamOffset>, of payload: RawSpan) -> StoredSegment {
    let captureEnd = offset + UInt64(payload.byteCount)
    let end = min(range.upperBound, captureEnd + UInt64(cut))
    let start = min(range.lowerBound, captureEnd) - offset
    let bytes = payload.extracting(Int(clamping: start)..<Int(clamping: max(start, min(end, captureEnd) - offset)))
    var part = self
    part.offset = range.lowerBound
    part.bytes = []
    part.bytes.append(bytes)
    part.cut = Int(clamping: end - range.lowerBound) - bytes.byteCount
    if bytes.byteCount != payload.byteCount { part.sum = 0 }
    return part
  }
}
