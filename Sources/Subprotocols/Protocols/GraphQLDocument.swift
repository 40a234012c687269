import Bytes

/// The operation of a GraphQL document: what kind it is, and what it is called (GraphQL, October 2021, §2.3). Read in one pass, without a
/// tree.
struct GraphQLDocument {
  /// `query`, `mutation` or `subscription`; nil if the text has none.
  private(set) var operation: String?
  /// Its name; nil for one without.
  private(set) var name: String?
  /// The first field that it asks for.
  private(set) var field: String?

  private var position = 0
  /// Brackets that are open, of all kinds.
  private var depth = 0
  /// Whether a character was passed over that GraphQL does not have outside of strings.
  private var hasStranger = false

  /// The operation called `wanted` of the text `document`, or the first one.
  init(_ document: RawSpan, named wanted: String? = nil) {
    while let word = next(document) {
      if word == "fragment" {
        skipDefinition(document, isOpen: false)
        continue
      }
      guard depth == (word == "{" ? 1 : 0), let kind = Self.kind(word) else { continue }
      let title = word == "{" ? nil : self.title(document)
      if operation == nil || (wanted != nil && title == wanted) {
        (operation, name, field) = (kind, title, nil)
        field = firstField(document, isOpen: word == "{")
        if wanted == nil || title == wanted { return }
      }
      skipDefinition(document, isOpen: word == "{")
    }
  }

  private init() {}

  /// Whether the text consists of operations and fragments, at least one of the former, that are whole.
  static func isDocument(_ text: RawSpan) -> Bool {
    var document = GraphQLDocument()
    var hasOperation = false
    while let word = document.next(text) {
      let isOpen = word == "{" && document.depth == 1
      guard isOpen || document.depth == 0 && (word == "fragment" || kind(word) != nil) else { return false }
      if word != "fragment" {
        hasOperation = true
        guard document.firstField(text, isOpen: isOpen) != nil else { return false }
      }
      guard document.skipDefinition(text, isOpen: isOpen) else { return false }
    }
    return hasOperation && !document.hasStranger
  }

  private static func kind(_ word: String) -> String? {
    switch word {
    case "query", "mutation", "subscription": word
    case "{": "query"
    default: nil
    }
  }

  /// The name that comes next; nil, and nothing is passed over, if something else does.
  private mutating func title(_ document: RawSpan) -> String? {
    let before = (position, depth)
    if let word = next(document), let first = word.utf8.first, Self.isName(first) { return word }
    (position, depth) = before
    return nil
  }

  /// The first name in the selection set that comes next. Where that was, is forgotten.
  private mutating func firstField(_ document: RawSpan, isOpen: Bool) -> String? {
    let before = (position, depth)
    defer { (position, depth) = before }
    if !isOpen { while let word = next(document), !(word == "{" && depth == 1) {} }
    return title(document)
  }

  /// Passes over what is left of a definition: to the end of its selection set; false if that does not come.
  @discardableResult
  private mutating func skipDefinition(_ document: RawSpan, isOpen: Bool) -> Bool {
    var isInside = isOpen
    while let word = next(document) {
      if word == "{", depth == 1 { isInside = true }
      if isInside, depth == 0 { return true }
    }
    return false
  }

  // MARK: Lexical tokens (§2.1)

  private static func isName(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F || byte >= 0x30 && byte <= 0x39
  }

  /// White space, a comma, a byte order mark, or one of the punctuators that say nothing here.
  private static func isPunctuator(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, 0x2C, 0xEF, 0xBB, 0xBF: true
    case 0x21, 0x26, 0x2D, 0x2E, 0x3A, 0x3D, 0x7C: true  // ! & - . : = |
    default: false
    }
  }

  /// The next name, number or punctuator; strings and comments are passed over.
  private mutating func next(_ document: RawSpan) -> String? {
    while position < document.byteCount {
      let byte = document.u8(position)
      position += 1
      switch byte {
      case 0x23: skipComment(document)
      case 0x22: skipString(document)
      case 0x7B, 0x28, 0x5B:
        depth += 1
        return byte == 0x7B ? "{" : "("
      case 0x7D, 0x29, 0x5D:
        depth = max(depth - 1, 0)
        return "}"
      case 0x40, 0x24:  // a directive or a variable: no keyword
        while position < document.byteCount, Self.isName(document.u8(position)) { position += 1 }
        return "@"
      default:
        if Self.isName(byte) { return word(document) }
        if !Self.isPunctuator(byte) { hasStranger = true }
      }
    }
    return nil
  }

  /// The name that begins before `position`; 128 bytes of it at most.
  private mutating func word(_ document: RawSpan) -> String {
    let start = position - 1
    while position < document.byteCount, Self.isName(document.u8(position)) { position += 1 }
    return document.extracting(start..<position).withUnsafeBytes { String(decoding: $0.prefix(128), as: UTF8.self) }
  }

  private mutating func skipComment(_ document: RawSpan) {
    while position < document.byteCount, document.u8(position) != 0x0A, document.u8(position) != 0x0D { position += 1 }
  }

  /// Passes over a string, of which the first `"` was; also over one between `"""`.
  private mutating func skipString(_ document: RawSpan) {
    let isBlock = document.begins(with: "\"\"", at: position)
    if isBlock { position += 2 }
    while position < document.byteCount {
      let byte = document.u8(position)
      position += 1
      if byte == 0x5C {
        position += 1
      } else if byte == 0x22, !isBlock {
        return
      } else if byte == 0x22, document.begins(with: "\"\"", at: position) {
        position += 2
        return
      }
    }
    position = min(position, document.byteCount)
  }
}
