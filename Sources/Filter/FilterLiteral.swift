import Capture
import Transport

/// What a field is compared with.
enum Literal: Equatable, Sendable {
  case bool(Bool)
  case integer(Int128)
  case double(Double)
  /// Text or bytes.
  case bytes([UInt8])
  /// A word of a `FieldType.choice`, by its index.
  case choice(Int, [String])
  case time(Timestamp)
  /// So many nanoseconds after the start of the capture.
  case relativeTime(Int64)
  case duration(Int64)
  case address(IPAddress)
  /// The addresses that begin with so many bits of this one.
  case network(IPAddress, Int)
  case endpoint(Endpoint)
  case null

  /// What `lexeme` means beside a field of `type`; nil if it has no meaning there.
  init?(_ lexeme: Lexeme, for type: FieldType) {
    switch lexeme.kind {
    case .string(let bytes): self.init(text: bytes, for: type)
    case .word(let word): self.init(word: word, for: type)
    case .mark, .end: return nil
    }
  }

  private init?(text bytes: [UInt8], for type: FieldType) {
    switch type {
    case .string, .bytes, .json: self = .bytes(bytes)
    case .choice, .time, .address, .endpoint: self.init(word: String(decoding: bytes, as: UTF8.self), for: type)
    case .bool, .integer, .number, .duration: return nil
    }
  }

  private init?(word: String, for type: FieldType) {
    switch type {
    case .bool:
      guard let value = ["true": true, "True": true, "1": true, "false": false, "False": false, "0": false][word] else {
        return nil
      }
      self = .bool(value)
    case .integer, .number:
      guard let number = Number(word, Number.sizes) else { return nil }
      self = number.literal
    case .choice(let words):
      guard let index = words.firstIndex(of: word) else { return nil }
      self = .choice(index, words)
    case .string: return nil
    case .bytes:
      guard let bytes = Self.hexadecimal(word) else { return nil }
      self = .bytes(bytes)
    case .time:
      guard let time = Self.time(word) else { return nil }
      self = time
    case .duration:
      guard let number = Number(word, Number.times), let nanoseconds = number.nanoseconds else { return nil }
      self = .duration(nanoseconds)
    case .address, .endpoint:
      guard let literal = AddressText.literal(word, withPort: type == .endpoint) else { return nil }
      self = literal
    case .json:
      switch word {
      case "true": self = .bool(true)
      case "false": self = .bool(false)
      case "null": self = .null
      default:
        guard let number = Number(word, Number.sizes) ?? Number(word, Number.times) else { return nil }
        self = number.literal
      }
    }
  }

  /// What may stand beside a field of `type`, for an error.
  static func expected(_ type: FieldType) -> String {
    switch type {
    case .bool: "true or false"
    case .integer: "a number such as 1500, 0x1f or 64KiB"
    case .number: "a number such as 0.99"
    case .string: "a string in quotes"
    case .choice(let words): words.count > 6 ? "a word such as \(words[1])" : phrase(words)
    case .bytes: "a string in quotes, or bytes such as de:ad:be:ef"
    case .time: "a time such as 2026-11-20T02:41:00Z, or +5s for so long after the start"
    case .duration: "a time span such as 500ms, 2s or 1.5"
    case .address: "an address such as 10.0.0.1, or a network such as 10.0.0.0/8"
    case .endpoint: "an address such as 10.0.0.1 or 10.0.0.1:8080, or a network such as 10.0.0.0/8"
    case .json: "a string in quotes, a number, true, false or null"
    }
  }

  private static func phrase(_ words: [String]) -> String {
    words.count > 1 ? words.dropLast().joined(separator: ", ") + " or \(words[words.count - 1])" : words.first ?? ""
  }

  // MARK: Bytes and times

  /// `de:ad:be:ef`, `de-ad`, `0xdead`, `ff`.
  static func hexadecimal(_ word: String) -> [UInt8]? {
    var digits: [UInt8] = []
    let parts = word.split(whereSeparator: { $0 == ":" || $0 == "-" })
    if parts.count > 1 || word.utf8.count == 2 {
      guard parts.allSatisfy({ $0.utf8.count == 2 }), parts.count * 3 - 1 == word.utf8.count else { return nil }
      digits = parts.flatMap { Array($0.utf8) }
    } else {
      guard word.hasPrefix("0x"), word.utf8.count % 2 == 0, word.utf8.count > 2 else { return nil }
      digits = Array(word.utf8.dropFirst(2))
    }
    var bytes: [UInt8] = []
    for i in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[i..<i + 2], as: UTF8.self)
      guard pair.allSatisfy({ $0.isHexDigit }), let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }

  /// A time in RFC 3339, a date, seconds since 1970, or `+5s` after the start of the capture.
  static func time(_ word: String) -> Literal? {
    if word.hasPrefix("+") {
      return Number(String(word.dropFirst()), Number.times)?.nanoseconds.map { .relativeTime($0) }
    }
    if let time = RFC3339.time(word) { return .time(time) }
    return Number(word, [:])?.nanoseconds.map { .time(Timestamp(nanoseconds: $0)) }
  }
}
