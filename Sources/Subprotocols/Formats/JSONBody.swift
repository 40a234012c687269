import Bytes
import JSON

/// A body that may be JSON, of a message of a protocol that carries any.
enum JSONBody {
  /// The value that `body` is as a whole; nil if it is none. Strings, numbers and the like count only if it `isJSON` by what is said
  /// of it. `outline` is used in between.
  static func token(_ body: RawSpan, isJSON: Bool, _ outline: inout JSONOutline) -> JSONToken? {
    var first = 0
    while first < body.byteCount, isSpace(body.u8(first)) { first += 1 }
    guard first < body.byteCount else { return nil }
    let byte = body.u8(first)
    if byte == 0x7B || byte == 0x5B {
      outline.read(body)
      guard outline.isComplete else { return nil }
      var end = body.byteCount
      while isSpace(body.u8(end - 1)) { end -= 1 }
      return JSONToken(byte == 0x7B ? .objectBegin : .arrayBegin, first..<end)
    }
    guard isJSON else { return nil }
    var scanner = JSONScanner()
    guard let token = scanner.next(body) else { return nil }
    _ = scanner.next(body)
    return scanner.isComplete ? token : nil
  }

  /// Whether `contentType` says that a body is JSON: `application/json`, `text/json`, and what ends in `+json` (RFC 6839 §3.1).
  static func isJSON(contentType: [UInt8]) -> Bool {
    let type = String(decoding: contentType.prefix(128), as: UTF8.self).lowercased()
    let essence = type.split(separator: ";", maxSplits: 1).first.map { $0.filter { $0 != " " } } ?? ""
    return essence == "application/json" || essence == "text/json" || essence.hasSuffix("+json")
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }
}

extension ViewWriter {
  /// Adds bytes that came over the wire to the line, between quotation marks if they are text.
  mutating func say(quoted bytes: RawSpan) {
    guard UTF8Validator.isValid(bytes) else { return say(bytes) }
    let most = 256
    var end = min(bytes.byteCount, most)
    while end < bytes.byteCount, end > 0, bytes.u8(end) & 0xC0 == 0x80 { end -= 1 }
    var text: [UInt8] = [0x22]
    bytes.extracting(0..<end).withUnsafeBytes { text.append(contentsOf: $0) }
    text.append(contentsOf: end < bytes.byteCount ? "…\"".utf8 : "\"".utf8)
    say(text.span.bytes)
  }
}
