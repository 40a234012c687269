import Capture
import Foundation
import TestSupport
import Testing

@testable import WSTapCommand

@Suite("The program and its inputs")
struct CommandLineInputTests {
  private static let sample = "Samples/close-1011-server-error.pcap"

  /// Runs on what cannot be read: one line on standard error, nothing on standard output, exit code 2.
  private func expectRefusal(_ path: String, _ words: String, sourceLocation: SourceLocation = #_sourceLocation) throws
  {
    for format in ["text", "ndjson"] {
      let run = try runTool(["--format", format, path])
      #expect(run.code == 2 && run.output.isEmpty, sourceLocation: sourceLocation)
      let lines = run.error.split(separator: "\n")
      #expect(
        lines.count == 1 && run.error.hasPrefix("wstap: ") && run.error.contains(words), sourceLocation: sourceLocation)
    }
  }

  @Test("what cannot be read is refused with one clear line")
  func refusals() throws {
    try withTemporaryFolder { folder in
      try expectRefusal(folder, "is a folder")
      try expectRefusal(folder + "/missing.pcap", "No such file")
      try expectRefusal(try write([], "empty.pcap", in: folder), "is empty")
      try expectRefusal("README.md", "text, not a packet capture")
      try expectRefusal(try write([0xD4, 0xC3, 0xB2, 0xA1, 2, 0], "begun.pcap", in: folder), "begun.pcap")
      try expectRefusal(
        try write(pack(Array("no capture".utf8), .gzip), "packed.gz", in: folder), "not a packet capture")
    }
  }

  @Test(
    "a file that belongs to somebody else is refused with advice",
    .disabled(if: geteuid() == 0, "root may read everything"))
  func noPermission() throws {
    try withTemporaryFolder { folder in
      let path = try write(try SampleFiles.capture("browser-chat.pcap"), "secret.pcap", in: folder)
      chmod(path, 0)
      try expectRefusal(path, "Permission denied; captures often belong to root")
    }
  }

  @Test("a file that is cut off gives what it has, and a warning")
  func cutOff() throws {
    let run = try runTool(["Samples/cut-short.pcap"])
    #expect(run.code == 0 && run.text.contains("! warning capture.cut-off"))
    #expect(run.lines.count { $0.contains(" text ") } == 7)
    #expect(run.error.contains("1 warning"))
    #expect(try runTool(["--fail-on", "warning", "Samples/cut-short.pcap"]).code == 1)
  }

  @Test("packed files are read as they are, whatever their names, also from standard input")
  func packed() throws {
    let bytes = try SampleFiles.capture("browser-chat.pcap")
    try withTemporaryFolder { folder in
      for format in [.gzip, .zstd] as [CompressionFormat] {
        let path = try write(pack(bytes, format), "packed.bin", in: folder)
        #expect(try runTool([path]).text == golden("browser-chat.txt"))
        #expect(try runTool(["-"], input: .file(path)).text == golden("browser-chat.txt"))
      }
    }
  }

  @Test("of a packed file that is cut off, what came before is kept")
  func cutOffPacked() throws {
    // Two thirds of a file whose packed data comes in several pieces.
    let bytes = try SampleFiles.capture("masked-lengths.pcap.gz")
    try withTemporaryFolder { folder in
      let packed = pack(bytes, .gzip)
      let run = try runTool([try write(packed.dropLast(packed.count / 3), "cut.gz", in: folder)])
      #expect(run.code == 0 && run.text.contains("! warning capture.cut-off") && run.text.contains(" 125  30 31 32"))
      #expect(run.error.contains("warning"))
    }
  }

  @Test("several files are one capture, whatever their order")
  func severalFiles() throws {
    let files = ["Samples/rolled-1.pcap", "Samples/rolled-2.pcap"]
    #expect(try runTool(files.reversed()).text == golden("rolled.txt"))
    let run = try runTool(["-r", files[0], "-r", files[1], "--json", "--only", "frame"])
    #expect(run.lines.first?.contains(#""first_packet":8,"last_packet":8,"file":0,"last_file":0"#) == true)
    #expect(run.lines.last?.contains(#""file":1,"last_file":1"#) == true)
  }

