import Bytes
import Capture
import Testing
import TestSupport

@Suite("A pcapng file that breaks the rules")
struct PcapngFaultTests {
  /// A section with an interface and a packet; `body` adds what is wrong; a good packet closes it.
  private func reading(
    limits: CaptureLimits = .default, order: ByteOrder = .little, _ body: (inout Blocks) -> Void
  ) -> Reading {
    var blocks = Blocks(order)
    blocks.section()
    blocks.interface()
    blocks.packet([1])
    body(&blocks)
    blocks.packet([99])
    return Reading(blocks.bytes, limits: limits)
  }

  @Test("with a length that is no multiple of 4 is read with the length rounded up")
  func unalignedLength() {
    let result = reading { blocks in
      blocks.block(6, blocks.enhancedPacket([1, 2]), length: 34)
      blocks.block(6, blocks.enhancedPacket([1, 2]), length: 35)
    }
    #expect(result.packetEvents.map(\.bytes) == [[1], [1, 2], [1, 2], [99]])
    #expect(result.faults == [.unalignedLength(34)])
  }

  @Test("with a second length unlike the first is read by the first")
  func trailingLength() {
    let result = reading { $0.block(6, $0.enhancedPacket([1, 2]), trailing: 77) }
    #expect(result.packetEvents.map(\.bytes) == [[1], [1, 2], [99]])
    #expect(result.faults == [.trailingLength(77)])
    // 28 + 20 + 36 bytes: the section, the interface, the first packet.
    #expect(result.events.compactMap(\.fault).first?.offset == 84)
  }

  @Test("with a length below 12 ends there", arguments: [UInt32(0), 4, 11])
  func impossibleLength(length: UInt32) {
    let result = reading { $0.block(6, [], length: length) }
    #expect(result.packets == 1)
    #expect(result.faults == [.impossibleLength(length), .unread(bytes: 12 + 36)])
  }

  @Test("with a block beyond the limit skips it and keeps step")
  func tooLong() {
    let result = reading(limits: CaptureLimits(record: 256)) { blocks in
      blocks.block(6, blocks.enhancedPacket([UInt8](repeating: 0, count: 300)))
      blocks.block(0x7777, [UInt8](repeating: 0, count: 5000))
    }
    #expect(result.packetEvents.map(\.bytes) == [[1], [99]])
    #expect(result.faults == [.tooLong(length: 332), .tooLong(length: 5012)])
  }

  @Test("with a block beyond the limit that never ends says how much of it is missing")
  func tooLongAndCutOff() {
    let result = reading { $0.block(6, [], length: 0xffff_ffff) }
    #expect(result.packets == 1)
    #expect(result.faults == [.tooLong(length: 0xffff_ffff), .cutOff(missing: 1 << 32 - 48)])
    #expect(Set(result.events.compactMap { $0.fault?.offset }) == [84])
  }

  @Test("with a block too short for its type skips it", arguments: [UInt32(1), 2, 3, 5, 6, 10])
  func shortBlocks(type: UInt32) {
    let result = reading { $0.block(type, []) }
    #expect(result.packetEvents.map(\.bytes) == [[1], [99]])
    #expect(result.faults == [.malformedBlock(type: type)])
  }

  @Test("with a packet longer than its block skips it")
  func packetLongerThanBlock() {
    let result = reading { blocks in
      blocks.block(6, blocks.enhancedPacket([1, 2, 3, 4], captured: 5))
      blocks.block(6, blocks.enhancedPacket([1, 2, 3, 4], captured: .max))
      blocks.block(3, blocks.word(100) + [1, 2, 3, 4])
      blocks.block(10, blocks.word(0) + blocks.word(5) + [1, 2, 3, 4])
    }
    #expect(result.packetEvents.map(\.bytes) == [[1], [99]])
    #expect(result.faults == [6, 6, 3, 10].map { .malformedBlock(type: $0) })
  }

