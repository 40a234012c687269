import Bytes

/// What `HTTPHead.parse` found.
public enum HeadParse: Equatable, Sendable {
  /// A whole head.
  case head(HTTPHead)
  /// The first line is neither a request line nor a status line.
  case notHTTP
}

extension HTTPHead {
  /// Reads a head whose last byte is that of the empty line (RFC 9112 §2.1), of less than 4 GiB. Bare LF ends a line too
  /// (§2.2).
  public static func parse(_ bytes: consuming [UInt8]) -> HeadParse {
    if bytes.count > UInt32.max { return .notHTTP }
    var lines = HeadLines()
    let start = bytes.withUnsafeBytes { buffer -> StartLinePlaces? in
      var line = 0..<0
      while line.isEmpty {  // §2.2: empty lines before a request
        guard lines.position < buffer.count else { return nil }
        line = lines.nextLine(buffer)
      }
      guard let start = StartLinePlaces(buffer, line) else { return nil }
      lines.takeFields(buffer)
      return start
    }
    guard let start else { return .notHTTP }
    return .head(lines.head(bytes, start))
  }
}

/// Reads the lines of a head.
struct HeadLines {
  /// Where the next line begins.
  private(set) var position = 0
  /// Whether the last line that was read had an LF.
  private(set) var isLineWhole = true
  private var fields: [HTTPHead.FieldPlace] = []
  /// Lines that belong to the value of a field before them, by its index (obs-fold, RFC 9112 §5.2).
  private var folds: [(field: Int, line: Range<Int>)] = []
  private var malformedLines = 0

  /// The place of the next line of `bytes`, without its end.
  @inline(__always)
  mutating func nextLine(_ bytes: UnsafeRawBufferPointer) -> Range<Int> { endLine(position, seen: position, bytes) }

  /// The place of the line that begins at `start`, without its end, which does not stand before `seen`.
  @inline(__always)
  private mutating func endLine(_ start: Int, seen: Int, _ bytes: UnsafeRawBufferPointer) -> Range<Int> {
    let end = bytes.firstIndex(of: 0x0A, from: seen, to: bytes.count)
    let line = bytes.withoutLineEnd(start..<end)
    isLineWhole = end < bytes.count
    position = min(end &+ 1, bytes.count)
    return line
  }

  /// Reads the lines behind the first, up to the empty one; false if that is not there.
  @discardableResult
  mutating func takeFields(_ bytes: UnsafeRawBufferPointer) -> Bool {
    fields.reserveCapacity(16)
    while position < bytes.count {
      let start = position
      let colon = bytes.firstLineFeedOrColon(from: start, to: bytes.count)
      let line = endLine(start, seen: colon, bytes)
      if line.isEmpty {
        if isLineWhole { return true }
      } else {
        take(line, colon: min(colon, line.upperBound), bytes)
      }
    }
    return false
  }

  @inline(__always)
  private mutating func take(_ line: Range<Int>, colon: Int, _ bytes: UnsafeRawBufferPointer) {
    let first = bytes[line.lowerBound]
    if first == 0x20 || first == 0x09 {
      if fields.isEmpty {  // §2.2: white space before the first field; not to be processed
        malformedLines += 1
      } else {
        folds.append((fields.count - 1, bytes.trimmed(line)))
      }
      return
    }
    let name = bytes.trimmed(line.lowerBound..<colon)
    guard colon < line.upperBound, !name.isEmpty else {
      malformedLines += 1
      return
    }
    let value = bytes.trimmed(colon &+ 1..<line.upperBound)
    fields.append(HTTPHead.FieldPlace(name, value, KnownField(bytes, name)))
  }

  /// The head that was read from `bytes`.
  consuming func head(_ bytes: consuming [UInt8], _ start: StartLinePlaces) -> HTTPHead {
    var bytes = bytes
    if !folds.isEmpty { unfold(&bytes) }
    return HTTPHead(bytes, start, fields, malformedLines: malformedLines)
  }

  /// Makes one value of each that stands on several lines, behind all other bytes (RFC 9112 §5.2).
  private mutating func unfold(_ bytes: inout [UInt8]) {
    var next = folds.startIndex
    while next < folds.count {
      let field = folds[next].field
      var value = decodeText(bytes[fields[field].value])
      while next < folds.count, folds[next].field == field {
        let line = decodeText(bytes[folds[next].line])
        value += value.isEmpty ? line : " " + line
        next += 1
      }
      fields[field] = HTTPHead.FieldPlace(fields[field].name, bytes.store(value), fields[field].field)
    }
  }
}
