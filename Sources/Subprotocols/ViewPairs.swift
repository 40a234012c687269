import Bytes
import JSON

/// Requests and their replies.
extension ViewWriter {
  /// The message asks for a reply, which will have the same `id`; to be called before the object that shows it is closed.
  ///
  /// - Parameter label: what it asks for, such as the name of a method.
  public mutating func request(_ id: RawSpan, _ label: String) { request(Self.fingerprint(id), label) }

  /// The same for an id that is the JSON value `id` of `bytes`; `1` and `"1"` differ.
  public mutating func request(_ id: JSONToken, _ bytes: RawSpan, _ label: String) {
    request(Self.fingerprint(id, bytes), label)
  }

  private mutating func request(_ fingerprint: UInt64, _ label: String) {
    let label = label.utf8.count <= Self.mostOfLabel ? label : String(label.unicodeScalars.prefix(Self.mostOfLabel / 4))
    let forgotten = pending.add(
      .init(fingerprint: fingerprint, label: label, message: message.number, end: message.end),
      isFromClient: message.isFromClient)
    if let forgotten { view.forgotten.append(ViewRequest(label: forgotten.label)) }
    view.requests.append(ViewRequest(label: label))
  }

  /// The message replies to the peer's request with this `id`. Where that is known, its number and the time that it took stand in the
  /// view as `reply_to` and `latency`.
  ///
  /// - Parameters:
  ///   - isError: whether it says that the request failed.
  ///   - isLast: whether no other reply to it is expected. Only the first one counts as one.
  /// - Returns: what was asked for; nil if that is not known.
  @discardableResult
  public mutating func reply(_ id: RawSpan, isError: Bool = false, isLast: Bool = true) -> String? {
    reply(Self.fingerprint(id), isError, isLast)
  }

  /// The same for an id that is the JSON value `id` of `bytes`.
  @discardableResult
  public mutating func reply(
    _ id: JSONToken, _ bytes: RawSpan, isError: Bool = false, isLast: Bool = true
  ) -> String? {
    reply(Self.fingerprint(id, bytes), isError, isLast)
  }

  /// The message replies to that request as well, which stands in no field of the view.
  mutating func replyAlso(_ id: RawSpan, isError: Bool) { reply(Self.fingerprint(id), isError, true, isShown: false) }

  @discardableResult
  private mutating func reply(
    _ fingerprint: UInt64, _ isError: Bool, _ isLast: Bool, isShown: Bool = true
  ) -> String? {
    guard let request = pending.find(fingerprint, ofClient: !message.isFromClient, isOver: isLast) else {
      return nil
    }
    let (passed, overflow) = message.start.subtractingReportingOverflow(request.end)
    let latency = overflow || passed < 0 ? nil : UInt64(passed)
    if isShown { integer("reply_to", request.message) }
    if request.isAnswered { return request.label }
    if isShown, let latency, begin("latency") { seconds(latency) }
    view.replies.append(
      ViewReply(label: request.label, request: request.message, isError: isError, latency: latency))
    return request.label
  }

  /// What stands for an id while it is remembered. The hash is seeded anew in each run, so that a sender cannot make two that are the
  /// same.
  private static func fingerprint(_ id: RawSpan) -> UInt64 {
    var hasher = Hasher()
    id.withUnsafeBytes { hasher.combine(bytes: $0) }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  private static func fingerprint(_ id: JSONToken, _ bytes: RawSpan) -> UInt64 {
    var hasher = Hasher()
    hasher.combine(id.kind == .string)
    if id.hasEscapes {
      JSONText.utf8(bytes, id).withUnsafeBytes { hasher.combine(bytes: $0) }
    } else {
      bytes.extracting(id.range).withUnsafeBytes { hasher.combine(bytes: $0) }
    }
    return UInt64(bitPattern: Int64(hasher.finalize()))
  }

  private mutating func seconds(_ nanoseconds: UInt64) {
    decimal(nanoseconds / 1_000_000_000)
    view.json.append(0x2E)
    decimal(nanoseconds % 1_000_000_000, width: 9)
  }
}

extension MessageView {
  /// Takes over requests and replies of what it carries.
  mutating func takePairs(of carried: borrowing MessageView) {
    let name = carried.name
    func named(_ request: ViewRequest) -> ViewRequest {
      ViewRequest(label: request.label, carriedView: request.carriedView ?? name)
    }
    requests += carried.requests.map(named)
    forgotten += carried.forgotten.map(named)
    for var reply in carried.replies {
      reply.carriedView = reply.carriedView ?? name
      replies.append(reply)
    }
  }
}
