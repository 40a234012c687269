import Export

/// What the helps and the manual page say besides the options. Words to be typed as they are stand in backquotes.
enum Manual {
  /// The program's name.
  static let name = "wstap"
  /// The program's version, as in `--version` and in the `capture` record.
  static let version = Version.current
  /// The day of the last change to this manual, as mdoc writes it.
  static let date = "November 20, 2026"
  /// What the program does, after "wstap:".
  static let summary = "show the WebSocket traffic in captures or live"
  /// The shape of a command line.
  static let usage = """
    Usage: wstap [OPTION]... FILE...     ('-' is standard input)
           wstap [OPTION]... -i INTERFACE
    """

  /// What the program does, in paragraphs.
  static let description = [
    """
    wstap reads packet captures (pcap or pcapng), or captures from an interface, reassembles the TCP connections in them, finds every WebSocket \
    handshake on any port, and decodes what follows, frame by frame and message by message: unmasked, joined from \
    fragments, and inflated where compression was agreed.
    """,
    """
    What it finds goes to standard output in the order in which it happened: connections, frames, messages, how each \
    connection ended, and a diagnostic wherever a peer broke the protocol or the capture has a hole. Every record \
    names the packets it comes from, by the numbers that Wireshark shows. A summary, progress and errors go to \
    standard error.
    """,
    """
    There is nothing to set up. wstap only reads: it sends nothing, looks up no names but those in a filter, and escapes \
    payloads, so that a capture cannot drive your terminal. Encrypted connections (wss) are decrypted with the secrets in a key log (--keylog) or in the capture.
    """,
    """
    Live, what comes is shown as soon as it is complete; a frame, within a fifth of a second. Missing bytes are waited for \
    as long as they may still come, and for three seconds at most once the receiver is known to have them. What could not be \
    captured, or not be decoded in time, is counted and told. Ctrl-C ends the capture, as its end; a \
    second one leaves what waits to be decoded. SIGUSR1 (and Ctrl-T where \
    the system knows it) prints how it stands. Capturing needs a right that decoding must not have: it is given up before \
    the first packet is looked at, and root becomes another user.
    """,
  ]

  /// Command lines worth knowing, each with what it does.
  static let examples: [(command: String, text: String)] = [
    ("wstap chat.pcapng", "Show everything: connections, frames, messages, and what is wrong with them."),
    ("wstap --only message chat.pcapng", "Show what was said, without the frames that carried it."),
    ("wstap --connection 3 -x chat.pcapng", "Show connection 3 alone, its payloads byte by byte."),
    (
      "wstap --json --only message chat.pcapng | jq -r .text",
      "Hand the messages to another program; here, jq prints the text of each."
    ),
    ("wstap -i any", "Watch the connections of this host while they are open."),
    ("wstap -i eth0 --json --only message | jq -r .text", "Hand what is said to another program, as it is said."),
    (
      "wstap big.pcapng -w small.pcapng --write websocket",
      "Cut the WebSocket connections out of a large capture, handshakes, comments and interfaces included."
    ),
    (
      "ssh host tcpdump -i any -U -w - tcp port 8080 | wstap -l -",
      "Watch another host's connections: tcpdump captures there, wstap decodes here."
    ),
    (
      "wstap -q --only diagnostic --fail-on error test.pcapng",
      "Check the capture of a test run: show what is wrong, and exit with status 1 if a peer broke the protocol."
    ),
  ]

  /// What holds of the limits, which stand in a table below it.
  static let limits = """
    What is held is limited, whatever a capture contains. What goes past a limit is still counted and decoded as far as \
    that needs no memory, and the output says what was left out. One connection never makes another one lose what is \
    held for it. At most there is:
    """

  /// Environment variables and what they do.
  static let environment: [(name: String, text: String)] = [
    ("NO_COLOR", "If set and not empty, the output is not coloured, unless `--color always` is given."),
    ("TERM", "If `dumb`, there are neither colours nor progress."),
    ("COLUMNS", "The width of the help where no terminal tells it; 80 if not set."),
  ]
}
