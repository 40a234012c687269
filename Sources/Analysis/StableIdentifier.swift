import Capture
import Transport

/// A 64-bit identifier of a TCP connection: the same in every run, on every machine, and for captures on either side.
///
/// FNV-1a (64 bit, offset basis 0xcbf29ce484222325, prime 0x100000001b3) over: the end that sorts first by (address, port),
/// then the other, then the time of the first packet. An end is 16 address bytes (IPv4 as ::ffff:a.b.c.d) and two port
/// bytes; the time is eight bytes of nanoseconds since 1970; all in network byte order.
public func stableIdentifier(_ one: Endpoint, _ other: Endpoint, firstPacket time: Timestamp) -> UInt64 {
  var hash = FNV1a()
  let a = canonical(one)
  let b = canonical(other)
  let isInOrder = a.high != b.high ? a.high < b.high : a.low != b.low ? a.low < b.low : a.port <= b.port
  hash.add(isInOrder ? a : b)
  hash.add(isInOrder ? b : a)
  hash.add(UInt64(bitPattern: time.nanoseconds), bytes: 8)
  return hash.value
}

extension FNV1a {
  fileprivate mutating func add(_ end: (high: UInt64, low: UInt64, port: UInt16)) {
    add(end.high, bytes: 8)
    add(end.low, bytes: 8)
    add(UInt64(end.port), bytes: 2)
  }
}

private func canonical(_ end: Endpoint) -> (high: UInt64, low: UInt64, port: UInt16) {
  end.address.isV6
    ? (end.address.high, end.address.low, end.port) : (0, 0xFFFF_0000_0000 | end.address.low, end.port)
}
