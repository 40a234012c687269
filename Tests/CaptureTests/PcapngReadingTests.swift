import Bytes
import Capture
import Testing
import TestSupport

@Suite("A pcapng file")
struct PcapngReadingTests {
  static let orders: [ByteOrder] = [.big, .little]

  @Test("gives its interfaces with their options", arguments: orders)
  func interfaces(order: ByteOrder) {
    var blocks = Blocks(order)
    blocks.section(options: blocks.option(4, Array("dumpcap".utf8)) + blocks.endOfOptions)
    blocks.interface(
      1, snaplen: 96,
      options: blocks.option(2, Array("eth0".utf8)) + blocks.option(3, Array("uplink".utf8))
        + blocks.option(9, [9]) + blocks.option(13, [32]) + blocks.option(14, blocks.long(UInt64(bitPattern: -5)))
        + blocks.option(1, Array("a comment".utf8)) + blocks.option(0x8bad, [1, 2, 3]) + blocks.endOfOptions)
    blocks.interface(113)
    let reading = Reading(blocks.bytes)
    #expect(reading.format == .pcapng)
    #expect(reading.faults.isEmpty)
    #expect(
      reading.events.compactMap(\.interface) == [
        CaptureInterface(
          linkType: .ethernet, fcsLength: 4, resolution: .nanoseconds, snaplen: 96, timeOffset: -5, name: 0..<4,
          description: 0..<6),
        CaptureInterface(index: 1, linkType: .linuxSLL),
      ])
    #expect(reading.events.map(\.name) == ["eth0", ""])
    #expect(reading.events.map(\.bytes) == [Array("uplink".utf8), []])
  }

  @Test("has packets in enhanced, simple and obsolete blocks, numbered together", arguments: orders)
  func packetBlocks(order: ByteOrder) {
    var blocks = Blocks(order)
    blocks.section()
    blocks.interface(1, snaplen: 4)
    blocks.interface(101)
    blocks.packet([1, 2, 3], ticks: 5, original: 1500)
    blocks.simplePacket([4, 5, 6, 7], original: 60)
    blocks.obsoletePacket([8, 9], interface: 1, ticks: 1 << 33)
    blocks.simplePacket([1, 2], original: 2)
    let reading = Reading(blocks.bytes)
    #expect(reading.faults.isEmpty)
    #expect(reading.numbers == [1, 2, 3, 4])
    #expect(reading.packetEvents.map(\.bytes) == [[1, 2, 3], [4, 5, 6, 7], [8, 9], [1, 2]])
    let packets = reading.events.compactMap(\.packet)
    #expect(packets.map(\.originalLength) == [1500, 60, 2, 2])
    #expect(packets.map(\.linkType) == [.ethernet, .ethernet, .raw, .ethernet])
    #expect(packets.map(\.interface) == [0, 0, 1, 0])
    // A simple packet has no time: it goes with the packet before it.
    #expect(packets.map(\.hasTime) == [true, false, true, false])
    #expect(reading.times == [5000, 5000, 1000 << 33, 1000 << 33])
  }

  @Test("may have sections of different byte orders, each with its own interfaces")
  func sections() {
    var file: [UInt8] = []
    for (index, order) in [ByteOrder.big, .little, .little, .big].enumerated() {
      var blocks = Blocks(order)
      blocks.section(minor: UInt16(index), length: index == 1 ? 60 : .max)
      blocks.interface(UInt16(index))
      blocks.packet([UInt8(index)], ticks: UInt64(index))
      file += blocks.bytes
    }
    let reading = Reading(file)
    #expect(reading.faults.isEmpty)
    #expect(reading.events.compactMap { $0.interface?.section } == [0, 1, 2, 3])
    #expect(reading.events.compactMap { $0.interface?.index } == [0, 0, 0, 0])
    #expect(reading.events.compactMap { $0.packet?.linkType.rawValue } == [0, 1, 2, 3])
    #expect(reading.numbers == [1, 2, 3, 4])
    #expect(reading.times == [0, 1000, 2000, 3000])
  }

  @Test("forgets a section's interfaces at the next section")
  func interfacesEndWithTheirSection() {
    var blocks = Blocks()
    blocks.section()
    blocks.interface()
    blocks.section()
    blocks.packet([1])
    blocks.simplePacket([2])
    #expect(Reading(blocks.bytes).faults == [.unknownInterface(0), .unknownInterface(0)])
  }

  @Test("may describe an interface between packets")
  func lateInterface() {
    var blocks = Blocks()
    blocks.section()
    blocks.interface(1)
    blocks.packet([1])
    blocks.interface(101, options: blocks.option(9, [3]) + blocks.endOfOptions)
    blocks.packet([2], interface: 1, ticks: 7)
    blocks.packet([3], ticks: 8)
    let reading = Reading(blocks.bytes)
    #expect(reading.times == [0, 7_000_000, 8000])
    #expect(reading.faults.isEmpty)
  }

  @Test("overrides the interface's frame check sequence in a packet's flags", arguments: orders)
  func packetFlags(order: ByteOrder) {
    var blocks = Blocks(order)
    blocks.section()
    blocks.interface(options: blocks.option(13, [4]) + blocks.endOfOptions)
    blocks.packet([1], options: blocks.option(2, blocks.word(2 << 5 | 1)) + blocks.endOfOptions)
    blocks.packet([1, 2], options: blocks.option(2, blocks.word(1)) + blocks.endOfOptions)
    blocks.packet([1, 2, 3, 4])
    blocks.obsoletePacket([1, 2, 3], options: blocks.option(2, blocks.word(15 << 5)) + blocks.endOfOptions)
    let reading = Reading(blocks.bytes)
    #expect(reading.events.compactMap { $0.packet?.fcsLength } == [2, 4, 4, 15])
    #expect(reading.faults.isEmpty)
  }

  @Test("tells what its interfaces dropped", arguments: orders)
  func statistics(order: ByteOrder) throws {
    var blocks = Blocks(order)
    blocks.section()
    blocks.interface()
    blocks.block(
      5,
      blocks.word(0) + blocks.word(0) + blocks.word(9) + blocks.option(2, blocks.long(1))
        + blocks.option(4, blocks.long(1000)) + blocks.option(5, blocks.long(3))
        + blocks.option(7, blocks.long(17 << 32)) + blocks.endOfOptions)
    let reading = Reading(blocks.bytes)
    let statistics = try #require(reading.events.compactMap(\.statistics).first)
    #expect(statistics.time == Timestamp(nanoseconds: 9000))
    #expect(statistics.received == 1000)
    #expect(statistics.droppedByInterface == 3)
    #expect(statistics.acceptedByFilter == nil)
    #expect(statistics.droppedBySystem == 17 << 32)
    #expect(statistics.delivered == nil)
    #expect(reading.faults.isEmpty)
  }

  @Test("carries key logs", arguments: orders)
  func secrets(order: ByteOrder) {
    var capture = CaptureBuilder()
    capture.keyLogs = [Array("CLIENT_RANDOM 00 11\n".utf8), Array("x".utf8)]
    capture.add([1])
    let reading = Reading(capture.pcapng(order: order))
    let secrets = reading.events.filter {
      if case .secrets(let secrets) = $0.event { secrets.type == .tlsKeyLog } else { false }
    }
    #expect(secrets.map(\.bytes) == capture.keyLogs)
    #expect(reading.packets == 1)
  }

  @Test("passes over blocks that hold no packets; those that Wireshark numbers take a number")
  func otherBlocks() {
    var blocks = Blocks()
    blocks.section()
    blocks.interface()
    blocks.packet([1])
    blocks.block(4, blocks.word(0))
    blocks.block(0x1234_5678, [1, 2, 3, 4])
    blocks.block(0x8000_0001, [])
    blocks.packet([2])
    blocks.block(0x0bad, blocks.word(32473))
    blocks.block(0x4000_0bad, blocks.word(32473) + [1, 2, 3, 4])
    blocks.block(9, Array("__REALTIME_TIMESTAMP=1\n".utf8))
    blocks.packet([3])
    let reading = Reading(blocks.bytes)
    #expect(reading.numbers == [1, 2, 6])
    #expect(reading.packets == 6)
    #expect(reading.blocksSkipped == 5)
    #expect(reading.faults.isEmpty)
  }

  @Test("and a pcap file hold the same packets", arguments: orders)
  func sameAsPcap(order: ByteOrder) {
    var random = SeededGenerator(seed: 11)
    var capture = CaptureBuilder()
    for _ in 0..<50 {
      let length = Int.random(in: 0...300, using: &random)
      capture.add((0..<length).map { _ in .random(in: 0...255, using: &random) }, originalLength: 2000)
    }
    let pcap = Reading(capture.pcap(order: order))
    let pcapng = Reading(capture.pcapng(order: order))
    #expect(pcap.packetEvents == pcapng.packetEvents)
    #expect(pcap.packetEvents.map(\.bytes) == capture.packets.map(\.bytes))
  }
}
