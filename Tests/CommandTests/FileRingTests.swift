import Capture
import Foundation
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("A ring of files")
struct FileRingTests {
  @Test(
    "is asked for in sizes, times and numbers",
    arguments: [
      ("size=100MB,time=1h,files=10", 100_000_000, 3_600_000_000_000, 10), ("size=4k", 4096, nil, nil),
      ("time=90", nil, 90_000_000_000, nil), ("files=2,time=5min", nil, 300_000_000_000, 2),
      ("time=0.5h, size=1k,  files=1", 1024, 1_800_000_000_000, 1), ("time=20ms", nil, 20_000_000, nil),
      ("size=1GiB", 1 << 30, nil, nil), ("size=1000", 1000, nil, nil), ("time=2d", nil, 172_800_000_000_000, nil),
    ] as [(String, UInt64?, Int64?, Int?)])
  func rule(text: String, size: UInt64?, time: Int64?, files: Int?) throws {
    let rule = try RingRule(text)
    #expect(rule.size == size && rule.time == time && rule.files == files)
  }

  @Test(
    "is not what makes no sense",
    arguments: [
      "", ",", "files=3", "size=0", "size=-1", "size=1.5M", "size=MB", "size=1M,size=2M", "time=1y", "time=1h,",
      "colour=3",
      "size=99999999999GB", "time=9999999999d", "size=1M,files=0", "size=1M,files=3k",
    ])
  func nonsense(text: String) { #expect(throws: RingRule.Fault.self) { try RingRule(text) } }

  @Test(
    "tells which part of it makes no sense",
    arguments: [
      ("size=1M,time=1y", "time=1y", "time=0.5s"), ("size=1M, files=0", "files=0", "files=10"),
      ("files=3", "files=3", "size= or time= as well"), ("size=1M,size=2M", "size=2M", "once"),
      ("size=1.5M,time=1", "size=1.5M", "whole number of bytes"), ("colour=3", "colour=3", "size=, time= or files="),
    ])
  func wrongPart(text: String, part: String, expected: String) {
    let fault = #expect(throws: RingRule.Fault.self) { try RingRule(text) }
    #expect(fault?.part == part && fault?.expected.contains(expected) == true)
  }

  /// A capture of many packets, with secrets, each of which tells its number.
  private static func capture(_ count: Int) -> (builder: CaptureBuilder, bytes: [UInt8]) {
    var builder = CaptureBuilder()
    builder.keyLogs = [Array("CLIENT_RANDOM 00 11\n".utf8)]
    for number in 0..<count {
      builder.add(PacketBuilder.tcp(seq: 0, payload: Array("packet \(number)".utf8)))
    }
    return (builder, builder.pcapng())
  }

  /// The files of the ring in `folder` with their packets; each must be whole.
  private static func files(
    in folder: String, hasSecrets: Bool = true
  ) throws -> [(name: String, size: Int, packets: [[UInt8]])] {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasPrefix("out") }.sorted()
    return try names.map { name in
      let file = [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)")))
      var reader = CaptureReader()
      var position = 0
      var packets: [[UInt8]] = []
      var secrets = 0
      while let event = try reader.finish(file.span.bytes, &position) {
        switch event {
        case .packet(let packet): packets.append(Array(file[packet.data]))
        case .secrets: secrets += 1
        case .fault(let fault): Issue.record("\(name): \(fault)")
        default: break
        }
      }
      #expect(secrets == (hasSecrets ? 1 : 0), "\(name)")
      return (name, file.count, packets)
    }
  }

  @Test("has files of the size that is asked for, each complete in itself", arguments: ["all", "websocket"])
  func size(which: String) throws {
    try withTemporaryFolder { folder in
      let (builder, bytes) = Self.capture(200)
      let path = try write(bytes, "in.pcapng", in: folder)
      let run = try runTool(["-w", "\(folder)/out.pcapng", "--ring", "size=2k", "--write", which, path])
      if which == "websocket" {  // There is none.
        let sizes = try Self.files(in: folder, hasSecrets: false).map(\.packets.count)
        #expect(sizes == [0])
        return
      }
      let files = try Self.files(in: folder)
      #expect(files.count > 5 && files.first?.name == "out_00001.pcapng")
      // What each one begins with does not count.
      let preamble = (files.map(\.size).reduce(0, +) - bytes.count) / (files.count - 1)
      #expect(preamble > 0)
      #expect(files.dropLast().allSatisfy { (1900 + preamble...2048 + preamble).contains($0.size) })
      #expect(files.flatMap(\.packets) == builder.packets.map(\.bytes))
      #expect(run.error.contains("wrote 200 packets to \(files.count) files, "))
    }
  }

