import Bytes
import Capture
import Foundation
import Synchronization
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("A file that several jobs read")
struct SharedChunksTests {
  @Test("is read once: who comes second looks at the same bytes, behind what is left of those before")
  func once() {
    let file = (0..<3 * SharedChunks.size + 1000).map { UInt8(truncatingIfNeeded: $0 &* 7 / 5) }
    let chunks = SharedChunks(jobs: 2)
    var reads: [Int] = []
    var buffers: [[UInt8]] = [[], []]
    var rests = [0..<0, 0..<0]
    for number in 0..<4 {
      for job in 0..<2 {
        let kept = Array(buffers[job][rests[job]])
        let range = chunks.take(number, for: job, into: &buffers[job], keeping: rests[job]) { number, bytes, start in
          reads.append(number)
          let part = file[(number * SharedChunks.size)...].prefix(SharedChunks.size)
          bytes.replaceSubrange(start..<start + part.count, with: part)
          return part.count
        }
        let expected = kept + file[(number * SharedChunks.size)...].prefix(SharedChunks.size)
        #expect(range.map { Array(buffers[job][$0]) } == expected, "chunk \(number), job \(job)")
        rests[job] = range.map { $0.upperBound - 100 * number..<$0.upperBound } ?? 0..<0
      }
    }
    #expect(reads == [0, 1, 2, 3])
  }

  @Test("is read alone by who is far ahead, and nobody waits for who is behind, or has left")
  func ahead() {
    let chunks = SharedChunks(jobs: 2)
    var buffer: [UInt8] = []
    func take(_ number: Int, for job: Int) -> Bool {
      chunks.take(number, for: job, into: &buffer, keeping: 0..<0) { _, _, _ in 1 } != nil
    }
    let taken = (1...40).prefix { take($0, for: 0) }
    #expect((8..<40).contains(taken.count))
    chunks.leave(1)
    let more = (41...80).filter { take($0, for: 0) }
    #expect(more.count == 40)
  }

  @Test("gives each of them what one alone reads, whatever the lengths of its packets, and who is slow")
  func sameEvents() throws {
    try withTemporaryFolder { folder in
      var random = SeededGenerator.announced("shared chunks")
      var file: [UInt8] = []
      let writer = PcapWriter()
      writer.appendHeader(linkType: .raw, to: &file)
      while file.count < 12 << 20 {
        let most = [60, 1500, 1500, 1500, 70_000, 600_000][Int.random(in: 0..<6, using: &random) * .random(in: 0...1)]
        let data = [UInt8](
          repeating: .random(in: 0...255, using: &random), count: .random(in: 0...most, using: &random))
        writer.appendPacket(data.span.bytes, time: Timestamp(nanoseconds: 0), to: &file)
      }
      for end in [file.count, file.count - 1, 4 * SharedChunks.size, SharedChunks.size + 1] {
        let path = try write(Array(file.prefix(end)), "shared", in: folder)
        let alone = try Self.read(path, nil, pauses: 0)
        let chunks = SharedChunks(jobs: 3)
        let seen = Mutex<[[Int]]>([])
        let threads = (0..<3).compactMap { job in
          WorkerThread {
            let packets = try? Self.read(path, SharedReading(chunks: chunks, job: job), pauses: UInt32(job * job * 50))
            chunks.leave(job)
            seen.withLock { $0.append(packets ?? []) }
          }
        }
        for thread in threads { thread.join() }
        let all = seen.withLock { $0 }
        #expect(all.count == 3 && all.allSatisfy { $0 == alone }, "of \(end) bytes")
      }
    }
  }

  /// The lengths and bytes of the packets, and faults as negative numbers.
  private static func read(_ path: String, _ shared: SharedReading?, pauses: UInt32) throws -> [Int] {
    var input = CaptureFile(.file(path), shared: shared)
    var seen: [Int] = []
    while let event = try input.next() {
      switch event {
      case .packet(let packet):
        let bytes = input.buffer[packet.data]
        guard let first = bytes.first, bytes.allSatisfy({ $0 == first }) else {
          seen.append(bytes.isEmpty ? 0 : -2)
          continue
        }
        seen.append(packet.data.count << 8 | Int(first))
      case .fault: seen.append(-1)
      default: break
      }
      if pauses > 0, seen.count % 64 == 0 { usleep(pauses) }
    }
    return seen
  }
}
