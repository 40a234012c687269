/// Every option, once.
///
/// The parser, `-h`, `--help`, the manual page and the completions are made from these rows and from nothing else: to
/// add an option, add its row here and the property that it sets to `Settings`.
struct OptionTable: Sendable {
  /// The options in the order in which the helps list them; those of a group stand together.
  let options: [Option]
  /// The output formats that `--format` knows; the first is the default.
  let formats: [Choice]

  /// The table of a program that can print `formats`, the first of them by default.
  init(formats: [(name: String, summary: String)]) {
    self.formats = formats.map { Choice(name: $0.name, summary: $0.summary) }
    options =
      Self.input + Self.decryption + Self.live + Self.selection + Self.filtering
      + Self.presentation(self.formats) + Self.views + Self.meaning + Self.output + Self.writing + Self.extraction
      + Self.limits
      + Self.outcome + Self.information
  }

  /// What holds when no option is given.
  var defaults: Settings { Settings(format: formats.first?.name ?? "") }

  /// The option called `name`, without dashes.
  func option(named name: some StringProtocol) -> Option? { options.first { $0.name == name } }

  /// The option with the letter `letter`.
  func option(lettered letter: Character) -> Option? { options.first { $0.letter == letter } }

  private static let input = [
    Option(
      name: "read", letter: "r", argument: .init(name: "FILE", values: .file), isRepeatable: true, group: .input,
      summary: "read this capture ('-' is stdin)",
      details: """
        Read this capture, just as if FILE stood on the command line without the option. May be repeated. \
        A FILE of '-' is standard input, which is read only when it is asked for like this.
        """,
      apply: { settings, given throws(UsageError) in settings.inputs.append(.init(argument: try given.path())) }),
    Option(
      name: "no-checksums", group: .input,
      summary: "accept wrong TCP checksums",
      details: """
        Use TCP segments even if their checksum is wrong. By default they are left out, because the receiving host \
        throws them away as well, and the sender sends them again. Checksums that the sender's network card had still \
        to fill in when the packet was captured are recognised, and need no option.
        """,
      apply: { settings, _ in settings.acceptsWrongChecksums = true }),
    Option(
      name: "assume-websocket", argument: .init(name: "PORT", values: .any), isRepeatable: true, group: .input,
      summary: "frames, handshake or not",
      details: """
        Take connections to PORT for WebSockets, even if the capture holds no opening handshake of theirs and their bytes \
        give too little evidence. Without this option, such connections are shown when chains of frames leave less than \
        one doubt in a hundred. Either way they are marked as inferred. May be repeated, to add more ports.
        """,
      apply: { settings, given throws(UsageError) in settings.assumedPorts.formUnion(try given.ports()) }),
  ]

  private static let decryption = [
    Option(
      name: "keylog", argument: .init(name: "FILE", values: .file), isRepeatable: true, group: .input,
      summary: "secrets that decrypt TLS (wss)",
      details: """
        Decrypt TLS with the secrets in FILE, a key log as browsers, curl, Node, Python and OpenSSL write it where \
        SSLKEYLOGFILE says so (RFC 9850). May be repeated, to add more files. A file that grows is read on while packets \
        are captured live; it may be made later. Secrets in the capture itself are used without an option. With \
        --write-file, the secrets that are needed are written as well. See docs/tls.md.
        """,
      apply: { settings, given throws(UsageError) in settings.keyLogs.append(try given.path()) }),
    Option(
      name: "rsa-key", argument: .init(name: "FILE", values: .file), isRepeatable: true, group: .input,
      summary: "a server's RSA key, for old TLS",
      details: """
        Decrypt TLS up to 1.2 with the private key of the server in FILE, in PEM and without a passphrase. It serves only \
        for cipher suites without Diffie-Hellman, whose names begin with TLS_RSA_WITH_, and for sessions that resume one of \
        those. May be repeated. One job does it all, whatever --jobs says.
        """,
      apply: { settings, given throws(UsageError) in settings.privateKeys.append(try given.path()) }),
  ]

