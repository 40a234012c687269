import TestSupport
import Testing

@testable import Transport

@Suite("Finding connections")
struct FlowTableTests {
  private static func key(_ a: UInt64, _ b: UInt64, ports: (UInt16, UInt16) = (1, 2)) -> FlowKey {
    FlowKey.of(
      Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: a), port: ports.0),
      Endpoint(IPAddress(high: 0x2001_0db8_0000_0000, low: b), port: ports.1)
    ).0
  }

  @Test("both directions have the same key, and the direction tells them apart")
  func symmetry() {
    let ends = [
      PacketBuilder.client, PacketBuilder.server, PacketBuilder.client6, PacketBuilder.server6,
      Endpoint(PacketBuilder.client.address, port: 80), Endpoint(IPAddress(high: 0, low: 0x0a00_0001), port: 49_152),
      Endpoint(IPAddress(high: 1, low: 0x0a00_0001), port: 49_152),
    ]
    for a in ends {
      for b in ends where a != b {
        let (key, direction) = FlowKey.of(a, b)
        let (same, opposite) = FlowKey.of(b, a)
        #expect(key == same)
        #expect(direction == opposite.opposite)
        #expect(key.source(direction) == a)
        #expect(key.source(direction.opposite) == b)
      }
    }
  }

  @Test("a connection of an end with itself (the LAND attack) does no harm")
  func land() {
    let (key, _) = FlowKey.of(PacketBuilder.client, PacketBuilder.client)
    var table = FlowTable()
    table.insert(key, 3)
    #expect(table.find(key) == 3)
    table.remove(key)
    #expect(table.find(key) == nil)
  }

  @Test("insertions, removals and look-ups do what a dictionary does")
  func model() {
    var random = SeededRandom.announced("FlowTable model")
    for universe: UInt64 in [5, 60, 1000] {
      var table = FlowTable()
      var model: [FlowKey: Int] = [:]
      for round in 0..<20_000 {
        let key = Self.key(
          UInt64.random(in: 0..<universe, using: &random), UInt64.random(in: 0..<5, using: &random),
          ports: (UInt16.random(in: 0..<3, using: &random), 7))
        #expect(table.find(key) == model[key])
        if model[key] == nil {
          table.insert(key, round)
          model[key] = round
        } else if Bool.random(using: &random) {
          table.remove(key)
          model[key] = nil
        }
        #expect(table.count == model.count)
      }
      for (key, value) in model { #expect(table.find(key) == value) }
    }
  }

  @Test("removing what is not there changes nothing")
  func removeUnknown() {
    var table = FlowTable()
    table.insert(Self.key(1, 2), 0)
    table.remove(Self.key(3, 4))
    #expect(table.count == 1)
    #expect(table.find(Self.key(1, 2)) == 0)
  }

  @Test("nobody who knows the source, but not the seed, can choose keys that collide")
  func floodingResistance() {
    // Constants that the source shows, and other words that tend to cancel out.
    let words: [UInt64] = [
      0, .max, 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 1, 1 << 63, 0x1234_5678_9abc_def0,
    ]
    for seed: UInt64 in [0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3211, 0x5555_5555_aaaa_aaaa] {
      for high in words {
        for low in words {
          let fixed = Endpoint(IPAddress(high: high, low: low), port: 80)
          let hashes = Set(
            (1...200).map { i in
              let other = Endpoint(IPAddress(high: high, low: UInt64(i)), port: 80)
              return FlowKey.of(other, fixed).0.hash(seed: seed) & 0xFFFF_FFFF
            })
          #expect(hashes.count > 195, "\(high) \(low)")
        }
      }
    }
  }
}

@Suite("Sequence numbers")
struct SequenceNumberTests {
  @Test("distances are taken modulo 2^32, by the shorter way")
  func distance() {
    #expect(SequenceNumber(5).distance(to: SequenceNumber(8)) == 3)
    #expect(SequenceNumber(8).distance(to: SequenceNumber(5)) == -3)
    #expect(SequenceNumber(0xFFFF_FFFE).distance(to: SequenceNumber(3)) == 5)
    #expect(SequenceNumber(3).distance(to: SequenceNumber(0xFFFF_FFFE)) == -5)
    #expect(SequenceNumber(0).distance(to: SequenceNumber(0x7FFF_FFFF)) == 0x7FFF_FFFF)
    #expect(SequenceNumber(0).distance(to: SequenceNumber(0x8000_0000)) == -0x8000_0000)
  }

  @Test("advancing wraps, in both directions and by any count")
  func advance() {
    #expect(SequenceNumber(0xFFFF_FFFF).advanced(by: 1) == SequenceNumber(0))
    #expect(SequenceNumber(0).advanced(by: -1) == SequenceNumber(0xFFFF_FFFF))
    #expect(SequenceNumber(7).advanced(by: 1 << 32) == SequenceNumber(7))
    #expect(SequenceNumber(7).advanced(by: Int.max) == SequenceNumber(6))
    #expect(SequenceNumber(7).advanced(by: Int.min) == SequenceNumber(7))
  }
}
