import Testing

@testable import WSTapCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The output file")
struct TerminalOutputFileTests {
  init() { SystemCalls.ignoreBrokenPipes() }

  private func settings(output: String, inputs: String...) -> Settings {
    var settings = Settings(format: "text")
    settings.output = output
    settings.inputs = inputs.map(Settings.Input.file)
    return settings
  }

  @Test("a new file holds what was written, in order, whatever the sizes")
  func contentsOfFile() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/out"
      let file = try OutputFile.open(settings(output: path))
      var expected: [UInt8] = []
      let size = OutputFile.bufferSize
      for (index, count) in [0, 1, size - 1, 1, size, 3, size + 1, 2 * size + 7, 5].enumerated() {
        let bytes = [UInt8](repeating: UInt8(index) + 65, count: count)
        try file.write(bytes.span.bytes)
        expected += bytes
      }
      try file.write("é\n")
      try file.close()
      #expect(contents(path) == String(decoding: expected, as: UTF8.self) + "é\n")
    }
  }

  @Test("records stay in the buffer until it is flushed, unless each is to leave at once")
  func buffering() throws {
    try withTemporaryFolder { folder in
      for leavesAtOnce in [false, true] {
        var settings = settings(output: folder + "/out")
        settings.flushesEachRecord = leavesAtOnce
        let file = try OutputFile.open(settings)
        try file.write("record\n")
        try file.endRecord()
        #expect(contents(folder + "/out") == (leavesAtOnce ? "record\n" : ""))
        try file.flush()
        #expect(contents(folder + "/out") == "record\n")
      }
    }
  }

  @Test("a file that exists is emptied first")
  func overwrites() throws {
    try withTemporaryFolder { folder in
      for text in ["a longer text", "short"] {
        let file = try OutputFile.open(settings(output: folder + "/out"))
        try file.write(text)
        try file.close()
        #expect(contents(folder + "/out") == text)
      }
    }
  }

  @Test("a capture that is being read is left alone, by whatever name")
  func refusesInput() throws {
    try withTemporaryFolder { folder in
      let capture = folder + "/capture"
      let file = try OutputFile.open(settings(output: capture, inputs: folder + "/missing"))
      try file.write("packets")
      try file.close()
      #expect(symlink(capture, folder + "/link") == 0)
      #expect(link(capture, folder + "/twin") == 0)
      for output in [capture, folder + "/link", folder + "/twin", folder + "/./capture"] {
        #expect(throws: OutputError.isInput(name: output)) {
          try OutputFile.open(settings(output: output, inputs: folder + "/other", capture))
        }
      }
      #expect(contents(capture) == "packets")
    }
  }

  @Test("what cannot be opened is told with its name and the reason")
  func cannotOpen() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/missing/out"
      let error = #expect(throws: OutputError.self) { try OutputFile.open(settings(output: path)) }
      #expect(error?.description == "cannot write to '\(path)': No such file or directory")
    }
  }

  @Test("a reader that has gone is no failure but a closed pipe")
  func closedPipe() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let file = OutputFile(descriptor: ends[1], name: "pipe", closesDescriptor: true)
    close(ends[0])
    try file.write("for nobody")
    #expect(throws: OutputError.closedPipe) { try file.flush() }
    try file.close()  // What could not be written is gone, and is not tried again.
  }

  @Test("that a reader has gone is known without a write")
  func readerIsGone() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    let file = OutputFile(descriptor: ends[1], name: "standard output", closesDescriptor: true)
    #expect(!file.isReaderGone)
    close(ends[0])
    #expect(file.isReaderGone)
    try withTemporaryFolder { folder in
      let file = try OutputFile.open(settings(output: folder + "/out"))
      #expect(!file.isReaderGone, "a file has no reader")
    }
  }

  @Test("a slow reader of a pipe that does not block gets everything")
  func nonBlockingPipe() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    #expect(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
    let file = OutputFile(descriptor: ends[1], name: "pipe", closesDescriptor: true)
    let reader = BackgroundReader(descriptor: ends[0])
    let bytes = [UInt8](repeating: 7, count: 3 * OutputFile.bufferSize + 1)
    try file.write(bytes.span.bytes)
    try file.write("end")
    try file.close()
    #expect(reader.finish() == bytes.count + 3)
  }

  @Test("a full disk is told as such", .enabled(if: access("/dev/full", W_OK) == 0, "there is no /dev/full"))
  func fullDisk() throws {
    let file = try OutputFile.open(settings(output: "/dev/full"))
    try file.write("record")
    let error = #expect(throws: OutputError.self) { try file.close() }
    let reason = "No space left on device; the output is incomplete"
    #expect(error?.description == "writing to '/dev/full' failed: \(reason)")
  }

  @Test("the sizes of files add up to a total, unless one of them has none")
  func totalSize() throws {
    try withTemporaryFolder { folder in
      for (name, text) in [("a", "12345"), ("b", "123")] {
        let file = try OutputFile.open(settings(output: "\(folder)/\(name)"))
        try file.write(text)
        try file.close()
      }
      #expect(FileStatus.totalSize(of: []) == 0)
      #expect(FileStatus.totalSize(of: [.file(folder + "/a"), .file(folder + "/b")]) == 8)
      #expect(FileStatus.totalSize(of: [.file(folder + "/a"), .file("/dev/null")]) == nil)
      #expect(FileStatus.totalSize(of: [.file(folder + "/missing")]) == nil)
      #expect(FileStatus.totalSize(of: [.file(folder)]) == nil)
    }
  }
}
