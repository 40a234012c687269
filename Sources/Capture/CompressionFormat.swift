import Bytes

/// How a capture file is compressed, as its first bytes say.
public enum CompressionFormat: String, Sendable, CaseIterable {
  /// gzip (RFC 1952).
  case gzip
  /// Zstandard (RFC 8878).
  case zstd

  /// How many bytes of a file tell whether it is compressed.
  public static let prefixLength = 4

  /// The compression of a file that starts with `bytes`; nil when there is none that is known, or too few bytes to tell.
  public init?(startingWith bytes: RawSpan) {
    guard bytes.byteCount >= Self.prefixLength else { return nil }
    switch bytes.u32(0) {
    // Identification, and the only method there is (RFC 1952 §2.3.1).
    case 0x1f8b_0800...0x1f8b_08ff: self = .gzip
    // A frame, or a skippable frame (RFC 8878 §3.1.1, §3.1.2).
    case 0x28b5_2ffd: self = .zstd
    case let magic where magic & 0xf0ff_ffff == 0x502a_4d18: self = .zstd
    default: return nil
    }
  }
}
