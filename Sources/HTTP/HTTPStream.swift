import Bytes

/// What an HTTP/1.1 stream in one direction brings next.
public enum HTTPEvent: Equatable, Sendable {
  /// A head is complete. Its reader must now say what follows, with `expect`.
  case head(HTTPHead)
  /// The message whose head came last is complete.
  case messageEnd
  /// This is no HTTP, or no longer; the stream reads no further.
  case notHTTP
  /// A head grew past the limit; the stream reads no further.
  case headTooLarge
}

/// Splits one direction of an HTTP/1.1 connection into heads and bodies (RFC 9112). Bodies are skipped.
public struct HTTPStream: Equatable, Sendable {
  private enum State: Equatable, Sendable {
    /// Before or inside a head.
    case head(PartialHead)
    /// A head was given out; nothing is read until the reader says what follows.
    case waiting
    /// Inside a body of which so many bytes are left.
    case body(UInt64)
    case chunked(ChunkedBody)
    /// All that comes belongs to the body.
    case untilClose
    /// Bytes were missing where a head may have been: looks for the next one.
    case lost
    /// Nothing more is read.
    case over
  }

  /// Bytes of a head that are kept at most. 64 KiB: twice what common servers accept.
  public static let headLimit = 64 * 1024

  private var state = State.head(PartialHead())

  /// A stream before its first head.
  public init() {}

  /// Whether the stream reads no further: no HTTP, too large a head, or handed over.
  public var isOver: Bool { if case .over = state { true } else { false } }

  /// Whether a head was given out and `expect` was not called yet.
  public var isWaiting: Bool { if case .waiting = state { true } else { false } }

  /// Whether bytes are missing, and the next head is looked for.
  public var isLost: Bool { if case .lost = state { true } else { false } }

  /// Whether some bytes of a head are kept, or a body is not complete.
  public var isInsideMessage: Bool {
    switch state {
    case .head(let head): !head.bytes.isEmpty
    case .waiting, .body, .chunked: true
    case .untilClose, .lost, .over: false
    }
  }

  /// Bytes of an incomplete head that are kept.
  public var heldBytes: Int {
    if case .head(let head) = state { return head.bytes.count }
    return 0
  }

  /// Whether some bytes of a head are kept.
  public var isInsideHead: Bool {
    if case .head(let head) = state { return !head.bytes.isEmpty }
    return false
  }

  /// Says what follows the head that was given out last. nil: not HTTP any more.
  public mutating func expect(_ body: BodyFraming?) {
    switch body {
    case nil: state = .over
    case .some(.none): state = .body(0)
    case .length(let count): state = .body(count)
    case .chunked: state = .chunked(ChunkedBody())
    case .untilClose: state = .untilClose
    }
  }

  /// The next thing that `bytes`, from `position` on, completes; nil when all of them are taken, or when the reader must
  /// say what follows first.
  public mutating func next(_ bytes: RawSpan, _ position: inout Int) -> HTTPEvent? {
    while true {
      switch state {
      case .head(var head):
        state = .over  // so that the head's bytes are not shared while they grow
        return takeHead(&head, bytes, &position)
      case .body(let left):
        let taken = min(left, UInt64(bytes.byteCount - position))
        position += Int(truncatingIfNeeded: taken)
        state = .body(left - taken)
        return left == taken ? endMessage() : nil
      case .chunked(var body):
        switch body.take(bytes, &position) {
        case .incomplete: state = .chunked(body)
        case .complete: return endMessage()
        case .damaged: return end(.notHTTP, bytes, &position)
        }
        return nil
      case .lost:
        guard position < bytes.byteCount else { return nil }
        guard position == 0, HTTPHead.begins(bytes) else {
          position = bytes.byteCount
          return nil
        }
        state = .head(PartialHead())
      case .untilClose:
        position = bytes.byteCount
        return nil
      case .waiting, .over:
        return nil
      }
    }
  }

  /// `count` bytes were never captured. Inside a body or chunk of known length nothing is lost by it.
  public mutating func skip(_ count: UInt64) -> HTTPEvent? {
    guard count > 0 else { return nil }
    switch state {
    case .body(let left) where count <= left:
      state = .body(left - count)
      return count == left ? endMessage() : nil
    case .chunked(var body) where body.skip(count):
      state = .chunked(body)
    case .untilClose, .over:
      break
    default:
      state = .lost
    }
    return nil
  }

  /// The stream is over.
  public mutating func finish() -> HTTPEvent? {
    defer { state = .over }
    return state == .untilClose ? .messageEnd : nil
  }

  // MARK: Inside

  private mutating func takeHead(_ partial: inout PartialHead, _ bytes: RawSpan, _ position: inout Int) -> HTTPEvent? {
    if partial.bytes.isEmpty, let head = WholeHead.read(bytes, &position) {
      state = .waiting
      return .head(head)
    }
    switch partial.take(bytes, &position) {
    case .incomplete:
      state = .head(partial)
      return nil
    case .complete:
      guard case .head(let head) = HTTPHead.parse(partial.bytes) else { return end(.notHTTP, bytes, &position) }
      state = .waiting
      return .head(head)
    case .notHTTP: return end(.notHTTP, bytes, &position)
    case .tooLarge: return end(.headTooLarge, bytes, &position)
    }
  }

  private mutating func endMessage() -> HTTPEvent {
    state = .head(PartialHead())
    return .messageEnd
  }

  private mutating func end(_ event: HTTPEvent, _ bytes: RawSpan, _ position: inout Int) -> HTTPEvent {
    state = .over
    position = bytes.byteCount
    return event
  }

  /// Lets nothing more be read until `expect` is called.
  public mutating func wait() { state = .waiting }
}

extension HTTPHead {
  /// Whether `bytes` begin with a status line or a request line.
  public static func begins(_ bytes: RawSpan) -> Bool {
    bytes.withUnsafeBytes { bytes in
      let end = bytes.firstIndex(of: 0x0A, from: 0, to: min(bytes.count, 4096))
      return StartLinePlaces(bytes, bytes.withoutLineEnd(0..<end)) != nil
    }
  }
}
