import Bytes
import Capture
import TestSupport
import Testing

@Suite("A copy as pcapng")
struct PcapngCopierTests {
  /// A capture with something of everything.
  private static func everything(_ order: ByteOrder, name: String = "eth0") -> Blocks {
    var blocks = Blocks(order)
    blocks.section(
      options: blocks.option(1, Array("comment on \(name)".utf8)) + blocks.option(3, Array("Linux".utf8))
        + blocks.endOfOptions)
    blocks.interface(
      1, snaplen: 96,
      options: blocks.option(2, Array(name.utf8)) + blocks.option(8, blocks.long(1_000_000_000))
        + blocks.option(11, Array("\0tcp".utf8)) + blocks.option(9, [9]) + blocks.option(14, blocks.long(5))
        + blocks.option(2988, blocks.word(32473) + [1, 2, 3]) + blocks.endOfOptions)
    blocks.block(10, blocks.word(0x544c_534b) + blocks.word(5) + Array("# abc".utf8))
    blocks.packet(
      [1, 2, 3, 4, 5], ticks: 7_000_000_001, original: 1500,
      options: blocks.option(1, Array("a packet".utf8)) + blocks.option(2, blocks.word(1))
        + blocks.option(4, blocks.long(7)) + blocks.endOfOptions)
    blocks.interface(101)
    blocks.packet([6, 7], interface: 1, ticks: 1 << 33)
    blocks.simplePacket([8, 9, 10])
    blocks.obsoletePacket([11], interface: 1, ticks: 12)
    blocks.block(
      5,
      blocks.word(0) + blocks.word(1) + blocks.word(2) + blocks.option(4, blocks.long(9))
        + blocks.option(5, blocks.long(3))
        + blocks.endOfOptions)
    return blocks
  }

  @Test("of one capture is the same, byte by byte", arguments: PcapngReadingTests.orders)
  func verbatim(order: ByteOrder) {
    var blocks = Self.everything(order)
    blocks.block(4, blocks.half(1) + blocks.half(7) + [10, 0, 0, 1] + Array("a\0b".utf8) + blocks.word(0))
    blocks.block(0xbad, blocks.word(32473) + [1, 2, 3, 4])
    blocks.block(0x7777, [1, 2, 3, 4])
    let second = Self.everything(order == .big ? .little : .big, name: "wlan0")
    #expect(pcapngCopy(of: [blocks.bytes + second.bytes]) == blocks.bytes + second.bytes)
  }

  @Test("leaves out what asks for that, and mends lengths")
  func mended() {
    var blocks = Blocks()
    blocks.section(length: 48)
    blocks.interface()
    blocks.block(0x4000_0bad, blocks.word(32473))
    blocks.block(4, [0, 0, 0, 0], trailing: 99)
    var expected = Blocks()
    expected.section()
    expected.interface()
    expected.block(4, [0, 0, 0, 0])
    #expect(pcapngCopy(of: [blocks.bytes]) == expected.bytes)
  }

  @Test(
    "has no options that reach past their block, or are of no width that others accept",
    arguments: PcapngReadingTests.orders)
  func brokenOptions(order: ByteOrder) {
    func capture(_ isBroken: Bool) -> [UInt8] {
      var blocks = Blocks(order)
      let good = blocks.option(1, Array("kept".utf8))
      let past = isBroken ? blocks.half(1) + blocks.half(60_000) + Array("lost".utf8) : blocks.endOfOptions
      let wrong = isBroken ? blocks.option(2, [1, 2, 3]) : []
      blocks.section(options: good + past)
      blocks.interface(options: good + past)
      blocks.packet([1, 2, 3, 4, 5], options: wrong + good + past)
      blocks.packet([6], options: isBroken ? past : blocks.endOfOptions)
      blocks.obsoletePacket([7, 8], options: wrong + good + past)
      blocks.block(5, blocks.word(0) + blocks.word(1) + blocks.word(2) + good + past)
      let name = blocks.half(1) + blocks.half(7) + [10, 0, 0, 1] + Array("a\0b\0".utf8)
      blocks.block(4, name + blocks.endOfOptions + good + past)
      blocks.block(4, name + (isBroken ? past : blocks.endOfOptions))
      return blocks.bytes
    }
    #expect(pcapngCopy(of: [capture(true)]) == capture(false))
    #expect(pcapngCopy(of: [capture(false)]) == capture(false))
    var other = Blocks(order == .big ? .little : .big)
    other.section()
    let merged = Reading(pcapngCopy(of: [other.bytes, capture(true)]))
    #expect(merged.faults.isEmpty && merged.packetEvents.map(\.bytes) == [[1, 2, 3, 4, 5], [6], [7, 8]])
  }

