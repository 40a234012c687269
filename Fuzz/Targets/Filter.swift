import Analysis
import Bytes
import Capture
import Filter
import JSON
import Transport
import WebSocket

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

/// A message with `payload`, and a frame.
@discardableResult
private func ask(_ filter: inout Filter, _ payload: [UInt8]) -> [Bool] {
  let ends = ConnectionReference(
    number: 1, identifier: 1, client: Endpoint(IPAddress(v4: 0x7F00_0001), port: 40_000),
    server: Endpoint(IPAddress(v4: 0x7F00_0002), port: 80))
  let packet = PacketReference(number: 7, time: Timestamp(nanoseconds: 1_000_000_000))
  let header = FrameHeader(
    firstByte: 0x81, secondByte: UInt8(min(payload.count, 125)), maskingKey: 0, payloadLength: UInt64(payload.count))
  let frame = FrameRecord(
    connection: ends, number: 1, sender: .client, header: header, first: packet, last: packet, offset: 0,
    capturedLength: UInt64(payload.count), isComplete: true, message: 1)
  let message = MessageRecord(
    connection: ends, number: 1, sender: .client, first: packet, last: packet, firstFrame: 1, lastFrame: 1,
    message: Message(whole: header, isValidUTF8: true))
  let around = Surroundings(start: Timestamp(nanoseconds: 0))
  return [
    filter.accepts(frame, payload: payload.span.bytes, around),
    filter.accepts(message, content: payload.span.bytes, around),
    filter.accepts(Diagnostic(DiagnosticCode.all[0], connection: ends, sender: .server, packet: packet), around),
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
