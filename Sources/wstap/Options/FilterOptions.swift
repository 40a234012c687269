import Bytes
import Filter

/// The options that select records.
extension OptionTable {
  static let filtering = [
    Option(
      name: "display-filter", letter: "Y", argument: .init(name: "FILTER", values: .any), group: .selection,
      summary: "show only records like this",
      details: """
        Show only records that FILTER accepts, in a language like that of Wireshark's display filters, as in \
        `length > 1KiB and sender == client`, `json.type == "subscribe"` or `websocket.opcode == 8`. --list-fields lists the \
        fields; docs/filter.md describes the language. The records `capture` and `summary` are shown in any case, unless --only \
        leaves them out. In the text format data frames are shown if FILTER names a field that messages have not. Payloads \
        are searched as far as --max-payload stores them.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.selection.filter == nil)
        settings.asksForRecords = true
        settings.selection.filter = try given.filter()
      }),
    Option(
      name: "search", letter: "g", argument: .init(name: "REGEX", values: .any), group: .selection,
      summary: "show only payloads with a match",
      details: """
        Show only messages whose content, unmasked and inflated, has a match of this regular expression (that of Perl, as PCRE2 \
        reads it), and control frames whose payload has; data frames only where messages are not shown. In colours, \
        matches are marked, also in whole messages (--follow) and dumps (--hex). What --max-payload leaves out is not searched, which the summary counts.
        """,
      apply: { settings, given throws(UsageError) in
        try given.checkFirst(settings.selection.search == nil)
        settings.asksForRecords = true
        settings.selection.search = try given.pattern()
      }),
    Option(
      name: "ignore-case", group: .selection,
      summary: "let -g ignore upper and lower case",
      details: "Let upper and lower case be the same for -g. In -Y, `matches` always does so, as in Wireshark.",
      apply: { settings, _ in settings.selection.ignoresCase = true }),
    Option(
      name: "context", argument: .init(name: "N", values: .any), group: .selection,
      summary: "show N neighbours as well",
      details: """
        Show also N records before each record that is selected, and N behind it, of the same connection. Those before it are \
        shown when it comes, so that records of different connections may change places. At most 64 MiB of records are kept \
        for this.
        """,
      apply: { settings, given throws(UsageError) in
        settings.selection.context = Int(clamping: min(try given.count(), 100_000))
      }),
    Option(
      name: "sender", argument: .init(name: "END", values: .one(of: Choice.all(of: SenderChoice.self))),
      group: .selection,
      summary: "show what client or server sent",
      details: "Show only frames, messages and diagnostics of this sender, and what has no sender.",
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.selection.sender = try given.choice()
      }),
    Option(
      name: "from", argument: .init(name: "TIME", values: .any), group: .selection,
      summary: "show what began at TIME or later",
      details: """
        Show only records whose `time` is TIME or later. TIME is written as in RFC 3339 (2026-11-20T02:41:00Z; without a zone, \
        in UTC), or is a time after the first packet, with a + before it, such as +5s or +1.5m.
        """,
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.selection.from = try given.time()
      }),
    Option(
      name: "until", argument: .init(name: "TIME", values: .any), group: .selection,
      summary: "show what began at TIME or before",
      details: "Show only records whose `time` is TIME or earlier, written as for --from.",
      apply: { settings, given throws(UsageError) in
        settings.asksForRecords = true
        settings.selection.until = try given.time()
      }),
    Option(
      name: "hide-control", group: .selection,
      summary: "leave out ping, pong and close",
      details: "Leave out control frames: ping, pong, close, and reserved ones.",
      apply: { settings, _ in
        settings.asksForRecords = true
        settings.selection.hidesControl = true
      }),
  ]
}

extension Occurrence {
  /// A display filter that is right.
  fileprivate func filter() throws(UsageError) -> String {
    do throws(FilterError) {
      return try Filter(value).text
    } catch {
      throw .wrongFilter(spelling: spelling, error)
    }
  }

  /// A regular expression that is right.
  fileprivate func pattern() throws(UsageError) -> String {
    do throws(RegularExpression.Fault) {
      _ = try SearchPattern(LosslessText.bytes(value), ignoresCase: false).compiled()
      return value
    } catch {
      throw .wrongPattern(spelling: spelling, pattern: value, error)
    }
  }

  /// A time, or one after the start of the capture.
  fileprivate func time() throws(UsageError) -> TimeBound {
    guard let bound = TimeBound(value) else {
      throw .invalidValue(
        spelling: spelling, value: value, expected: "a time such as 2026-11-20T02:41:00Z, or +5s", suggestion: nil)
    }
    return bound
  }
}
