import Bytes
import Capture
import Foundation
import Testing
import TestSupport

/// Wireshark reads what the writers write, and numbers and times packets as the reader does. Needs tshark and editcap.
@Suite("Wireshark agrees", .serialized)
struct WiresharkTests {
  /// Output of a program; nil when it is not installed.
  private static func run(_ program: String, _ arguments: [String]) throws -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let path = folders.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile) else {
      print("skipped: \(program) is not installed")
      return nil
    }
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return String(decoding: output, as: UTF8.self)
  }

  private static func withFile<T>(_ bytes: [UInt8], _ body: (String) throws -> T) throws -> T {
    let path = NSTemporaryDirectory() + "capture-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return try body(path)
  }

  /// Number, time, original and captured length of each packet, as tshark prints them.
  private static func tshark(_ file: [UInt8]) throws -> [String]? {
    try withFile(file) { path in
      let fields = ["frame.number", "frame.time_epoch", "frame.len", "frame.cap_len"].flatMap { ["-e", $0] }
      return try run("tshark", ["-r", path, "-T", "fields"] + fields)?.split(separator: "\n").map(String.init)
    }
  }

  /// The same from the reader. Records that are no packets but have numbers are left out.
  private static func lines(_ reading: Reading) -> [String] {
    reading.events.compactMap(\.packet).map { packet in
      let (seconds, rest) = packet.time.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
      let fraction = String(repeating: "0", count: 9 - String(rest).count) + String(rest)
      let time = packet.hasTime ? "\(seconds).\(fraction)" : ""
      return "\(packet.number)\t\(time)\t\(packet.originalLength)\t\(packet.data.count)"
    }
  }

  private static func capture() -> CaptureBuilder {
    var capture = CaptureBuilder()
    for length in [60, 61, 0, 1500, 14] {
      capture.add([UInt8](repeating: 0xff, count: length), originalLength: UInt32(length + 3))
      capture.clock = Timestamp(nanoseconds: capture.clock.nanoseconds + 123_456_789)
    }
    return capture
  }

  @Test("on what the writers write")
  func writers() throws {
    for order in [ByteOrder.big, .little] {
      for resolution in [TimestampResolution.microseconds, .nanoseconds] {
        for file in [
          Self.capture().pcap(order: order, resolution: resolution),
          Self.capture().pcapng(order: order, resolution: resolution),
        ] {
          guard let expected = try Self.tshark(file) else { return }
          #expect(Self.lines(Reading(file)) == expected)
        }
      }
    }
  }

  @Test("on numbers and times of every kind of block")
  func blocks() throws {
    var file: [UInt8] = []
    let frame = [UInt8](repeating: 0xff, count: 20)
    for order in [ByteOrder.little, .big] {
      var blocks = Blocks(order)
      blocks.section()
      blocks.interface(1, snaplen: 16)
      let offset = blocks.option(14, blocks.long(UInt64(bitPattern: -3600)))
      blocks.interface(1, options: blocks.option(9, [0x94]) + offset + blocks.endOfOptions)
      blocks.packet(frame, ticks: 1_700_000_000_123_456)
      blocks.packet(frame, interface: 1, ticks: 1_700_000_000 << 20 | 0xfffff, original: 1500)
      blocks.simplePacket(Array(frame.prefix(16)), original: 20)
      blocks.obsoletePacket(frame, interface: 1, ticks: 1_700_000_000 << 20 | 1)
      blocks.block(4, blocks.word(0))
      blocks.block(5, blocks.word(0) + blocks.long(0))
      blocks.block(0x1234, [1, 2, 3, 4])
      blocks.block(6, blocks.enhancedPacket(frame), length: 51)
      for type: UInt32 in [0xbad, 0x4000_0bad] { blocks.block(type, blocks.word(32473) + [1, 2, 3, 4]) }
      blocks.block(9, Array("MESSAGE=hello\n__REALTIME_TIMESTAMP=1700000000000000\n\n".utf8))
      blocks.packet(frame, ticks: 5)
      file += blocks.bytes
    }
    guard let expected = try Self.tshark(file) else { return }
    let reading = Reading(file)
    let numbers = Set(reading.numbers.map { "\($0)" })
    #expect(reading.packets == UInt64(expected.count))
    #expect(Self.lines(reading) == expected.filter { numbers.contains(String($0.prefix { $0 != "\t" })) })
  }

  @Test("and what editcap converts is read the same")
  func editcap() throws {
    let original = Self.capture().pcap()
    let expected = Self.lines(Reading(original))
    try Self.withFile(original) { path in
      for format in ["pcap", "nsecpcap", "nsecmodpcap", "modpcap", "pcapng"] {
        let converted = path + "." + format
        defer { try? FileManager.default.removeItem(atPath: converted) }
        guard try Self.run("editcap", ["-F", format, path, converted]) != nil else { return }
        guard let data = FileManager.default.contents(atPath: converted) else { continue }
        let reading = Reading(Array(data))
        #expect(reading.faults.isEmpty)
        #expect(reading.packets == 5, "\(format)")
        if format == "nsecpcap" || format == "pcapng" { #expect(Self.lines(reading) == expected, "\(format)") }
      }
    }
  }
}
