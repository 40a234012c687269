import Bytes

/// A header field, as it was sent: name and value in wire order, white space around the value removed (RFC 9110 §5).
public struct HeaderField: Equatable, Sendable {
  /// The name, in the sender's spelling.
  public var name: String
  /// The value. Bytes that are not UTF-8 are read as ISO 8859-1 (RFC 9110 §5.5, obs-text).
  public var value: String

  /// The field `name`: `value`.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// The first line of a message (RFC 9112 §3, §4).
public enum StartLine: Equatable, Sendable {
  /// A request: method, target and version ("HTTP/1.1").
  case request(method: String, target: String, version: String)
  /// A response: version, status code and reason phrase.
  case response(version: String, status: Int, reason: String)
}

/// A request's or response's head: all before its body.
public struct HTTPHead: Equatable, Sendable {
  /// The first line.
  public var startLine: StartLine
  /// The header fields, in wire order.
  public var fields: [HeaderField]
  /// Lines among the header fields that are none: no colon, an empty name, or white space before the first.
  public var malformedLines = 0

  /// A head of these parts.
  public init(_ startLine: StartLine, _ fields: [HeaderField]) {
    self.startLine = startLine
    self.fields = fields
  }

  /// Bytes of memory that it takes, about.
  public var cost: Int {
    fields.reduce(256) { $0 + MemoryLayout<HeaderField>.stride + $1.name.utf8.count + $1.value.utf8.count }
  }

  /// The values of all fields `name` (lower case), in order.
  public func values(_ name: String) -> [String] {
    var values: [String] = []
    for field in fields where isSame(field.name, name) { values.append(field.value) }
    return values
  }

  /// The value of the first field `name` (lower case).
  public func value(_ name: String) -> String? {
    fields.first { isSame($0.name, name) }?.value
  }

  /// The elements of the comma-separated list that the fields `name` (lower case) make together (RFC 9110 §5.6.1).
  public func list(_ name: String) -> [String] {
    values(name).flatMap { splitList($0) }
  }

  /// Whether the list `name` holds `token`, both in lower case here and in any case there.
  public func hasToken(_ token: String, in name: String) -> Bool {
    for field in fields where isSame(field.name, name) {
      if isSame(field.value, token) { return true }  // the usual case: one element
      if splitList(field.value).contains(where: { isSame($0, token) }) { return true }
    }
    return false
  }
}

/// Whether `text` is `lowerCase` but for the case of ASCII letters; no other letters stand for them.
func isSame(_ text: String, _ lowerCase: String) -> Bool {
  guard text.utf8.count == lowerCase.utf8.count else { return false }
  let (text, lowerCase) = (text.utf8Span.span, lowerCase.utf8Span.span)
  // Backwards: many names begin alike.
  for i in text.indices.reversed() {
    let byte = text[i]
    guard (byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte) == lowerCase[i] else { return false }
  }
  return true
}

/// The elements of a comma-separated list, trimmed, empty ones left out; commas inside quotes do not separate.
public func splitList(_ text: String, separator: UInt8 = 0x2C) -> [String] {
  if !text.utf8.contains(where: { $0 == separator || $0 == 0x22 }) {  // the usual case: one element
    let isTrimmed = text.utf8.first.map { !isSpace($0) } ?? true && text.utf8.last.map { !isSpace($0) } ?? true
    let element = isTrimmed ? text : decodeText(trimmed(Array(text.utf8)[...]))
    return element.isEmpty ? [] : [element]
  }
  var elements: [String] = []
  var element: [UInt8] = []
  var isQuoted = false
  var isEscaped = false
  for byte in text.utf8 {
    if byte == separator, !isQuoted {
      elements.append(decodeText(trimmed(element[...])))
      element = []
      continue
    }
    if byte == 0x22, !isEscaped { isQuoted.toggle() }
    isEscaped = isQuoted && byte == 0x5C && !isEscaped
    element.append(byte)
  }
  elements.append(decodeText(trimmed(element[...])))
  return elements.filter { !$0.isEmpty }
}

/// `bytes` without white space at both ends.
func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var (start, end) = (bytes.startIndex, bytes.endIndex)
  while start < end, isSpace(bytes[start]) { start += 1 }
  while start < end, isSpace(bytes[end - 1]) { end -= 1 }
  return bytes[start..<end]
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D }

/// `bytes` as text: UTF-8 where they are well-formed, ISO 8859-1 elsewhere. Either way no byte is lost.
func decodeText(_ bytes: ArraySlice<UInt8>) -> String {
  if UTF8Validator.isValid(bytes.span.bytes) { return String(decoding: bytes, as: UTF8.self) }
  return String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
}
