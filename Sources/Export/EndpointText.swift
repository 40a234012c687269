import Bytes
import Transport

extension ByteWriter {
  /// Writes `10.0.0.1:51514` or `[2001:db8::1]:80`.
  mutating func endpoint(_ endpoint: Endpoint) {
    if endpoint.address.isV6 {
      byte(0x5B)
      address(endpoint.address)
      byte(0x5D)
    } else {
      address(endpoint.address)
    }
    byte(0x3A)
    decimal(UInt64(endpoint.port))
  }

  /// Writes `10.0.0.1` or `2001:db8::1`.
  mutating func address(_ address: IPAddress) {
    if address.isV6 { ipv6(address) } else { ipv4(UInt32(truncatingIfNeeded: address.low)) }
  }

  private mutating func ipv4(_ address: UInt32) {
    decimal(UInt64(address >> 24))
    byte(0x2E)
    decimal(UInt64(address >> 16 & 0xFF))
    byte(0x2E)
    decimal(UInt64(address >> 8 & 0xFF))
    byte(0x2E)
    decimal(UInt64(address & 0xFF))
  }

  /// Writes an address in the form of RFC 5952: lower case, the longest run of zeros left out.
  private mutating func ipv6(_ address: IPAddress) {
    func group(_ i: Int) -> UInt64 {
      (i < 4 ? address.high : address.low) >> UInt64(48 - 16 * (i & 3)) & 0xFFFF
    }
    if address.high == 0, address.low >> 32 == 0xFFFF {  // an IPv4-mapped address, §5
      literal("::ffff:")
      ipv4(UInt32(truncatingIfNeeded: address.low))
      return
    }
    let zeros = longestZeroRun(group)
    var i = 0
    while i < 8 {
      if i == zeros.lowerBound, zeros.count > 1 {
        literal("::")
        i = zeros.upperBound
        continue
      }
      if i > 0, !(i == zeros.upperBound && zeros.count > 1) { byte(0x3A) }
      let value = group(i)
      hex(value, digits: value > 0xFFF ? 4 : value > 0xFF ? 3 : value > 0xF ? 2 : 1)
      i += 1
    }
  }

  private func longestZeroRun(_ group: (Int) -> UInt64) -> Range<Int> {
    var best = 8..<8
    var i = 0
    while i < 8 {
      var end = i
      while end < 8, group(end) == 0 { end += 1 }
      if end - i > best.count { best = i..<end }
      i = max(end, i + 1)
    }
    return best
  }
}
