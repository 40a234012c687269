import Analysis
import Capture
import TestSupport
import Testing
import Transport

@Suite("Stable identifiers")
struct IdentifierTests {
  private let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)

  @Test("are FNV-1a of the ends and the time, as another program computes it")
  func vectors() {
    #expect(
      stableIdentifier(PacketBuilder.client, PacketBuilder.server, firstPacket: time) == 0x0010_84e1_1d19_04f0)
    #expect(
      stableIdentifier(PacketBuilder.client6, PacketBuilder.server6, firstPacket: time) == 0x7bd2_8b39_3a89_a3bc)
    let loopback = IPAddress(v4: 0x7f00_0001)
    #expect(
      stableIdentifier(
        Endpoint(loopback, port: 40_000), Endpoint(loopback, port: 8080), firstPacket: Timestamp(nanoseconds: -1))
        == 0x1fac_6ca2_65aa_54aa)
  }

  @Test("do not depend on which end is named first, and do on everything else")
  func symmetry() {
    let ends = [PacketBuilder.client, PacketBuilder.server, PacketBuilder.client6, PacketBuilder.server6]
    var all: Set<UInt64> = []
    for a in ends {
      for b in ends where a != b {
        let identifier = stableIdentifier(a, b, firstPacket: time)
        #expect(identifier == stableIdentifier(b, a, firstPacket: time))
        all.insert(identifier)
      }
    }
    #expect(all.count == 6)
    let later = Timestamp(nanoseconds: time.nanoseconds + 1)
    #expect(!all.contains(stableIdentifier(ends[0], ends[1], firstPacket: later)))
  }
}
