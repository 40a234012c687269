import Bytes
import JSON

extension RawSpan {
  /// What the JSON value `token` says, for a label: a string without quotes and escapes, anything else as it stands; the beginning of
  /// it, if it is longer than `most` bytes.
  func words(_ token: JSONToken, most: Int = 128) -> String {
    if token.kind == .string {
      let start = token.range.lowerBound
      let isLong = token.range.count > 6 * most
      let range = isLong ? start..<start + 6 * most : token.range
      let text = JSONText.utf8(self, JSONToken(.string, range, hasEscapes: token.hasEscapes))
      return String(decoding: text.prefix(most), as: UTF8.self)
    }
    return extracting(token.range).withUnsafeBytes { String(decoding: $0.prefix(most), as: UTF8.self) }
  }

  /// Whether the JSON value `token` is the string `text`, which has no escapes in JSON.
  func isString(_ token: JSONToken?, _ text: StaticString) -> Bool {
    guard let token, token.kind == .string else { return false }
    return holds(text, token.range)
  }
}

extension JSONToken {
  /// The same value; nil if it is `null`.
  var unlessNull: JSONToken? { kind == .null ? nil : self }
}
