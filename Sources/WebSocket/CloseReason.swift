import Bytes

/// Why an end closes (RFC 6455 §7.4; IANA's WebSocket Close Code Number Registry).
public struct CloseCode: RawRepresentable, Hashable, Sendable {
  /// The number, 0 to 65535.
  public var rawValue: UInt16

  /// The code `rawValue`.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Done.
  public static let normalClosure = CloseCode(rawValue: 1000)
  /// A close frame without a code; never on the wire.
  public static let noStatusReceived = CloseCode(rawValue: 1005)
  /// No close frame; never on the wire.
  public static let abnormalClosure = CloseCode(rawValue: 1006)
  /// The server did not agree to an extension that the client needs; only clients send it.
  public static let mandatoryExtension = CloseCode(rawValue: 1010)
  /// The TLS handshake failed; never on the wire.
  public static let tlsHandshake = CloseCode(rawValue: 1015)

  /// What the registry, or the range, says of the code.
  public var name: String {
    switch rawValue {
    case 1000: "normal closure"
    case 1001: "going away"
    case 1002: "protocol error"
    case 1003: "unsupported data"
    case 1004: "reserved"
    case 1005: "no status received"
    case 1006: "abnormal closure"
    case 1007: "invalid frame payload data"
    case 1008: "policy violation"
    case 1009: "message too big"
    case 1010: "mandatory extension"
    case 1011: "internal error"
    case 1012: "service restart"
    case 1013: "try again later"
    case 1014: "bad gateway"
    case 1015: "TLS handshake"
    case 3000: "unauthorized"
    case 3003: "forbidden"
    case 3008: "timeout"
    case 1016...2999: "unassigned"
    case 3001...3999: "registered use"
    case 4000...4999: "private use"
    default: "invalid"
    }
  }

  /// Whether an endpoint may put it into a close frame (§7.4.1, §7.4.2).
  public var maySend: Bool {
    switch rawValue {
    case 1004, 1005, 1006, 1015: false
    case 1000...1014, 3000...4999: true
    default: false
    }
  }
}

/// What a close frame says (RFC 6455 §5.5.1).
public struct CloseReason: Equatable, Sendable {
  /// The code; nil if the body is shorter than two bytes.
  public var code: CloseCode?
  /// The bytes after the code, which should be UTF-8.
  public var reason: [UInt8]

  /// Reads the unmasked body of a close frame.
  public init(_ body: RawSpan) {
    code = Self.code(body)
    reason = body.byteCount <= 2 ? [] : body.extracting(2..<body.byteCount).withUnsafeBytes { [UInt8]($0) }
  }

  /// The code that the unmasked body of a close frame begins with; nil if it is shorter than two bytes.
  public static func code(_ body: RawSpan) -> CloseCode? {
    body.byteCount >= 2 ? CloseCode(rawValue: body.u16(0)) : nil
  }

  /// The reason as text; nil if it is not UTF-8.
  public var text: String? {
    UTF8Validator.isValid(reason.span.bytes) ? String(decoding: reason, as: UTF8.self) : nil
  }
}
