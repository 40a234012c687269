import Analysis
import Bytes
import Capture
import Foundation
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("Written packets, where not all goes well")
struct WritingEndsTests {
  /// A connection with so many messages.
  private static func talk(_ count: Int) -> ConversationBuilder {
    var talk = ConversationBuilder.upgraded()
    for number in 0..<count { talk.frame(.server, .text, String(repeating: "message \(number) ", count: 10)) }
    return talk
  }

  private static func capture(_ talk: ConversationBuilder) -> [UInt8] {
    var builder = CaptureBuilder()
    builder.packets = talk.packets
    return builder.pcap()
  }

  /// How many packets the file at `path` holds, and how many faults.
  private static func read(_ path: String) throws -> (packets: Int, faults: Int) {
    let file = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var reader = CaptureReader()
    var (position, packets, faults) = (0, 0, 0)
    while let event = try reader.finish(file.span.bytes, &position) {
      switch event {
      case .packet: packets += 1
      case .fault: faults += 1
      default: break
      }
    }
    return (packets, faults)
  }

  @Test("are written to the end when the reader of the records goes in the middle")
  func closedRecords() throws {
    try withTemporaryFolder { folder in
      let talk = Self.talk(20_000)
      let path = try write(Self.capture(talk), "in.pcap", in: folder)
      let tool = try RunningTool(["-w", "\(folder)/out.pcapng", "--json", path])
      #expect(tool.readLine() != nil)
      try tool.closeOutput()
      let run = try tool.finish()
      #expect(run.code == 0 && run.error.contains("packets to '\(folder)/out.pcapng'"), "\(run.error)")
      #expect(try Self.read("\(folder)/out.pcapng") == (talk.packets.count, 0))
    }
  }

  @Test("do not end the records when their own reader goes")
  func closedPackets() throws {
    try withTemporaryFolder { folder in
      let talk = Self.talk(20_000)
      let path = try write(Self.capture(talk), "in.pcap", in: folder)
      let tool = try RunningTool(["-w", "-", "--json", "-o", "\(folder)/records", path])
      try tool.closeOutput()
      #expect(try tool.finish().code == 0)
      #expect(contents("\(folder)/records") == (try runTool(["--json", path]).text))
    }
  }

  @Test("are whole ones, as many as are counted, where there is no room for more")
  func fullDisk() throws {
    try withTemporaryFolder { folder in
      let path = try write(Self.capture(Self.talk(5000)), "in.pcap", in: folder)
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      let limited = #"trap '' XFSZ; ulimit -f 701; exec "$0" "$@""#
      process.arguments = ["-c", limited, RunningTool.executable.path, "-w", "\(folder)/out.pcapng", path]
      let errors = Pipe()
      process.standardError = errors
      try process.run()
      let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 2 && said.contains("the output is incomplete"), "\(said)")
      let (packets, faults) = try Self.read("\(folder)/out.pcapng")
      #expect(packets > 1000 && faults == 0)
    }
  }

  @Test("are told apart from what is written of one, in either byte order")
  func wholeBlocks() {
    var builder = CaptureBuilder()
    for count in [1, 300, 70_000] { builder.add([UInt8](repeating: 6, count: count)) }
    for order in [ByteOrder.little, .big] {
      let file = builder.pcapng(order: order)
      let last = file.count - 70_000 - 32
      for (length, packets) in [(file.count, 3), (file.count - 1, 2), (last, 2), (last - 1, 1)] {
        let walk = file.withUnsafeBytes { BlockWalk(UnsafeRawBufferPointer(rebasing: $0[..<length])) }
        #expect(walk.packets == packets && (length != last - 1) == (walk.length == (packets == 3 ? file.count : last)))
      }
    }
  }

  @Test("are those of the connections that are asked for by number")
  func selection() throws {
    var random = SeededGenerator.announced("a mixed capture")
    let mixed = MixedCapture(.fragments, using: &random)
    try withTemporaryFolder { folder in
      let path = try write(mixed.pcap, "mixed.pcap", in: folder)
      var sum = 0
      for number in 1...21 {
        let cut = "\(folder)/cut.pcapng"
        let select = ["-q", "--json", "--only", "connection,message", "--connection", "\(number)", path]
        let expected = try runTool(select)
        let run = try runTool(["-w", cut, "--write", "websocket"] + select)
        #expect(run.text == expected.text)
        let again = try runTool(["-q", "--json", "--only", "connection,message", cut])
        #expect(again.lines.count == expected.lines.count && expected.lines.count > 0, "\(number)")
        sum += try Self.read(cut).packets
      }
      #expect(sum == mixed.wanted.count)
    }
  }

  @Test("do not wait for fragments that the decoder has given up")
  func loneFragments() throws {
    try withTemporaryFolder { folder in
      let output = PacketOutput(try OutputFile.open("\(folder)/out", besides: []))
      var options = AnalyzerOptions()
      options.leavesTrail = true
      var analyzer = Analyzer(options)
      var tap = WebSocketPacketsTap(captures: 1, output, connections: nil, limits: WritingLimits(waiting: 40_000))
      var sink = RecordCollector()
      tap.note(.interface(CaptureInterface(linkType: .ethernet)), nil, [UInt8]().span.bytes, file: 0)
      let datagram = Array(PacketBuilder.tcp(seq: 0, payload: [UInt8](repeating: 7, count: 200))[14...])
      for number in 1...2000 as ClosedRange<UInt32> {
        let fragment = PacketBuilder.fragments(of: datagram, size: 64, identification: number)[1]
        let bytes = PacketBuilder.ethernet(fragment)
        let packet = CapturedPacket(
          number: UInt64(number), time: Timestamp(nanoseconds: Int64(number)), linkType: .ethernet,
          originalLength: UInt32(bytes.count), data: bytes.indices)
        tap.take(packet, nil, bytes.span.bytes, file: 0, &analyzer, into: &sink)
      }
      tap.finish(&analyzer)
      #expect(tap.remarks.forced == 0 && output.packets == 0)
    }
  }

  @Test("go into files whose names are told without what a terminal would obey")
  func names() throws {
    try withTemporaryFolder { folder in
      let run = try runTool(["-w", "\(folder)/a\u{1b}[31m", "Samples/browser-chat.pcap"])
      #expect(run.code == 0 && run.error.contains("wrote 33 packets to '") && !run.error.contains("\u{1b}"))
    }
  }

  @Test("go where one option says, as is captured from one interface", arguments: ["-w", "-i", "-f"])
  func repeated(option: String) throws {
    let run = try runTool([option, "a", option, "b", "Samples/browser-chat.pcap"])
    #expect(run.code == 2 && run.error.contains("option '\(option)' can be given only once"), "\(run.error)")
  }
}