  @Test("holds packets of the size that is asked for, however long what each file begins with is")
  func longPreamble() throws {
    try withTemporaryFolder { folder in
      var (builder, _) = Self.capture(40)
      builder.keyLogs = [[UInt8](repeating: 35, count: 100_000)]
      let path = try write(builder.pcapng(), "in.pcapng", in: folder)
      _ = try runTool(["-w", "\(folder)/out.pcapng", "--ring", "size=2k", path])
      let files = try Self.files(in: folder)
      #expect((2...4).contains(files.count) && files.flatMap(\.packets) == builder.packets.map(\.bytes))
    }
  }

  @Test("is no device's, and its folder must be there; who makes its files is told only live")
  func places() throws {
    try withTemporaryFolder { folder in
      let path = try write(Self.capture(1).bytes, "in.pcapng", in: folder)
      let device = try runTool(["-w", "/dev/null", "--ring", "size=1M", path])
      #expect(device.code == 2 && device.error.contains("'/dev/null' is no file"))
      let missing = try runTool(["-w", "\(folder)/none/x.pcapng", "--ring", "size=1M", path])
      #expect(missing.code == 2 && missing.error.hasSuffix("No such file or directory\n"), "\(missing.error)")
    }
    let forbidden = OutputError.cannotOpen(path: "x", reason: SystemCalls.message(EACCES))
    #expect(PacketWriting.explanation(of: forbidden, isLive: true).contains("made by the user '"))
    #expect(!PacketWriting.explanation(of: forbidden, isLive: false).contains("user"))
    let missing = OutputError.cannotOpen(path: "x", reason: SystemCalls.message(ENOENT))
    #expect(!PacketWriting.explanation(of: missing, isLive: true).contains("user"))
  }

  @Test("begins another file by the time of packets, and keeps the latest ones")
  func time() throws {
    try withTemporaryFolder { folder in
      var builder = CaptureBuilder()
      builder.keyLogs = [[1]]
      for second in [0, 1, 2, 9, 10, 13, 12, 30, 31] as [Int64] {
        builder.add([UInt8(second)], at: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + second * 1_000_000_000))
      }
      let path = try write(builder.pcapng(), "in.pcapng", in: folder)
      _ = try runTool(["-w", "\(folder)/out", "--ring", "time=10s", path])
      #expect(try Self.files(in: folder).map(\.packets) == [[[0], [1], [2], [9]], [[10], [13], [12]], [[30], [31]]])
      let run = try runTool(["-w", "\(folder)/out", "--ring", "time=10s,files=1", path])
      let files = try Self.files(in: folder)
      #expect(files.map(\.name) == ["out_00001", "out_00002", "out_00003", "out_00006"])
      #expect(files.last?.packets == [[30], [31]])
      #expect(run.error.contains("wrote 9 packets to 3 files, of which the last one is kept, '"))
    }
  }

  @Test("overwrites and deletes nothing that was there before, nor what took the place of a file")
  func others() throws {
    try withTemporaryFolder { folder in
      let mine = try write([1, 2, 3], "out_00002.pcapng", in: folder)
      var ring = FileRing("\(folder)/out.pcapng", try RingRule("size=1k,files=1"))
      var last: FileStatus?
      let names = try (0..<4).map { number in
        let file = try ring.next(after: last)
        last = file.status
        try file.close()
        let name = file.name
        if number == 2 {
          try FileManager.default.removeItem(atPath: name)
          _ = try write([4], String(name.dropFirst(folder.count + 1)), in: folder)
        }
        return name
      }
      #expect(names.map { $0.suffix(13) } == ["_00001.pcapng", "_00003.pcapng", "_00004.pcapng", "_00005.pcapng"])
      let left = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(left == ["out_00002.pcapng", "out_00004.pcapng", "out_00005.pcapng"])
      #expect(contents(mine)?.utf8.count == 3)
    }
  }

  @Test(
    "has numbers before the suffix of the name, if it has one",
    arguments: ["a.b/out", "out.pcapng", ".out", "x.out.cap"])
  func names(path: String) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/a.b", withIntermediateDirectories: true)
      var ring = FileRing("\(folder)/\(path)", try RingRule("size=1k"))
      let name = try ring.next().name.dropFirst(folder.count + 1)
      let expected = [
        "a.b/out": "a.b/out_00001", "out.pcapng": "out_00001.pcapng", ".out": ".out_00001",
        "x.out.cap": "x.out_00001.cap",
      ]
      #expect(expected[path].map { $0 == name } == true)
    }
  }
}
