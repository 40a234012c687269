import Bytes

/// A head whose bytes come in pieces: keeps them, and remembers where it is, so that each byte is looked at once.
struct PartialHead: Equatable, Sendable {
  /// What has become of the head.
  enum Outcome {
    case incomplete
    /// `bytes` are the head, with the empty line that ends it.
    case complete
    /// The first line is no request line or status line, as far as it is known.
    case notHTTP
    /// It has more than `HTTPStream.headLimit` bytes.
    case tooLarge
  }

  private enum Place: Equatable, Sendable {
    /// In the first word of the first line.
    case firstWord
    /// Behind it, in the first line.
    case firstLine
    /// In a line after that, which is empty so far or not.
    case fields(isLineEmpty: Bool)
  }

  /// Longest method that is believed, in bytes. The longest registered one has 17 (RFC 9110 §16.1).
  static let methodLimit = 32

  private(set) var bytes: [UInt8] = []
  private var place = Place.firstWord

  /// Takes what belongs to the head.
  mutating func take(_ source: RawSpan, _ position: inout Int) -> Outcome {
    if bytes.isEmpty {  // empty lines before a head, RFC 9112 §2.2
      while position < source.byteCount, Self.isLineEnd(source.u8(position)) { position += 1 }
    }
    let stop = min(source.byteCount, position + HTTPStream.headLimit - bytes.count)
    while position < stop {
      if case .fields(let isLineEmpty) = place {
        if takeFields(source, &position, stop, isLineEmpty) { return .complete }
      } else {
        bytes.append(source.u8(position))
        position += 1
        guard isFirstLinePlausible() else { return .notHTTP }
      }
    }
    return bytes.count >= HTTPStream.headLimit ? .tooLarge : .incomplete
  }

  /// Takes bytes up to `stop`, or to the empty line; true if that is reached.
  private mutating func takeFields(_ source: RawSpan, _ position: inout Int, _ stop: Int, _ isLineEmpty: Bool) -> Bool {
    let start = position
    var isLineEmpty = isLineEmpty
    defer {
      bytes.append(source.extracting(start..<position))
      place = .fields(isLineEmpty: isLineEmpty)
    }
    while position < stop {
      let byte = source.u8(position)
      position += 1
      if byte == 0x0A {
        if isLineEmpty { return true }
        isLineEmpty = true
      } else if byte != 0x0D {
        isLineEmpty = false
      }
    }
    return false
  }

  /// Judges the last of the bytes, which are all of the first line so far, so that other protocols are not held for long.
  private mutating func isFirstLinePlausible() -> Bool {
    guard let byte = bytes.last else { return true }
    switch byte {
    case 0x0A:
      place = .fields(isLineEmpty: true)
      return bytes.withUnsafeBytes { StartLinePlaces($0, $0.withoutLineEnd(0..<$0.count - 1)) } != nil
    case 0x0D: return true
    case 0: return false  // other controls in a target a lax server may take; binary protocols are full of this one
    case 0x20 where place == .firstWord:
      place = .firstLine
      return bytes.count > 1
    case 0x2F where place == .firstWord && bytes.elementsEqual("HTTP/".utf8):
      place = .firstLine
      return true
    default:
      return place == .firstLine || (isTokenByte(byte) && bytes.count <= Self.methodLimit)
    }
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0D || byte == 0x0A }
}