  @Test("files that overlap in time are merged by it")
  func overlappingFiles() throws {
    try withTemporaryFolder { folder in
      var halves = [CaptureBuilder(), CaptureBuilder()]
      for (index, packet) in try packets(of: "browser-chat.pcap").enumerated() {
        halves[index % 2].add(packet.bytes, at: packet.time)
      }
      let paths = [
        try write(halves[0].pcap(), "odd.pcap", in: folder), try write(halves[1].pcapng(), "even.pcapng", in: folder),
      ]
      for paths in [paths, paths.reversed()] {
        #expect(try runTool(paths).text == golden("browser-chat.txt"))
      }
    }
  }

  @Test("a bad file among good ones is told, and the others are decoded")
  func badFileAmongGoodOnes() throws {
    let run = try runTool([Self.sample, "README.md", "missing.pcap", "Samples/vlan.pcap"])
    #expect(run.code == 2)
    #expect(run.text.contains("1011 internal error") && run.text.contains("Then do come in!"))
    #expect(run.error.contains("'README.md': text") && run.error.contains("'missing.pcap'"))
    #expect(run.error.contains("2 WebSocket connections"))
  }

  @Test("names of files cannot drive the terminal")
  func hostileNames() throws {
    try withTemporaryFolder { folder in
      let name = "\u{1B}[2J\u{1B}]0;owned\u{7}\n\r\u{9B}31m.pcap"
      let path = try write(try SampleFiles.capture("cut-short.pcap"), name, in: folder)
      let commands = [
        [path + ".missing"], [path, "Samples/vlan.pcap"], [path, "-o", path], ["-o", folder + "/\u{1B}[m/out", path],
        ["--json", path], ["--format", "tree", path, "Samples/vlan.pcap"], ["--\u{1B}[m"], ["--format", "\u{9B}m"],
      ]
      for command in commands {
        let run = try runTool(command)
        // In JSON, C1 controls may stand as they are (RFC 8259 §7).
        let isJSON = command.contains("--json")
        #expect(!holdsControls(run.text, sparingC1: isJSON) && !holdsControls(run.error), "\(command)")
      }
    }
  }
}

#if os(Linux)
  /// Elsewhere, names of files are UTF-8.
  @Suite("Files whose names are not UTF-8")
  struct FileNameTests {
    @Test("are read and written, and shown with their bytes escaped")
    func names() throws {
      try withTemporaryFolder { folder in
        let script = """
          cd '\(folder)' && cp "$1" "$(printf 'a\\377\\033.pcap')" && "$0" -q --json "$(printf 'a\\377\\033.pcap')" \
          -o "$(printf 'out\\376')" && grep -c . "$(printf 'out\\376')"
          "$0" "$(printf 'b\\200')" ; "$0" "$(printf 'a\\377\\033.pcap')" -o "$(printf 'a\\377\\033.pcap')"
          """
        let sample = SampleFiles.repository.appending(path: "Samples/vlan.pcap").path
        let process = Process()
        let (output, error) = (Pipe(), Pipe())
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", script, RunningTool.executable.path, sample]
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let written = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaints = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(Int(written.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 > 2, "\(written)")
        #expect(complaints.contains(#"cannot open 'b\x80'"#), "\(complaints)")
        #expect(complaints.contains(#"'a\xff\u{1b}.pcap' is a file being read"#), "\(complaints)")
      }
    }

    @Test("no code point of a name reaches the terminal that must not, and no name passes for another")
    func everyCodePoint() {
      var shown: Set<[UInt8]> = []  // bytes: equivalent strings are equal
      for value in UInt32(0)...0xFFFF {
        guard let scalar = Unicode.Scalar(value) else { continue }
        let name = quoted(String(scalar))
        #expect(shown.insert(Array(name.utf8)).inserted, "\(name)")
        for scalar in name.unicodeScalars
        where [.control, .format, .unassigned].contains(scalar.properties.generalCategory) {
          Issue.record("U+\(String(value, radix: 16)) is shown as it is")
        }
      }
      #expect(quoted(#"\u{1b}"#) != quoted("\u{1B}"))
    }
  }
#endif

/// Whether `text` holds a control character other than the line feed.
func holdsControls(_ text: String, sparingC1: Bool = false) -> Bool {
  text.unicodeScalars.contains { scalar in
    scalar != "\n" && scalar.properties.generalCategory == .control && !(sparingC1 && scalar.value >= 0x7F)
  }
}
