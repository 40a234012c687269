/// An IPv4 or IPv6 address.
public struct IPAddress: Hashable, Sendable {
  /// The first eight bytes of an IPv6 address, big-endian; 0 for IPv4.
  public var high: UInt64
  /// The last eight bytes of an IPv6 address, big-endian; the IPv4 address in the low 32 bits.
  public var low: UInt64
  /// Whether this is an IPv6 address.
  public var isV6: Bool

  /// The IPv4 address whose four bytes are those of `v4`, most significant first.
  @inlinable
  public init(v4: UInt32) {
    high = 0
    low = UInt64(v4)
    isV6 = false
  }

  /// The IPv6 address with these halves.
  @inlinable
  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    isV6 = true
  }
}

/// One end of a TCP connection.
public struct Endpoint: Hashable, Sendable {
  /// Its address.
  public var address: IPAddress
  /// Its TCP port.
  public var port: UInt16

  /// The end at `port` of `address`.
  @inlinable
  public init(_ address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }

  /// Address and port in one word; ends in IPv4 that differ have different words.
  @inlinable @inline(__always)
  var word: UInt64 {
    let low = address.low << 16 | address.low >> 48
    return (low ^ UInt64(port)) &+ address.high &* 0x9E37_79B9_7F4A_7C15
  }
}
