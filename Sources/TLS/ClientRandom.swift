import Bytes

/// The random value of a ClientHello: by it, a key log names a connection (RFC 9850 §2).
public struct ClientRandom: Hashable, Sendable {
  private let words: InlineArray<4, UInt64>

  /// Its length in bytes.
  public static let length = 32

  /// The 32 bytes of `bytes` from `position` on; nil if there are fewer.
  public init?(_ bytes: RawSpan, at position: Int = 0) {
    guard position >= 0, bytes.byteCount - position >= Self.length else { return nil }
    words = [bytes.u64(position), bytes.u64(position + 8), bytes.u64(position + 16), bytes.u64(position + 24)]
  }

  /// The bytes.
  var bytes: [UInt8] {
    (0..<Self.length).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
  }

  /// Whether all bytes are equal.
  public static func == (a: Self, b: Self) -> Bool {
    a.words[0] == b.words[0] && a.words[1] == b.words[1] && a.words[2] == b.words[2] && a.words[3] == b.words[3]
  }

  /// Hashes the bytes.
  public func hash(into hasher: inout Hasher) {
    for i in 0..<4 { hasher.combine(words[i]) }
  }
}
