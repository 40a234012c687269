/// A TCP sequence number: 32 bits that wrap (RFC 9293 §3.4).
public struct SequenceNumber: Hashable, Sendable {
  /// The number as in the header.
  public var rawValue: UInt32

  /// The number `rawValue`.
  @inlinable
  public init(_ rawValue: UInt32) { self.rawValue = rawValue }

  /// How far `other` lies ahead of `self`, modulo 2^32; negative when it lies behind.
  @inlinable
  public func distance(to other: SequenceNumber) -> Int {
    Int(Int32(bitPattern: other.rawValue &- rawValue))
  }

  /// The number `count` ahead, modulo 2^32.
  @inlinable
  public func advanced(by count: Int) -> SequenceNumber {
    SequenceNumber(rawValue &+ UInt32(truncatingIfNeeded: count))
  }
}
