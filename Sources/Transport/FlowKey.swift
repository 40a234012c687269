/// The two ends of a TCP connection, the same for both directions.
public struct FlowKey: Hashable, Sendable {
  /// The end that sorts first.
  public let first: Endpoint
  /// The other end.
  public let second: Endpoint

  /// The key of segments from `source` to `destination`, and the direction that these have in it.
  @inlinable @inline(__always)
  public static func of(_ source: Endpoint, _ destination: Endpoint) -> (FlowKey, Direction) {
    source.sorts(before: destination)
      ? (FlowKey(first: source, second: destination), .forward)
      : (FlowKey(first: destination, second: source), .backward)
  }

  @usableFromInline
  init(first: Endpoint, second: Endpoint) {
    self.first = first
    self.second = second
  }

  /// The end that sends in `direction`.
  @inlinable
  public func source(_ direction: Direction) -> Endpoint { direction == .forward ? first : second }

  /// A hash that a sender of hostile packets cannot predict, given a `seed` that it does not know.
  ///
  /// Both factors of each product depend on the seed: with a known factor, a sender could make it 0.
  @inlinable
  func hash(seed: UInt64) -> UInt64 {
    let other = seed &* 0x9E37_79B9_7F4A_7C15
    var h = Self.fold(first.address.low ^ seed, second.address.low ^ other)
    if first.address.isV6 {
      h ^= Self.fold(first.address.high ^ other.byteSwapped, second.address.high ^ seed.byteSwapped)
    }
    return Self.fold(h ^ (UInt64(first.port) << 16 | UInt64(second.port)) ^ other, seed | 1)
  }

  /// Which of `count` shares of all connections it belongs to, 0 to `count` - 1; the same in every process.
  @inlinable
  public func share(of count: Int) -> Int { Self.share(first.word, second.word, of: count) }

  /// The same of the two ends' words, in either order.
  @inlinable @inline(__always)
  static func share(_ a: UInt64, _ b: UInt64, of count: Int) -> Int {
    let hash = fold((a ^ b) ^ 0xA24B_AED4_963E_E407, (a &+ b) ^ 0x9FB2_1C65_1E98_DF25)
    return Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: count)) >> 32)
  }

  @inlinable @inline(__always)
  static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }
}

/// One of the two directions of a connection.
public enum Direction: UInt8, Sendable {
  /// From the end that sorts first.
  case forward
  /// From the other end.
  case backward

  /// The other direction.
  @inlinable
  public var opposite: Direction { self == .forward ? .backward : .forward }
}

extension Endpoint {
  /// A total order, for `FlowKey` alone.
  @inlinable
  func sorts(before other: Endpoint) -> Bool {
    if address.low != other.address.low { return address.low < other.address.low }
    if port != other.port { return port < other.port }
    if address.high != other.address.high { return address.high < other.address.high }
    return !address.isV6 && other.address.isV6
  }
}
