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
    /// Before or inside a head, whose bytes so far are kept.
    case head([UInt8])
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

  private var state = State.head([])

  /// A stream before its first head.
  public init() {}

  /// Whether the stream reads no further: no HTTP, too large a head, or handed over.
  public var isOver: Bool { state == .over }

  /// Whether a head was given out and `expect` was not called yet.
  public var isWaiting: Bool { state == .waiting }

  /// Whether some bytes of a head are kept, or a body is not complete.
  public var isInsideMessage: Bool {
    switch state {
    case .head(let bytes): !bytes.isEmpty
    case .waiting, .body, .chunked: true
    case .untilClose, .lost, .over: false
    }
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
      case .head(var kept):
        state = .over  // so that `kept` is not shared while it grows
        let event = takeHead(&kept, bytes, &position)
        if event == nil { state = .head(kept) }
        return event
      case .body(let left):
        let taken = min(left, UInt64(bytes.byteCount - position))
        position += Int(truncatingIfNeeded: taken)
        state = left == taken ? .head([]) : .body(left - taken)
        return left == taken ? .messageEnd : nil
      case .chunked(var body):
        let isComplete = body.take(bytes, &position)
        state = isComplete ? .head([]) : .chunked(body)
        return isComplete ? .messageEnd : nil
      case .lost:
        guard position < bytes.byteCount else { return nil }
        guard position == 0, looksLikeHead(bytes) else {
          position = bytes.byteCount
          return nil
        }
        state = .head([])
      case .untilClose:
        position = bytes.byteCount
        return nil
      case .waiting, .over:
        return nil
      }
    }
  }

  /// `count` bytes were never captured. Inside a body of known length nothing is lost by it.
  public mutating func skip(_ count: UInt64) -> HTTPEvent? {
    switch state {
    case .body(let left) where count < left:
      state = .body(left - count)
    case .body(let left) where count == left && left > 0:
      state = .head([])
      return .messageEnd
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

  private mutating func takeHead(_ kept: inout [UInt8], _ bytes: RawSpan, _ position: inout Int) -> HTTPEvent? {
    if kept.isEmpty {  // empty lines before a head, RFC 9112 §2.2
      while position < bytes.byteCount, bytes.u8(position) == 0x0D || bytes.u8(position) == 0x0A { position += 1 }
    }
    let start = position
    guard start < bytes.byteCount else { return nil }
    let end = endOfHead(kept, bytes, from: start)
    let piece = bytes.extracting(start..<(end ?? min(bytes.byteCount, start + Self.headLimit + 1)))
    kept.append(piece)
    guard let end else {
      position = bytes.byteCount
      if !couldBeHead(kept) { return .notHTTP }
      return kept.count > Self.headLimit ? .headTooLarge : nil
    }
    position = end
    guard case .head(let head) = HTTPHead.parse(kept) else { return .notHTTP }
    state = .waiting
    return .head(head)
  }

  /// The index behind the empty line that ends the head which begins with `kept`.
  private func endOfHead(_ kept: [UInt8], _ bytes: RawSpan, from start: Int) -> Int? {
    // What matters of the bytes before: is the line empty so far, and was there a line before it?
    var lineLength = 0
    for byte in kept.reversed() {
      if byte == 0x0A { break }
      if byte != 0x0D { lineLength += 1 }
      if lineLength > 0 { break }
    }
    var hasLine = !kept.isEmpty
    var i = start
    while i < bytes.byteCount {
      let byte = bytes.u8(i)
      i += 1
      if byte == 0x0A {
        if lineLength == 0, hasLine { return i }
        lineLength = 0
      } else if byte != 0x0D {
        lineLength += 1
        hasLine = true
      }
    }
    return nil
  }

  /// Whether `kept` begins like a request or status line.
  private func couldBeHead(_ kept: [UInt8]) -> Bool {
    let line = kept.prefix(64).prefix { $0 != 0x20 && $0 != 0x0D && $0 != 0x0A }
    return line.prefix(5).elementsEqual("HTTP/".utf8.prefix(line.count))
      || (line.count <= 32 && line.allSatisfy(isTokenByte))
  }

  /// Whether `bytes` begin with a status line or a request line.
  private func looksLikeHead(_ bytes: RawSpan) -> Bool {
    var line: [UInt8] = []
    for i in 0..<min(bytes.byteCount, 4096) {
      if bytes.u8(i) == 0x0A { break }
      line.append(bytes.u8(i))
    }
    return StartLine(line.last == 0x0D ? line.dropLast() : line[...]) != nil
  }
}

/// Skips a chunked body (RFC 9112 §7.1).
struct ChunkedBody: Equatable, Sendable {
  private enum State: Equatable, Sendable {
    /// In a line with a chunk's size: the size so far, and whether its digits are over.
    case size(UInt64, isOver: Bool)
    /// In a chunk, with the line end that follows it.
    case data(UInt64)
    /// Inside that line end.
    case dataEnd
    /// In the trailer section: length of the line so far.
    case trailer(Int)
  }

  private var state = State.size(0, isOver: false)

  /// Takes what belongs to the body; true when it is complete.
  mutating func take(_ bytes: RawSpan, _ position: inout Int) -> Bool {
    while position < bytes.byteCount {
      if case .data(let left) = state {
        let taken = min(left, UInt64(bytes.byteCount - position))
        position += Int(truncatingIfNeeded: taken)
        state = left == taken ? .dataEnd : .data(left - taken)
        continue
      }
      let byte = bytes.u8(position)
      position += 1
      if step(byte) { return true }
    }
    return false
  }

  private mutating func step(_ byte: UInt8) -> Bool {
    switch state {
    case .size(let size, let isOver):
      if byte == 0x0A {
        state = size == 0 ? .trailer(0) : .data(size)
      } else if !isOver, let digit = Self.hexDigit(byte) {
        state = .size(size > UInt64.max >> 4 ? .max : size << 4 | digit, isOver: false)
      } else {
        state = .size(size, isOver: true)
      }
    case .dataEnd:
      if byte == 0x0A { state = .size(0, isOver: false) }
    case .trailer(let length):
      if byte == 0x0A {
        if length == 0 { return true }
        state = .trailer(0)
      } else if byte != 0x0D {
        state = .trailer(length + 1)
      }
    case .data:
      break
    }
    return false
  }

  private static func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x41...0x46: UInt64(byte - 0x37)
    case 0x61...0x66: UInt64(byte - 0x57)
    default: nil
    }
  }
}
