import Bytes
import Capture
import Testing
import TestSupport

@Suite("A pcap file")
struct PcapReadingTests {
  static let orders: [ByteOrder] = [.big, .little]

  private func threePackets() -> CaptureBuilder {
    var capture = CaptureBuilder()
    capture.add([1, 2, 3, 4, 5])
    capture.add([], originalLength: 60)
    capture.add(Array(0...99), originalLength: 1500)
    return capture
  }

  @Test("gives its interface, then its packets, in both byte orders and resolutions", arguments: orders)
  func packets(order: ByteOrder) throws {
    for resolution in [TimestampResolution.microseconds, .nanoseconds] {
      let reading = Reading(threePackets().pcap(order: order, resolution: resolution, snaplen: 100))
      #expect(reading.error == nil)
      #expect(reading.format == .pcap(resolution: resolution, order: order))
      let interface = try #require(reading.events.first?.interface)
      #expect(interface == CaptureInterface(linkType: .ethernet, resolution: resolution, snaplen: 100))
      #expect(reading.packetEvents.map(\.bytes) == [[1, 2, 3, 4, 5], [], Array(0...99)])
      #expect(reading.numbers == [1, 2, 3])
      #expect(reading.times == [0, 1_000_000, 2_000_000].map { 1_700_000_000_000_000_000 + $0 })
      #expect(reading.events.compactMap { $0.packet?.originalLength } == [5, 60, 1500])
      #expect(reading.faults.isEmpty)
      #expect(reading.packets == 3)
    }
  }

  @Test("keeps nanoseconds, and seconds beyond 2038")
  func times() {
    var capture = CaptureBuilder()
    capture.add([0], at: Timestamp(nanoseconds: 123_456_789))
    capture.add([0], at: Timestamp(nanoseconds: Int64(UInt32.max) * 1_000_000_000 + 999_999_999))
    #expect(Reading(capture.pcap()).times == [123_456_789, 4_294_967_295_999_999_999])
    #expect(Reading(capture.pcap(resolution: .microseconds)).times == [123_456_000, 4_294_967_295_999_999_000])
  }

  @Test("says how much of each packet is frame check sequence", arguments: orders)
  func frameCheckSequence(order: ByteOrder) {
    let reading = Reading(threePackets().pcap(order: order, fcsLength: 4))
    #expect(reading.events.first?.interface?.linkType == .ethernet)
    #expect(reading.events.compactMap { $0.packet?.fcsLength } == [4, 4, 4])
  }

  @Test("may hold more of a packet than there was, and more than its snaplen")
  func capturedMoreThanOriginal() {
    var capture = CaptureBuilder()
    capture.add(Array(0..<50), originalLength: 10)
    for snaplen: UInt32 in [0, 20] {
      let reading = Reading(capture.pcap(snaplen: snaplen))
      #expect(reading.packetEvents.map(\.bytes.count) == [50])
      #expect(reading.faults.isEmpty)
    }
  }

  @Test("of the modified kind has longer record headers", arguments: orders)
  func modified(order: ByteOrder) {
    let words = Blocks(order)
    var file = words.word(0xa1b2_cd34) + words.half(2) + words.half(4) + words.long(0)
    file += words.word(65535) + words.word(1)
    for length: UInt32 in [3, 0, 2] {
      file += words.word(7) + words.word(8) + words.word(length) + words.word(60) + words.long(0)
      file += [UInt8](repeating: 9, count: Int(length))
    }
    let reading = Reading(file)
    #expect(reading.packetEvents.map(\.bytes) == [[9, 9, 9], [], [9, 9]])
    #expect(reading.times == [7_000_008_000, 7_000_008_000, 7_000_008_000])
  }

  @Test("older than version 2.4 has its lengths the other way round", arguments: [UInt16(2), 3])
  func swappedLengths(minor: UInt16) {
    let words = Blocks(.big)
    var file = words.word(0xa1b2_c3d4) + words.half(2) + words.half(minor) + words.long(0)
    file += words.word(65535) + words.word(1)
    file += words.word(0) + words.word(0) + words.word(60) + words.word(3) + [1, 2, 3]
    let reading = Reading(file)
    #expect(reading.packetEvents.map(\.bytes) == [[1, 2, 3]])
    #expect(reading.packetEvents.first?.packet?.originalLength == 60)
  }

  @Test("with a nonsense length is read up to it, and says how much is left")
  func nonsenseLength() {
    var file = threePackets().pcap(order: .big)
    let damaged = file.count
    file += Blocks(.big).long(0) + Blocks(.big).word(0x7fff_ffff) + Blocks(.big).word(60)
    file += [UInt8](repeating: 7, count: 1000)
    let reading = Reading(file)
    #expect(reading.packets == 3)
    #expect(
      reading.events.suffix(2).compactMap(\.fault) == [
        CaptureFault(.impossibleLength(0x7fff_ffff), offset: UInt64(damaged)),
        CaptureFault(.unread(bytes: 1016), offset: UInt64(damaged)),
      ])
  }

  @Test("that is cut off gives no partial packet")
  func cutOff() {
    let file = threePackets().pcap()
    let reading = Reading(Array(file.dropLast(7)))
    #expect(reading.packets == 2)
    #expect(reading.events.last?.fault == CaptureFault(.cutOff(missing: 7), offset: UInt64(file.count - 116)))
  }
}
