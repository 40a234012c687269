import Bytes
import Export
import Filter

/// A command line that cannot be obeyed, and what to type instead. Values are as they were typed.
enum UsageError: Error, Equatable {
  /// No option is called `option`; it was part of `word` if that differs.
  case unknownOption(String, word: String, suggestion: String?)
  /// The option `spelling` needs a value; `next` is an option that stands where it should be.
  case missingValue(spelling: String, argument: String, next: String?)
  /// The option `spelling` takes no value.
  case unexpectedValue(spelling: String, value: String)
  /// `expected` says what the option `spelling` takes.
  case invalidValue(spelling: String, value: String, expected: String, suggestion: String?)
  /// The option `spelling`, of which nothing may get lost, was given before.
  case repeated(spelling: String)
  /// No capture was named; something is piped in unless `stdinIsTerminal`.
  case noInput(stdinIsTerminal: Bool)
  /// A capture cannot be typed in.
  case inputFromTerminal
  /// `-` was given more than once.
  case repeatedStandardInput
  /// A saved capture was named beside an interface.
  case inputBesideInterface(String, interface: String)
  /// The option `spelling` makes sense only where an interface is captured from.
  case needsInterface(spelling: String, suggestion: String?)
  /// The option `spelling` says something of what another one asks for, which is not given.
  case needs(spelling: String, other: String)
  /// What the two options ask for cannot be done together.
  case excludes(spelling: String, other: String)
  /// The option `spelling` asks for `field`, a part of what messages mean, and `--no-view` was given.
  case needsViews(spelling: String, field: String)
  /// The format has room for records of one kind, and several are asked for.
  case severalKinds(format: String)
  /// There is no field called `name`.
  case unknownField(name: String, suggestion: String?)
  /// Records of type `type` have no field called `name`; those of other types have.
  case foreignField(name: String, type: String, others: [String])
  /// Records of type `type` make no table.
  case noTable(format: String, type: String)
  /// Packets and records are both to go to standard output.
  case sharedOutput
  /// A ring has several files, and standard output is one.
  case ringOnStandardOutput
  /// The display filter, the value of the option `spelling`, is wrong.
  case wrongFilter(spelling: String, FilterError)
  /// The regular expression, the value of the option `spelling`, is wrong.
  case wrongPattern(spelling: String, pattern: String, RegularExpression.Fault)
}

extension UsageError: CustomStringConvertible {
  /// What is wrong, as a sentence without its full stop.
  var description: String {
    switch self {
    case .unknownOption(let option, let word, let suggestion):
      "unknown option \(quoted(option))" + (word == option ? "" : " in \(quoted(word))") + Self.question(suggestion)
    case .missingValue(let spelling, let argument, let next):
      "option '\(spelling)' needs a value (\(argument))" + (next.map { ", but \(quoted($0)) follows" } ?? "")
    case .unexpectedValue(let spelling, let value):
      "option '\(spelling)' takes no value, but is given \(quoted(value))"
    case .invalidValue(let spelling, let value, let expected, let suggestion):
      "invalid value \(quoted(value)) for '\(spelling)'"
        + (suggestion == nil ? ": give \(expected)" : Self.question(suggestion))
    case .repeated(let spelling):
      "option '\(spelling)' can be given only once"
    case .noInput(stdinIsTerminal: true):
      "no capture file given"
    case .noInput(stdinIsTerminal: false):
      "no capture file given; to read standard input, say 'wstap -'"
    case .inputFromTerminal:
      "standard input is a terminal; pipe a capture in, or name a file"
    case .repeatedStandardInput:
      "standard input ('-') can be read only once"
    case .inputBesideInterface(let path, let interface):
      "either capture from \(quoted(interface)) or read \(quoted(path)), not both"
    case .needsInterface(let spelling, let suggestion):
      "option '\(spelling)' needs an interface to capture from, given with -i" + Self.question(suggestion)
    case .needs(let spelling, let other):
      "'\(spelling)' needs '\(other)'"
    case .excludes(let spelling, let other):
      "'\(spelling)' does not go with '\(other)'"
    case .needsViews(let spelling, let field):
      "'\(spelling)' asks what messages mean (\(quoted(field))), which '--no-view' leaves out"
    case .severalKinds(let format):
      "'--format \(format)' has room for one type of record; give '--only' one type"
    case .unknownField(let name, let suggestion):
      "there is no field \(quoted(name)), --list-fields lists them" + Self.question(suggestion)
    case .foreignField(let name, let type, let others):
      "records of type \(type) have no \(quoted(name)), which is a field of \(others.joined(separator: ", "))"
        + "; pick one type with '--only', whose fields these are"
    case .noTable(let format, let type):
      "'--format \(format)' has no table for records of type \(type)"
    case .sharedOutput:
      "packets and records cannot both go to standard output; name a file for the records with '-o FILE'"
    case .ringOnStandardOutput:
      "'--ring' needs a file to name its files after, not '-'; say '-w FILE'"
    case .wrongFilter(let spelling, let error):
      "'\(spelling)': \(escapedForTerminal(LosslessText.bytes(error.reason)))" + Self.question(Self.suggestion(error))
    case .wrongPattern(let spelling, _, let fault):
      "'\(spelling)': \(escapedForTerminal(LosslessText.bytes(fault.reason)))"
    }
  }

  /// Everything to print on standard error, each line ended.
  var report: String {
    var lines = ["\(Manual.name): \(self)"]
    lines += place
    if case .noInput = self { lines.append(Manual.usage) }
    if case .wrongFilter = self {
      lines.append("Try '\(Manual.name) --list-fields' for the fields; docs/filter.md has the language.")
    } else {
      lines.append("Try '\(Manual.name) -h' for the list of options.")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What is wrong with a filter or pattern, marked in it.
  private var place: [String] {
    switch self {
    case .wrongFilter(_, let error):
      MarkedText.lines(error.filter, Self.characters(error.place, in: error.filter))
    case .wrongPattern(_, let pattern, let fault):
      MarkedText.lines(pattern, fault.offset.map { Self.characters($0..<$0 + 1, in: pattern) })
    default: []
    }
  }

  /// A range of bytes of `text`, in characters.
  private static func characters(_ bytes: Range<Int>, in text: String) -> Range<Int> {
    let start = String(decoding: text.utf8.prefix(bytes.lowerBound), as: UTF8.self).count
    let end = String(decoding: text.utf8.prefix(bytes.upperBound), as: UTF8.self).count
    return start..<max(end, start + 1)
  }

  private static func suggestion(_ error: FilterError) -> String? {
    error.mistyped.flatMap { Suggestion.nearest(to: $0.word, among: $0.candidates) }
  }

  private static func question(_ suggestion: String?) -> String {
    suggestion.map { "; did you mean '\($0)'?" } ?? ""
  }
}
