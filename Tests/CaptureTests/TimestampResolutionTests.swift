import Bytes
import Capture
import Testing

@Suite("A capture's times")
struct TimestampResolutionTests {
  /// The time of a packet at `ticks` of an interface with these options.
  private func time(_ ticks: UInt64, resolution: UInt8? = nil, offset: Int64 = 0) -> Int64? {
    var blocks = Blocks(.big)
    blocks.section()
    var options = resolution.map { blocks.option(9, [$0]) } ?? []
    if offset != 0 { options += blocks.option(14, blocks.long(UInt64(bitPattern: offset))) }
    blocks.interface(options: options.isEmpty ? [] : options + blocks.endOfOptions)
    blocks.packet([1], ticks: ticks)
    return Reading(blocks.bytes).times.first
  }

  @Test("are microseconds unless the interface says otherwise")
  func byDefault() {
    #expect(time(1_700_000_000_123_456) == 1_700_000_000_123_456_000)
  }

  @Test("are exact in every decimal unit")
  func decimal() {
    #expect(time(1_700_000_000, resolution: 0) == 1_700_000_000_000_000_000)
    #expect(time(17_000_000_001, resolution: 1) == 1_700_000_000_100_000_000)
    #expect(time(1_700_000_000_123, resolution: 3) == 1_700_000_000_123_000_000)
    #expect(time(1_700_000_000_123_456_789, resolution: 9) == 1_700_000_000_123_456_789)
    // Finer than nanoseconds: rounded down. tshark 4.0 overflows here.
    #expect(time(17_000_000_123_456_789_999, resolution: 12) == 17_000_000_123_456_789)
    #expect(time(.max, resolution: 18) == 18_446_744_073)
    #expect(time(.max, resolution: 19) == 1_844_674_407)
    #expect(time(.max, resolution: 28) == 1)
    #expect(time(.max, resolution: 29) == 0)
    #expect(time(.max, resolution: 127) == 0)
  }

  @Test("are exact in every binary unit")
  func binary() {
    #expect(time(1_700_000_000, resolution: 0x80) == 1_700_000_000_000_000_000)
    #expect(time(1_700_000_000 << 1 | 1, resolution: 0x81) == 1_700_000_000_500_000_000)
    #expect(time(1_700_000_000 << 10 | 1, resolution: 0x8a) == 1_700_000_000_000_976_562)
    #expect(time(1_700_000_000 << 32 | 0xffff_ffff, resolution: 0xa0) == 1_700_000_000_999_999_999)
    #expect(time(.max, resolution: 0x80 | 64) == 999_999_999)
    #expect(time(.max, resolution: 0x80 | 94) == 0)
    #expect(time(.max, resolution: 0xff) == 0)
  }

  @Test("have the interface's offset added")
  func offset() {
    #expect(time(5, resolution: 0, offset: 1_700_000_000) == 1_700_000_005_000_000_000)
    #expect(time(5_000_000, offset: -5) == 0)
    #expect(time(1, offset: -1) == -999_999_000)
    #expect(time(1, resolution: 12, offset: -1) == -1_000_000_000)
  }

  @Test("are clamped to the nearest end of what 64 bits of nanoseconds hold")
  func clamped() {
    #expect(time(.max) == .max)
    #expect(time(.max, resolution: 0) == .max)
    #expect(time(0, offset: .min) == .min)
    #expect(time(.max, resolution: 0, offset: .max) == .max)
    // Both far out, and their sum in range again.
    #expect(time(20_000_000_000, resolution: 0, offset: -19_000_000_000) == 1_000_000_000_000_000_000)
  }

  @Test("survive writing and reading in every unit that is fine enough")
  func roundTrip() {
    let time = Timestamp(nanoseconds: 1_700_000_000_123_456_789)
    for (resolution, step) in [(TimestampResolution.decimal(9), 1), (.decimal(6), 1000), (.decimal(10), 1)]
      + [(.decimal(3), 1_000_000), (.binary(33), 1), (.binary(8), 3_906_250)] as [(TimestampResolution, Int64)]
    {
      var writer = PcapngWriter(order: .big)
      var file: [UInt8] = []
      writer.appendSection(to: &file)
      writer.appendInterface(linkType: .raw, resolution: resolution, timeOffset: 1_000_000, to: &file)
      writer.appendPacket([UInt8]().span.bytes, time: time, to: &file)
      let read = Reading(file).times.first ?? 0
      #expect(read <= time.nanoseconds && time.nanoseconds - read <= step)
    }
  }
}
