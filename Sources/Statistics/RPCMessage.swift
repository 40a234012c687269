import Bytes
import JSON

/// What a JSON text says as a message of JSON-RPC 2.0 (or of a protocol with the same names, such as that of browsers' developer
/// tools).
enum RPCMessage: Equatable {
  /// A call that wants a reply: its id as it is written, and the method.
  case request(id: [UInt8], method: String)
  /// A reply, with a result or an error.
  case reply(id: [UInt8], isError: Bool)

  /// Bytes of a method's name that are kept.
  private static let mostName = 128
  /// Bytes of an id; longer ones are not looked at.
  private static let mostID = 256
  /// Messages of a batch (JSON-RPC 2.0 §6) that are looked at.
  private static let mostOfBatch = 1000

  private enum Name: Int, CaseIterable { case id, method, error, result }
  private static let names = ["id", "method", "error", "result"].map { Array($0.utf8) }

  /// All that `text` holds: none, one, or a batch.
  static func all(in text: RawSpan) -> [RPCMessage] {
    var scanner = JSONScanner()
    guard let first = scanner.next(text) else { return [] }
    if first.kind == .objectBegin { return one(text, &scanner).map { [$0] } ?? [] }
    guard first.kind == .arrayBegin else { return [] }
    var found: [RPCMessage] = []
    while found.count < mostOfBatch, let token = scanner.next(text), token.kind == .objectBegin {
      if let message = one(text, &scanner) { found.append(message) }
    }
    return found
  }

  /// The message that the object is whose `{` was read; reads up to its `}`.
  private static func one(_ text: RawSpan, _ scanner: inout JSONScanner) -> RPCMessage? {
    var id: [UInt8]?
    var method: String?
    var isError: Bool?
    while true {
      guard let key = scanner.next(text) else { return nil }
      if key.kind != .key { break }
      guard let value = scanner.next(text) else { return nil }
      switch Name.allCases.first(where: { JSONText.isEqual(text, key, Self.names[$0.rawValue]) }) {
      case .id: id = identifier(text, value)
      case .method where value.kind == .string:
        method = String(decoding: JSONText.utf8(text, value).prefix(mostName), as: UTF8.self)
      // A reply without an error may have `"error": null`, and the other way round, in JSON-RPC 1.0.
      case .error where value.kind != .null: isError = true
      case .result: isError = isError ?? false
      default: break
      }
      if value.kind.isBegin, !scanner.skipToEnd(text) { return nil }
    }
    guard let id else { return nil }
    if let method { return .request(id: id, method: method) }
    return isError.map { .reply(id: id, isError: $0) }
  }

  /// `1` and `"1"` are different ids: a string keeps a quote.
  private static func identifier(_ text: RawSpan, _ value: JSONToken) -> [UInt8]? {
    guard value.range.count <= mostID, value.kind == .string || value.kind == .number else { return nil }
    return value.kind == .string ? [0x22] + JSONText.utf8(text, value) : JSONText.utf8(text, value)
  }
}