  @Test("of captures of both byte orders is one section that says the same", arguments: PcapngReadingTests.orders)
  func merged(order: ByteOrder) throws {
    let first = Self.everything(order)
    let second = Self.everything(order == .big ? .little : .big, name: "wlan0")
    let copy = pcapngCopy(of: [first.bytes, second.bytes])
    let reading = Reading(copy)
    #expect(reading.faults.isEmpty)
    #expect(reading.events.compactMap(\.interface).map(\.index) == [0, 1, 2, 3])
    #expect(reading.events.map(\.name).filter { !$0.isEmpty } == ["eth0", "wlan0"])
    #expect(reading.events.compactMap(\.statistics).map(\.droppedByInterface) == [3, 3])
    #expect(reading.events.compactMap(\.statistics).map(\.interface).sorted() == [0, 1])
    for file in 0...1 {
      let original = Reading([first, second][file].bytes)
      let packets = reading.packetEvents.filter { ($0.packet?.interface ?? 9) % 2 == UInt32(file) }
      #expect(packets.map(\.bytes).sorted { $0[0] < $1[0] } == original.packetEvents.map(\.bytes))
      #expect(Set(packets.compactMap { $0.packet?.time }) == Set(original.packetEvents.compactMap { $0.packet?.time }))
    }
    // Numbers in options are turned, comments are not; those on the second section stand with its interface.
    func times(_ text: String) -> Int { copy.indices.count { copy[$0...].starts(with: text.utf8) } }
    #expect(times("comment on eth0") == 1 && times("comment on wlan0") == 1 && times("a packet") == 2)
    let drops = Blocks(order)
    let option = drops.option(4, drops.long(7))
    #expect(copy.indices.count { copy[$0...].starts(with: option) } == 2)
  }

  @Test("of a pcap file says what the file says", arguments: PcapngReadingTests.orders)
  func pcap(order: ByteOrder) {
    for resolution in [TimestampResolution.microseconds, .nanoseconds] {
      for fcsLength in [0, 4] as [UInt8] {
        var capture = CaptureBuilder(linkType: .raw)
        capture.add([1, 2, 3], at: Timestamp(nanoseconds: 4_294_967_295_123_456_000), originalLength: 9)
        capture.add([], at: Timestamp(nanoseconds: 0))
        capture.add([UInt8](repeating: 7, count: 6000))
        let file = capture.pcap(order: order, resolution: resolution, snaplen: 9000, fcsLength: fcsLength)
        let (original, copy) = (Reading(file), Reading(pcapngCopy(of: [file])))
        #expect(copy.format == .pcapng && copy.faults.isEmpty)
        #expect(copy.packetEvents == original.packetEvents)
        let interface = copy.events.compactMap(\.interface).first
        #expect(interface?.resolution == resolution && interface?.snaplen == 9000 && interface?.linkType == .raw)
      }
    }
  }

  @Test("of what is captured on an interface says what is known of it")
  func live() {
    var copier = PcapngCopier(captures: 1, application: "a test")
    var buffer = BlockBuffer()
    let names = Array("eth0uplink".utf8)
    let interface = CaptureInterface(linkType: .ethernet, snaplen: 96, name: 0..<4, description: 4..<10)
    var counts = InterfaceStatistics(interface: 0, time: Timestamp(nanoseconds: 1_700_000_000_000_005_000))
    counts.droppedBySystem = 7
    let packet = CapturedPacket(
      number: 1, time: Timestamp(nanoseconds: 1_700_000_000_000_004_000), linkType: .ethernet, originalLength: 99,
      data: 0..<10)
    #expect(copier.append(.interface(interface), nil, names.span.bytes, file: 0, to: &buffer))
    copier.append(packet, nil, names.span.bytes, file: 0, to: &buffer)
    #expect(copier.append(.statistics(counts), nil, names.span.bytes, file: 0, to: &buffer))
    let reading = Reading(buffer.withBytes(0..<buffer.count) { Array($0) })
    #expect(reading.faults.isEmpty && reading.events.first?.name == "eth0")
    #expect(reading.events.first?.bytes == Array("uplink".utf8))
    #expect(reading.packetEvents.first?.bytes == names && reading.times == [packet.time.nanoseconds])
    #expect(reading.events.compactMap(\.statistics) == [counts])
  }

  @Test("of whatever can be read holds the same packets, and can be read itself")
  func hostile() {
    var random = TestSupport.SeededGenerator.announced("copies of damaged captures")
    for _ in 0..<2000 {
      let order = Bool.random(using: &random) ? ByteOrder.big : .little
      var file = Self.everything(order).bytes
      for _ in 0..<Int.random(in: 0...4, using: &random) {
        file[Int.random(in: file.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      let (original, copy) = (Reading(file), Reading(pcapngCopy(of: [file])))
      guard original.format == .pcapng else { continue }
      let packets = original.packetEvents
      #expect(copy.packetEvents.map(\.bytes) == packets.map(\.bytes))
      #expect(copy.packetEvents.compactMap { $0.packet?.time } == packets.compactMap { $0.packet?.time })
      #expect(!copy.faults.contains { if case .malformedBlock = $0 { true } else { false } })
      // Merging must get through as well; what other captures hold stays whole.
      let merged = Reading(pcapngCopy(of: [Self.everything(.little).bytes, file]))
      #expect(merged.packetEvents.count == 4 + packets.count)
    }
  }
}
