import Bytes
import Capture
import Testing
import TestSupport

@Suite("However a capture file is fed")
struct FeedingTests {
  /// Captures that between them have every kind of record, sound and unsound.
  static let files: [(name: String, bytes: [UInt8])] = {
    var capture = CaptureBuilder()
    capture.keyLogs = [Array("CLIENT_RANDOM 1 2\n".utf8)]
    for length in [0, 1, 2, 3, 60, 61] { capture.add([UInt8](repeating: UInt8(length), count: length)) }
    capture.add(Array(0..<40), originalLength: 1500, linkType: .raw)
    var damaged = capture.pcap()
    damaged.replaceSubrange(damaged.count - 48..<damaged.count - 44, with: [255, 255, 255, 255])
    return [
      ("pcap, little-endian", capture.pcap()),
      ("pcap, big-endian", capture.pcap(order: .big, resolution: .microseconds)),
      ("pcapng, little-endian", capture.pcapng()),
      ("pcapng, big-endian", capture.pcapng(order: .big)),
      ("pcapng with faults", faults(.little) + faults(.big)),
      ("pcap with a bad length", damaged),
    ]
  }()

  static let limits = CaptureLimits(record: 400)

  private static func faults(_ order: ByteOrder) -> [UInt8] {
    var blocks = Blocks(order)
    blocks.section(options: blocks.option(4, Array("test".utf8)) + blocks.endOfOptions)
    blocks.interface(options: blocks.option(2, Array("eth0".utf8)) + blocks.option(9, [0x80]))
    blocks.packet([1, 2, 3], ticks: .max)
    blocks.block(6, blocks.enhancedPacket([1, 2], captured: 200))
    blocks.block(6, blocks.enhancedPacket([1, 2]), length: 34, trailing: 1)
    blocks.block(0x99, [UInt8](repeating: 1, count: 500))
    blocks.packet([4], interface: 9)
    blocks.simplePacket([9, 9, 9, 9])
    blocks.block(0xbad, [1, 2, 3, 4])
    blocks.block(5, blocks.word(0) + blocks.long(7) + blocks.option(4, blocks.long(8)))
    return blocks.bytes
  }

  @Test("byte by byte or all at once, it gives the same", arguments: files.indices)
  func pieces(index: Int) {
    let (name, file) = Self.files[index]
    let whole = Reading(file, limits: Self.limits)
    #expect(whole.packets >= 4, "\(name)")
    #expect(whole.offset == UInt64(file.count), "\(name)")
    for size in 1...file.count {
      let pieces = Reading(file, limits: Self.limits) { size }
      #expect(pieces.ignoringFeeding() == whole.ignoringFeeding(), "\(name) in pieces of \(size)")
    }
    for cut in 0..<file.count {
      var sizes = [cut, file.count]
      let pieces = Reading(file, limits: Self.limits) { sizes.removeFirst() }
      #expect(pieces.ignoringFeeding() == whole.ignoringFeeding(), "\(name) cut at \(cut)")
    }
  }

  @Test("in random pieces, it gives the same", arguments: files.indices)
  func randomPieces(index: Int) {
    let (name, file) = Self.files[index]
    let whole = Reading(file, limits: Self.limits)
    for seed in UInt64(0)..<200 {
      var random = SeededGenerator(seed: seed)
      let pieces = Reading(file, limits: Self.limits) { .random(in: 1...50, using: &random) }
      #expect(pieces.ignoringFeeding() == whole.ignoringFeeding(), "\(name), seed \(seed)")
    }
  }

  @Test("no more is kept than a record", arguments: files.indices)
  func memory(index: Int) {
    let (name, file) = Self.files[index]
    let reading = Reading(file, limits: Self.limits) { 1 }
    #expect(reading.largestRest <= Self.limits.record + 24, "\(name)")
  }

  @Test("cut off anywhere, it gives the packets before the cut and one fault", arguments: 0..<4)
  func truncation(index: Int) {
    let (name, file) = Self.files[index]
    let whole = Reading(file)
    var wholeFiles = 0
    for length in 24..<file.count {
      let reading = Reading(Array(file.prefix(length)))
      let events = reading.events.filter { $0.fault == nil }
      #expect(events == Array(whole.events.prefix(events.count)), "\(name) cut at \(length)")
      guard let fault = reading.faults.first else {
        wholeFiles += 1
        continue
      }
      #expect(reading.faults.count == 1, "\(name) cut at \(length)")
      guard case .cutOff(let missing) = fault else {
        Issue.record("\(name) cut at \(length): \(fault)")
        continue
      }
      #expect(missing > 0 && Int(missing) <= file.count - length, "\(name) cut at \(length)")
    }
    // Between two records nothing is cut off: once for each but the last.
    #expect(wholeFiles >= whole.events.count - 2, "\(name)")
  }

  @Test("changed at random, it never traps")
  func mutations() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = SeededGenerator(seed: seed)
    var packets: UInt64 = 0
    for round in 0..<20_000 {
      var file = Self.files[round % Self.files.count].bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) { Self.mutate(&file, &random) }
      let size = Bool.random(using: &random) ? Int.max : Int.random(in: 1...200, using: &random)
      let reading = Reading(file, limits: Self.limits) { size }
      packets += reading.packets
      if reading.error == nil, reading.offset != UInt64(file.count) {
        Issue.record("seed \(seed), round \(round): not all bytes were taken")
      }
    }
    print("mutated captures: seed \(seed), \(packets) packets left")
    #expect(packets > 0, "seed \(seed)")
  }

  private static func mutate(_ file: inout [UInt8], _ random: inout SeededGenerator) {
    guard file.count > 8 else { return }
    let position = Int.random(in: 0..<file.count - 4, using: &random)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: file[position] = .random(in: 0...255, using: &random)
    case 1: file[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 2:
      let words: [[UInt8]] = [
        [0, 0, 0, 0], [255, 255, 255, 255], [0, 0, 0, 1], [1, 0, 0, 0], [127, 255, 255, 255],
      ]
      file.replaceSubrange(position..<position + 4, with: words.randomElement(using: &random) ?? [])
    case 3: file.removeLast(Int.random(in: 0..<file.count, using: &random) / 4)
    case 4: file.removeSubrange(position..<position + 4)
    default: file.insert(contentsOf: file[position..<position + 4], at: position)
    }
  }
}
