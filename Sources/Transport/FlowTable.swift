/// Finds the number that was stored for a flow. Flows of IPv4 have a table of their own, of 16 bytes a place in place of 48.
public struct FlowTable: Sendable {
  @usableFromInline var plain = ProbingTable<PlainFlowKey>()
  @usableFromInline var others = ProbingTable<FlowKey>()

  /// An empty table.
  public init() {}

  /// How many flows are stored.
  public var count: Int { plain.count + others.count }

  /// The number stored for `key`; nil if there is none.
  @inlinable
  public func find(_ key: FlowKey) -> Int? {
    if let plainKey = PlainFlowKey(key) { plain.find(plainKey) } else { others.find(key) }
  }

  /// The fast path of `find`, from the ends of a segment: the number stored for them, and the direction, if both are IPv4. Nil
  /// also where nothing is stored.
  @inlinable @inline(__always)
  public func findPlain(_ source: Endpoint, _ destination: Endpoint) -> (value: Int, direction: Direction)? {
    guard !source.address.isV6, !destination.address.isV6 else { return nil }
    let (a, b) = (source.address.low, destination.address.low)
    let isForward = a != b ? a < b : source.port < destination.port
    let ports = UInt32(source.port) << 16 | UInt32(destination.port)
    let key = PlainFlowKey(
      addresses: isForward ? a << 32 | b : b << 32 | a, ports: isForward ? ports : ports << 16 | ports >> 16)
    return plain.find(key).map { ($0, isForward ? .forward : .backward) }
  }

  /// Stores `value` (0 to 2^31-1) for `key`, which has none yet.
  public mutating func insert(_ key: FlowKey, _ value: Int) {
    if let plainKey = PlainFlowKey(key) { plain.insert(plainKey, value) } else { others.insert(key, value) }
  }

  /// Stores `value` (0 to 2^31-1) for `key` in place of what is stored for it.
  public mutating func replace(_ key: FlowKey, _ value: Int) {
    if let plainKey = PlainFlowKey(key) { plain.replace(plainKey, value) } else { others.replace(key, value) }
  }

  /// Forgets `key`.
  public mutating func remove(_ key: FlowKey) {
    if let plainKey = PlainFlowKey(key) { plain.remove(plainKey) } else { others.remove(key) }
  }
}

extension FlowKey: ProbingKey {
  @usableFromInline
  static var nothing: FlowKey {
    let nowhere = Endpoint(IPAddress(v4: 0), port: 0)
    return FlowKey(first: nowhere, second: nowhere)
  }
}

/// A `FlowKey` of two ends with IPv4 addresses.
@usableFromInline
struct PlainFlowKey: ProbingKey, Sendable {
  @usableFromInline let addresses: UInt64
  @usableFromInline let ports: UInt32

  /// Nil where there is an IPv6 address.
  @inlinable @inline(__always)
  init?(_ key: FlowKey) {
    guard !key.first.address.isV6, !key.second.address.isV6 else { return nil }
    self.init(
      addresses: key.first.address.low << 32 | key.second.address.low,
      ports: UInt32(key.first.port) << 16 | UInt32(key.second.port))
  }

  @inlinable @inline(__always)
  init(addresses: UInt64, ports: UInt32) {
    self.addresses = addresses
    self.ports = ports
  }

  @usableFromInline
  static var nothing: PlainFlowKey { PlainFlowKey(addresses: 0, ports: 0) }

  // Both factors depend on the seed: with a known factor, a sender could make the product 0.
  @inlinable @inline(__always)
  func hash(seed: UInt64) -> UInt64 {
    let other = seed &* 0x9E37_79B9_7F4A_7C15
    return FlowKey.fold(FlowKey.fold(addresses ^ seed, UInt64(ports) ^ other) ^ other, seed | 1)
  }
}
