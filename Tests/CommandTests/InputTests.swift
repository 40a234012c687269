import Bytes
import Capture
import Foundation
import Synchronization
import Testing

@testable import WSTapCommand

@Suite("An input")
struct InputTests {
  @Test(
    "is read to its end, packed or not, told by its content", arguments: [nil, .gzip, .zstd] as [CompressionFormat?])
  func packed(format: CompressionFormat?) throws {
    try withTemporaryFolder { folder in
      let bytes = capture(at: Array(0..<20_000))
      let file = format.map { pack(bytes, $0) } ?? bytes
      let path = try write(file, "named-like-nothing", in: folder)
      let reading = MergedReading([path])
      let isWhole = reading.packets.enumerated().allSatisfy { index, packet in
        packet.seconds == Int64(index) && packet.byte == UInt8(truncatingIfNeeded: index)
      }
      #expect(reading.packets.count == 20_000 && isWhole)
      #expect(reading.errors.isEmpty)
      #expect(reading.faults.isEmpty)
      #expect(reading.bytesRead == UInt64(file.count))
      let contents = try #require(reading.contents.first)
      #expect(contents.format == .pcap(resolution: .nanoseconds, order: .little))
      #expect(contents.linkTypes == [.raw])
      #expect(contents.compression == format)
    }
  }

  @Test("may have records longer than the buffer, at any place", arguments: [1, 64, 1000, 4096])
  func longRecords(bufferSize: Int) throws {
    try withTemporaryFolder { folder in
      var file: [UInt8] = []
      let writer = PcapWriter()
      writer.appendHeader(linkType: .raw, to: &file)
      let lengths = [0, 1, 50, 5000, 3, 300_000, 1, 100, 70_000]
      for (index, length) in lengths.enumerated() {
        let data = [UInt8](repeating: UInt8(index), count: length)
        writer.appendPacket(data.span.bytes, time: Timestamp(nanoseconds: 0), to: &file)
      }
      for format in [nil, .gzip, .zstd] as [CompressionFormat?] {
        let path = try write(format.map { pack(file, $0) } ?? file, "long", in: folder)
        var input = CaptureFile(.file(path), bufferSize: bufferSize)
        var seen: [Int] = []
        while let event = try input.next() {
          guard case .packet(let packet) = event else { continue }
          #expect(input.buffer[packet.data].allSatisfy { $0 == UInt8(seen.count) })
          seen.append(packet.data.count)
        }
        #expect(seen == lengths)
      }
    }
  }

  @Test("cut off or damaged keeps what came before, and tells the fault")
  func damaged() throws {
    try withTemporaryFolder { folder in
      let bytes = capture(at: Array(0..<5000))
      let cut = MergedReading([try write(Array(bytes.dropLast(1)), "cut", in: folder)])
      #expect(cut.packets.count == 4999)
      #expect(cut.faults == [.cutOff(missing: 1)])

      for format in CompressionFormat.allCases {
        let packed = pack(bytes, format)
        let reading = MergedReading([try write(Array(packed.dropLast(packed.count / 3)), "cut", in: folder)])
        #expect(reading.packets.enumerated().allSatisfy { $1.seconds == Int64($0) })
        // Where not even the first packet came out, the file is no capture, and there is nothing to keep.
        let isAllLost = reading.packets.isEmpty && reading.errors.count == 1
        #expect(isAllLost || reading.faults.first == .compressionCutOff)
      }
      var packed = pack(bytes, .gzip)
      for index in packed.count / 2..<packed.count / 2 + 50 { packed[index] = 0xff }
      let reading = MergedReading([try write(packed, "damaged", in: folder)])
      #expect(reading.faults.contains(.damagedCompression))
      #expect(reading.packets.count > 100)
    }
  }

  @Test("that cannot be read is an error that says what to do")
  func errors() throws {
    try withTemporaryFolder { folder in
      func message(_ path: String) -> String { MergedReading([path]).errors.map(\.description).joined() }
      #expect(message(folder + "/none").hasPrefix("cannot open '\(folder)/none': No such file"))
      #expect(message(folder) == "'\(folder)' is a folder; name the captures in it, as in: FOLDER/*.pcap")
      #expect(
        message(try write([], "empty", in: folder)).hasSuffix(
          "empty': the file is empty: nothing was captured, or the capture still runs"))
      #expect(
        message(try write(Array("hello".utf8), "text", in: folder)).hasSuffix(
          "text, not a packet capture; name a pcap or pcapng file"))
      let twice = pack(pack(capture(at: [1]), .gzip), .gzip)
      #expect(message(try write(twice, "twice", in: folder)).contains("gzip data inside the file; unpack it first"))
      let packedText = pack([UInt8](repeating: 0x20, count: 100), .zstd)
      #expect(
        message(try write(packedText, "packed", in: folder)).hasSuffix(
          "text, not a packet capture; name a pcap or pcapng file"))
      guard geteuid() != 0 else { return }
      let secret = try write(capture(at: [1]), "secret", in: folder)
      chmod(secret, 0)
      #expect(message(secret).contains("Permission denied; captures often belong to root: use sudo"))
    }
  }

  @Test("from a pipe is given as it arrives")
  func pipe() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      // Open for both, so that opening it for reading need not wait.
      let writer = open(path, O_RDWR)
      var input = CaptureMerge([.file(path)])
      let bytes = capture(at: Array(0..<10))
      var sent = 0
      func send(upTo count: Int) {
        let rest = Array(bytes[sent..<count])
        sent = count
        _ = rest.withUnsafeBytes { SystemCalls.write($0, to: writer) }
      }
      send(upTo: 24)
      guard case .interface? = input.next() else { throw CancellationError() }
      for index in 0..<10 {
        // The rest of this packet and a bit of the next: no more is to be waited for.
        send(upTo: min(24 + 17 * (index + 1) + index, bytes.count))
        guard case .packet(let packet)? = input.next() else { throw CancellationError() }
        #expect(packet.time.nanoseconds == Int64(index) * 1_000_000_000)
      }
      close(writer)
      #expect(input.next() == nil)
      #expect(input.errors.isEmpty)
    }
  }

  @Test("that stays silent ends when it is told to stop")
  func stops() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      #expect(mkfifo(path, 0o600) == 0)
      let writer = open(path, O_RDWR)
      defer { close(writer) }
      let bytes = capture(at: [1, 2])
      #expect(
        bytes.withUnsafeBytes { SystemCalls.write(UnsafeRawBufferPointer(rebasing: $0.dropLast()), to: writer) } == 0)
      let counter = Counter()
      var input = CaptureMerge([.file(path)], isStopped: { counter.count() > 1 })
      var faults: [CaptureFault.Kind] = []
      var packets = 0
      while let event = input.next() {
        if case .packet = event { packets += 1 }
        if case .fault(let fault) = event { faults.append(fault.kind) }
      }
      #expect(packets == 1)
      #expect(faults == [.cutOff(missing: 1)])
    }
  }
}

/// Counts from 0, from any thread.
final class Counter: Sendable {
  private let value = Atomic(0)
  func count() -> Int { value.add(1, ordering: .relaxed).oldValue }
}
