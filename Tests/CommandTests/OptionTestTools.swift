import Foundation
import Synchronization

@testable import WSTapCommand

/// The table that the tests of the options use; the product's formats come from the module Export.
let testTable = OptionTable(formats: [
  (name: "text", summary: "lines for people"), (name: "tree", summary: "every field, as a tree"),
  (name: "ndjson", summary: "one JSON object a line"),
])

/// The settings that `arguments` ask for, on a terminal.
func parse(_ arguments: String...) throws(UsageError) -> Settings {
  try CommandLineParser.parse(arguments, table: testTable, stdinIsTerminal: true)
}

/// The error that `arguments` cause; nil when there is none.
func usageError(_ arguments: String...) -> UsageError? {
  do throws(UsageError) {
    _ = try CommandLineParser.parse(arguments, table: testTable, stdinIsTerminal: true)
    return nil
  } catch {
    return error
  }
}

/// A program of this machine that checks what we generate.
struct Tool {
  /// Where it is.
  let path: String

  /// The program called `name`; nil when it is not installed.
  init?(_ name: String) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    let paths = folders.map { "\($0)/\(name)" }
    guard let path = paths.first(where: FileManager.default.isExecutableFile(atPath:)) else { return nil }
    self.path = path
  }

  /// Runs it in an empty folder that holds only a file of this text, whose path follows the arguments. Returns what it
  /// prints, on either output, and its exit code.
  func run(_ arguments: String..., file text: String) throws -> (output: String, code: Int32) {
    try withTemporaryFolder { folder in
      let file = folder + "/input"
      try text.write(toFile: file, atomically: false, encoding: .utf8)
      let process = Process()
      process.executableURL = URL(fileURLWithPath: path)
      process.arguments = arguments + [file]
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      process.environment = ["HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
      let pipe = Pipe()
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = pipe
      process.standardError = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      return (String(decoding: output, as: UTF8.self), process.terminationStatus)
    }
  }
}

/// Runs `body` with a new folder, which is removed afterwards.
func withTemporaryFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "/wstap-tests-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}

/// The bytes of the file at `path`, as text; nil when there is no such file.
func contents(_ path: String) -> String? {
  FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
}

/// Reads a descriptor to its end on a thread of its own, in small pieces, and closes it.
final class BackgroundReader: Sendable {
  private let count = Mutex(0)
  private let isDone = DispatchSemaphore(value: 0)

  /// Starts reading `descriptor`.
  init(descriptor: Int32) {
    Thread.detachNewThread { [self] in
      let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
      while let piece = try? file.read(upToCount: 1000), !piece.isEmpty { count.withLock { $0 += piece.count } }
      isDone.signal()
    }
  }

  /// Waits for the end and returns how many bytes there were.
  func finish() -> Int {
    isDone.wait()
    return count.withLock { $0 }
  }
}
