/// A version of TLS, as on the wire.
public struct TLSVersion: RawRepresentable, Hashable, Comparable, Sendable {
  /// The two bytes of it.
  public let rawValue: UInt16

  /// The version with the number `rawValue`.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// SSL 3.0 (RFC 6101), which is not decrypted.
  public static let ssl30 = TLSVersion(rawValue: 0x0300)
  /// TLS 1.0 (RFC 2246).
  public static let tls10 = TLSVersion(rawValue: 0x0301)
  /// TLS 1.1 (RFC 4346).
  public static let tls11 = TLSVersion(rawValue: 0x0302)
  /// TLS 1.2 (RFC 5246).
  public static let tls12 = TLSVersion(rawValue: 0x0303)
  /// TLS 1.3 (RFC 8446).
  public static let tls13 = TLSVersion(rawValue: 0x0304)

  /// The number as people write it: `1.3`; `0x7f1c` for one that is none of these.
  public var name: String {
    switch self {
    case .ssl30: "SSL 3.0"
    case .tls10: "1.0"
    case .tls11: "1.1"
    case .tls12: "1.2"
    case .tls13: "1.3"
    default: "0x" + String(rawValue, radix: 16)
    }
  }

  /// Whether the older one comes first. Drafts of later versions count as later.
  public static func < (a: TLSVersion, b: TLSVersion) -> Bool { a.rawValue < b.rawValue }
}
