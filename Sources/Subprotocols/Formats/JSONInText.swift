import Bytes
import JSON

/// JSON that stands in a string of JSON, as some protocols have it.
extension ViewWriter {
  /// Writes the string `token` of `bytes` as the JSON that it holds; as a string, if it holds none or is a scalar. Any other value is
  /// written as it stands.
  ///
  /// - Returns: what it holds, read, with the place of it; nil if it holds neither object nor array.
  @discardableResult
  public mutating func jsonInText(_ name: StaticString?, _ token: JSONToken?, _ bytes: RawSpan) -> JSONInText? {
    guard let token else { return nil }
    guard token.kind == .string, let inner = JSONInText(token, bytes) else {
      json(name, token, bytes)
      return nil
    }
    json(name, inner.whole, inner.text.span.bytes)
    return inner
  }
}

/// An object or array that stands in a string.
public struct JSONInText {
  /// The text of the string.
  public let text: [UInt8]
  /// All of the object or array.
  public let whole: JSONToken

  /// What the string `token` of `bytes` holds; nil if it is neither object nor array.
  public init?(_ token: JSONToken, _ bytes: RawSpan) {
    guard token.kind == .string else { return nil }
    let text = JSONText.utf8(bytes, token)
    var scanner = JSONScanner()
    let span = text.span.bytes
    guard let first = scanner.next(span), first.kind.isBegin, scanner.skipToEnd(span) else { return nil }
    let end = scanner.position
    guard scanner.next(span) == nil, scanner.isComplete else { return nil }
    self.text = text
    whole = JSONToken(first.kind, first.range.lowerBound..<end)
  }

  /// The text of the member `name`, where that is a string.
  public func string(_ name: StaticString) -> String? {
    var outline = JSONOutline()
    let bytes = text.span.bytes
    outline.read(bytes)
    guard let value = outline.string(name, bytes) else { return nil }
    return String(decoding: JSONText.utf8(bytes, value), as: UTF8.self)
  }
}
