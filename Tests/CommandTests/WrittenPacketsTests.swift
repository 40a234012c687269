import Capture
import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Packets that the program writes")
struct WrittenPacketsTests {
  private static let chat = "Samples/browser-chat.pcap"

  /// The records of connections in `files`, without what depends on the other packets of the capture: numbers of packets, files,
  /// and how long a connection was silent when the capture ended.
  private static func records(_ files: [String]) throws -> [JSONValue] {
    try runTool(["--json", "-q"] + files).lines.compactMap { line in
      let record = try JSONValue(parsing: String(line))
      return record["connection"]?.integer == nil ? nil : withoutPlaces(record)
    }
  }

  private static func withoutPlaces(_ value: JSONValue) -> JSONValue {
    switch value {
    case .object(let members):
      let isAtCaptureEnd = value["ended_by"]?.string == "capture-end"
      return .object(
        members.filter { member in
          let isPlace = member.key.contains("packet") || member.key.contains("file")
          return !isPlace && !(isAtCaptureEnd && member.key.hasPrefix("idle"))
        }.map { .init(key: $0.key, value: withoutPlaces($0.value)) })
    case .array(let elements): return .array(elements.map(withoutPlaces))
    default: return value
    }
  }

  private static func written(_ path: String) throws -> [SeenPacket] {
    let file = [UInt8](try Data(contentsOf: URL(filePath: path)))
    var reader = CaptureReader()
    var position = 0
    var packets: [SeenPacket] = []
    while let event = try reader.finish(file.span.bytes, &position) {
      switch event {
      case .packet(let packet):
        packets.append(SeenPacket(time: packet.time, bytes: Array(file[packet.data]), length: packet.originalLength))
      case .fault(let fault): Issue.record("\(path): \(fault)")
      default: break
      }
    }
    return packets
  }

  struct SeenPacket: Hashable {
    var time: Timestamp
    var bytes: [UInt8]
    var length: UInt32
  }

  // MARK: What is written

  @Test("say the same as the capture they come from", arguments: SampleFiles.names)
  func sameRecords(sample: String) throws {
    try withTemporaryFolder { folder in
      let expected = try Self.records(["Samples/\(sample)"])
      for which in ["all", "websocket"] {
        let path = "\(folder)/\(which).pcapng"
        let run = try runTool(["-w", path, "--write", which, "Samples/\(sample)"])
        #expect(run.output.isEmpty && run.code <= 1, "\(run.error)")
        #expect(try Self.records([path]) == expected, "\(which)")
      }
      #expect(try Self.written("\(folder)/all.pcapng").count >= Self.written("\(folder)/websocket.pcapng").count)
    }
  }

  @Test("of many captures are one capture, in the order of time")
  func merged() throws {
    let files = ["rolled-1.pcap", "rolled-2.pcap", "pcapng-two-interfaces.pcapng", "vlan.pcap"].map { "Samples/\($0)" }
    try withTemporaryFolder { folder in
      for which in ["all", "websocket"] {
        let path = "\(folder)/\(which).pcapng"
        #expect(try runTool(["-w", path, "--write", which] + files).code == 0)
        #expect(try Self.records([path]) == Self.records(files))
        let times = try Self.written(path).map(\.time)
        #expect(times == times.sorted() && times.count > 50)
      }
    }
  }

