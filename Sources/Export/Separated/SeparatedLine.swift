import Bytes
import Filter

/// Writes lines of values.
struct SeparatedLine: ~Copyable {
  /// The values of the first line, until it is written.
  var names: [String] = []

  private var writer: ByteWriter
  /// The value that is being written, before quotes.
  private var value = ByteWriter()
  private var times = TimestampWriter()
  private var isFirst = true
  private let separator: UInt8
  private let hasQuotes: Bool
  private let showsFormulas: Bool
  private let isForTerminal: Bool

  init(
    _ options: ExportOptions, separator: UInt8, hasQuotes: Bool, drain: @escaping (UnsafeRawBufferPointer) -> Void
  ) {
    self.separator = separator
    self.hasQuotes = hasQuotes
    showsFormulas = options.showsFormulas
    isForTerminal = options.isForTerminal
    writer = ByteWriter(threshold: options.flushesEachRecord ? 1 : 256 * 1024)
    writer.drain = drain
  }

  /// Ends a line.
  mutating func end() {
    if hasQuotes { writer.byte(0x0D) }
    writer.byte(0x0A)
    isFirst = true
    writer.flushIfFull()
  }

  /// Hands over what is written.
  mutating func flush() {
    begin()
    writer.flush()
  }

  private mutating func begin() {
    guard !names.isEmpty else { return }
    let names = names
    self.names = []
    for name in names { add(.string(name), nil) }
    end()
  }

  /// Adds a value, of whose payload it may be a part.
  mutating func add(_ value: FieldValue, _ payload: RawSpan?) {
    begin()
    if isFirst { isFirst = false } else { writer.byte(separator) }
    self.value.removeAll()
    let isOurs = write(value, payload)
    let isFormula = !isOurs && !showsFormulas && self.value.withBytes { Self.isFormula($0) }
    if hasQuotes { writeQuoted(isFormula) } else { writeEscaped(isFormula) }
  }

  /// Writes the plain value; says whether it is of our making, and no text from the wire.
  private mutating func write(_ field: FieldValue, _ payload: RawSpan?) -> Bool {
    switch field {
    case .absent: break
    case .bool(let bool): value.literal(bool ? "true" : "false")
    case .integer(let integer): value.decimal(integer)
    case .double(let double): value.text("\(double)")
    case .bytes(let bytes): for byte in bytes { value.hex(UInt64(byte), digits: 2) }
    case .time(let time): times.write(time, to: &value)
    case .duration(let duration): value.seconds(nanoseconds: duration)
    case .address(let address): value.address(address)
    case .endpoint(let endpoint): value.endpoint(endpoint)
    case .payloadBytes(let range): if let payload { value.base64(payload.extracting(range)) }
    case .payloadText(let range):
      if let payload { text(payload.extracting(range)) }
      return false
    case .string(let string):
      text(string.utf8Span.span.bytes)
      return false
    case .list(let values):
      var isOurs = true
      for (index, element) in values.enumerated() {
        if index > 0 { value.byte(0x2C) }
        if !write(element, payload) { isOurs = false }
      }
      return isOurs
    }
    return true
  }

  private mutating func text(_ bytes: RawSpan) {
    guard isForTerminal else { return value.raw(bytes) }
    value.text(escapedForTerminal(bytes.withUnsafeBytes { [UInt8]($0) }))
  }

  /// With quotes, where they are needed, and an apostrophe before it for a formula.
  private mutating func writeQuoted(_ isFormula: Bool) {
    let separator = separator
    let needsQuotes = value.withBytes { bytes in
      bytes.contains { $0 == separator || $0 == 0x22 || $0 == 0x0D || $0 == 0x0A }
    }
    if needsQuotes { writer.byte(0x22) }
    if isFormula { writer.byte(0x27) }
    guard needsQuotes else { return value.withBytes { writer.raw($0.bytes) } }
    value.withBytes { bytes in
      for piece in bytes.split(separator: 0x22, omittingEmptySubsequences: false) {
        if piece.startIndex > bytes.startIndex { writer.literal(#""""#) }
        writer.raw(UnsafeRawBufferPointer(rebasing: piece).bytes)
      }
    }
    writer.byte(0x22)
  }

  private mutating func writeEscaped(_ isFormula: Bool) {
    if isFormula { writer.byte(0x27) }
    value.withBytes { bytes in
      for byte in bytes {
        switch byte {
        case 0x09: writer.literal(#"\t"#)
        case 0x0A: writer.literal(#"\n"#)
        case 0x0D: writer.literal(#"\r"#)
        case 0x00: writer.literal(#"\0"#)
        case 0x5C: writer.literal(#"\\"#)
        default: writer.byte(byte)
        }
      }
    }
  }

  /// Whether a spreadsheet may take `text` for a formula. A number is none.
  static func isFormula(_ text: UnsafeRawBufferPointer) -> Bool {
    switch text.first {
    case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0A, 0x0D: true
    case UInt8(ascii: "+"), UInt8(ascii: "-"): !isNumber(text)
    // The four in full width: ＝ ＋ － ＠ are EF BC 9D, 8B, 8D, A0.
    case 0xEF: text.count >= 3 && text[1] == 0xBC && [0x9D, 0x8B, 0x8D, 0xA0].contains(text[2])
    default: false
    }
  }

  /// Whether this is a number of JSON's.
  private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    var rest = text.dropFirst(text.first == UInt8(ascii: "-") ? 1 : 0)
    func digits(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Bool {
      let found = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(found.count)
      return !found.isEmpty
    }
    guard digits(&rest) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits(&rest) else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits(&rest) else { return false }
    }
    return rest.isEmpty
  }
}
