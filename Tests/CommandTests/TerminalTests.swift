import Testing

@testable import WSTapCommand

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

@Suite("The terminal")
struct TerminalTests {
  @Test("colours: the option decides; without it, a terminal, NO_COLOR and TERM do")
  func colors() {
    func uses(_ choice: ColorChoice, terminal: Bool, noColor: String? = nil, term: String? = "xterm") -> Bool {
      Terminal.usesColor(
        choice, isTerminal: terminal, environment: Environment(noColor: noColor, term: term, columns: nil))
    }
    #expect(uses(.auto, terminal: true))
    #expect(uses(.auto, terminal: true, noColor: ""))
    #expect(uses(.auto, terminal: true, term: nil))
    #expect(!uses(.auto, terminal: false))
    #expect(!uses(.auto, terminal: true, noColor: "1"))
    #expect(!uses(.auto, terminal: true, term: "dumb"))
    #expect(uses(.always, terminal: false, noColor: "1", term: "dumb"))
    #expect(!uses(.never, terminal: true))
  }

  @Test("without a terminal the width is what COLUMNS says, or 80")
  func widthWithoutTerminal() {
    func width(_ columns: String?) -> Int {
      Terminal(descriptor: -1, environment: Environment(columns: columns)).width
    }
    #expect(width("132") == 132)
    for nonsense in [nil, "", "0", "-5", "wide", "99999999999999999999"] { #expect(width(nonsense) == 80) }
    #expect(!Terminal(descriptor: -1, environment: Environment()).isTerminal)
  }

  #if os(Linux)
    @Test(
      "the width of a terminal comes from the terminal",
      .enabled(if: access("/dev/ptmx", R_OK | W_OK) == 0, "there are no pseudo-terminals"))
    func widthOfTerminal() throws {
      let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY)
      try #require(descriptor >= 0)
      defer { close(descriptor) }
      let terminal = Terminal(descriptor: descriptor, environment: Environment(columns: "132"))
      #expect(terminal.isTerminal)
      // It has not been told its size yet.
      #expect(terminal.width == 132)
      var size = winsize(ws_row: 24, ws_col: 61, ws_xpixel: 0, ws_ypixel: 0)
      #expect(ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0)
      #expect(terminal.width == 61)
    }
  #endif
}
