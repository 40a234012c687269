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
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { dropCR($0) }
    while let first = lines.first, first.isEmpty { lines.removeFirst() }  // §2.2: empty lines before a request
    guard let first = lines.first, let startLine = StartLine(first) else { return .notHTTP }
    var head = HTTPHead(startLine, [])
    for line in lines.dropFirst() where !line.isEmpty { head.add(line) }
    return .head(head)
  }

  private mutating func add(_ line: ArraySlice<UInt8>) {
    if line.first == 0x20 || line.first == 0x09, !fields.isEmpty {  // obs-fold, §5.2
      fields[fields.count - 1].value += " " + decodeText(trimmed(line))
      return
    }
    guard let colon = line.firstIndex(of: 0x3A), colon > line.startIndex else {
      malformedLines += 1
      return
    }
    let name = decodeText(trimmed(line[..<colon]))
    fields.append(HeaderField(name, decodeText(trimmed(line[(colon + 1)...]))))
  }

  private static func dropCR(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    line.last == 0x0D ? line.dropLast() : line
  }
}

extension StartLine {
  /// Reads a request line or a status line without its end; nil when it is neither.
  init?(_ line: ArraySlice<UInt8>) {
    if line.starts(with: Array("HTTP/".utf8)) {
      self.init(statusLine: line)
      return
    }
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: true)
    guard parts.count >= 3, let version = parts.last, version.starts(with: Array("HTTP/".utf8)),
      parts[0].allSatisfy(isTokenByte)
    else { return nil }
    let target = line[parts[1].startIndex..<parts[parts.count - 2].endIndex]
    self = .request(method: decodeText(parts[0]), target: decodeText(target), version: decodeText(version))
  }

  private init?(statusLine line: ArraySlice<UInt8>) {
    let parts = line.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: true)
    guard parts.count >= 2, parts[1].count == 3, let status = Int(decodeText(parts[1])), (100...999).contains(status)
    else { return nil }
    let reason = parts.count > 2 ? decodeText(trimmed(parts[2])) : ""
    self = .response(version: decodeText(parts[0]), status: status, reason: reason)
  }
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
  /// How the body of this request is delimited (RFC 9112 §6.3).
  public var requestBody: BodyFraming {
    if list("transfer-encoding").last?.lowercased() == "chunked" { return .chunked }
    return contentLength.map { .length($0) } ?? .none
  }

  /// How the body of this response to a request with `method` is delimited (RFC 9112 §6.3).
  public func responseBody(toMethod method: String?) -> BodyFraming {
    guard case .response(_, let status, _) = startLine else { return .none }
    if method == "HEAD" || status < 200 || status == 204 || status == 304 { return .none }
    if let coding = list("transfer-encoding").last {
      return coding.lowercased() == "chunked" ? .chunked : .untilClose
    }
    return contentLength.map { .length($0) } ?? .untilClose
  }

  /// The value of Content-Length; of a list of equal values, that value.
  private var contentLength: UInt64? { list("content-length").first.flatMap { UInt64($0) } }
}