  @Test("with a packet of an unknown interface skips it")
  func unknownInterface() {
    let result = reading { blocks in
      blocks.packet([5], interface: 1)
      blocks.obsoletePacket([5], interface: 0xffff)
      blocks.block(5, blocks.word(.max) + blocks.long(0))
    }
    #expect(result.numbers == [1, 2])
    #expect(result.faults == [.unknownInterface(1), .unknownInterface(0xffff), .unknownInterface(.max)])
  }

  @Test("with options that go wrong keeps the packets and says so once")
  func options() {
    let result = reading { blocks in
      for _ in 0..<3 {
        // Past the end of the block.
        blocks.packet([5], options: blocks.half(1) + blocks.half(400) + blocks.word(0))
        // Without an end mark.
        blocks.packet([6], options: blocks.option(1, [1, 2]))
        // The last value's padding is missing, and so is the room for it.
        blocks.packet([7], options: blocks.half(1) + blocks.half(3) + [1, 2, 3, 0])
      }
    }
    #expect(result.packetEvents.map(\.bytes) == [[1], [5], [6], [7], [5], [6], [7], [5], [6], [7], [99]])
    #expect(result.faults == [.malformedOption(code: 1), .optionsWithoutEnd])
  }

  @Test("with an interface option of the wrong length takes the default")
  func interfaceOptions() throws {
    let result = reading { blocks in
      blocks.interface(1, options: blocks.option(9, [9, 9]) + blocks.option(14, [1]) + blocks.endOfOptions)
    }
    let interface = try #require(result.events.compactMap(\.interface).last)
    #expect(interface.resolution == .microseconds)
    #expect(interface.timeOffset == 0)
    #expect(result.faults == [.malformedOption(code: 9)])
  }

  @Test("with more interfaces than the limit ignores the rest")
  func tooManyInterfaces() {
    let result = reading(limits: CaptureLimits(interfaces: 3)) { blocks in
      for _ in 0..<5 { blocks.interface() }
      blocks.packet([2], interface: 2)
      blocks.packet([3], interface: 3)
    }
    #expect(result.events.compactMap { $0.interface?.index } == [0, 1, 2])
    #expect(result.packetEvents.map(\.bytes) == [[1], [2], [99]])
    #expect(result.faults == [.tooManyInterfaces, .unknownInterface(3)])
  }

  @Test("with times out of range has them clamped", arguments: [ByteOrder.big, .little])
  func timeOutOfRange(order: ByteOrder) {
    let result = reading(order: order) { blocks in
      blocks.packet([2], ticks: .max)
      blocks.packet([3], ticks: UInt64(Int64.max / 1000))
      let offset = blocks.option(14, blocks.long(UInt64(bitPattern: .min)))
      blocks.interface(1, options: offset + blocks.endOfOptions)
      blocks.packet([4], interface: 1, ticks: .max)
    }
    #expect(result.times == [0, .max, Int64.max / 1000 * 1000, .min, 0])
    #expect(result.faults == [.timeOutOfRange])
  }

  @Test("whose later section is unknown ends there")
  func unknownSection() {
    for version: UInt16 in [0, 2] {
      let result = reading { $0.section(major: version) }
      #expect(result.packets == 1)
      #expect(result.faults == [.unknownSection, .unread(bytes: 28 + 36)])
    }
    let noMark = reading { $0.block(0x0a0d_0d0a, $0.word(0x1a2b_3c4e) + $0.long(0)) }
    #expect(noMark.faults == [.unknownSection, .unread(bytes: 24 + 36)])
  }

  @Test("tells every fault in a sentence that names the place")
  func sentences() {
    let kinds: [CaptureFault.Kind] = [
      .cutOff(missing: 1), .impossibleLength(1), .unread(bytes: 1), .tooLong(length: 1), .unalignedLength(1),
      .trailingLength(1), .malformedBlock(type: 1), .malformedOption(code: 1), .optionsWithoutEnd,
      .unknownInterface(1), .tooManyInterfaces, .timeOutOfRange, .unknownSection, .damagedCompression,
      .compressionCutOff, .compressionWindow, .trailingGarbage,
    ]
    for kind in kinds {
      #expect(CaptureFault(kind, offset: 4711).description.contains("at byte 4711"))
    }
  }
}
