/// A token of a JSON text (RFC 8259 §2).
public struct JSONToken: Equatable, Sendable {
  /// What a token is.
  public enum Kind: UInt8, Equatable, Sendable {
    /// `{`.
    case objectBegin
    /// `}`.
    case objectEnd
    /// `[`.
    case arrayBegin
    /// `]`.
    case arrayEnd
    /// The name of a member, a string; the colon behind it is taken with it.
    case key
    /// A string that is a value.
    case string
    /// A number.
    case number
    /// `true`.
    case `true`
    /// `false`.
    case `false`
    /// `null`.
    case null

    /// Whether it begins an object or array.
    @inlinable public var isBegin: Bool { self == .objectBegin || self == .arrayBegin }
    /// Whether it ends an object or array.
    @inlinable public var isEnd: Bool { self == .objectEnd || self == .arrayEnd }
  }

  /// What it is.
  public var kind: Kind
  /// Whether a string has escapes, so that its text differs from its bytes.
  public var hasEscapes = false
  /// Where it stands, in bytes; keys and strings without their quotes.
  public var range: Range<Int>

  /// A token of these parts.
  @inlinable
  public init(_ kind: Kind, _ range: Range<Int>, hasEscapes: Bool = false) {
    self.kind = kind
    self.range = range
    self.hasEscapes = hasEscapes
  }
}

/// Why a text is no JSON.
public enum JSONFault: UInt8, Equatable, Sendable {
  /// It ends too early.
  case cut
  /// A byte stands where none like it may.
  case unexpected
  /// A string holds a control character, an unknown escape, or what is no UTF-8.
  case badString
  /// A number is written in a way that JSON does not know, such as `01`.
  case badNumber
  /// It is nested deeper than `JSONScanner.mostDepth`.
  case tooDeep
  /// Something follows the value.
  case trailing
}
