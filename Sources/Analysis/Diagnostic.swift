import Capture
import Transport

/// How bad a diagnostic is.
public enum Severity: UInt8, Comparable, Sendable, CaseIterable {
  /// Worth knowing; nothing is wrong.
  case note
  /// Something is wrong, or the capture lacks something; decoding goes on.
  case warning
  /// A rule was broken such that an endpoint must fail the connection, or decoding cannot go on.
  case error

  /// The name in lower case.
  public var name: StaticString {
    switch self {
    case .note: "note"
    case .warning: "warning"
    case .error: "error"
    }
  }

  /// Whether `a` is less severe than `b`.
  public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
}

/// What a diagnostic is about: a stable slug with its severity, sentence and reference. `DiagnosticCode.all` is the table.
public struct DiagnosticCode: Hashable, Sendable {
  /// The slug, such as `frame.rsv-set`. Never renamed.
  public let slug: String
  /// How bad it is.
  public let severity: Severity
  /// What it says, as a sentence without its full stop.
  public let sentence: String
  /// The rule, such as `RFC 6455 §5.2`; nil if there is none.
  public let reference: String?

  init(_ slug: String, _ severity: Severity, _ sentence: String, _ reference: String? = nil) {
    self.slug = slug
    self.severity = severity
    self.sentence = sentence
    self.reference = reference
  }
}

/// Something that is wrong on the wire or with the capture, and where.
public struct Diagnostic: Equatable, Sendable {
  /// What it is about.
  public var code: DiagnosticCode
  /// Particulars, such as a size; they follow the sentence.
  public var detail: String?
  /// Its connection; nil if it is about the capture.
  public var connection: ConnectionReference?
  /// Whose bytes it is about.
  public var sender: Sender?
  /// The packet in which it showed.
  public var packet: PacketReference?
  /// Offset in what the sender sent over TCP.
  public var offset: StreamOffset?
  /// Number of the frame; nil if it is about none.
  public var frame: UInt64?

  /// A diagnostic of these parts.
  public init(
    _ code: DiagnosticCode, detail: String? = nil, connection: ConnectionReference? = nil, sender: Sender? = nil,
    packet: PacketReference? = nil, offset: StreamOffset? = nil, frame: UInt64? = nil
  ) {
    self.code = code
    self.detail = detail
    self.connection = connection
    self.sender = sender
    self.packet = packet
    self.offset = offset
    self.frame = frame
  }

  /// The sentence with its particulars.
  public var message: String { detail.map { "\(code.sentence): \($0)" } ?? code.sentence }
}
