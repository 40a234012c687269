import Foundation
import TestSupport
import Testing

/// Captures that are still being written when the program reads them: `tcpdump -w - | wstap -l -`.
@Suite("The program on a pipe")
struct CommandLineStreamTests {
  private let capture: [UInt8]
  private let expected: [Substring]

  init() throws {
    capture = try SampleFiles.capture("browser-chat.pcap")
    expected = try golden("browser-chat.txt").split(separator: "\n")
  }

  @Test("records come while the capture is still running")
  func standardInput() throws {
    let tool = try RunningTool(["-l", "-"], input: .pipe)
    let half = capture.count / 2
    try tool.write(capture[..<half])
    for line in expected.prefix(4) { #expect(tool.readLine() == String(line)) }
    #expect(tool.isRunning)
    try tool.write(capture[half...])
    let run = try tool.finish()
    #expect(run.lines == Array(expected.dropFirst(4)))
    #expect(run.code == 0)
  }

  @Test("packets may arrive byte by byte")
  func byteByByte() throws {
    let tool = try RunningTool(["-l", "-"], input: .pipe)
    for byte in capture { try tool.write([byte]) }
    #expect(try tool.finish().lines == expected)
  }

  @Test("a named pipe is read like a file, one or many")
  func namedPipe() throws {
    try withTemporaryFolder { folder in
      let pipe = try NamedPipe(in: folder)
      let tool = try RunningTool(["-l", pipe.path])
      try pipe.write(capture)
      #expect(tool.readLine() == expected.first.map(String.init))
      try pipe.close()
      #expect(try tool.finish().lines == Array(expected.dropFirst()))
    }
  }

  @Test("a signal ends the reading, not the output", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    try withTemporaryFolder { folder in
      let pipe = try NamedPipe(in: folder)
      let tool = try RunningTool(["--json", "-l", pipe.path])
      let packets = try packets(of: "browser-chat.pcap").prefix(12)
      var builder = CaptureBuilder()
      for packet in packets { builder.add(packet.bytes, at: packet.time) }
      try pipe.write(builder.pcap())
      while let line = tool.readLine(), !line.contains("Morning, alice!") {}
      // The pipe is silent now, and stays open.
      tool.send(signal)
      let run = try tool.finish()
      #expect(run.lines.map { $0.prefix(13) } == [#"{"type":"end""#, #"{"type":"summ"#])
      #expect(run.text.contains(#""ended_by":"capture-end""#))
      #expect(run.code == 0)
      #expect(run.error.contains("3 messages") && run.error.contains("interrupted: the rest of the input was not read"))
    }
  }

  @Test("a signal that comes when connections are brought to their ends leaves the rest of them")
  func interruptedEnd() throws {
    try withTemporaryFolder { folder in
      var builder = CaptureBuilder()
      for number in UInt16(0)..<1000 {
        var talk = ConversationBuilder(client: .init(PacketBuilder.client.address, port: 20_000 + number))
        talk.open()
        talk.upgrade()
        for packet in talk.packets { builder.add(packet.bytes, at: packet.time) }
      }
      let file = folder + "/many.pcap"
      try Data(builder.pcap()).write(to: URL(filePath: file))
      let tool = try RunningTool(["--json", "-l", "--only", "end", file])
      // What it writes fills the pipe, so that it waits among the others until they are read.
      #expect(tool.readLine()?.hasPrefix(#"{"type":"end""#) == true)
      tool.send(SIGTERM)
      let run = try tool.finish()
      let given = run.lines.count + 1
      #expect(given < 1000 && run.code == 0)
      #expect(run.error.contains("interrupted: \(1000 - given) WebSocket connections were left without an end"))
      #expect(!run.error.contains("the rest of the input"))
    }
  }

  @Test("nothing but '-' reads standard input")
  func standardInputUnasked() throws {
    let path = SampleFiles.repository.appending(path: "Samples/browser-chat.pcap").path()
    let run = try runTool([], input: .file(path))
    #expect(run.code == 2 && run.output.isEmpty && run.error.contains("to read standard input, say 'wstap -'"))
    #expect(try runTool(["-"]).error.contains("standard input: the file is empty"), "/dev/null is empty")
  }
}

/// A named pipe that a test writes.
final class NamedPipe {
  let path: String
  private let handle: FileHandle

  init(in folder: String) throws {
    path = folder + "/pipe"
    try #require(mkfifo(path, 0o600) == 0)
    // For reading as well, so that opening does not wait for the program.
    handle = try #require(FileHandle(forUpdatingAtPath: path))
  }

  func write(_ bytes: [UInt8]) throws { try handle.write(contentsOf: Data(bytes)) }
  func close() throws { try handle.close() }
}
