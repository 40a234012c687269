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
    guard let status else { return .none }
    if method == "HEAD" || status < 200 || status == 204 || status == 304 { return .none }
    if method == "CONNECT", status < 300 { return .none }
    return transferCoding ?? lengthFraming ?? .untilClose
  }

  /// What Transfer-Encoding says; nil if there is none. It goes before Content-Length.
  private var transferCoding: BodyFraming? {
    guard has(.transferEncoding) else { return nil }
    return list(.transferEncoding).last.map { isSameText($0, "chunked") ? .chunked : .untilClose }
  }

  /// What Content-Length says, of a list of equal values that value; nil if there is none.
  private var lengthFraming: BodyFraming? {
    guard has(.contentLength) else { return nil }
    let lengths = list(.contentLength).map { $0.utf8.allSatisfy { (0x30...0x39).contains($0) } ? UInt64($0) : nil }
    guard let first = lengths.first else { return nil }
    guard let first, lengths.allSatisfy({ $0 == first }) else { return .untilClose }
    return .length(first)
  }
}
