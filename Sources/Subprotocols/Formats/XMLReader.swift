import Bytes

/// Why a text is no XML that `XMLReader` reads.
enum XMLFault: String, Equatable, Sendable {
  case cut = "the text ends early"
  case syntax = "no XML"
  case documentType = "a document type"
  case name = "no name where one must be"
  case mismatch = "an end tag for another element"
  case reference = "an unknown entity"
  case attribute = "an attribute without a value, or one that comes twice"
  case prefix = "a prefix without a namespace"
  case character = "a character that XML forbids"
  case trailing = "more than one element"
  case tooMuch = "too deep, or too many names"
}

/// An attribute of an element; ranges of the text.
struct XMLAttribute: Equatable, Sendable {
  /// What stands before the colon; empty without one.
  var prefix: Range<Int>
  /// Its name without the prefix.
  var name: Range<Int>
  /// Its value, as it is written between the quotes.
  var value: Range<Int>
}

/// Reads an XML text (XML 1.0, Namespaces in XML 1.0) in UTF-8, event by event: without recursion, in one pass, without a tree.
///
/// Document types are a fault, and with them all entities but the five of XML itself. The text is shown whole, and is the same in each
/// call. That it is UTF-8 is not checked.
struct XMLReader {
  /// Elements that may be open, attributes that one may have, and namespaces that may be declared at a time.
  static let mostDepth = 256
  static let mostAttributes = 128
  static let mostBindings = 64

  /// What was read.
  enum Event: Equatable, Sendable {
    /// A start tag, or an empty element, of which `end` follows.
    case start
    case end
    /// Text, with references; CDATA, without.
    case text, characterData
    case comment, instruction
  }

  private struct Binding {
    var prefix: Range<Int>
    var namespace: String
    /// The depth of the element that declares it.
    var depth: Int
  }

  /// Where the next event is looked for.
  private(set) var position = 0
  /// Why reading ended before the end; nil if it did not.
  private(set) var fault: XMLFault?
  /// Of a start or end: the name without its prefix.
  private(set) var name = 0..<0
  /// Of a start or end: the namespace; empty without one.
  private(set) var namespace = ""
  /// Of a start: its attributes, without declarations of namespaces.
  private(set) var attributes: [XMLAttribute] = []
  /// Of anything else: what it says, as it is written.
  private(set) var content = 0..<0
  private var open: [(tag: Range<Int>, name: Range<Int>, namespace: String)] = []
  private var bindings: [Binding] = []
  private var isEndDue = false
  private var hasRoot = false

  /// Elements that are open, with one that just began and without one that just ended.
  var depth: Int { open.count }

  /// Whether a whole element was read, and nothing but white space and comments followed. Only known when `next` has given nil.
  var isComplete: Bool { fault == nil && hasRoot && open.isEmpty }

  /// The next event; nil at the end, or where a fault is.
  mutating func next(_ bytes: RawSpan) -> Event? {
    guard fault == nil else { return nil }
    if isEndDue {
      isEndDue = false
      return close()
    }
    if position == 0, bytes.begins(with: "\u{FEFF}") { position = 3 }
    guard position < bytes.byteCount else { return open.isEmpty && hasRoot ? nil : fail(.cut) }
    if bytes.u8(position) != 0x3C { return text(bytes) }
    guard position + 1 < bytes.byteCount else { return fail(.cut) }
    switch bytes.u8(position + 1) {
    case 0x2F: return endTag(bytes)
    case 0x3F: return until("?>", bytes, from: position + 2, .instruction)
    case 0x21: return markup(bytes)
    default: return startTag(bytes)
    }
  }

  private mutating func fail(_ fault: XMLFault) -> Event? {
    self.fault = fault
    return nil
  }

  // MARK: Text