  @Test("are the connections that have a record, whole, and nothing else", arguments: MixedCapture.Wrapping.allCases)
  func cut(wrapping: MixedCapture.Wrapping) throws {
    var random = SeededGenerator.announced("a mixed capture")
    for _ in 0..<3 {
      let mixed = MixedCapture(wrapping, using: &random)
      try withTemporaryFolder { folder in
        let path = try write(mixed.pcap, "mixed.pcap", in: folder)
        let cut = "\(folder)/cut.pcapng"
        let run = try runTool(["-w", cut, "--write", "websocket", path])
        #expect(
          run.code == 0 && run.error.replacing(",", with: "").contains("wrote \(mixed.wanted.count) packets to"),
          "\(run.error)")
        #expect(try Self.written(cut).map(\.bytes) == mixed.wanted)
        #expect(try Self.records([cut]) == Self.records([path]))
      }
    }
  }

  @Test("are read by Wireshark without complaint", arguments: ["pcapng-two-interfaces.pcapng", "cut-short.pcap"])
  func wireshark(sample: String) throws {
    let tshark = "/usr/bin/tshark"
    guard FileManager.default.isExecutableFile(atPath: tshark) else { return print("skipped: no tshark") }
    try withTemporaryFolder { folder in
      let path = "\(folder)/cut.pcapng"
      _ = try runTool(["-w", path, "--write", "websocket", "Samples/\(sample)"])
      let process = Process()
      let errors = Pipe()
      process.executableURL = URL(filePath: tshark)
      process.arguments = ["-n", "-r", path, "-q", "-z", "io,stat,0"]
      process.standardError = errors
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(said.split(separator: "\n").allSatisfy { $0.hasPrefix("Running as user") }, "\(said)")
    }
  }

  // MARK: Where it is written

  @Test("go to standard output, where records then are not, and are read from there")
  func standardOutput() throws {
    let written = try runTool(["-w", "-", Self.chat])
    #expect(written.code == 0 && written.output.starts(with: [0x0A, 0x0D, 0x0D, 0x0A]))
    let reader = try RunningTool(["-"], input: .pipe)
    try reader.write(written.output)
    #expect(try reader.finish().text == golden("browser-chat.txt"))
  }

  @Test("leave records alone where these are asked for")
  func records() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/all.pcapng"
      let text = try golden("browser-chat.txt")
      #expect(try runTool(["-w", path, "--format", "text", Self.chat]).text == text)
      #expect(try runTool(["-w", path, "-o", "\(folder)/text", Self.chat]).output.isEmpty)
      #expect(contents("\(folder)/text") == text)
      #expect(try runTool(["-w", path, Self.chat]).output.isEmpty)
      #expect(try Self.written(path).count == 33)
      #expect(try runTool(["-c", "12", "-w", path, Self.chat]).code == 0)
      #expect(try Self.written(path).count == 12)
    }
  }

  @Test("never take the place of a capture that is read, nor of records")
  func otherFiles() throws {
    try withTemporaryFolder { folder in
      let bytes = try SampleFiles.capture("browser-chat.pcap")
      let path = try write(bytes, "in.pcap", in: folder)
      let run = try runTool(["-w", path, path])
      #expect(run.code == 2 && run.error.contains("is a file being read"))
      #expect(try [UInt8](Data(contentsOf: URL(filePath: path))) == bytes)
      let same = try runTool(["-w", "\(folder)/out", "-o", "\(folder)/out", path])
      #expect(same.code == 2 && same.error.contains("is to hold the records"))
    }
  }

  @Test("that cannot be written are an error; a reader that has gone is none")
  func failures() throws {
    if FileManager.default.fileExists(atPath: "/dev/full") {
      let full = try runTool(["-w", "/dev/full", Self.chat])
      #expect(full.code == 2 && full.error.contains("writing to '/dev/full' failed: No space left on device"))
    }
    let missing = try runTool(["-w", "/nonexistent/x.pcapng", Self.chat])
    #expect(missing.code == 2 && missing.error.contains("cannot write to '/nonexistent/x.pcapng'"))
    let tool = try RunningTool(["-w", "-", "-"], input: .pipe)
    try tool.closeOutput()
    try tool.write(SampleFiles.capture("browser-chat.pcap"))
    let run = try tool.finish()
    #expect(run.code == 0 && run.error.isEmpty)
  }

  @Test("are written when nobody reads the records any more")
  func closedRecords() throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/out.pcapng"
      let tool = try RunningTool(["-w", path, "--json", "-l", "-"], input: .pipe)
      try tool.closeOutput()
      try tool.write(SampleFiles.capture("browser-chat.pcap"))
      #expect(try tool.finish().code == 0)
      #expect(try !Self.written(path).isEmpty)
    }
  }

  @Test("are whole when a signal ends the reading", arguments: ["all", "websocket"])
  func interrupted(which: String) throws {
    try withTemporaryFolder { folder in
      let pipe = try NamedPipe(in: folder)
      let path = "\(folder)/out.pcapng"
      let tool = try RunningTool(["-w", path, "--write", which, "--json", "-l", pipe.path])
      var builder = CaptureBuilder()
      for packet in try packets(of: "browser-chat.pcap").prefix(12) { builder.add(packet.bytes, at: packet.time) }
      try pipe.write(builder.pcap())
      while let line = tool.readLine(), !line.contains("Morning, alice!") {}
      tool.send(SIGINT)
      #expect(try tool.finish().code == 0)
      let written = try Self.written(path).map(\.bytes)
      #expect(written.count > 8 && builder.packets.map(\.bytes).starts(with: written))
    }
  }

  @Test(
    "are asked for in a way that makes sense, or the answer says what does",
    arguments: [
      (["--ring", "size=1M"], "'--ring' needs '-w FILE'"), (["--write", "websocket"], "'--write' needs '-w FILE'"),
      (["-w", "-", "--json"], "name a file for the records"), (["-w", "-", "--ring", "size=1M"], "not '-'"),
      (["-w", "x", "--ring", "files=3"], "size=100MB,time=1h,files=10"),
      (["-w", "x", "--write", "some"], "all or websocket"),
    ] as [([String], String)])
  func usage(_ arguments: [String], _ answer: String) throws {
    let run = try runTool(arguments + [Self.chat])
    #expect(run.code == 2 && run.output.isEmpty && run.error.contains(answer), "\(run.error)")
  }
}
