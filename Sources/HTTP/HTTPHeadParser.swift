import Bytes

/// What `HTTPHead.parse` found.
public enum HeadParse: Equatable, Sendable {
  /// A whole head.
  case head(HTTPHead)
  /// The first line is neither a request line nor a status line.
  case notHTTP
}

extension HTTPHead {
  /// Reads a head whose last byte is that of the empty line (RFC 9112 §2.1). Bare LF ends a line too (§2.2).
  public static func parse(_ bytes: [UInt8]) -> HeadParse {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { withoutLineEnd($0) }
      .drop { $0.isEmpty }  // §2.2: empty lines before a request
    guard let first = lines.first, let startLine = StartLine(first) else { return .notHTTP }
    var head = HTTPHead(startLine, [])
    for line in lines.dropFirst() where !line.isEmpty { head.add(line) }
    return .head(head)
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    if line.first == 0x20 || line.first == 0x09 {
      if fields.isEmpty {  // §2.2: white space before the first field; not to be processed
        malformedLines += 1
      } else {  // obs-fold, §5.2
        let value = decodeText(trimmed(line))
        let isFirst = fields[fields.count - 1].value.isEmpty
        fields[fields.count - 1].value += isFirst ? value : " " + value
      }
      return
    }
    guard let colon = line.firstIndex(of: 0x3A), case let name = trimmed(line[..<colon]), !name.isEmpty else {
      malformedLines += 1
      return
    }
    fields.append(HeaderField(decodeText(name), decodeText(trimmed(line[(colon + 1)...]))))
  }
}

/// `line` without the CR, or CRs, before its LF.
func withoutLineEnd(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var line = line
  while line.last == 0x0D { line.removeLast() }
  return line
}

extension StartLine {
  /// Reads a request line or a status line without its end; nil when it is neither. A target may be anything: whether the
  /// server took it is for the server to say.
  init?(_ line: ArraySlice<UInt8>) {
    if line.starts(with: "HTTP/".utf8) {
      self.init(statusLine: line)
      return
    }
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: true)
    guard parts.count >= 3, let version = parts.last, isHTTPVersion(version),
      parts[0].allSatisfy(isTokenByte)
    else { return nil }
    let target = line[parts[1].startIndex..<parts[parts.count - 2].endIndex]
    self = .request(method: decodeText(parts[0]), target: decodeText(target), version: decodeText(version))
  }

  private init?(statusLine line: ArraySlice<UInt8>) {
    let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: true)
    guard parts.count >= 2, isHTTPVersion(parts[0]), parts[1].count == 3, let status = Int(decodeText(parts[1])),
      (100...999).contains(status)
    else { return nil }
    let reason = parts.count > 2 ? decodeText(trimmed(parts[2])) : ""
    self = .response(version: decodeText(parts[0]), status: status, reason: reason)
  }
}

/// Whether `word` is an HTTP-version: `HTTP/1.1` or with other digits (RFC 9112 §2.3).
private func isHTTPVersion(_ word: ArraySlice<UInt8>) -> Bool {
  func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
  let digits = word.dropFirst(5)
  return word.starts(with: "HTTP/".utf8) && word.count == 8 && digits.dropFirst().first == 0x2E
    && isDigit(digits[digits.startIndex]) && isDigit(digits[digits.startIndex + 2])
}

/// Whether `byte` may stand in a token (RFC 9110 §5.6.2).
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  case 0x21, 0x23, 0x24, 0x25, 0x26, 0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
  default: false
  }
}

/// How a message's body is delimited (RFC 9112 §6).
public enum BodyFraming: Equatable, Sendable {
  /// None follows.
  case none
  /// So many bytes follow.
  case length(UInt64)
  /// Chunks follow.
  case chunked
  /// All until the connection closes.
  case untilClose
}

extension HTTPHead {
  /// How the body of this request is delimited (RFC 9112 §6.3). `untilClose` where it cannot be told: the server closes.
  public var requestBody: BodyFraming { transferCoding ?? lengthFraming ?? .none }

  /// How the body of this response to a request with `method` is delimited (RFC 9112 §6.3).
  public func responseBody(toMethod method: String?) -> BodyFraming {
    guard case .response(_, let status, _) = startLine else { return .none }
    if method == "HEAD" || status < 200 || status == 204 || status == 304 { return .none }
    if method == "CONNECT", status < 300 { return .none }
    return transferCoding ?? lengthFraming ?? .untilClose
  }

  /// What Transfer-Encoding says; nil if there is none. It goes before Content-Length.
  private var transferCoding: BodyFraming? {
    list("transfer-encoding").last.map { isSame($0, "chunked") ? .chunked : .untilClose }
  }

  /// What Content-Length says, of a list of equal values that value; nil if there is none.
  private var lengthFraming: BodyFraming? {
    let lengths = list("content-length").map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64($0) : nil }
    guard let first = lengths.first else { return nil }
    guard let first, lengths.allSatisfy({ $0 == first }) else { return .untilClose }
    return .length(first)
  }
}
