import Testing

@testable import WSTapCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("Progress")
struct TerminalProgressTests {
  private let mebibyte: UInt64 = 1 << 20

  @Test("with a known end it shows the share, the sizes, the speed and the time left")
  func knownEnd() {
    let text = ProgressLine.text(done: 300 * mebibyte, total: 1200 * mebibyte, elapsed: .seconds(2), width: 79)
    #expect(text == " 25%  300 MiB of 1.2 GiB  150 MiB/s  0:06 left")
    let all = ProgressLine.text(done: 1200 * mebibyte, total: 1200 * mebibyte, elapsed: .seconds(8), width: 79)
    #expect(all == "100%  1.2 GiB of 1.2 GiB  150 MiB/s  0:00 left")
    let nothing = ProgressLine.text(done: 0, total: 1200 * mebibyte, elapsed: .seconds(1), width: 79)
    #expect(nothing == "  0%  0 B of 1.2 GiB")
  }

  @Test("without a known end, or past it, it shows what was read, the speed and the time")
  func unknownEnd() {
    let text = "300 MiB  150 MiB/s  0:02"
    #expect(ProgressLine.text(done: 300 * mebibyte, total: nil, elapsed: .seconds(2), width: 79) == text)
    #expect(ProgressLine.text(done: 300 * mebibyte, total: mebibyte, elapsed: .seconds(2), width: 79) == text)
    #expect(ProgressLine.text(done: 0, total: 0, elapsed: .zero, width: 79) == "  0 B".dropFirst(2))
  }

  @Test("it never is wider than the terminal, and loses whole parts from the right")
  func narrow() {
    for width in -1...80 {
      let text = ProgressLine.text(done: .max / 2, total: .max, elapsed: .milliseconds(1), width: width)
      #expect(text.count <= max(0, width))
    }
    let text = ProgressLine.text(done: 300 * mebibyte, total: 1200 * mebibyte, elapsed: .seconds(2), width: 30)
    #expect(text == " 25%  300 MiB of 1.2 GiB")
  }

  @Test("it survives any numbers")
  func extremes() {
    let durations: [Duration] = [.zero, .seconds(-1), .nanoseconds(1), .seconds(Int64.max / 2)]
    for elapsed in durations {
      for done in [0, 1, UInt64.max] {
        for total in [nil, 0, 1, UInt64.max] {
          #expect(!ProgressLine.text(done: done, total: total, elapsed: elapsed, width: 200).isEmpty)
        }
      }
    }
  }

  @Test(
    "sizes have two or three digits",
    arguments: [
      (0, "0 B"), (999, "999 B"), (1000, "1.0 KiB"), (1024, "1.0 KiB"), (10_188, "9.9 KiB"), (10_189, "10 KiB"),
      (1_023_487, "999 KiB"), (1_023_488, "1.0 MiB"), (1.5e9, "1.4 GiB"), (1.8446744073709552e19, "16 EiB"),
    ] as [(Double, String)])
  func sizes(_ bytes: Double, _ text: String) { #expect(ProgressLine.size(bytes) == text) }

  @Test(
    "times are those of a clock",
    arguments: [
      (0, "0:00"), (5.4, "0:05"), (59.6, "1:00"), (754, "12:34"), (3723, "1:02:03"), (359_999, "99:59:59"),
      (360_000, ">100 h"), (.infinity, ">100 h"),
    ] as [(Double, String)])
  func times(_ seconds: Double, _ text: String) { #expect(ProgressLine.time(seconds) == text) }

  @Test("the line appears after half a second, changes five times a second, and is erased")
  func schedule() throws {
    let text = try written { descriptor in
      let terminal = Terminal(descriptor: descriptor, environment: Environment(columns: "60"))
      var progress = Progress(on: terminal, total: 100 * mebibyte, now: .seconds(1000))
      progress.erase()  // Nothing to erase yet.
      for tenth in 0...10 {
        progress.update(UInt64(tenth) * 10 * mebibyte, now: .seconds(1000) + .milliseconds(tenth * 100))
      }
      progress.erase()
      progress.erase()
    }
    #expect(
      text == """
        \r 50%  50 MiB of 100 MiB  100 MiB/s  0:01 left\u{1B}[K\
        \r 70%  70 MiB of 100 MiB  100 MiB/s  0:00 left\u{1B}[K\
        \r 90%  90 MiB of 100 MiB  100 MiB/s  0:00 left\u{1B}[K\
        \r\u{1B}[K
        """)
  }

  @Test("it is wanted on a terminal that nothing else writes to, unless -q was given")
  func wanted() {
    func isWanted(quiet: Bool = false, error: Bool = true, output: Bool = false, term: String = "xterm") -> Bool {
      Progress.isWanted(
        isQuiet: quiet, errorIsTerminal: error, outputIsTerminal: output, environment: Environment(term: term))
    }
    #expect(isWanted())
    #expect(!isWanted(quiet: true))
    #expect(!isWanted(error: false))
    #expect(!isWanted(output: true))
    #expect(!isWanted(term: "dumb"))
  }

  @Test("the clock goes forward")
  func clock() {
    let earlier = Progress.now()
    #expect(Progress.now() >= earlier)
  }

  /// What `body` writes to the descriptor that it is given; less than a pipe holds.
  private func written(_ body: (Int32) -> Void) throws -> String {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    body(ends[1])
    close(ends[1])
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    close(ends[0])
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}
