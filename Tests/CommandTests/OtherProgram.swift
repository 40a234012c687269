import Foundation
import TestSupport

/// A program that reads what ours writes; its tests are left out, and say so, where it is not installed.
struct OtherProgram {
  private let executable: String

  /// The program called `name`; nil if it is not installed.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let found = folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    guard let found else { return nil }
    executable = found
  }

  /// A Python that has `module`; nil if there is none. `Scripts/test` makes one with all that is read by libraries from PyPI.
  init?(pythonWith module: String) {
    let own = SampleFiles.repository.appending(path: ".build/formats/bin/python3").path()
    let candidates = [own] + [OtherProgram("python3")?.executable].compactMap { $0 }
    let found = candidates.first {
      FileManager.default.isExecutableFile(atPath: $0)
        && (try? OtherProgram(executable: $0).run(["-c", "import \(module)"]).code) == 0
    }
    guard let found else { return nil }
    executable = found
  }

  private init(executable: String) { self.executable = executable }

  /// What it prints, and its exit code.
  func run(_ arguments: [String]) throws -> (output: String, error: String, code: Int32) {
    let process = Process()
    let (output, error) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = error
    process.currentDirectoryURL = SampleFiles.repository
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    let complaint = try error.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (
      String(decoding: bytes, as: UTF8.self), String(decoding: complaint, as: UTF8.self), process.terminationStatus
    )
  }
}

/// Captures of what breaks careless formats.
enum HostileCapture {
  /// Every payload: controls, NUL, quotes, separators, formulas, characters beyond the BMP, and bytes that are no UTF-8.
  static let payloads: [[UInt8]] = [
    Array("\"\\/\u{0}\u{1}\u{8}\t\u{B}\r\n\u{1F}\u{7F}\u{85}\u{2028}\u{2029}\u{FEFF}\u{FFFD}</script>😀\u{10FFFF}".utf8),
    Array("=1+1".utf8), Array("+1".utf8), Array("-1,\"2\"".utf8), Array("@SUM(A1)".utf8), Array("\tx".utf8),
    Array("\rx".utf8), Array("'; DROP TABLE messages; --".utf8), [], [0], Array("a\0b".utf8), Array(0...255),
    [0xC3, 0x28], [0xED, 0xA0, 0x80], Array(repeating: 0xFF, count: 70_000),
  ]

  /// A server says each of them as text and as binary, pings with what is short, and closes.
  static var pcap: [UInt8] {
    var capture = ServerCapture()
    for payload in payloads {
      capture.frame(1, payload)
      capture.frame(2, payload)
      if payload.count < 126 { capture.frame(9, payload) }
    }
    capture.frame(8, [0x03, 0xE8] + Array("=bye\0\"".utf8))
    return capture.pcap
  }
}
