import Analysis
import Bytes
import Filter
import Glibc
import JSON

/// Any text is a filter or is told to be none, at a place in it; a filter can be asked about any payload; JSON is scanned without
/// harm, and what a look-up finds lies in it. Up to the first zero byte the input is the filter, behind it the payload.
func fuzz(_ input: [UInt8]) {
  let end = input.firstIndex(of: 0) ?? input.count
  let payload = Array(input[min(end + 1, input.count)...])
  scan(payload)
  scan(Array(input[..<end]))
  let text = String(decoding: input[..<end], as: UTF8.self)
  do throws(FilterError) {
    var filter = try Filter(text)
    ask(&filter, payload)
    // It is the same filter when it is read again, and its answer does not depend on earlier ones.
    var again = try Filter(text)
    require(ask(&again, payload) == ask(&filter, payload), "the answers differ")
  } catch {
    require(error.place.lowerBound <= text.utf8.count && !error.place.isEmpty, "a place outside: \(error)")
    require(!error.reason.isEmpty && error.mistyped?.candidates.isEmpty != true, "nothing is said")
  }
}

/// Records of a real conversation, to ask filters about.
private struct Conversation: RecordSink {
  private(set) var frame: FrameRecord?
  private(set) var message: MessageRecord?
  private(set) var connection: ConnectionRecord?
  private(set) var end: EndRecord?

  static let read: Conversation = {
    var conversation = Conversation()
    var file: [UInt8] = []
    guard let stream = fopen("Samples/browser-chat.pcap", "rb") else { return conversation }
    while case let byte = getc(stream), byte != EOF { file.append(UInt8(truncatingIfNeeded: byte)) }
    fclose(stream)
    CaptureRun(file).run([file.count], into: &conversation)
    return conversation
  }()

  mutating func frame(_ record: borrowing FrameRecord, payload: RawSpan) { frame = copy record }
  mutating func message(_ record: borrowing MessageRecord, content: RawSpan) { message = copy record }
  mutating func connection(_ record: ConnectionRecord) { connection = record }
  mutating func end(_ record: EndRecord) { end = record }
}

/// What the filter says of records of all kinds, of which frame and message have `payload`.
@discardableResult
private func ask(_ filter: inout Filter, _ payload: [UInt8]) -> [Bool] {
  let records = Conversation.read
  guard let frame = records.frame, let message = records.message, let connection = records.connection,
    let end = records.end
  else { fatalError("Samples/browser-chat.pcap is not there") }
  let around = Surroundings(connection: ConnectionFacts(connection), start: connection.time)
  let diagnostic = Diagnostic(
    DiagnosticCode.all[0], connection: connection.connection, sender: .server, packet: frame.first)
  return [
    filter.accepts(frame, payload: payload.span.bytes, around),
    filter.accepts(message, content: payload.span.bytes, around), filter.accepts(connection, around),
    filter.accepts(diagnostic, around), filter.accepts(end, around),
  ]
}

private func scan(_ bytes: [UInt8]) {
  var scanner = JSONScanner()
  var last = 0
  var depth = 0
  while let token = scanner.next(bytes.span.bytes) {
    require(token.range.lowerBound >= last && token.range.upperBound <= bytes.count, "tokens out of order")
    last = token.range.upperBound
    depth += token.kind.isBegin ? 1 : token.kind.isEnd ? -1 : 0
    require(depth == scanner.depth && depth >= 0, "depth \(scanner.depth), not \(depth)")
    if token.kind == .string || token.kind == .key { _ = JSONText.utf8(bytes.span.bytes, token) }
    if token.kind == .number { _ = JSONText.double(bytes.span.bytes, token.range) }
  }
  require(scanner.isComplete != (scanner.fault != nil), "neither whole nor faulty")
  for path in ["a", "*", "[0]", "a[*].b", ""] {
    guard let path = try? JSONPath(path) else { continue }
    var lookup = JSONLookup(path)
    while let token = lookup.next(bytes.span.bytes) {
      require(token.range.upperBound <= bytes.count, "a value outside")
    }
  }
}
