@testable import Subprotocols

/// What a reader makes of an array of bytes.
extension DataReader {
  /// Where the first value ends; nil if it is not complete.
  static func end(of bytes: [UInt8]) -> Int? { end(of: bytes.span.bytes, from: 0) }

  /// Where the elements of the first value stand.
  static func elements(of bytes: [UInt8]) -> (ranges: [Range<Int>], end: Int?)? { elements(of: bytes.span.bytes) }

  /// Where the map at `position` has the value for `key`.
  static func value(_ key: StaticString, of bytes: [UInt8], from position: Int) -> Range<Int>? {
    value(key, of: bytes.span.bytes, from: position)
  }

  /// The first value as JSON, and where it ends.
  static func shown(_ bytes: [UInt8]) -> (json: String, end: Int?) {
    var writer = ViewWriter()
    writer.begin(
      ReadyView(JSONPayload.self, ViewContext()), confidence: nil, ViewedMessage(isFromClient: true, isText: false))
    let end = writer.value("value", Self.self, bytes.span.bytes, from: 0)
    writer.finish()
    let text = writer.take().text
    return (String(text.dropFirst(#"{"name":"json","value":"#.count).dropLast()), end)
  }
}
