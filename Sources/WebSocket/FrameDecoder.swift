import Bytes

/// What a stream of frames brings next.
public enum FrameEvent: Equatable, Sendable {
  /// A header is complete, but for its masking key where that was never captured. Its payload follows, also where it is
  /// empty.
  case header(FrameHeader)
  /// These of the bytes shown are payload, still masked. After the last ones the frame is complete.
  case payload(Range<Int>, isLast: Bool)
  /// So many payload bytes were never captured. After the last ones the frame is over.
  case missing(UInt64, isLast: Bool)
  /// Bytes of a header that tell its length were never captured: where the next frame begins is not known any more. What
  /// follows is not read.
  case lost
}

/// Splits the bytes that one end sends after the opening handshake into frames (RFC 6455 §5.2), as an observer: it judges
/// nothing, and keeps step over payloads of any length.
public struct FrameDecoder: Equatable, Sendable {
  @usableFromInline
  enum State: Equatable, Sendable {
    /// In a header; what came of it before the bytes that are shown.
    case header(PartialHeader)
    /// In a payload of which so many bytes are left.
    case payload(UInt64)
    /// The next frame's place is not known.
    case lost
  }

  @usableFromInline var state = State.header(PartialHeader())

  /// A decoder whose first byte begins a frame.
  public init() {}

  /// Whether the next byte begins a frame.
  @inlinable
  public var isBetweenFrames: Bool {
    if case .header(let partial) = state { return partial.count == 0 }
    return false
  }

  /// Bytes of an incomplete header that were taken, 0 to 13.
  public var partialHeaderLength: Int {
    if case .header(let partial) = state { return partial.count }
    return 0
  }

  /// Whether bytes of a header were lost, so that nothing is read any more.
  public var isLost: Bool { state == .lost }

  /// Where the next frame begins is not known: nothing is read any more.
  public mutating func loseStep() { state = .lost }

  /// The next thing that `bytes`, from `position` on, completes; nil when all of them are taken.
  public mutating func next(_ bytes: RawSpan, _ position: inout Int) -> FrameEvent? {
    switch state {
    case .payload(let left):
      let available = bytes.byteCount - position
      if left <= UInt64(available) {
        let range = position..<position + Int(truncatingIfNeeded: left)
        position = range.upperBound
        state = .header(PartialHeader())
        return .payload(range, isLast: true)
      }
      guard available > 0 else { return nil }
      let range = position..<bytes.byteCount
      position = bytes.byteCount
      state = .payload(left - UInt64(available))
      return .payload(range, isLast: false)
    case .header(let partial):
      if partial.count == 0, let header = wholeHeader(bytes, &position) {
        state = .payload(header.payloadLength)
        return .header(header)
      }
      return collectHeader(partial, bytes, &position)
    case .lost:
      position = bytes.byteCount
      return nil
    }
  }

  /// The fast path of `next`, only for a decoder that `isBetweenFrames`: the header of the frame that comes next, if
  /// `bytes` hold all of it. Then its payload are the last `payloadLength` bytes before `position`. Nil otherwise: ask
  /// `next`.
  @inlinable @inline(__always)
  public func nextWhole(_ bytes: RawSpan, _ position: inout Int) -> FrameHeader? {
    var end = position
    guard let header = wholeHeader(bytes, &end), header.payloadLength <= UInt64(bytes.byteCount &- end) else {
      return nil
    }
    position = end &+ Int(truncatingIfNeeded: header.payloadLength)
    return header
  }

  /// `count` bytes were never captured; it is lowered by what the event accounts for. Call until nil comes.
  public mutating func skip(_ count: inout UInt64) -> FrameEvent? {
    guard count > 0 || state == .payload(0) else { return nil }
    switch state {
    case .payload(let left) where left > 0:
      let missing = min(count, left)
      count -= missing
      state = left == missing ? .header(PartialHeader()) : .payload(left - missing)
      return .missing(missing, isLast: left == missing)
    case .payload:
      state = .header(PartialHeader())
      return .missing(0, isLast: true)
    case .header(let partial):
      if let header = partial.withoutKey, count >= UInt64(header.headerLength - partial.count) {
        count -= UInt64(header.headerLength - partial.count)
        state = .payload(header.payloadLength)
        return .header(header)
      }
      state = .lost
      count = 0
      return .lost
    case .lost:
      count = 0
      return nil
    }
  }

  @inlinable @inline(__always)
  func wholeHeader(_ bytes: RawSpan, _ position: inout Int) -> FrameHeader? {
    let available = bytes.byteCount - position
    guard available >= 2 else { return nil }
    let length = FrameHeader.headerLength(bytes.u8(position + 1))
    guard available >= length else { return nil }
    let header = FrameHeader(bytes, position)
    position += length
    return header
  }

  private mutating func collectHeader(
    _ before: PartialHeader, _ bytes: RawSpan, _ position: inout Int
  ) -> FrameEvent? {
    var partial = before
    while position < bytes.byteCount {
      partial.append(bytes.u8(position))
      position += 1
      if let header = partial.header {
        state = .payload(header.payloadLength)
        return .header(header)
      }
    }
    state = .header(partial)
    return nil
  }
}

/// The bytes of a header that is split over segments.
@usableFromInline
struct PartialHeader: Equatable, Sendable {
  private var bytes: (UInt64, UInt64) = (0, 0)
  @usableFromInline private(set) var count = 0

  @usableFromInline
  static func == (a: PartialHeader, b: PartialHeader) -> Bool { a.bytes == b.bytes && a.count == b.count }

  mutating func append(_ byte: UInt8) {
    if count < 8 {
      bytes.0 |= UInt64(byte) << UInt64(56 - 8 * count)
    } else {
      bytes.1 |= UInt64(byte) << UInt64(120 - 8 * count)
    }
    count += 1
  }

  /// The header, once it is complete.
  var header: FrameHeader? {
    guard count >= 2, count >= FrameHeader.headerLength(UInt8(truncatingIfNeeded: bytes.0 >> 48)) else { return nil }
    return withUnsafeBytes(of: (bytes.0.bigEndian, bytes.1.bigEndian)) {
      FrameHeader(RawSpan(_unsafeBytes: $0), 0)
    }
  }

  /// The header without its masking key, once all but that is there; nil if it has none.
  var withoutKey: FrameHeader? {
    let second = UInt8(truncatingIfNeeded: bytes.0 >> 48)
    guard count >= 2, second & 0x80 != 0, count >= FrameHeader.headerLength(second) - 4 else { return nil }
    var padded = self
    while padded.count < FrameHeader.headerLength(second) { padded.append(0) }
    var header = padded.header
    header?.maskingKey = 0
    header?.lacksMaskingKey = true
    return header
  }
}
