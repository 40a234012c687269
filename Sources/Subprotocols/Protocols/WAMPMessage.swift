import Bytes
import JSON

/// How the messages of a WAMP session are written (WAMP, "Serializers").
enum WAMPEncoding: Equatable {
  case json, messagePack, cbor
}

/// A message of WAMP: the elements of an array.
struct WAMPMessage {
  /// An element of it.
  struct Element {
    /// What it is.
    enum Kind: Equatable { case number(UInt64), text, map, list, other }
    var kind: Kind
    /// Where it stands.
    var range: Range<Int>
    /// It, in JSON.
    var token: JSONToken?

    /// The number that it is; nil if it is none.
    var number: UInt64? { if case .number(let value) = kind { value } else { nil } }
  }

  var encoding: WAMPEncoding
  /// Its elements; those that matter are among the first eight.
  var elements: [Element]
  /// Where it ends; nil if it is not complete.
  var end: Int?
  /// Whether it is nested deeper than is read.
  var isTooDeep = false

  /// Its type; nil if it has none.
  var type: UInt64? { elements.first?.number }

  /// The element at `index`; nil without one.
  subscript(_ index: Int) -> Element? { elements.indices.contains(index) ? elements[index] : nil }

  // MARK: Reading

  /// The JSON array that stands in `range` of `bytes`; nil if there is none.
  static func json(_ bytes: RawSpan, _ range: Range<Int>) -> WAMPMessage? {
    var outline = JSONOutline()
    outline.read(bytes, range)
    return json(outline, bytes, until: range.upperBound)
  }

  /// The JSON array that has this outline and ends at `end`; nil if it is none.
  static func json(_ outline: borrowing JSONOutline, _ bytes: RawSpan, until end: Int) -> WAMPMessage? {
    guard outline.root == .array else { return nil }
    var message = WAMPMessage(encoding: .json, elements: [], end: outline.isComplete ? end : nil)
    message.isTooDeep = outline.fault == .tooDeep
    for i in 0..<min(outline.count, 8) { if let token = outline[i] { message.elements.append(element(token, bytes)) } }
    return message
  }

  private static func element(_ token: JSONToken, _ bytes: RawSpan) -> Element {
    let kind: Element.Kind =
      switch token.kind {
      case .string: .text
      case .objectBegin: .map
      case .arrayBegin: .list
      case .number: JSONText.integer(bytes, token.range).flatMap(UInt64.init(exactly:)).map { .number($0) } ?? .other
      default: .other
      }
    return Element(kind: kind, range: token.range, token: token)
  }

  /// The array of MessagePack or CBOR that stands at `position` of `bytes`; nil if there is none.
  static func binary(_ bytes: RawSpan, at position: Int, _ encoding: WAMPEncoding) -> WAMPMessage? {
    encoding == .cbor
      ? binary(bytes, at: position, encoding, CBORReader.self)
      : binary(bytes, at: position, encoding, MessagePackReader.self)
  }

  private static func binary<Reader: DataReader>(
    _ bytes: RawSpan, at position: Int, _ encoding: WAMPEncoding, _ reader: Reader.Type
  ) -> WAMPMessage? {
    guard let (ranges, end) = reader.elements(of: bytes, from: position, most: 8) else { return nil }
    let elements = ranges.map { range in
      let kind: Element.Kind =
        switch reader.item(bytes, at: range.lowerBound) {
        case .unsigned(let value): .number(value)
        case .text: .text
        case .map: .map
        case .array: .list
        default: .other
        }
      return Element(kind: kind, range: range)
    }
    let isTooDeep = end == nil && DataWalker<Reader>.fault(of: bytes, from: position) == .tooDeep
    return WAMPMessage(encoding: encoding, elements: elements, end: end, isTooDeep: isTooDeep)
  }

  // MARK: Parts

  /// The text that an element is; nil if it is none.
  func text(_ element: Element?, _ bytes: RawSpan) -> String? {
    guard let element, element.kind == .text else { return nil }
    if let token = element.token { return String(decoding: JSONText.utf8(bytes, token), as: UTF8.self) }
    guard case .text(let range)? = item(bytes, element.range.lowerBound) else { return nil }
    return bytes.extracting(range).withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether the map `element` says `key` is true.
  func isTrue(_ key: StaticString, in element: Element?, _ bytes: RawSpan) -> Bool {
    guard let element, element.kind == .map else { return false }
    switch encoding {
    case .json:
      var outline = JSONOutline()
      outline.read(bytes, element.range)
      return outline.member(key, bytes)?.kind == .true
    case .messagePack, .cbor:
      return value(key, in: element, bytes).flatMap { item(bytes, $0.lowerBound) } == .boolean(true)
    }
  }

  /// The text that the map `element` has for `key`; nil without one.
  func text(_ key: StaticString, in element: Element?, _ bytes: RawSpan) -> String? {
    guard let element, element.kind == .map else { return nil }
    guard encoding == .json else {
      return value(key, in: element, bytes).flatMap { text(Element(kind: .text, range: $0), bytes) }
    }
    var outline = JSONOutline()
    outline.read(bytes, element.range)
    return outline.string(key, bytes).map { String(decoding: JSONText.utf8(bytes, $0), as: UTF8.self) }
  }

  /// The whole number that the map `element` has for `key`; nil without one.
  func number(_ key: StaticString, in element: Element?, _ bytes: RawSpan) -> UInt64? {
    guard let element, element.kind == .map else { return nil }
    guard encoding == .json else {
      guard case .unsigned(let number)? = value(key, in: element, bytes).flatMap({ item(bytes, $0.lowerBound) }) else {
        return nil
      }
      return number
    }
    var outline = JSONOutline()
    outline.read(bytes, element.range)
    guard let token = outline.member(key, bytes), token.kind == .number else { return nil }
    return JSONText.integer(bytes, token.range).flatMap { UInt64(exactly: $0) }
  }

  /// Whether the map `element` has `key`.
  func has(_ key: StaticString, in element: Element?, _ bytes: RawSpan) -> Bool {
    guard let element, element.kind == .map else { return false }
    guard encoding == .json else { return value(key, in: element, bytes) != nil }
    var outline = JSONOutline()
    outline.read(bytes, element.range)
    return outline.has(key, bytes)
  }

  private func item(_ bytes: RawSpan, _ position: Int) -> DataItem? {
    encoding == .cbor ? CBORReader.item(bytes, at: position) : MessagePackReader.item(bytes, at: position)
  }

  private func value(_ key: StaticString, in element: Element, _ bytes: RawSpan) -> Range<Int>? {
    encoding == .cbor
      ? CBORReader.value(key, of: bytes, from: element.range.lowerBound)
      : MessagePackReader.value(key, of: bytes, from: element.range.lowerBound)
  }

  /// Writes an element as the member `name`.
  func write(_ element: Element, _ name: StaticString, _ bytes: RawSpan, into view: inout ViewWriter) {
    switch encoding {
    case .json: view.json(name, element.token, bytes)
    case .messagePack: view.value(name, MessagePackReader.self, bytes, from: element.range.lowerBound)
    case .cbor: view.value(name, CBORReader.self, bytes, from: element.range.lowerBound)
    }
  }
}
