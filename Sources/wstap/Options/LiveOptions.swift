/// The options about capturing live.
extension OptionTable {
  static let live = [
    Option(
      name: "interface", letter: "i", argument: .init(name: "NAME", values: .interface), group: .live,
      summary: "capture from this interface",
      details: """
        Capture from this interface, instead of reading saved captures, and show what comes as it comes; `any` is all of \
        them. -D lists them. Needs the right to capture: what to do about it is said where that is lacking.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.live.interface == nil)
        settings.live.interface = try given.text("the name of an interface")
      }),
    Option(
      name: "list-interfaces", letter: "D", group: .live,
      summary: "list the interfaces",
      details: "List the interfaces that can be captured from, with their addresses and state.",
      apply: { settings, _ in settings.mode = .listInterfaces }),
    Option(
      name: "filter", letter: "f", argument: .init(name: "FILTER", values: .any),
      defaultText: "TCP, IP fragments, and the tunnels that are decoded",
      group: .live,
      summary: "capture only these packets",
      details: """
        Capture only packets that FILTER lets pass, in the language of tcpdump (pcap-filter(7)), as in `tcp port 8080`.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.live.filter == nil)
        settings.live.filter = try given.text("a filter, such as 'tcp port 8080'")
        settings.live.spellings.append(given.spelling)
      }),
    Option(
      name: "snaplen", letter: "s", argument: .init(name: "SIZE", values: .any), defaultText: "256k", group: .live,
      summary: "bytes to capture of each packet",
      details: "Capture so many bytes of each packet at most. What is cut off is missing from the frames in it.",
      apply: { settings, given throws(UsageError) in
        settings.live.snaplen = try given.size(in: 1...262_144, "a number of bytes from 1 to 256k")
        settings.live.spellings.append(given.spelling)
      }),
    Option(
      name: "no-promiscuous", letter: "p", group: .live,
      summary: "only this host's packets",
      details: "Do not put the interface into promiscuous mode, in which it takes packets for other hosts as well.",
      apply: { settings, given in
        settings.live.isNotPromiscuous = true
        settings.live.spellings.append(given.spelling)
      }),
    Option(
      name: "buffer", argument: .init(name: "SIZE", values: .any), defaultText: "64M", group: .live,
      summary: "size of the system's buffer",
      details: """
        How many bytes the system keeps for wstap until it gets to them. What does not fit is dropped, and counted; so is what \
        does not fit into another 64 MiB, in which packets wait to be decoded.
        """,
      apply: { settings, given throws(UsageError) in
        settings.live.bufferSize = try given.size(
          in: 1 << 16...Int(Int32.max), "a number of bytes from 64k to less than 2G")
        settings.live.spellings.append(given.spelling)
      }),
    Option(
      name: "duration", argument: .init(name: "TIME", values: .any), group: .live,
      summary: "stop after this time",
      details:
        "Stop capturing after TIME: seconds, or a number with ms, s, m or h after it, as in 90, 0.5s, 10m or 2h.",
      apply: { settings, given throws(UsageError) in
        settings.live.duration = try given.duration()
        settings.live.spellings.append(given.spelling)
      }),
    Option(
      name: "user", argument: .init(name: "NAME", values: .any), group: .live,
      summary: "whose rights to go on with",
      details: """
        Become this user, by name or number, once the interface and the output are open, so that nothing that comes over the \
        network is decoded with the rights of root. Without this option, root becomes `nobody`, unless that is not possible, or \
        `nobody` may not make the files of a ring; then, and with `root`, root stays root without capabilities. Whoever is not \
        root gives up all capabilities in any case.
        """,
      apply: { settings, given throws(UsageError) in
        settings.live.user = try given.text("the name of a user")
        settings.live.spellings.append(given.spelling)
      }),
  ]
}
