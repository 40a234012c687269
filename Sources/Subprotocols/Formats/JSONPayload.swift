import Bytes

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
    outline.isComplete ? .shown : .foreign
  }
}
