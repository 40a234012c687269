import Bytes

/// Skips a chunked body (RFC 9112 §7.1).
struct ChunkedBody: Equatable, Sendable {
  /// What has become of the body.
  enum Outcome {
    case incomplete
    case complete
    /// A chunk has no size, or something else stands where the line end after a chunk must be.
    case damaged
  }

  private enum State: Equatable, Sendable {
    /// Before or in the digits of a chunk's size; nil before the first.
    case size(UInt64?)
    /// Behind the digits of that size, in white space or extensions.
    case sizeLine(UInt64, isExtension: Bool)
    /// In a chunk of which so many bytes are left.
    case data(UInt64)
    /// In the line end that follows a chunk.
    case dataEnd
    /// In the trailer section, in a line that is empty so far or not.
    case trailer(isLineEmpty: Bool)
  }

  private var state = State.size(nil)

  /// Takes what belongs to the body.
  mutating func take(_ bytes: RawSpan, _ position: inout Int) -> Outcome {
    while position < bytes.byteCount {
      if case .data(let left) = state {
        let taken = min(left, UInt64(bytes.byteCount - position))
        position += Int(truncatingIfNeeded: taken)
        state = left == taken ? .dataEnd : .data(left - taken)
        continue
      }
      let byte = bytes.u8(position)
      position += 1
      let outcome = step(byte)
      if outcome != .incomplete { return outcome }
    }
    return .incomplete
  }

  /// `count` bytes are missing; false if what comes next is not known any more.
  mutating func skip(_ count: UInt64) -> Bool {
    guard case .data(let left) = state, count <= left else { return false }
    state = left == count ? .dataEnd : .data(left - count)
    return true
  }

  private mutating func step(_ byte: UInt8) -> Outcome {
    switch state {
    case .size(let size): return digit(byte, size)
    case .sizeLine(let size, let isExtension):
      if byte == 0x0A {
        state = size == 0 ? .trailer(isLineEmpty: true) : .data(size)
      } else if byte == 0x3B {
        state = .sizeLine(size, isExtension: true)
      } else if !isExtension, !Self.isWhiteSpace(byte) {
        return .damaged
      }
    case .dataEnd:
      if byte == 0x0A { state = .size(nil) } else if byte != 0x0D { return .damaged }
    case .trailer(let isLineEmpty):
      if byte == 0x0A {
        if isLineEmpty { return .complete }
        state = .trailer(isLineEmpty: true)
      } else if byte != 0x0D {
        state = .trailer(isLineEmpty: false)
      }
    case .data: break
    }
    return .incomplete
  }

  private mutating func digit(_ byte: UInt8, _ size: UInt64?) -> Outcome {
    if let digit = Self.hexDigit(byte) {
      let before = size ?? 0
      guard before <= UInt64.max >> 4 else { return .damaged }
      state = .size(before << 4 | digit)
      return .incomplete
    }
    guard let size else { return byte == 0x20 || byte == 0x09 ? .incomplete : .damaged }
    state = .sizeLine(size, isExtension: false)
    return step(byte)
  }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

  private static func hexDigit(_ byte: UInt8) -> UInt64? {
    switch byte {
    case 0x30...0x39: UInt64(byte - 0x30)
    case 0x41...0x46: UInt64(byte - 0x37)
    case 0x61...0x66: UInt64(byte - 0x57)
    default: nil
    }
  }
}
