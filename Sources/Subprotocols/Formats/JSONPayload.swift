import Bytes
import JSON

/// A JSON text (RFC 8259) of which no more is known. What it holds stands in the message itself.
final class JSONPayload: PayloadView {
  static let description = ViewDescription(
    "json", "JSON", specification: "RFC 8259", subprotocols: ["json"], readsOutline: true)

  static func likelihood(of message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline) -> Double {
    outline.isComplete ? 1 : 0
  }

  init(_ context: ViewContext) {}

  func read(
    _ message: ViewedMessage, _ content: RawSpan, _ outline: borrowing JSONOutline, into view: inout ViewWriter
  ) -> ViewReading {
    // What is nested deeper than is read may well be JSON.
    if outline.isComplete || outline.fault == .tooDeep { return .shown }
    return outline.root == .other && Self.isValue(content) ? .shown : .foreign
  }

  /// Whether `content` is a text, a number, or one of the names: JSON where that was agreed on (RFC 8259 §2).
  private static func isValue(_ content: RawSpan) -> Bool {
    var scanner = JSONScanner()
    while scanner.next(content) != nil {}
    return scanner.isComplete
  }
}