  private mutating func text(_ bytes: RawSpan) -> Event? {
    let start = position
    var isBlank = true
    while position < bytes.byteCount, bytes.u8(position) != 0x3C {
      let byte = bytes.u8(position)
      if byte == 0x26 {
        guard let length = XMLText.reference(bytes, position)?.length else {
          return fail(XMLText.isCut(bytes, position) ? .cut : .reference)
        }
        position += length
        isBlank = false
      } else {
        guard byte >= 0x20 || Self.isSpace(byte) else { return fail(.character) }
        isBlank = isBlank && Self.isSpace(byte)
        position += 1
      }
    }
    content = start..<position
    guard open.isEmpty else { return .text }
    return isBlank ? next(bytes) : fail(hasRoot ? .trailing : .syntax)
  }

  /// `<!`: a comment, CDATA, or a document type.
  private mutating func markup(_ bytes: RawSpan) -> Event? {
    if bytes.begins(with: "<!--", at: position) { return until("-->", bytes, from: position + 4, .comment) }
    if bytes.begins(with: "<![CDATA[", at: position) {
      return open.isEmpty ? fail(.syntax) : until("]]>", bytes, from: position + 9, .characterData)
    }
    if bytes.begins(with: "<!DOCTYPE", at: position) { return fail(.documentType) }
    return fail(bytes.byteCount - position < 9 ? .cut : .syntax)
  }

  private mutating func until(_ end: StaticString, _ bytes: RawSpan, from start: Int, _ event: Event) -> Event? {
    var i = start
    while i < bytes.byteCount {
      if bytes.begins(with: end, at: i) {
        content = start..<i
        position = i + end.utf8CodeUnitCount
        return event
      }
      i += 1
    }
    return fail(.cut)
  }

  // MARK: Tags

  private mutating func endTag(_ bytes: RawSpan) -> Event? {
    guard let last = open.last else { return fail(.mismatch) }
    let start = position + 2
    guard start + last.tag.count <= bytes.byteCount else { return fail(.cut) }
    for i in 0..<last.tag.count where bytes.u8(start + i) != bytes.u8(last.tag.lowerBound + i) {
      return fail(.mismatch)
    }
    position = start + last.tag.count
    skipSpace(bytes)
    guard position < bytes.byteCount else { return fail(.cut) }
    guard bytes.u8(position) == 0x3E else { return fail(.mismatch) }
    position += 1
    return close()
  }

  private mutating func close() -> Event? {
    guard let last = open.popLast() else { return fail(.mismatch) }
    (name, namespace) = (last.name, last.namespace)
    while let binding = bindings.last, binding.depth > open.count { bindings.removeLast() }
    return .end
  }

  private mutating func startTag(_ bytes: RawSpan) -> Event? {
    if hasRoot, open.isEmpty { return fail(.trailing) }
    let start = position + 1
    position = start
    guard let (prefix, local) = qualifiedName(bytes) else { return nil }
    guard open.count < Self.mostDepth else { return fail(.tooMuch) }
    attributes.removeAll(keepingCapacity: true)
    let tag = start..<position
    var isEmpty = false
    while true {
      let before = position
      skipSpace(bytes)
      guard position < bytes.byteCount else { return fail(.cut) }
      let byte = bytes.u8(position)
      if byte == 0x3E { break }
      if byte == 0x2F {
        guard position + 1 < bytes.byteCount else { return fail(.cut) }
        guard bytes.u8(position + 1) == 0x3E else { return fail(.syntax) }
        position += 1
        isEmpty = true
        break
      }
      guard position > before else { return fail(.name) }
      guard attribute(bytes) else { return nil }
    }
    position += 1
    guard let namespace = namespace(prefix, bytes) else { return fail(.prefix) }
    for attribute in attributes where !attribute.prefix.isEmpty && self.namespace(attribute.prefix, bytes) == nil {
      return fail(.prefix)
    }
    (name, self.namespace) = (local, namespace)
    open.append((tag, local, namespace))
    hasRoot = true
    isEndDue = isEmpty
    return .start
  }

