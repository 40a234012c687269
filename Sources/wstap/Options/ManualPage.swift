import Analysis

/// The manual page, in the mdoc language (mdoc(7)).
struct ManualPage {
  private let table: OptionTable
  private var lines: [String] = []

  /// The page's source, each line ended.
  static func text(_ table: OptionTable) -> String {
    var page = ManualPage(table: table)
    page.addHead()
    page.addOptions()
    page.addEnvironment()
    page.addLimits()
    page.addExamples()
    page.addReferences()
    return page.lines.joined(separator: "\n") + "\n"
  }

  private mutating func addHead() {
    lines += [
      ".Dd \(Manual.date)", ".Dt \(Manual.name.uppercased()) 1", ".Os",
      ".Sh NAME", ".Nm \(Manual.name)", ".Nd \(Manual.summary)",
      ".Sh SYNOPSIS", ".Nm", ".Op Ar option ...", ".Ar FILE ...", ".Nm", ".Op Ar option ...", ".Fl i Ar INTERFACE",
      ".Sh DESCRIPTION",
    ]
    for (index, paragraph) in Manual.description.enumerated() {
      if index > 0 { lines.append(".Pp") }
      lines += Self.prose(paragraph)
    }
  }

  private mutating func addOptions() {
    lines.append(".Sh OPTIONS")
    for group in Option.Group.allCases {
      lines += [".Ss \(group.rawValue)", ".Bl -tag -width Ds"]
      for option in table.options where option.group == group { add(option) }
      lines.append(".El")
    }
  }

  private mutating func add(_ option: Option) {
    var item = ".It"
    if let letter = option.letter { item += " Fl \(letter) ," }
    item += " Fl " + Self.escaped("-" + option.name)
    if let argument = option.argument { item += " Ar \(argument.name)" }
    lines.append(item)
    lines += Self.prose(option.explanation)
    if option.choices.isEmpty { return }
    lines += [".Pp", ".Bl -tag -width \(Self.longest(option.choices.map(\.name))) -compact"]
    for choice in option.choices { lines += [".It Cm \(choice.name)"] + Self.prose(choice.summary) }
    lines.append(".El")
  }

  private mutating func addEnvironment() {
    lines += [".Sh ENVIRONMENT", ".Bl -tag -width \(Self.longest(Manual.environment.map(\.name)))"]
    for entry in Manual.environment { lines += [".It Ev \(entry.name)"] + Self.prose(entry.text) }
    lines += [".El", ".Sh FILES"]
    for (index, paragraph) in Manual.files.enumerated() {
      if index > 0 { lines.append(".Pp") }
      lines += Self.prose(paragraph)
    }
    lines += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
    for code in ExitCode.allCases { lines += [".It \(code.rawValue)"] + Self.prose(code.summary) }
    lines.append(".El")
  }

  private mutating func addLimits() {
    lines += [".Sh LIMITS"] + Self.prose(Manual.limits)
    lines.append(".Bl -tag -width \(Self.longest(StatedLimit.all.map(\.value)).replacing(" ", with: "_"))")
    for limit in StatedLimit.all { lines += [".It \(limit.value)"] + Self.prose(limit.subject) }
    lines.append(".El")
  }

  private mutating func addExamples() {
    lines.append(".Sh EXAMPLES")
    for (index, example) in Manual.examples.enumerated() {
      if index > 0 { lines.append(".Pp") }
      lines += Self.prose(example.text) + [".Pp", ".Dl " + Self.escaped(example.command)]
    }
  }

  private mutating func addReferences() {
    lines += [
      ".Sh SEE ALSO", ".Xr editcap 1 ,", ".Xr tcpdump 1 ,", ".Xr tshark 1 ,", ".Xr pcap-filter 7",
      ".Sh STANDARDS",
      ".Rs", ".%A I. Fette", ".%A A. Melnikov", ".%D December 2011", ".%R RFC 6455", ".%T The WebSocket Protocol",
      ".Re",
      ".Pp",
      ".Rs", ".%A T. Yoshino", ".%D December 2015", ".%R RFC 7692", ".%T Compression Extensions for WebSocket",
      ".Re",
    ]
  }

  private static func longest(_ names: [String]) -> String { names.max { $0.count < $1.count } ?? "" }

  /// Running text as mdoc wants it: a new line after each sentence, and lines under 80 bytes.
  static func prose(_ text: String) -> [String] {
    let parts = text.split(separator: "`", omittingEmptySubsequences: false).map(String.init)
    let source = parts.enumerated().map { $0.offset.isMultiple(of: 2) ? escaped($0.element) : literal($0.element) }
    return sentences(source.joined()).flatMap { wrapped($0, width: 79) }
  }

  /// Words to be typed as they are: bold, and neither broken nor hyphenated.
  private static func literal(_ text: String) -> String {
    "\\fB" + text.split(separator: " ").map { "\\%" + escaped(String($0)) }.joined(separator: "\\~") + "\\fP"
  }

  private static func sentences(_ text: String) -> [String] {
    var sentences: [String] = [""]
    for word in text.split(separator: " ") {
      sentences[sentences.count - 1] += word + " "
      if let end = word.last, ".?!".contains(end) { sentences.append("") }
    }
    return sentences
  }

  /// `text` so that roff prints every character as it is.
  static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "\\": "\\e"
      case "-": "\\-"
      case "'": "\\(aq"
      case "`": "\\(ga"
      case "\"": "\\(dq"
      case "^": "\\(ha"
      case "~": "\\(ti"
      default: String(character)
      }
    }.joined()
  }
}
