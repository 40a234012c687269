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
    A line of the default format has the number of the connection, the seconds since its handshake and since the line \
    before, an arrow (to the right: sent by the client; to the left: by the server), what it is, its length in bytes, and \
    its content, cut to the width of a terminal. What stands in brackets behind it tells how it was compressed, and what \
    is missing or was inferred. The last line of a connection, with a square, says how it ended.
    """,
    """
    Of many records, -Y, -g and the like select some, and --follow shows a connection as a conversation. --stats measures \
    in place of showing. --format html makes a report for the browser, the other formats hand the records to other \
    programs, and --extract and --write-file write contents and packets.
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
    ("wstap chat.pcapng", "Show everything: connections, messages, how they ended, and what is wrong with them."),
    ("wstap --only end chat.pcapng", "Show why each connection closed, one line for each."),
    (
      #"wstap -Y 'json.type == "say"' chat.pcapng"#,
      "Show what a display filter accepts; here, messages with a certain value in their JSON."
    ),
    (
      "wstap -g 'order-[0-9]+' --context 2 chat.pcapng",
      "Search payloads, and show what was said before and after in the same connection."
    ),
    (
      "wstap --follow 3 --color always chat.pcapng | less -R",
      "Read connection 3 as a conversation, with whole messages."
    ),
    ("wstap --connection 3 --format tree chat.pcapng", "Show every bit of the frames of connection 3."),
    ("wstap --keylog keys.txt chat.pcapng", "Decrypt wss with a key log that a browser wrote (SSLKEYLOGFILE)."),
    ("wstap --stats chat.pcapng", "Measure: sizes, rates, round trips, replies, who sent most."),
    ("wstap --format html -o report.html chat.pcapng", "Make a report for the browser, in one file."),
    (
      "wstap --redact all --format html -o open.html chat.pcapng",
      "The same for others to see: without cookies, credentials and tokens."
    ),
    (
      "wstap --json --only message chat.pcapng | jq -r .text",
      "Hand the messages to another program; here, jq prints the text of each."
    ),
    (
      "wstap --format csv -e time,sender,length chat.pcapng",
      "Make a table of messages for a spreadsheet, with these columns."
    ),
    ("wstap --format sqlite -o chat.db chat.pcapng", "Make a database to put questions to."),
    ("wstap --extract payloads chat.pcapng", "Write the content of each message into a file."),
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

  /// The files that the program knows of, in paragraphs.
  static let files = [
    """
    There is no configuration. wstap reads the captures, key logs and private keys that it is given. It writes the files \
    that --output, --write-file and --extract name, and never over a capture that it reads.
    """,
    """
    Where this page names docs/NAME.md, that is a page of wstap's documentation, which comes with its source; Scripts/docs \
    there makes a site of it, with a guide for each task.
    """,
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