  /// Reads an attribute, or a declaration of a namespace; false if there is a fault.
  private mutating func attribute(_ bytes: RawSpan) -> Bool {
    guard let (prefix, local) = qualifiedName(bytes) else { return false }
    skipSpace(bytes)
    guard position < bytes.byteCount, bytes.u8(position) == 0x3D else { return refuse(bytes, .attribute) }
    position += 1
    skipSpace(bytes)
    guard position < bytes.byteCount, bytes.u8(position) == 0x22 || bytes.u8(position) == 0x27 else {
      return refuse(bytes, .attribute)
    }
    let quote = bytes.u8(position)
    position += 1
    let start = position
    while position < bytes.byteCount, bytes.u8(position) != quote {
      let byte = bytes.u8(position)
      if byte == 0x26 {
        guard let length = XMLText.reference(bytes, position)?.length else {
          return refuse(bytes, XMLText.isCut(bytes, position) ? .cut : .reference)
        }
        position += length
      } else {
        guard byte != 0x3C, byte >= 0x20 || Self.isSpace(byte) else { return refuse(bytes, .character) }
        position += 1
      }
    }
    guard position < bytes.byteCount else { return refuse(bytes, .cut) }
    let value = start..<position
    position += 1
    return prefix.isEmpty && bytes.holds("xmlns", local)
      ? declare(local.lowerBound..<local.lowerBound, value, bytes)
      : bytes.holds("xmlns", prefix)
        ? declare(local, value, bytes) : add(XMLAttribute(prefix: prefix, name: local, value: value), bytes)
  }

  private mutating func refuse(_ bytes: RawSpan, _ fault: XMLFault) -> Bool {
    self.fault = position < bytes.byteCount ? fault : .cut
    return false
  }

  private mutating func declare(_ prefix: Range<Int>, _ value: Range<Int>, _ bytes: RawSpan) -> Bool {
    guard bindings.count < Self.mostBindings else { return refuse(bytes, .tooMuch) }
    let text = XMLText.utf8(bytes, value)
    bindings.append(Binding(prefix: prefix, namespace: String(decoding: text, as: UTF8.self), depth: open.count + 1))
    return true
  }

  private mutating func add(_ attribute: XMLAttribute, _ bytes: RawSpan) -> Bool {
    guard attributes.count < Self.mostAttributes else { return refuse(bytes, .tooMuch) }
    for other in attributes {
      if bytes.isSame(other.name, attribute.name), bytes.isSame(other.prefix, attribute.prefix) {
        return refuse(bytes, .attribute)
      }
    }
    attributes.append(attribute)
    return true
  }

  // MARK: Names

  /// The namespace for a prefix; empty for none without a default, nil for a prefix that is not declared.
  func namespace(_ prefix: Range<Int>, _ bytes: RawSpan) -> String? {
    for binding in bindings.reversed() where bytes.isSame(binding.prefix, prefix) { return binding.namespace }
    if prefix.isEmpty { return "" }
    return bytes.holds("xml", prefix) ? "http://www.w3.org/XML/1998/namespace" : nil
  }

  /// A name, perhaps with a prefix; nil if there is a fault.
  private mutating func qualifiedName(_ bytes: RawSpan) -> (prefix: Range<Int>, local: Range<Int>)? {
    guard let first = simpleName(bytes) else { return nil }
    guard position < bytes.byteCount, bytes.u8(position) == 0x3A else {
      return (first.lowerBound..<first.lowerBound, first)
    }
    position += 1
    guard let second = simpleName(bytes) else { return nil }
    return (first, second)
  }

  private mutating func simpleName(_ bytes: RawSpan) -> Range<Int>? {
    let start = position
    while position < bytes.byteCount, Self.isName(bytes.u8(position), isFirst: position == start) { position += 1 }
    if position > start { return start..<position }
    fault = position < bytes.byteCount ? .name : .cut
    return nil
  }

  private static func isName(_ byte: UInt8, isFirst: Bool) -> Bool {
    if (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte == 0x5F || byte >= 0x80 { return true }
    return !isFirst && (byte >= 0x30 && byte <= 0x39 || byte == 0x2D || byte == 0x2E)
  }

  private mutating func skipSpace(_ bytes: RawSpan) {
    while position < bytes.byteCount, Self.isSpace(bytes.u8(position)) { position += 1 }
  }

  static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
