import Bytes

/// Where the parts of a first line stand in the bytes of a head (RFC 9112 §3, §4).
struct StartLinePlaces: Sendable {
  /// The status code of a response; nil for a request.
  var status: Int?
  var version: Range<Int>
  /// The method of a request, or the reason phrase of a response.
  var word: Range<Int>
  /// The target of a request; empty for a response.
  var target: Range<Int>

  init(status: Int?, version: Range<Int>, word: Range<Int>, target: Range<Int>) {
    self.status = status
    self.version = version
    self.word = word
    self.target = target
  }

  /// Reads a request line or a status line at `line`, without its end; nil when it is neither. A target may be anything:
  /// whether the server took it is for the server to say.
  init?(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) {
    if line.count >= 5, bytes.isEqual(line.lowerBound..<line.lowerBound + 5, "HTTP/") {
      self.init(statusLine: line, bytes)
    } else {
      self.init(requestLine: line, bytes)
    }
  }

  private init?(requestLine line: Range<Int>, _ bytes: UnsafeRawBufferPointer) {
    let line = bytes.withoutBlanks(line)
    let methodEnd = bytes.firstIndex(of: 0x20, from: line.lowerBound, to: line.upperBound)
    guard methodEnd < line.upperBound, Self.isVersion(bytes, line.upperBound - 8..<line.upperBound, in: line),
      bytes[line.upperBound - 9] == 0x20
    else { return nil }
    let target = bytes.withoutBlanks(min(methodEnd, line.upperBound - 8)..<line.upperBound - 8)
    guard !target.isEmpty else { return nil }
    for i in line.lowerBound..<methodEnd where !isTokenByte(bytes[i]) { return nil }
    self.init(
      status: nil, version: line.upperBound - 8..<line.upperBound, word: line.lowerBound..<methodEnd, target: target)
  }

  private init?(statusLine line: Range<Int>, _ bytes: UnsafeRawBufferPointer) {
    let version = line.lowerBound..<line.lowerBound + 8
    guard Self.isVersion(bytes, version, in: line) else { return nil }
    var start = version.upperBound
    guard start < line.upperBound, bytes[start] == 0x20 else { return nil }
    while start < line.upperBound, bytes[start] == 0x20 { start += 1 }
    let end = start + 3
    guard end <= line.upperBound, end == line.upperBound || bytes[end] == 0x20 else { return nil }
    var status = 0
    for i in start..<end {
      guard isDigit(bytes[i]) else { return nil }
      status = status * 10 + Int(bytes[i] - 0x30)
    }
    guard status >= 100 else { return nil }
    self.init(status: status, version: version, word: bytes.trimmed(end..<line.upperBound), target: end..<end)
  }

  /// Whether `range` lies in `line` and holds an HTTP-version: `HTTP/1.1` or with other digits (RFC 9112 §2.3).
  private static func isVersion(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, in line: Range<Int>) -> Bool {
    guard range.lowerBound >= line.lowerBound, range.upperBound <= line.upperBound else { return false }
    let start = range.lowerBound
    return bytes.isEqual(start..<start + 5, "HTTP/") && isDigit(bytes[start + 5]) && bytes[start + 6] == 0x2E
      && isDigit(bytes[start + 7])
  }
}

extension UnsafeRawBufferPointer {
  /// `range` without spaces at both ends.
  fileprivate func withoutBlanks(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, self[start] == 0x20 { start += 1 }
    while start < end, self[end - 1] == 0x20 { end -= 1 }
    return start..<end
  }

  /// `range`, a line, without the CR, or CRs, before its LF.
  func withoutLineEnd(_ range: Range<Int>) -> Range<Int> {
    var end = range.upperBound
    while end > range.lowerBound, self[end - 1] == 0x0D { end -= 1 }
    return range.lowerBound..<end
  }
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

/// Whether `byte` may stand in a token (RFC 9110 §5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
  default: false
  }
}