  private static let selection = [
    Option(
      name: "tls", group: .selection,
      summary: "list all TLS connections",
      details: """
        List every TLS connection as well, when it ends, with the server's name, protocols, sizes, and why it was not \
        decrypted, if it was not: any of them may carry a WebSocket. `--only tls` does the same, and shows nothing else.
        """,
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.listsTLS = true
      }),
    Option(
      name: "only", argument: .init(name: "TYPE,...", values: .some(of: Choice.all(of: RecordType.self))),
      defaultText: "all types", isRepeatable: true, group: .selection,
      summary: "show only these record types",
      details: "Show only records of these types. May be repeated, to add more types.",
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.recordTypes = (settings.recordTypes ?? []).union(try given.choices(of: RecordType.self))
      }),
    Option(
      name: "connection", argument: .init(name: "N,...", values: .any), defaultText: "all connections",
      isRepeatable: true, group: .selection,
      summary: "show only these connections",
      details: """
        Show only the WebSocket connections with these numbers. Connections are numbered from 1, in order of \
        appearance, and every record says which one it belongs to. May be repeated, to add more connections.
        """,
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.connections = (settings.connections ?? []).union(try given.counts())
      }),
  ]

  private static func presentation(_ formats: [Choice]) -> [Option] {
    let names = "print as " + Choice.phrase(formats)
    return [
      Option(
        name: "format", argument: .init(name: "NAME", values: .one(of: formats)), defaultText: formats.first?.name,
        group: .output,
        summary: names.count <= ShortHelp.summaryWidth ? names : "print as NAME; see --help",
        details: "How records are printed.",
        apply: { settings, given throws(UsageError) in
          settings.asksForRecords = true
          settings.format = try given.name(among: formats)
          settings.namedFormat = settings.format
        }),
      Option(
        name: "fields", letter: "e", argument: .init(name: "FIELD,...", values: .any),
        defaultText: "what suits the type",
        isRepeatable: true, group: .output,
        summary: "columns of csv and tsv",
        details: """
          The columns of the formats csv and tsv, in this order. A FIELD is any that --list-fields lists, or a path into \
          JSON payloads such as `json.type`. May be repeated, to add more columns. Rows are messages, or what --only \
          names; without --only, they are the first of message, frame, diagnostic, end, connection and tls that has all columns.
          """,
        apply: { settings, given throws(UsageError) in
          settings.asksForRecords = true
          settings.columnNames += try given.fields()
        }),
      Option(
        name: "raw-values", group: .output,
        summary: "no apostrophe before formulas",
        details: """
          In the formats csv and tsv, leave values as they are that begin with =, +, -, @, a tab or a line break. By \
          default an apostrophe is put before them, unless they are numbers: a spreadsheet would take them for \
          formulas, and run what a stranger sent.
          """,
        apply: { settings, _ in settings.showsFormulas = true }),
    ]
  }

  private static let views = [
    Option(
      name: "json", group: .output,
      summary: "short for --format ndjson",
      details: "The same as `--format ndjson`: one JSON object a line, for other programs.",
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.format = "ndjson"
        settings.asksForJSON = true
      }),
    Option(
      name: "follow", argument: .init(name: "N,...", values: .any), isRepeatable: true, group: .output,
      summary: "a connection as a conversation",
      details: """
        Show only the WebSocket connections with these numbers, as `--connection` does, and below each line the whole \
        message: JSON indented, other text wrapped, and of binary messages the first 256 bytes, or all with `--hex`.
        """,
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.followsConnections = true
        settings.connections = (settings.connections ?? []).union(try given.counts())
      }),
    Option(
      name: "stats", group: .output,
      summary: "a report instead of records",
      details: """
        Print a report instead of records: connections, sizes and rates of messages, delays with percentiles (TCP round \
        trips, upgrades, pings, replies to requests of the protocol that is spoken), who sent most, diagnostics, and what \
        the capture lacks. With `--json`, as one JSON object. See docs/statistics.md.
        """,
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.printsStatistics = true
      }),
    Option(
      name: "hex", letter: "x", group: .output,
      summary: "payload as a hex and text dump",
      details: "In the text format, show each payload as a dump: offsets, bytes in hexadecimal and as text.",
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.showsHex = true
      }),
  ]

  private static let output = [
    Option(
      name: "redact", argument: .init(name: "RULE,...", values: .any), isRepeatable: true, group: .output,
      summary: "hide secrets: 'all', json.NAME",
      details: """
        Hide secrets in all that is printed. Rules are `cookies` (their values), `authorization` (credentials in header \
        fields), `tokens` (in URLs and subprotocols: values of parameters such as `access_token`, and what looks like one), \
        `all` (these three), `header.NAME` (a header field), and `json.NAME` (the value of JSON members of that name, at any depth, \
        also in JSON within strings). Hidden values in messages become as many `*`. With `json.NAME`, payloads of frames that \
        are binary, compressed or parts of a message are left out; the messages are there. Names may be in capitals or not. Packets \
        (`-w`) cannot be redacted. See docs/redaction.md.
        """,
      apply: { settings, given throws(UsageError) in settings.redaction = try given.rules(settings.redaction) }),
    Option(
      name: "output", letter: "o", argument: .init(name: "FILE", values: .file), defaultText: "standard output",
      group: .output,
      summary: "write here instead of stdout",
      details: "Write records to FILE. A file that exists is overwritten, unless it is one of the captures being read.",
      apply: { settings, given throws(UsageError) in
        let path = try given.path()
        settings.asksForRecords = true
        settings.output = path == "-" ? nil : path
      }),
    Option(
      name: "line-buffered", letter: "l", group: .output,
      summary: "write each record at once",
      details: """
        Write out each record as soon as it is complete, for a program that reads along. By default, records are \
        written in large blocks, which is faster; a terminal gets them at once in any case.
        """,
      apply: { settings, _ in settings.flushesEachRecord = true }),
    Option(
      name: "color", argument: .init(name: "WHEN", values: .one(of: Choice.all(of: ColorChoice.self))),
      defaultText: "auto", group: .output,
      summary: "colours: auto, always or never",
      details: "Whether the output is coloured.",
      apply: { settings, given throws(UsageError) in settings.color = try given.choice() }),
    Option(
      name: "quiet", letter: "q", group: .output,
      summary: "no summary, no progress",
      details: "Print neither the summary nor progress on standard error. Errors are still reported.",
      apply: { settings, _ in settings.isQuiet = true }),
  ]

  private static let writing = [
    Option(
      name: "write-file", letter: "w", argument: .init(name: "FILE", values: .file), group: .output,
      summary: "write packets into a pcapng FILE",
      details: """
        Write packets into FILE, as pcapng, with the interfaces, comments and secrets of the captures they come from, and \
        with the secrets of --keylog that their TLS connections need. \
        A FILE of '-' is standard output. Records are then printed only if an option asks for them: --format, --json, \
        --hex, --only, --connection, --output, or one that selects records. Those select no packets, as -Y and -g do; --write and \
        --connection do. A file that exists is overwritten, unless it is one of the captures \
        being read. Where nobody reads the records any more, packets are written to the end. One job does it all, whatever \
        --jobs says.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.writing == nil)
        settings.writing = try given.path()
      }),
    Option(
      name: "write", argument: .init(name: "WHICH", values: .one(of: Choice.all(of: WrittenPackets.self))),
      defaultText: "all", group: .output,
      summary: "which packets: all or websocket",
      details: """
        Which packets --write-file writes. With `websocket` and --connection, only those of the connections with these \
        numbers. With `websocket`, only the secrets of these connections are written, none that the captures hold \
        besides. Packets of connections that may still turn out to be \
        WebSockets wait in memory, and so do those behind them: up to 64 MiB, and 512 KiB of a connection, whose oldest \
        packets but for its SYNs are let go first. Where 64 MiB are reached, what waits longest is written, wanted or not, \
        and the summary says so. What is captured live waits for a minute at most, and for ten seconds if it goes into a pipe.
        """,
      apply: { settings, given throws(UsageError) in settings.writtenPackets = try given.choice() }),
    Option(
      name: "ring", argument: .init(name: "RULE", values: .any), group: .output,
      summary: "go on in another FILE",
      details: """
        Write packets into several files, whose names are FILE with a number: out_00001.pcapng for out.pcapng. Numbers \
        of files that are there already are passed over. RULE is a list with commas: `size=100MB` begins another file \
        before the packets in one take more, not counting the interfaces, secrets and names that each file begins with, \
        `time=1h` when so much time has passed since its first packet, by the clock of the \
        capture, and `files=10` keeps the last ten files of this run and deletes older ones. Sizes may have B, kB, MB, GB, \
        k, M, G, KiB, MiB or GiB after them, times ms, s, m, h or d. Each file can be read without the others.
        """,
      apply: { settings, given throws(UsageError) in settings.ring = try given.ring() }),
  ]

  private static let extraction = [
    Option(
      name: "extract", argument: .init(name: "DIR", values: .file), group: .output,
      summary: "write each message into a file",
      details: """
        Write the content of each message, unmasked and inflated, into a file of its own in the folder DIR, which is made if \
        it is not there, and list them in DIR/index.csv. A file is called after connection, message and sender, with an \
        ending by its content: c0001-m000012-client.json. Files that exist are never overwritten: another one is \
        called c0001-m000012-client~2.json then. Messages are whole, however long, unless --max-payload gives a limit: what one has beyond 1 MiB \
        is written as it comes. Filters, searches, --redact and a format beside it see 16 MiB of each. Compressed messages may \
        inflate to 64 times what they take in the capture, and 4 GiB beyond that, all together; what is cut for that, the index \
        says. Records are printed only if an option asks for them, as with --write-file.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.extraction == nil)
        settings.extraction = try given.path()
      })
  ]

  private static let limits = [
    Option(
      name: "count", letter: "c", argument: .init(name: "N", values: .any), group: .limits,
      summary: "stop after N packets",
      details: "Stop when N packets have been read, as if the capture ended there.",
      apply: { settings, given throws(UsageError) in settings.packetLimit = try given.count() }),
    Option(
      name: "jobs", letter: "j", argument: .init(name: "N", values: .any), defaultText: "as many as pay",
      group: .limits,
      summary: "how many cores to use",
      details: """
        Let N jobs, 64 at most, share the connections. The output is the same, byte for byte. By default large files are \
        shared where frames or messages are written as JSON and packets are short, by as many jobs as there are cores, \
        up to 8. What is read from a pipe or from hundreds of files, written for people, or only counted, takes one job.
        """,
      apply: { settings, given throws(UsageError) in settings.jobs = Int(clamping: try given.count()) }),
    Option(
      name: "max-payload", argument: .init(name: "SIZE", values: .any), defaultText: "64k", group: .limits,
      summary: "bytes to keep of each payload",
      details: """
        How many bytes of each payload are kept and shown. A longer payload is still decoded to its end and its true \
        length is shown; only the bytes past the limit are left out, and the record says so. SIZE is a number of \
        bytes; a k, M or G after it stands for KiB, MiB or GiB. `none` sets no limit: then the longest message of the \
        capture decides how much memory is needed.
        """,
      apply: { settings, given throws(UsageError) in
        settings.payloadLimit = try given.size()
        settings.isPayloadLimitGiven = true
      }),
  ]

  private static let outcome = [
    Option(
      name: "fail-on",
      argument: .init(name: "SEVERITY", values: .one(of: Choice.all(of: FailureThreshold.self))),
      group: .other,
      summary: "exit 1 on note, warning or error",
      details: """
        Exit with status 1 if there was a diagnostic of this severity or a higher one; made for tests. With --connection \
        only the diagnostics of those connections and of the capture itself count; whether --only has them printed or \
        not does not matter.
        """,
      apply: { settings, given throws(UsageError) in settings.failureThreshold = try given.choice() }),
    Option(
      name: "numeric", letter: "n", group: .other,
      summary: "no name look-ups (always so)",
      details: """
        Show addresses and ports as numbers. This is always so: names are never looked up. The option is there for \
        fingers that are used to tcpdump and tshark.
        """,
      apply: { _, _ in }),
  ]

  private static let information = [
    Option(
      name: "list-diagnostics", group: .other,
      summary: "list every possible diagnostic",
      details: "Print every diagnostic that there is, with its code, severity, meaning, and the rule behind it.",
      apply: { settings, _ in settings.mode = .listDiagnostics }),
    Option(
      name: "list-fields", group: .other,
      summary: "list the fields for -Y",
      details: """
        Print every field that records have, for -Y: its name, type, the types of records that have it, and what it is. \
        A list may have several values.
        """,
      apply: { settings, _ in settings.mode = .listFields }),
    Option(
      name: "generate", argument: .init(name: "KIND", values: .one(of: Choice.all(of: GeneratedFile.self))),
      group: .other,
      summary: "print man page or completions",
      details: "Print the manual page, or a script that lets a shell complete the options.",
      apply: { settings, given throws(UsageError) in settings.mode = .generate(try given.choice()) }),
    Option(
      name: "help", letter: "h", group: .other,
      summary: "print help: -h short, --help long",
      details: "Print help: `-h` one line an option, `--help` everything, with examples.",
      apply: { settings, given in settings.mode = given.spelling == "-h" ? .shortHelp : .longHelp }),
    Option(
      name: "version", group: .other,
      summary: "print the version",
      details: "Print name and version.",
      apply: { settings, _ in settings.mode = .version }),
  ]
}
