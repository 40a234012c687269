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

@Suite("Writing what is captured live", .serialized)
struct LiveWritingTests {
  @Test(
    "leaves a file that says the same as what was seen",
    .enabled(if: LiveCommandTests.mayCapture, "no permission to capture"), arguments: ["all", "websocket"])
  func sameRecords(which: String) throws {
    try withTemporaryFolder { folder in
      let path = "\(folder)/live.pcapng"
      let talk = try LoopbackTalk()
      let tool = try RunningTool(
        ["-i", "lo", "-f", "tcp port \(talk.port)", "--json", "-w", path, "--write", which])
      _ = try #require(tool.readLine(), "the capture has begun")
      try talk.say(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8), Array("SSH-2.0-OpenSSH_9.2\r\n".utf8))
      try talk.say(
        ConversationBuilder.lines(ConversationBuilder.request()),
        ConversationBuilder.lines(ConversationBuilder.response())
          + ConversationBuilder.frame(from: .server, .text, Array("good evening".utf8)))
      var seen: [String] = []
      while let line = tool.readLine() {
        seen.append(line)
        if line.hasPrefix(#"{"type":"end""#) { break }
      }
      tool.send(SIGINT)
      let run = try tool.finish()
      #expect(run.code == 0 && seen.contains { $0.contains("good evening") }, "\(run.error)")
      let written = try runTool(["--json", path])
      // What is cut out has other numbers.
      let records = written.lines.filter { !$0.hasPrefix(#"{"type":"capture""#) && !$0.hasPrefix(#"{"type":"summ"#) }
      if which == "all" { #expect(records.map(String.init) == seen) } else { #expect(records.count == seen.count) }
      #expect(written.error.contains("2 TCP connections") == (which == "all"), "\(written.error)")
    }
  }
}

/// Two ends of connections over the loopback interface, both held by the test.
private final class LoopbackTalk {
  let port: UInt16
  private let listener: Int32

  init() throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let listener = socket(AF_INET, stream, 0)
    var address = Self.address(port: 0)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    let isListening = status == 0 && listen(listener, 5) == 0
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &length) }
    }
    self.port = UInt16(bigEndian: address.sin_port)
    self.listener = listener
    try #require(isListening)
  }

  deinit { close(listener) }

  private static func address(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  /// Opens a connection, lets the client say something and the server answer, and closes it.
  func say(_ request: [UInt8], _ response: [UInt8]) throws {
    #if canImport(Glibc)
      let stream = Int32(SOCK_STREAM.rawValue)
    #else
      let stream = SOCK_STREAM
    #endif
    let client = socket(AF_INET, stream, 0)
    defer { close(client) }
    var address = Self.address(port: port)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    try #require(status == 0)
    let server = accept(listener, nil, nil)
    try #require(server >= 0)
    defer { close(server) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    for (sender, receiver, bytes) in [(client, server, request), (server, client, response)] {
      try #require(write(sender, bytes, bytes.count) == bytes.count)
      var received = 0
      while received < bytes.count {
        let count = read(receiver, &buffer, buffer.count)
        try #require(count > 0)
        received += count
      }
    }
  }
}
