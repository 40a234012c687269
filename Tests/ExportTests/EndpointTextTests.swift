import Bytes
import Transport
import Testing

@testable import Export

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Addresses and ports as text: IPv6 in the one form that RFC 5952 recommends.
struct EndpointTextTests {
  private static func text(_ address: IPAddress, port: UInt16 = 80) -> String {
    var writer = ByteWriter()
    writer.endpoint(Endpoint(address, port: port))
    return writer.withBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// The address of eight groups.
  private static func address(_ groups: [UInt16]) -> IPAddress {
    func half(_ groups: ArraySlice<UInt16>) -> UInt64 { groups.reduce(0) { $0 << 16 | UInt64($1) } }
    return IPAddress(high: half(groups[..<4]), low: half(groups[4...]))
  }

  @Test(
    arguments: [
      (0, 0, "0.0.0.0:0"), (0x0A00_0001, 51_514, "10.0.0.1:51514"), (0x7F00_0001, 80, "127.0.0.1:80"),
      (0xFFFF_FFFF, 65_535, "255.255.255.255:65535"), (0x0164_0A09, 9, "1.100.10.9:9"),
    ] as [(UInt32, UInt16, String)])
  func anIPv4AddressIsWrittenWithDots(address: UInt32, port: UInt16, expected: String) {
    #expect(Self.text(IPAddress(v4: address), port: port) == expected)
  }

  @Test(
    arguments: [
      // §4.1: leading zeros are left out; a group of zeros is one zero.
      ([0x2001, 0xDB8, 0x11, 1, 0xA, 0x10, 0x100, 1], "2001:db8:11:1:a:10:100:1"),
      // §4.2.1: as short as can be.
      ([0x2001, 0xDB8, 0, 0, 0, 0, 2, 1], "2001:db8::2:1"),
      // §4.2.2: one group of zeros is not left out.
      ([0x2001, 0xDB8, 0, 1, 1, 1, 1, 1], "2001:db8:0:1:1:1:1:1"),
      ([0, 1, 1, 1, 1, 1, 1, 0], "0:1:1:1:1:1:1:0"),
      // §4.2.3: the longest run; of equal runs the first.
      ([0x2001, 0, 0, 1, 0, 0, 0, 1], "2001:0:0:1::1"),
      ([0x2001, 0xDB8, 0, 0, 1, 0, 0, 1], "2001:db8::1:0:0:1"),
      // §4.3: lower case.
      ([0x2001, 0xDB8, 0, 0, 0xABCD, 0xEF, 0xA, 0xFFFF], "2001:db8::abcd:ef:a:ffff"),
      // Runs at the ends, and nothing but a run.
      ([0, 0, 0, 0, 0, 0, 0, 0], "::"),
      ([0, 0, 0, 0, 0, 0, 0, 1], "::1"),
      ([1, 0, 0, 0, 0, 0, 0, 0], "1::"),
      ([0, 0, 1, 0, 0, 0, 0, 0], "0:0:1::"),
      ([0, 0, 0, 0, 0, 1, 0, 0], "::1:0:0"),
      ([0xFE80, 0, 0, 0, 0x202, 0xB3FF, 0xFE1E, 0x8329], "fe80::202:b3ff:fe1e:8329"),
      // §5: an IPv4-mapped address ends in dots; others that merely hold an IPv4 address do not.
      ([0, 0, 0, 0, 0, 0xFFFF, 0xC000, 0x0201], "::ffff:192.0.2.1"),
      ([0x64, 0xFF9B, 0, 0, 0, 0, 0xC000, 0x0201], "64:ff9b::c000:201"),
    ] as [([UInt16], String)])
  func anIPv6AddressIsWrittenAsRFC5952Says(groups: [UInt16], expected: String) {
    #expect(Self.text(Self.address(groups)) == "[\(expected)]:80")
  }

  @Test func everyPatternOfZeroGroupsReadsBackAsTheSameAddressAndIsTheSystemsText() {
    for pattern in 0..<256 {
      let groups = (0..<8).map { (i: Int) -> UInt16 in
        let isSet = (pattern >> i) & 1 == 1
        return isSet ? UInt16(16 * (i + 1)) : 0
      }
      let text = String(Self.text(Self.address(groups)).dropFirst().dropLast(4))
      var bytes = [UInt8](repeating: 0, count: 16)
      #expect(inet_pton(AF_INET6, text, &bytes) == 1, "\(text) is no address")
      #expect(bytes == groups.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
      var system = [CChar](repeating: 0, count: 64)
      guard inet_ntop(AF_INET6, bytes, &system, 64) != nil else { continue }
      let expected = String(decoding: system.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // The system writes what was once called IPv4-compatible with dots, which RFC 5952 §5 does not ask for.
      if !expected.contains(".") { #expect(text == expected) }
    }
  }
}
