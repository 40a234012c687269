import Bytes
import HTTP

/// What a direction of a connection brings: bytes, or the number of those that were never captured.
enum Input {
  case bytes([UInt8])
  case gap(UInt64)

  static func text(_ text: String) -> Input { .bytes(Array(text.utf8)) }
}

/// Everything that came of reading one direction of a connection.
struct HTTPReading: Equatable {
  var events: [HTTPEvent] = []
  /// What came after HTTP was over by agreement.
  var rest: [UInt8] = []
  /// Bytes shown when the stream read no further; nil if it read to the end.
  var bytesUntilOver: Int?
  /// Whether something was still incomplete at the end.
  var endsInsideMessage = false

  /// Plays the reader: shows the stream `inputs`, and says what follows each head.
  init(_ inputs: [Input], then framing: (HTTPHead) -> BodyFraming? = HTTPReading.followsRFC) {
    var stream = HTTPStream()
    var shown = 0
    for input in inputs {
      switch input {
      case .gap(let count):
        if let event = stream.skip(count) { events.append(event) }
      case .bytes(let bytes):
        shown += bytes.count
        var position = 0
        while let event = stream.next(bytes.span.bytes, &position) {
          events.append(event)
          if case .head(let head) = event { stream.expect(framing(head)) }
        }
        if stream.isOver, case .head = events.last { rest += bytes[position...] }
        if stream.isOver, bytesUntilOver == nil { bytesUntilOver = shown }
      }
    }
    endsInsideMessage = stream.isInsideMessage
    if let event = stream.finish() { events.append(event) }
  }

  init(_ pieces: [[UInt8]], then framing: (HTTPHead) -> BodyFraming? = HTTPReading.followsRFC) {
    self.init(pieces.map { .bytes($0) }, then: framing)
    bytesUntilOver = nil  // depends on the pieces
  }

  init(_ text: String, then framing: (HTTPHead) -> BodyFraming? = HTTPReading.followsRFC) {
    self.init([.text(text)], then: framing)
  }

  /// What the head says, where responses answer a GET.
  static func followsRFC(_ head: HTTPHead) -> BodyFraming? {
    if case .request = head.startLine { return head.requestBody }
    return head.responseBody(toMethod: "GET")
  }

  var heads: [HTTPHead] { events.compactMap { if case .head(let head) = $0 { head } else { nil } } }
  var startLines: [StartLine] { heads.map(\.startLine) }
}

/// The head that `lines` make, each with CRLF, and the empty line.
func headOf(_ lines: String...) -> HTTPHead? { HTTPReading(lines.map { $0 + "\r\n" }.joined() + "\r\n").heads.first }
