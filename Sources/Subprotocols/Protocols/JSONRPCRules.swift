import Bytes
import JSON

/// What messages of JSON-RPC 2.0 must have (https://www.jsonrpc.org/specification, §4 and §5).
enum JSONRPCRules {
  /// Tells what breaks them in the message with this outline, which is whole and says that it is of 2.0.
  static func check(_ content: RawSpan, _ outline: borrowing JSONOutline, _ view: inout ViewWriter) {
    let id = outline.member("id", content)
    if let id, id.kind != .string, id.kind != .number, id.kind != .null {
      view.fault("the id is neither a string nor a number")
    }
    if let method = outline.member("method", content) {
      if method.kind != .string { view.fault("the method is no string") }
      if let params = outline.member("params", content), !params.kind.isBegin, params.kind != .null {
        view.fault("the parameters are neither an object nor an array")
      }
      return
    }
    let error = outline.member("error", content)
    let hasResult = outline.has("result", content)
    guard error != nil || hasResult else { return view.fault("neither a method nor a result nor an error") }
    if error != nil, hasResult { view.fault("both a result and an error") }
    if id == nil { view.fault("a reply without an id") }
    if let error, error.kind != .null || !hasResult { check(error, content, &view) }
  }

  private static func check(_ error: JSONToken, _ content: RawSpan, _ view: inout ViewWriter) {
    guard error.kind == .objectBegin else { return view.fault("the error is no object") }
    var inner = JSONOutline()
    inner.read(content, error.range)
    let code = inner.member("code", content).flatMap { JSONText.integer(content, $0.range) }
    if code == nil { view.fault("an error without a code that is a whole number") }
    if inner.string("message", content) == nil { view.fault("an error without a message") }
  }
}
