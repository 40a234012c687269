import JSON

/// A word, string or mark of a filter.
struct Lexeme: Equatable {
  enum Kind: Equatable {
    /// A name, number, address or time.
    case word(String)
    /// A text in quotes, its escapes resolved.
    case string([UInt8])
    /// A mark: `==`, `(`, `..`
    case mark(String)
    /// The end of the filter.
    case end
  }

  var kind: Kind
  /// Where it stands, in bytes.
  var place: Range<Int>

  func isWord(_ words: String...) -> Bool {
    if case .word(let word) = kind { words.contains(word) } else { false }
  }
  func isMark(_ marks: String...) -> Bool {
    if case .mark(let mark) = kind { marks.contains(mark) } else { false }
  }
}

/// Cuts a filter into words, in one pass.
struct FilterLexer {
  private let filter: String
  private let bytes: [UInt8]
  private var position = 0
  private var lexemes: [Lexeme] = []

  /// The longest filter, in bytes.
  static let longest = 65_536

  static func lexemes(of filter: String) throws(FilterError) -> [Lexeme] {
    var lexer = FilterLexer(filter)
    guard lexer.bytes.count <= longest else {
      throw FilterError(filter, "the filter is longer than 64 KiB", longest..<longest + 1)
    }
    while try lexer.takeNext() {}
    return lexer.lexemes
  }

  private init(_ filter: String) {
    self.filter = filter
    bytes = Array(filter.utf8)
  }

  private func byte(_ offset: Int = 0) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private mutating func add(_ kind: Lexeme.Kind, from start: Int) {
    lexemes.append(Lexeme(kind: kind, place: start..<position))
  }

  private mutating func takeNext() throws(FilterError) -> Bool {
    while let byte = byte(), [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    let start = position
    guard let first = byte() else {
      lexemes.append(Lexeme(kind: .end, place: start..<start + 1))
      return false
    }
    if first == 0x22 || first == 0x27 {
      try takeString(quote: first, isRaw: lexemes.last?.isWord("matches") == true || lexemes.last?.isMark("~") == true)
    } else if first == 0x72, byte(1) == 0x22 || byte(1) == 0x27, let quote = byte(1) {  // r"…"
      position += 1
      try takeString(quote: quote, isRaw: true)
    } else if let mark = mark() {
      position += mark.utf8.count
      add(.mark(mark), from: start)
    } else {
      try takeWord()
      add(.word(String(decoding: bytes[start..<position], as: UTF8.self)), from: start)
    }
    return true
  }

  private static let marks = [
    "===", "!==", "==", "!=", ">=", "<=", "&&", "||", "^^", "..", "(", ")", "{", "}", ",", "~", "!", "<", ">", "=",
  ]

  private func mark() -> String? {
    Self.marks.first { bytes[position...].starts(with: $0.utf8) }
  }

  // MARK: Words

  /// Takes letters, digits and what else names, numbers, addresses and times have; in brackets and quotes also others.
  private mutating func takeWord() throws(FilterError) {
    let start = position
    while let next = byte() {
      switch next {
      case 0x2E where byte(1) == 0x2E:  // a range
        return
      case 0x22 where position > start && bytes[position - 1] == 0x2E:  // json."a name"
        try skipQuoted()
      case 0x5B:
        try skipBrackets()
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2E, 0x2D, 0x2B, 0x3A, 0x2F, 0x24, 0x40, 0x25, 0x2A, 0x80...:
        position += 1
      default:
        guard position > start else {
          let character = filter[filter.utf8.index(filter.startIndex, offsetBy: position)]
          throw FilterError(filter, "'\(character)' cannot stand here", position..<position + 1)
        }
        return
      }
    }
  }

  private mutating func skipBrackets() throws(FilterError) {
    let start = position
    position += 1
    while let next = byte(), next != 0x5D {
      if next == 0x22 { try skipQuoted() } else { position += 1 }
    }
    guard byte() != nil else { throw FilterError(filter, "the bracket is not closed", start..<start + 1) }
    position += 1
  }

  private mutating func skipQuoted() throws(FilterError) {
    let start = position
    position += 1
    while let next = byte(), next != 0x22 { position += next == 0x5C ? 2 : 1 }
    guard byte() != nil else { throw FilterError(filter, "the quote is not closed", start..<start + 1) }
    position += 1
  }

  // MARK: Strings

  private mutating func takeString(quote: UInt8, isRaw: Bool) throws(FilterError) {
    let start = position
    position += 1
    var text: [UInt8] = []
    while let next = byte() {
      position += 1
      if next == quote {
        add(.string(text), from: start)
        return
      }
      guard next == 0x5C else {
        text.append(next)
        continue
      }
      if isRaw {
        if byte() != quote { text.append(0x5C) }
        if let escaped = byte() { text.append(escaped) }
        position += 1
      } else {
        try takeEscape(into: &text)
      }
    }
    position = bytes.count
    throw FilterError(filter, "the string is not closed", start..<start + 1)
  }

  private mutating func takeEscape(into text: inout [UInt8]) throws(FilterError) {
    let start = position - 1
    guard let letter = byte() else { return }
    position += 1
    func digits(_ count: Int) throws(FilterError) -> UInt32 {
      let end = position + count
      guard end <= bytes.count, bytes[position..<end].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
        let value = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16)
      else { throw FilterError(filter, "\(count) hexadecimal digits must follow", start..<min(end, bytes.count)) }
      return value
    }
    switch letter {
    case 0x6E: text.append(0x0A)
    case 0x72: text.append(0x0D)
    case 0x74: text.append(0x09)
    case 0x30: text.append(0)
    case 0x22, 0x27, 0x5C, 0x2F: text.append(letter)
    case 0x78:
      text.append(UInt8(truncatingIfNeeded: try digits(2)))
      position += 2
    case 0x75:
      guard let scalar = Unicode.Scalar(try digits(4)) else {
        throw FilterError(filter, "there is no such character", start..<position + 4)
      }
      text += Array(String(scalar).utf8)
      position += 4
    default:
      throw FilterError(
        filter, "unknown escape; double the backslash, or write r\"…\" for a string without escapes", start..<position)
    }
  }
}
