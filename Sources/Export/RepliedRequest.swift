import Bytes
import JSON
import Subprotocols

extension MessageView {
  /// Where the object tells what the message replies to, by how many views it was carried through.
  private static let replyPaths: [JSONPath] = (0..<4).map { depth in
    JSONPath(Array(repeating: .key(Array("carries".utf8)), count: depth) + [.key(Array("reply_to".utf8))])
  }

  /// Number of the message that this one replies to, of the first one if there are several; nil if it replies to none.
  ///
  /// Of what only belongs to an earlier message, such as a subscription's notification, no reply is listed: the object tells it
  /// (`reply_to`).
  var request: UInt64? {
    if let first = replies.first { return first.request }
    guard hasFields else { return nil }
    for path in Self.replyPaths.prefix(carried.count + 1) {
      var lookup = JSONLookup(path)
      guard let token = lookup.next(json.span.bytes), token.kind == .number,
        let number = JSONText.integer(json.span.bytes, token.range), number > 0
      else { continue }
      return UInt64(clamping: number)
    }
    return nil
  }
}
