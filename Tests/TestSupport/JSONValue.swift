/// A JSON value as it was written: keys keep their order and numbers their digits, which general parsers forget.
public indirect enum JSONValue: Equatable, Sendable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number, digit by digit.
  case number(String)
  /// A string.
  case string(String)
  /// An array.
  case array([JSONValue])
  /// An object, its members in order.
  case object([Member])

  /// A key and its value.
  public struct Member: Equatable, Sendable {
    /// The key.
    public var key: String
    /// The value.
    public var value: JSONValue

    /// The member `key`: `value`.
    public init(key: String, value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// What is wrong with a text that is not JSON.
  public struct ParseError: Error, Equatable {
    /// What is wrong.
    public var what: String
    /// Offset of the byte where it shows.
    public var offset: Int
  }

  /// Reads a text that must be one JSON value (RFC 8259) in UTF-8, in whose objects no key comes twice.
  public init(parsing text: some Sequence<UInt8>) throws(ParseError) {
    var parser = JSONParser(Array(text))
    self = try parser.document()
  }

  /// Reads a text that must be one JSON value.
  public init(parsing text: String) throws(ParseError) { try self.init(parsing: text.utf8) }

  /// The member `key`; nil if there is none, or if this is no object.
  public subscript(key: String) -> JSONValue? { members?.first { $0.key == key }?.value }

  /// The members of an object.
  public var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  /// The keys of an object, in order.
  public var keys: [String] { members?.map(\.key) ?? [] }
  /// The elements of an array.
  public var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  /// A string's text.
  public var string: String? { if case .string(let string) = self { string } else { nil } }
  /// A truth value.
  public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  /// A number that is written as a whole number from 0 on.
  public var integer: UInt64? { if case .number(let digits) = self { UInt64(digits) } else { nil } }
  /// A number.
  public var double: Double? { if case .number(let digits) = self { Double(digits) } else { nil } }
}

/// Reads JSON by the letter of RFC 8259.
private struct JSONParser {
  /// How deep arrays and objects may be nested.
  private static let depthLimit = 100

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONValue.ParseError) -> JSONValue {
    let value = try value()
    skipSpace()
    guard position == bytes.count else { throw error("something follows the value") }
    return value
  }

  private func error(_ what: String) -> JSONValue.ParseError { .init(what: what, offset: position) }
  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
  }

  private mutating func take(_ byte: Character) -> Bool {
    guard next == byte.asciiValue else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ byte: Character) throws(JSONValue.ParseError) {
    skipSpace()
    guard take(byte) else { throw error("\(byte) is missing") }
  }

  private mutating func value() throws(JSONValue.ParseError) -> JSONValue {
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try nested { parser throws(JSONValue.ParseError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(JSONValue.ParseError) in try parser.array() }
    case UInt8(ascii: "\""): return .string(try string())
    case .some(UInt8(ascii: "0")...UInt8(ascii: "9")), UInt8(ascii: "-"): return try number()
    default: break
    }
    for (word, value) in [("null", JSONValue.null), ("true", .bool(true)), ("false", .bool(false))]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw error("no value begins here")
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(JSONValue.ParseError) -> JSONValue
  ) throws(JSONValue.ParseError) -> JSONValue {
    guard depth < Self.depthLimit else { throw error("nested too deep") }
    depth += 1
    defer { depth -= 1 }
    position += 1
    return try body(&self)
  }

  private mutating func object() throws(JSONValue.ParseError) -> JSONValue {
    var members: [JSONValue.Member] = []
    var seen: Set<[UInt8]> = []
    skipSpace()
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      let key = try string()
      guard seen.insert(Array(key.utf8)).inserted else { throw error("the key \(key) comes twice") }
      try expect(":")
      members.append(.init(key: key, value: try value()))
      skipSpace()
    } while take(",")
    try expect("}")
    return .object(members)
  }

  private mutating func array() throws(JSONValue.ParseError) -> JSONValue {
    var elements: [JSONValue] = []
    skipSpace()
    if take("]") { return .array(elements) }
    repeat {
      elements.append(try value())
      skipSpace()
    } while take(",")
    try expect("]")
    return .array(elements)
  }

  private mutating func number() throws(JSONValue.ParseError) -> JSONValue {
    let start = position
    _ = take("-")
    let whole = digits()
    guard whole > 0, whole == 1 || bytes[position - whole] != UInt8(ascii: "0") else { throw error("no number") }
    if take("."), digits() == 0 { throw error("no digits after the point") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw error("no digits in the exponent") }
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() -> Int {
    let start = position
    while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    return position - start
  }

  // MARK: Strings

  private mutating func string() throws(JSONValue.ParseError) -> String {
    guard take("\"") else { throw error("no string begins here") }
    var text: [UInt8] = []
    while true {
      let stop = bytes[position...].firstIndex { $0 == 0x22 || $0 == 0x5C || $0 < 0x20 } ?? bytes.count
      text += bytes[position..<stop]
      position = stop
      guard let byte = next else { throw error("the string does not end") }
      position += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let string = String(validating: text, as: UTF8.self) else { throw error("the string is not UTF-8") }
        return string
      case UInt8(ascii: "\\"): try escape(into: &text)
      default: throw error("a control character is not escaped")
      }
    }
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONValue.ParseError) {
    let escapes: [UInt8: UInt8] = [
      UInt8(ascii: "\""): 0x22, UInt8(ascii: "\\"): 0x5C, UInt8(ascii: "/"): 0x2F, UInt8(ascii: "b"): 0x08,
      UInt8(ascii: "f"): 0x0C, UInt8(ascii: "n"): 0x0A, UInt8(ascii: "r"): 0x0D, UInt8(ascii: "t"): 0x09,
    ]
    if let byte = next, let plain = escapes[byte] {
      position += 1
      text.append(plain)
      return
    }
    guard take("u") else { throw error("an unknown escape") }
    var value = try hexadecimal()
    if (0xD800..<0xDC00).contains(value) {  // the first half of a pair, RFC 8259 §7
      guard take("\\"), take("u") else { throw error("half of a surrogate pair") }
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error("half of a surrogate pair") }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  private mutating func hexadecimal() throws(JSONValue.ParseError) -> UInt32 {
    let digits = bytes[position..<min(position + 4, bytes.count)]
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("no four hexadecimal digits") }
    position += 4
    return value
  }
}
