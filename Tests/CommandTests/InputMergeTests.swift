import Bytes
import Capture
import Foundation
import Testing

@testable import WSTapCommand

@Suite("Several inputs")
struct InputMergeTests {
  /// Reads captures with packets at these seconds, given in this order.
  private func merged(_ files: [[Int64]]) throws -> [MergedPacket] {
    try withTemporaryFolder { folder in
      let paths = try files.enumerated().map { try write(capture(at: $1, first: UInt8($0 * 50)), "\($0)", in: folder) }
      let reading = MergedReading(paths)
      #expect(reading.errors.isEmpty && reading.faults.isEmpty)
      for packet in reading.packets {
        #expect(packet.byte == UInt8(packet.file * 50) + UInt8(packet.number) - 1)
      }
      return reading.packets
    }
  }

  @Test("are one capture in the order of time")
  func byTime() throws {
    let packets = try merged([[10, 20, 30], [1, 15, 25, 40], [12]])
    #expect(packets.map(\.seconds) == [1, 10, 12, 15, 20, 25, 30, 40])
    #expect(packets.map(\.file) == [1, 0, 2, 1, 0, 1, 0, 1])
    #expect(packets.map(\.number) == [1, 1, 1, 2, 2, 3, 3, 4])
  }

  @Test("give packets of the same time in the order in which they are named")
  func ties() throws {
    let packets = try merged([[5, 5, 7], [5, 6, 7], [4, 5]])
    #expect(packets.map(\.file) == [2, 0, 0, 1, 2, 1, 0, 1])
  }

  @Test("keep each file's own order, even when its times go back")
  func disorder() throws {
    let packets = try merged([[10, 3, 20], [5, 15]])
    #expect(packets.map(\.seconds) == [5, 10, 3, 15, 20])
  }

  @Test("in random interleavings are what sorting gives")
  func random() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    print("merge: seed \(seed)")
    var state = seed
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    for _ in 0..<50 {
      var files: [[Int64]] = []
      for _ in 0...next(5) { files.append((0..<next(30)).map { _ in Int64(next(40)) }.sorted()) }
      var expected: [(time: Int64, file: Int)] = []
      for (file, times) in files.enumerated() {
        for time in times { expected.append((time, file)) }
      }
      expected.sort { $0.time < $1.time || $0.time == $1.time && $0.file < $1.file }
      let packets = try merged(files)
      #expect(packets.map(\.seconds) == expected.map(\.time), "seed \(seed)")
      #expect(packets.map(\.file) == expected.map(\.file), "seed \(seed)")
    }
  }

  @Test("that a capture was cut into are open one at a time")
  func rolledFiles() throws {
    try withTemporaryFolder { folder in
      // Named in the wrong order, as a shell does that sorts 10 before 9.
      let order = (0..<300).map { ($0 * 7) % 300 }
      let paths = try order.map { try write(capture(at: [Int64($0) * 10, Int64($0) * 10 + 9]), "\($0)", in: folder) }
      let reading = MergedReading(paths, countingOpenFilesIn: folder)
      var expected: [Int64] = []
      for index in Int64(0)..<300 { expected += [index * 10, index * 10 + 9] }
      #expect(reading.packets.map(\.seconds) == expected)
      #expect(reading.mostOpenFiles <= 2)
      #expect(reading.contents.allSatisfy { $0.linkTypes == [.raw] })
      #expect(reading.interfaces.count == 300)
    }
  }

  @Test("may overlap all of them")
  func parallelFiles() throws {
    try withTemporaryFolder { folder in
      let paths = try (0..<100).map { try write(capture(at: [Int64($0), Int64($0) + 1000]), "\($0)", in: folder) }
      let reading = MergedReading(paths)
      let expected = Array(0..<100) + Array(1000..<1100) as [Int64]
      #expect(reading.packets.map(\.seconds) == expected)
      #expect(reading.packets.map(\.file) == Array(0..<100) + Array(0..<100))
    }
  }

  @Test("are read even if some of them cannot be")
  func badFiles() throws {
    try withTemporaryFolder { folder in
      let good = try write(capture(at: [1, 3]), "good", in: folder)
      let text = try write(Array("hello, hello, hello, hello".utf8), "text", in: folder)
      let cut = try write(Array(capture(at: [2, 4]).dropLast()), "cut", in: folder)
      let none = try write(capture(at: []), "none", in: folder)
      let reading = MergedReading([folder + "/missing", good, text, folder, cut, none])
      #expect(reading.packets.map(\.seconds) == [1, 2, 3])
      #expect(reading.packets.map(\.file) == [1, 4, 1])
      #expect(reading.errors.count == 3)
      #expect(reading.faults == [.cutOff(missing: 1)])
      #expect(reading.interfaces.sorted() == [1, 4, 5])
      #expect(reading.contents.map { $0.format != nil } == [false, true, false, false, true, true])
      #expect(MergedReading([]).packets.isEmpty)
      #expect(MergedReading([text, folder]).errors.count == 2)
    }
  }

  @Test("may be files and pipes together")
  func pipes() throws {
    try withTemporaryFolder { folder in
      let file = try write(capture(at: [2, 4, 6]), "file", in: folder)
      let paths = ["a", "b"].map { folder + "/" + $0 }
      var writers: [Int32] = []
      for (index, path) in paths.enumerated() {
        #expect(mkfifo(path, 0o600) == 0)
        writers.append(open(path, O_RDWR))
        let bytes = capture(at: [Int64(index), Int64(index) + 5])
        #expect(bytes.withUnsafeBytes { SystemCalls.write($0, to: writers[index]) } == 0)
      }
      var input = CaptureMerge([.file(paths[1]), .file(file), .file(paths[0])])
      var seconds: [Int64] = []
      while seconds.count < 5, let event = input.next() {
        guard case .packet(let packet) = event else { continue }
        if seconds.isEmpty { #expect(input.contents.allSatisfy { $0.format != nil }) }
        seconds.append(packet.time.nanoseconds / 1_000_000_000)
      }
      // What the pipes hold has been read: from here on their ends are waited for.
      writers.forEach { close($0) }
      while let event = input.next() {
        if case .packet(let packet) = event { seconds.append(packet.time.nanoseconds / 1_000_000_000) }
      }
      #expect(seconds == [0, 1, 2, 4, 5, 6, 6])
    }
  }
}
