import Foundation
import TestSupport

/// What the built program printed, and how it ended.
struct ToolRun {
  /// Standard output.
  var output: [UInt8]
  /// Standard error.
  var error: String
  /// The exit code; 128 and the signal's number if a signal ended it.
  var code: Int32

  /// Standard output as text.
  var text: String { String(decoding: output, as: UTF8.self) }
  /// The lines of standard output.
  var lines: [Substring] { text.split(separator: "\n") }
}

/// Runs the built program to its end, as a user does who stands in the repository's top folder.
func runTool(
  _ arguments: [String], input: RunningTool.Input = .nothing, output: FileHandle? = nil,
  environment: [String: String] = [:]
) throws -> ToolRun {
  try RunningTool(arguments, input: input, output: output, environment: environment).finish()
}

/// The built program while it runs: a process of its own, whose pipes a test holds.
final class RunningTool {
  /// Where standard input comes from.
  enum Input {
    /// It is at its end at once.
    case nothing
    /// The test writes it.
    case pipe
    /// This file.
    case file(String)
  }

  /// A test that waits in vain shall fail, not hang: the program is killed after so many seconds.
  private static let patience = 60

  /// The program. It lies beside the test bundle, or beside the test executable where there is no bundle.
  static let executable: URL = {
    let bundle = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL ?? Bundle.main.executableURL
    return (bundle ?? URL(filePath: ".")).deletingLastPathComponent().appending(path: "wstap")
  }()

  private let process = Process()
  private let inputPipe = Pipe()
  private let outputPipe = Pipe()
  private let errorFile = FileManager.default.temporaryDirectory.appending(path: "wstap-stderr-\(UUID().uuidString)")
  private var unread: [UInt8] = []

  /// Starts it. Standard output goes into a pipe, or to `output`; the environment has nothing but `environment`.
  init(
    _ arguments: [String], input: Input = .nothing, output: FileHandle? = nil, environment: [String: String] = [:]
  ) throws {
    signal(SIGPIPE, SIG_IGN)  // writing to a program that has ended is an error, not our end
    try Data().write(to: errorFile)
    process.executableURL = Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = SampleFiles.repository
    process.environment = environment
    process.standardError = try FileHandle(forWritingTo: errorFile)
    process.standardOutput = output ?? outputPipe
    switch input {
    case .nothing: process.standardInput = FileHandle.nullDevice
    case .pipe: process.standardInput = inputPipe
    case .file(let path): process.standardInput = try FileHandle(forReadingFrom: URL(filePath: path))
    }
    let process = process
    try Self.withoutBlockedSignals { try process.run() }
    // What is held until then keeps its descriptors: hundreds of programs would come to thousands of them.
    DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Self.patience)) { [weak process] in
      if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }
  }

  deinit { try? FileManager.default.removeItem(at: errorFile) }

  /// Tests run on threads that block signals, and a new program would inherit that.
  private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  /// Whether it has not ended yet.
  var isRunning: Bool { process.isRunning }

  /// Writes to its standard input.
  func write(_ bytes: some Sequence<UInt8>) throws { try inputPipe.fileHandleForWriting.write(contentsOf: Data(bytes)) }

  /// Ends its standard input.
  func closeInput() throws { try inputPipe.fileHandleForWriting.close() }

  /// Leaves its standard output to itself, as `head` does when it has seen enough.
  func closeOutput() throws { try outputPipe.fileHandleForReading.close() }

  /// Waits for the next line of its standard output; nil at the end.
  func readLine() -> String? {
    var searched = 0
    while true {
      // Lines can have megabytes: by `memchr`, and every byte once.
      let end = unread.withUnsafeBytes { bytes -> Int? in
        guard let start = bytes.baseAddress, let found = memchr(start + searched, 0x0A, bytes.count - searched) else {
          return nil
        }
        return UnsafeRawPointer(found) - start
      }
      if let end {
        defer { unread.removeSubrange(...end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      searched = unread.count
      // Not by `FileHandle`, which waits until it has all that it was asked for.
      var piece = [UInt8](repeating: 0, count: 65_536)
      let count = read(outputPipe.fileHandleForReading.fileDescriptor, &piece, piece.count)
      guard count > 0 else { return nil }
      unread += piece[..<count]
    }
  }

  /// Sends it a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// The most memory, in bytes, that it has had resident so far; nil where the system does not tell (it is Linux's
  /// `VmHWM`).
  var peakMemory: Int? {
    let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
    guard let line = status?.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }) else { return nil }
    return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// Ends its standard input, reads what it still prints, and waits for its end.
  func finish() throws -> ToolRun {
    try? inputPipe.fileHandleForWriting.close()
    var output = unread
    if (process.standardOutput as? Pipe) != nil {
      output += (try? outputPipe.fileHandleForReading.readToEnd()) ?? Data()
    }
    process.waitUntilExit()
    let code = process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    return ToolRun(output: output, error: contents(errorFile.path()) ?? "", code: code)
  }
}
